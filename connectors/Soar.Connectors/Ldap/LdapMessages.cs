using System.Formats.Asn1;
using System.Text;

namespace Soar.Connectors.Ldap;

/// <summary>
/// A condition of a search (RFC 4511 §4.5.1.7). Values travel as bytes beside the operators, never inside a text, so that nothing that a value holds can
/// become an operator: there is nothing to escape and nothing to inject into.
/// </summary>
internal abstract record LdapFilter
{
    public static LdapFilter And(params LdapFilter[] parts) => new Several(0, parts);
    public static LdapFilter Or(params IEnumerable<LdapFilter> parts) => new Several(1, [.. parts]);
    public static LdapFilter Is(string attribute, string value) => new Equal(attribute, Encoding.UTF8.GetBytes(value));
    public static LdapFilter Is(string attribute, byte[] value) => new Equal(attribute, value);
    public static LdapFilter Begins(string attribute, string value) => new Start(attribute, value);
    public static readonly LdapFilter Anything = new Present("objectClass");

    public abstract void Write(AsnWriter writer);

    private sealed record Several(int Tag, LdapFilter[] Parts) : LdapFilter
    {
        public override void Write(AsnWriter writer)
        {
            var tag = new Asn1Tag(TagClass.ContextSpecific, Tag, isConstructed: true);
            using (writer.PushSetOf(tag))
                foreach (var part in Parts)
                    part.Write(writer);
        }
    }

    private sealed record Equal(string Attribute, byte[] Value) : LdapFilter
    {
        public override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true)))
            {
                writer.WriteOctetString(Encoding.UTF8.GetBytes(Attribute));
                writer.WriteOctetString(Value);
            }
        }
    }

    private sealed record Start(string Attribute, string Value) : LdapFilter
    {
        public override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 4, isConstructed: true)))
            {
                writer.WriteOctetString(Encoding.UTF8.GetBytes(Attribute));
                using (writer.PushSequence())
                    writer.WriteOctetString(Encoding.UTF8.GetBytes(Value), new Asn1Tag(TagClass.ContextSpecific, 0));
            }
        }
    }

    private sealed record Present(string Attribute) : LdapFilter
    {
        public override void Write(AsnWriter writer) => writer.WriteOctetString(Encoding.UTF8.GetBytes(Attribute), new Asn1Tag(TagClass.ContextSpecific, 7));
    }
}

/// <summary>One change of a modify request. All changes of a request happen together or not at all; to delete a value that is not there fails it.</summary>
internal sealed record LdapChange(int Operation, string Attribute, IReadOnlyList<string> Values)
{
    public static LdapChange Add(string attribute, string value) => new(0, attribute, [value]);
    public static LdapChange Delete(string attribute, string value) => new(1, attribute, [value]);
    public static LdapChange Replace(string attribute, string value) => new(2, attribute, [value]);
}

/// <summary>An entry that was found. Attribute names compare without case, as LDAP's do.</summary>
internal sealed record LdapEntry(string Dn, IReadOnlyDictionary<string, IReadOnlyList<byte[]>> Attributes)
{
    public IReadOnlyList<string> All(string attribute) => Attributes.TryGetValue(attribute, out var values) ? [.. values.Select(Encoding.UTF8.GetString)] : [];
    public string? First(string attribute) => Attributes.TryGetValue(attribute, out var values) && values.Count > 0 ? Encoding.UTF8.GetString(values[0]) : null;
    public byte[]? Bytes(string attribute) => Attributes.TryGetValue(attribute, out var values) && values.Count > 0 ? values[0] : null;
}

/// <summary>How the server ended an operation.</summary>
internal sealed record LdapResult(int Code, string Message, byte[] Cookie);

/// <summary>What the server sent: an entry, a reference (both null), or the end of the operation.</summary>
internal sealed record LdapAnswer(int Id, int Operation, LdapEntry? Entry, LdapResult? Result);

/// <summary>Writes requests and reads answers of LDAPv3 (RFC 4511) with paged results (RFC 2696).</summary>
internal static class LdapMessages
{
    public const int BindResponse = 1, SearchEntry = 4, SearchDone = 5, ModifyResponse = 7, SearchReference = 19, ExtendedResponse = 24;

    private const string PagedResults = "1.2.840.113556.1.4.319";

    public static byte[] Bind(int id, string user, string password) => Message(id, Application(0), writer =>
    {
        writer.WriteInteger(3);
        Text(writer, user);
        writer.WriteOctetString(Encoding.UTF8.GetBytes(password), new Asn1Tag(TagClass.ContextSpecific, 0));
    });

