using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Soar.Capabilities;

/// <summary>
/// One mail of a mailbox, for as long as it exists. <see cref="Folder"/>, <see cref="UidValidity"/> and <see cref="Uid"/> say where it lay when it was seen, exactly and for ever
/// (IMAP gives no UID twice); <see cref="MessageId"/> finds it again after somebody moved it. Text form and JSON form are the same string, like the addresses of RFC 5092:
/// <c>INBOX;UIDVALIDITY=385759045/;UID=20 &lt;id@host&gt;</c>.
/// </summary>
[JsonConverter(typeof(MailRefJson))]
public sealed record MailRef : IParsable<MailRef>
{
    private const string ValidityMark = ";UIDVALIDITY=";
    private const string UidMark = "/;UID=";

    public MailRef(string folder, uint uidValidity, uint uid, string? messageId)
    {
        Folder = folder;
        UidValidity = uidValidity;
        Uid = uid;
        // Its sender chose it: what could be read as anything but an id finds nothing.
        MessageId = IsMessageId(messageId) ? messageId : null;
    }

    /// <summary>The folder's name as the server writes it, for example <c>INBOX</c> or <c>Archive/2026</c>.</summary>
    public string Folder { get; }
    public uint UidValidity { get; }
    public uint Uid { get; }

    /// <summary>Without angle brackets; null for a mail that has none, which cannot be found again once it is moved.</summary>
    public string? MessageId { get; }

    /// <summary>Whether it can be searched for and written into a header: up to 400 printable ASCII characters without blanks and angle brackets.</summary>
    public static bool IsMessageId([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= 400 } && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !text.AsSpan().ContainsAny('<', '>');

    public static MailRef Parse(string s) => Parse(s, null);

    public static MailRef Parse(string s, IFormatProvider? provider) => TryParse(s, provider, out var result)
        ? result
        : throw new FormatException($"'{s}' is no mail of a mailbox. It looks like INBOX;UIDVALIDITY=385759045/;UID=20 <id@host>.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out MailRef result)
    {
        result = null;
        if (s is null) return false;
        // From the left: the folder is escaped, while the Message-ID at the end is whatever its sender wrote.
        var validity = s.IndexOf(ValidityMark, StringComparison.Ordinal);
        var uid = validity < 0 ? -1 : s.IndexOf(UidMark, validity, StringComparison.Ordinal);
        if (validity < 1 || uid < 0) return false;
        var rest = s[(uid + UidMark.Length)..];
        var blank = rest.IndexOf(' ');
        var id = blank < 0 ? null : rest[(blank + 1)..];
        if (id is not null && !(id.StartsWith('<') && id.EndsWith('>'))) return false;
        if (!Number(s[(validity + ValidityMark.Length)..uid], out var validityNumber) || !Number(blank < 0 ? rest : rest[..blank], out var uidNumber)) return false;
        result = new MailRef(s[..validity].Replace("%3B", ";", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal), validityNumber, uidNumber, id?[1..^1]);
        return true;
    }

    public override string ToString() =>
        $"{Folder.Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal)}{ValidityMark}{UidValidity}{UidMark}{Uid}{(MessageId is null ? "" : $" <{MessageId}>")}";

    private static bool Number(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private sealed class MailRefJson : JsonConverter<MailRef>
    {
        public override MailRef? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), null, out var value) ? value : throw new JsonException($"'{reader.GetString()}' is no mail of a mailbox.");
        public override void Write(Utf8JsonWriter writer, MailRef value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
