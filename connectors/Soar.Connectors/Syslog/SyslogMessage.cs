using System.Globalization;
using System.Text;

namespace Soar.Connectors.Syslog;

/// <summary>A syslog message as RFC 5424 has it. Parts that are not there (<c>-</c>) are null.</summary>
internal sealed record SyslogMessage
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static readonly IReadOnlyList<string> Facilities =
    [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "console", "clock",
        "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    public required int Priority { get; init; }
    public required DateTimeOffset? Time { get; init; }
    public required string? Host { get; init; }
    public required string? App { get; init; }
    public required string? ProcId { get; init; }
    public required string? MsgId { get; init; }

    /// <summary>Structured data: parameters by name, by element. Of a parameter that is there twice the last one.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Data { get; init; }
    public required string Message { get; init; }

    public string Facility => Facilities[Priority / 8];
    public SyslogLevel Level => (SyslogLevel)(Priority % 8);

    /// <summary>Null with a problem when it is none.</summary>
    public static SyslogMessage? Read(ReadOnlySpan<byte> bytes, out string problem)
    {
        problem = "";
        var reader = new Reader(bytes);
        if (!reader.Take((byte)'<') || reader.Number(3) is not { } priority || priority > 191 || !reader.Take((byte)'>'))
        {
            problem = "It does not begin with a priority such as <34>.";
            return null;
        }
        if (!reader.Take((byte)'1') || !reader.Take((byte)' '))
        {
            problem = "It is no RFC 5424 message: no version 1 after the priority. Let the sender use that format (rsyslog: template=\"RSYSLOG_SyslogProtocol23Format\").";
            return null;
        }
        var (time, host, app, procId, msgId) = (reader.Word(), reader.Word(), reader.Word(), reader.Word(), reader.Word());
        if (msgId.Length == 0)
        {
            problem = "Its header is cut: time, host, program, process and kind must follow the version.";
            return null;
        }
        DateTimeOffset? at = null;
        if (time != "-")
        {
            if (!DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var read) || !time.Contains('T'))
            {
                problem = $"Its time '{(time.Length > 40 ? time[..40] : time)}' is none of RFC 3339.";
                return null;
            }
            at = read;
        }
        if (Structured(ref reader) is not { } data)
        {
            problem = "Its structured data is not closed, or not as RFC 5424 has it: [id name=\"value\"] or -.";
            return null;
        }
        var rest = reader.Rest;
        if (rest.Length > 0 && rest[0] == ' ')
            rest = rest[1..];
        if (rest.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            rest = rest[3..];
        return new SyslogMessage
        {
            Priority = priority, Time = at, Host = Some(host), App = Some(app), ProcId = Some(procId), MsgId = Some(msgId), Data = data, Message = Text(rest).TrimEnd('\n', '\r', '\0'),
        };
    }

    private static string? Some(string word) => word == "-" ? null : word;

    // Old programs send Latin-1: then every byte is a letter, and nothing is lost.
    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    private static Dictionary<string, IReadOnlyDictionary<string, string>>? Structured(ref Reader reader)
    {
        var all = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        if (reader.Take((byte)'-'))
            return all;
        while (reader.Take((byte)'['))
        {
            var id = reader.Until(" ]"u8);
            var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
            while (reader.Take((byte)' '))
            {
                var name = reader.Until("= ]\""u8);
                if (name.Length == 0 || !reader.Take((byte)'=') || reader.Quoted() is not { } value)
                    return null;
                parameters[name] = value;
            }
            if (id.Length == 0 || !reader.Take((byte)']'))
                return null;
            all[id] = parameters;
        }
        return all.Count > 0 ? all : null;
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> left = bytes;

        public readonly ReadOnlySpan<byte> Rest => left;

        public bool Take(byte wanted)
        {
            if (left.IsEmpty || left[0] != wanted)
                return false;
            left = left[1..];
            return true;
        }

        public int? Number(int mostDigits)
        {
            var (value, digits) = (0, 0);
            while (digits < mostDigits && digits < left.Length && char.IsAsciiDigit((char)left[digits]))
                value = value * 10 + left[digits++] - '0';
            left = left[digits..];
            return digits == 0 ? null : value;
        }

        /// <summary>Up to a blank, which is taken; empty when there is none.</summary>
        public string Word()
        {
            var end = left.IndexOf((byte)' ');
            if (end < 0)
                return "";
            var word = Text(left[..end]);
            left = left[(end + 1)..];
            return word;
        }

        public string Until(ReadOnlySpan<byte> ends)
        {
            var end = left.IndexOfAny(ends);
            if (end < 0)
                return "";
            var word = Text(left[..end]);
            left = left[end..];
            return word;
        }

        /// <summary>Between quotation marks; a backslash stands before a quotation mark, a bracket and another one.</summary>
        public string? Quoted()
        {
            if (!Take((byte)'"'))
                return null;
            var value = new byte[left.Length];
            var length = 0;
            for (var at = 0; at < left.Length; at++)
            {
                if (left[at] == '"')
                {
                    left = left[(at + 1)..];
                    return Text(value.AsSpan(0, length));
                }
                if (left[at] == '\\' && at + 1 < left.Length && left[at + 1] is (byte)'"' or (byte)'\\' or (byte)']')
                    at++;
                value[length++] = left[at];
            }
            return null;
        }
    }
}