    public static byte[] Unbind(int id)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            writer.WriteNull(new Asn1Tag(TagClass.Application, 2));
        }
        return writer.Encode();
    }

    /// <param name="scope">0 the entry itself, 2 everything below.</param>
    public static byte[] Search(int id, string start, int scope, LdapFilter filter, IReadOnlyList<string> attributes, int page, byte[] cookie) => Message(
        id,
        Application(3),
        writer =>
        {
            Text(writer, start);
            writer.WriteEnumeratedValue((Numbers)scope);
            writer.WriteEnumeratedValue(Numbers.Zero); // aliases are not followed
            writer.WriteInteger(0);
            writer.WriteInteger(0);
            writer.WriteBoolean(false);
            filter.Write(writer);
            using (writer.PushSequence())
                foreach (var attribute in attributes)
                    Text(writer, attribute);
        },
        page == 0 ? null : writer =>
        {
            var value = new AsnWriter(AsnEncodingRules.BER);
            using (value.PushSequence())
            {
                value.WriteInteger(page);
                value.WriteOctetString(cookie);
            }
            Text(writer, PagedResults);
            writer.WriteBoolean(true); // a server that cannot page must say so, rather than cut short
            writer.WriteOctetString(value.Encode());
        });

    public static byte[] Modify(int id, string dn, IReadOnlyList<LdapChange> changes) => Message(id, Application(6), writer =>
    {
        Text(writer, dn);
        using (writer.PushSequence())
        {
            foreach (var change in changes)
            {
                using (writer.PushSequence())
                {
                    writer.WriteEnumeratedValue((Numbers)change.Operation);
                    using (writer.PushSequence())
                    {
                        Text(writer, change.Attribute);
                        using (writer.PushSetOf())
                            foreach (var value in change.Values)
                                Text(writer, value);
                    }
                }
            }
        }
    });

    public static LdapAnswer Read(byte[] message)
    {
        try
        {
            var whole = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
            if (!whole.TryReadInt32(out var id))
                throw new InvalidDataException("a message without a number");
            var operation = whole.PeekTag();
            if (operation.TagClass != TagClass.Application)
                throw new InvalidDataException("a message without an operation");
            var body = whole.ReadSequence(operation);
            return operation.TagValue switch
            {
                SearchEntry => new LdapAnswer(id, SearchEntry, Entry(body), null),
                SearchReference => new LdapAnswer(id, SearchReference, null, null),
                _ => new LdapAnswer(id, operation.TagValue, null, Result(body, whole)),
            };
        }
        catch (AsnContentException e)
        {
            throw new InvalidDataException($"no LDAP: {e.Message}", e);
        }
    }

    private static LdapEntry Entry(AsnReader body)
    {
        var dn = Encoding.UTF8.GetString(body.ReadOctetString());
        var attributes = new Dictionary<string, IReadOnlyList<byte[]>>(StringComparer.OrdinalIgnoreCase);
        for (var list = body.ReadSequence(); list.HasData;)
        {
            var attribute = list.ReadSequence();
            var name = Encoding.UTF8.GetString(attribute.ReadOctetString());
            var values = new List<byte[]>();
            for (var set = attribute.ReadSetOf(skipSortOrderValidation: true); set.HasData;)
                values.Add(set.ReadOctetString());
            attributes[name] = values;
        }
        return new LdapEntry(dn, attributes);
    }

    private static LdapResult Result(AsnReader body, AsnReader rest)
    {
        var code = (int)body.ReadEnumeratedValue<Numbers>();
        body.ReadOctetString();
        var message = Encoding.UTF8.GetString(body.ReadOctetString());
        byte[] cookie = [];
        if (rest.HasData)
        {
            for (var controls = rest.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)); controls.HasData;)
            {
                var control = controls.ReadSequence();
                if (Encoding.ASCII.GetString(control.ReadOctetString()) != PagedResults)
                    continue;
                if (control.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
                    control.ReadBoolean();
                var value = new AsnReader(control.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
                value.ReadInteger();
                cookie = value.ReadOctetString();
            }
        }
        // Domain controllers end their words with NUL.
        return new LdapResult(code, string.Concat(message.Where(character => !char.IsControl(character))).Trim(), cookie);
    }

    private static byte[] Message(int id, Asn1Tag operation, Action<AsnWriter> body, Action<AsnWriter>? control = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(operation))
                body(writer);
            if (control is not null)
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)))
                    using (writer.PushSequence())
                        control(writer);
        }
        return writer.Encode();
    }

    private static Asn1Tag Application(int number) => new(TagClass.Application, number, isConstructed: true);

    private static void Text(AsnWriter writer, string text) => writer.WriteOctetString(Encoding.UTF8.GetBytes(text));

    // AsnWriter takes ENUMERATED values as members of an enum only.
    private enum Numbers
    {
        Zero,
    }
}
