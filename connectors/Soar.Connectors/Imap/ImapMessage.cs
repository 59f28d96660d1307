using System.Globalization;
using System.Text;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Imap;

/// <summary>What a FETCH told of one mail.</summary>
internal sealed record ImapMessage
{
    /// <summary>Enough to show, find and match a mail. Each block is cut by the server, so that no header can be larger than we want it.</summary>
    public const string Summary =
        "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]<0.2000> BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE IN-REPLY-TO AUTO-SUBMITTED PRECEDENCE X-AUTOREPLY CONTENT-TYPE REFERENCES)]<0.32000>)";

    public required uint Uid { get; init; }
    public long Size { get; init; }
    public DateTimeOffset? Received { get; init; }
    public IReadOnlySet<string> Flags { get; init; } = new HashSet<string>();
    public required MimeMessage Header { get; init; }

    /// <summary>The body where it came as a text instead of a literal; null where it was not asked for or handed on.</summary>
    public byte[]? Body { get; init; }

    public string? MessageId => Header.MessageId;

    /// <summary>Null for an answer that is no FETCH, or tells no UID.</summary>
    public static ImapMessage? From(ImapResponse response)
    {
        if (response is not { IsUntagged: true, Word: "FETCH", Values: [{ Items: { } items }, ..] })
            return null;
        uint uid = 0;
        long size = 0;
        DateTimeOffset? received = null;
        var flags = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var header = new StringBuilder();
        byte[]? body = null;
        for (var index = 0; index + 1 < items.Count; index += 2)
        {
            var value = items[index + 1];
            switch (items[index].Raw?.ToUpperInvariant() ?? "")
            {
                case "UID":
                    _ = uint.TryParse(value.Raw, NumberStyles.None, CultureInfo.InvariantCulture, out uid);
                    break;
                case "RFC822.SIZE":
                    _ = long.TryParse(value.Raw, NumberStyles.None, CultureInfo.InvariantCulture, out size);
                    break;
                case "INTERNALDATE":
                    received = Date(value.Raw);
                    break;
                case "FLAGS":
                    flags.UnionWith((value.Items ?? []).Select(flag => flag.Raw ?? ""));
                    break;
                case "BODY[]":
                    body = value.Raw is null ? null : Encoding.Latin1.GetBytes(value.Raw);
                    break;
                case var name when name.StartsWith("BODY[HEADER", StringComparison.Ordinal):
                    header.Append((value.Raw ?? "").TrimEnd('\r', '\n')).Append("\r\n");
                    break;
            }
        }
        return uid == 0 ? null : new ImapMessage
        {
            Uid = uid, Size = size, Received = received, Flags = flags, Body = body,
            Header = MimeReader.Read(Encoding.Latin1.GetBytes(header.ToString().TrimStart('\r', '\n'))),
        };
    }

    private static DateTimeOffset? Date(string? text) =>
        DateTimeOffset.TryParseExact(text?.Trim(), "d-MMM-yyyy HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var date) ? date.ToUniversalTime() : null;
}
