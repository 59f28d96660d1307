using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Text;

namespace Soar.Tests.Connectors.Ldap;

/// <summary>How the fake answers a change.</summary>
internal sealed record FakeModify
{
    public int Code { get; init; }
    public string Message { get; init; } = "";
    public bool Hang { get; init; }
    public bool Close { get; init; }
    public byte[]? Raw { get; init; }

    /// <summary>Closes after its answer.</summary>
    public bool Leave { get; init; }

    /// <summary>Says yes and forgets: what a lagging copy looks like.</summary>
    public bool Forget { get; init; }
}

/// <summary>
/// A directory over TLS with one account, for what no real one does on demand: it hangs, breaks off, answers garbage. Searches find the account whatever is
/// asked; what they asked is kept for the tests to look at.
/// </summary>
internal sealed class FakeDirectory : IAsyncDisposable
{
    public const string Dn = "uid=alice,ou=people,dc=cert,dc=example";

    private readonly TlsLoopback server;
    private readonly int bind;

    public FakeDirectory(FakeModify? modify = null, int bind = 0, byte[]? search = null)
    {
        this.bind = bind;
        Modify = modify ?? new FakeModify();
        Search = search is null ? new FakeModify() : new FakeModify { Raw = search, Leave = true };
        server = new TlsLoopback("127.0.0.1", SpeakAsync);
    }

    public int Port => server.Port;

    /// <summary>How changes, and how questions are answered.</summary>
    public FakeModify Modify { get; set; }
    public FakeModify Search { get; set; }

    /// <summary>The code that a login is answered with, instead of the constructor's.</summary>
    public int? Login { get; set; }

    /// <summary>Its answer to the login repeats what it was sent, the password too.</summary>
    public bool LoginEchoes { get; set; }

    /// <summary>It knows nobody.</summary>
    public bool Empty { get; set; }
    public string CaFile => server.CaFile;

    public Dictionary<string, List<string>> Account { get; } = new(StringComparer.OrdinalIgnoreCase) { ["uid"] = ["alice"], ["cn"] = ["Alice"] };

    /// <summary>Whole requests: kind and bytes.</summary>
    public ConcurrentQueue<(int Kind, byte[] Message)> Asked { get; } = [];

    /// <summary>Completes when a question has arrived.</summary>
    public TaskCompletionSource Searched { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a change has arrived.</summary>
    public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task SpeakAsync(Stream stream, CancellationToken cancellation)
    {
        while (await MessageAsync(stream, cancellation) is { } message)
        {
            var reader = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
            reader.TryReadInt32(out var id);
            var kind = reader.PeekTag().TagValue;
            Asked.Enqueue((kind, message));
            switch (kind)
            {
                case 0:
                    await stream.WriteAsync(Done(id, 1, Login ?? bind, LoginEchoes ? "you sent " + string.Concat(Encoding.UTF8.GetString(message).Where(c => !char.IsControl(c))) : "as told"), cancellation);
                    break;
                case 2:
                    return;
                case 3:
                    Searched.TrySetResult();
                    if (!await AnswerAsync(stream, Search, [.. Empty || Search.Code != 0 ? [] : Entry(id), .. Done(id, 5, Search.Code, Search.Message)], cancellation))
                        return;
                    break;
                case 6:
                    Changed.TrySetResult();
                    if (Modify is { Code: 0, Forget: false })
                        Apply(reader.ReadSequence(new Asn1Tag(TagClass.Application, 6, isConstructed: true)));
                    if (!await AnswerAsync(stream, Modify, Done(id, 7, Modify.Code, Modify.Message), cancellation))
                        return;
                    break;
                default:
                    throw new InvalidOperationException($"nobody asked for {kind}");
            }
        }
    }

    private static async Task<bool> AnswerAsync(Stream stream, FakeModify how, byte[] answer, CancellationToken cancellation)
    {
        if (how.Hang)
            await LoopbackTcp.Silence(cancellation);
        if (how.Close)
            return false;
        await stream.WriteAsync(how.Raw ?? answer, cancellation);
        return !how.Leave;
    }

    private void Apply(AsnReader body)
    {
        body.ReadOctetString();
        for (var changes = body.ReadSequence(); changes.HasData;)
        {
            var change = changes.ReadSequence();
            var operation = change.ReadEnumeratedBytes().Span[0];
            var modification = change.ReadSequence();
            var name = Encoding.UTF8.GetString(modification.ReadOctetString());
            var values = Account.TryGetValue(name, out var standing) ? standing : Account[name] = [];
            if (operation == 2)
                values.Clear();
            for (var set = modification.ReadSetOf(); set.HasData;)
            {
                var value = Encoding.UTF8.GetString(set.ReadOctetString());
                if (operation == 1)
                    Assert.True(values.Remove(value), $"{name}: {value} is not there");
                else
                    values.Add(value);
            }
        }
    }

    private byte[] Entry(int id) => Message(id, 4, writer =>
    {
        writer.WriteOctetString(Encoding.UTF8.GetBytes(Dn));
        using (writer.PushSequence())
        {
            foreach (var (name, values) in Account.Where(attribute => attribute.Value.Count > 0))
            {
                using (writer.PushSequence())
                {
                    writer.WriteOctetString(Encoding.UTF8.GetBytes(name));
                    using (writer.PushSetOf())
                        foreach (var value in values)
                            writer.WriteOctetString(Encoding.UTF8.GetBytes(value));
                }
            }
        }
    });

    private static byte[] Done(int id, int kind, int code, string words) => Message(id, kind, writer =>
    {
        writer.WriteEncodedValue(new byte[] { 0x0A, 1, (byte)code });
        writer.WriteOctetString([]);
        writer.WriteOctetString(Encoding.UTF8.GetBytes(words));
    });

    internal static byte[] Message(int id, int kind, Action<AsnWriter> body)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, kind, isConstructed: true)))
                body(writer);
        }
        return writer.Encode();
    }

    // Our own requests are short: lengths of up to three bytes.
    private static async Task<byte[]?> MessageAsync(Stream stream, CancellationToken cancellation)
    {
        var head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, cancellation) < 2)
            return null;
        var more = new byte[head[1] >= 0x80 ? head[1] & 0x7F : 0];
        await stream.ReadExactlyAsync(more, cancellation);
        var body = new byte[more.Length == 0 ? head[1] : more.Aggregate(0, (sum, next) => (sum << 8) | next)];
        await stream.ReadExactlyAsync(body, cancellation);
        return [.. head, .. more, .. body];
    }
}
