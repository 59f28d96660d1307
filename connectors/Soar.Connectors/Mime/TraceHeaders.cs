using System.Net;
using System.Text;

namespace Soar.Connectors.Mime;

/// <summary>Networks and servers of our own, whose <c>Received</c> headers are believed.</summary>
/// <param name="Networks">Loopback always counts as ours.</param>
/// <param name="Hosts">Names that our servers saw in reverse DNS; the HELO name is never believed.</param>
public sealed record TrustedPath(IReadOnlyList<IPNetwork> Networks, IReadOnlySet<string> Hosts)
{
    internal ReceivedHop? FirstUntrusted(IReadOnlyList<ReceivedHop> newestFirst)
    {
        foreach (var hop in newestFirst)
        {
            if (hop.Ip is null && hop.FromName is null)
                continue; // handed over inside the machine
            var trusted = hop.Ip is not null
                && (IPAddress.IsLoopback(hop.Ip) || Networks.Any(network => network.Contains(hop.Ip)) || (hop.ReverseName is not null && Hosts.Contains(hop.ReverseName.ToLowerInvariant())));
            if (!trusted)
                return hop;
        }
        return null;
    }
}

/// <summary>Reads <c>Received</c> and <c>Authentication-Results</c> (RFC 8601) headers of the servers seen in real mail: Postfix, Exim, Exchange, qmail, Sendmail, Google.</summary>
internal static class TraceHeaders
{
    private const int LongestScanned = 8_000;

    /// <summary>Splits into words, comments (whole, with their parentheses) and single <c>;</c>, at depth zero.</summary>
    private static List<string> Tokens(string text)
    {
        var tokens = new List<string>();
        var word = new StringBuilder();
        if (text.Length > LongestScanned)
            text = text[..LongestScanned];
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            if (character == '(')
            {
                Flush();
                var start = index;
                for (var depth = 0; index < text.Length; index++)
                {
                    if (text[index] == '(')
                        depth++;
                    else if (text[index] == ')' && --depth == 0)
                        break;
                }
                tokens.Add(text[start..Math.Min(index + 1, text.Length)]);
            }
            else if (character == '"')
            {
                var end = text.IndexOf('"', index + 1);
                end = end < 0 ? text.Length - 1 : end;
                word.Append(text, index, end - index + 1);
                index = end;
            }
            else if (character == ';')
            {
                Flush();
                tokens.Add(";");
            }
            else if (char.IsWhiteSpace(character))
            {
                Flush();
            }
            else
            {
                word.Append(character);
            }
        }
        Flush();
        return tokens;

        void Flush()
        {
            if (word.Length > 0)
                tokens.Add(word.ToString());
            word.Clear();
        }
    }

    public static ReceivedHop Received(MimeHeader header)
    {
        var text = EncodedWords.Unfold(header.Raw);
        string? from = null, by = null, with = null, id = null, @for = null, reverse = null, comments = "";
        IPAddress? ip = null;
        var tokens = Tokens(text);
        var clause = "";
        foreach (var token in tokens)
        {
            if (token == ";")
                break;
            if (token[0] == '(')
            {
                if (clause == "from")
                    comments += token;
                continue;
            }
            var lower = token.ToLowerInvariant();
            if (lower is "from" or "by" or "via" or "with" or "id" or "for")
            {
                clause = lower;
                continue;
            }
            var clean = token.Trim('<', '>', '"', ',');
            switch (clause)
            {
                case "from":
                    from ??= clean;
                    break;
                case "by":
                    by ??= clean;
                    break;
                case "with":
                    with ??= clean;
                    break;
                case "id":
                    id ??= clean;
                    break;
                case "for":
                    @for ??= clean;
                    break;
            }
        }
        if (from is not null || comments.Length > 0)
            (ip, reverse) = Peer(from, comments);
        if (comments.Contains("helo=", StringComparison.OrdinalIgnoreCase) && (from is null || from.StartsWith('[')))
            from = After(comments, "helo=") ?? from; // Exim: from [ip] (helo=name)
        else if (comments.Contains("(HELO ", StringComparison.OrdinalIgnoreCase) && After(comments, "helo ") is { } helo)
            (reverse, from) = (from is "unknown" ? null : from, helo); // qmail: from reverse (HELO name) (ip)
        var semicolon = text.LastIndexOf(';');
        return new ReceivedHop(from, reverse, ip, by, with, id, @for, MailDates.Parse(semicolon < 0 ? null : text[(semicolon + 1)..]));
    }

    // What the receiving server saw stands in brackets inside the comment; a bare address in parentheses is Exchange and qmail; the HELO itself comes last.
    private static (IPAddress?, string?) Peer(string? from, string comments)
    {
        string? reverse = null;
        IPAddress? bracketed = null, bare = null;
        foreach (var word in comments.Split([' ', '(', ')', '\t', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.StartsWith('['))
                bracketed ??= Address(word);
            else if (Address(word) is { } address)
                bare ??= address;
            else if (reverse is null && word.Contains('.') && !word.Contains('=') && !word.Contains('@'))
                reverse = word.TrimEnd('.');
        }
        var seen = bracketed ?? bare ?? (from is null ? null : Address(from));
        return (seen, reverse);
    }

    internal static IPAddress? Address(string word)
    {
        var text = word.Trim('[', ']', '<', '>');
        if (text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
            text = text[5..];
        var close = word.IndexOf(']');
        if (word.StartsWith('[') && close > 0)
            text = word[1..close].Replace("IPv6:", "", StringComparison.OrdinalIgnoreCase);
        var dots = text.Count(character => character == '.');
        if (dots == 3 && text.IndexOf(':') is var colon and > 0 && text.LastIndexOf(':') == colon)
            text = text[..colon]; // address:port
        if (dots != 3 && text.Count(character => character == ':') < 2)
            return null;
        if (!IPAddress.TryParse(text, out var address))
            return null;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    private static string? After(string text, string marker)
    {
        var start = text.IndexOf(marker, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return null;
        start += marker.Length;
        var end = start;
        while (end < text.Length && text[end] is not (' ' or ')' or '\t' or ';'))
            end++;
        return end > start ? text[start..end] : null;
    }

    public static IEnumerable<AuthenticationResult> Authentication(MimeHeader header)
    {
        var text = EncodedWords.Unfold(header.Raw);
        if (string.Equals(header.Name, "Received-SPF", StringComparison.OrdinalIgnoreCase))
            return ReceivedSpf(text);
        var results = new List<AuthenticationResult>();
        var groups = new List<List<string>> { new() };
        foreach (var token in Tokens(text))
        {
            if (token == ";")
                groups.Add([]);
            else
                groups[^1].Add(token);
        }
        var first = groups[0].Where(token => token[0] != '(').ToList();
        var server = "";
        var at = 1;
        if (first.Count > 0 && first[0].StartsWith("i=", StringComparison.Ordinal)) // ARC: i=1; server; …
        {
            server = groups.Count > 1 ? groups[1].FirstOrDefault(token => token[0] != '(') ?? "" : "";
            at = 2;
        }
        else if (first.Count > 0 && !first[0].Contains('='))
        {
            server = first[0];
        }
        else
        {
            at = 0; // no authserv-id at all, as some old servers write
        }
        foreach (var group in groups.Skip(at))
        {
            var words = group.Where(token => token[0] != '(').ToList();
            var equals = words.Count > 0 ? words[0].IndexOf('=') : -1;
            if (equals <= 0)
                continue;
            var properties = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            string? reason = null;
            foreach (var word in words.Skip(1))
            {
                var split = word.IndexOf('=');
                if (split <= 0)
                    continue;
                var value = word[(split + 1)..].Trim('"');
                if (word[..split].Equals("reason", StringComparison.OrdinalIgnoreCase))
                    reason = value;
                else
                    properties.TryAdd(word[..split], value);
            }
            var method = words[0][..equals];
            results.Add(new AuthenticationResult(server, (method.IndexOf('/') is var slash and > 0 ? method[..slash] : method).ToLowerInvariant(),
                words[0][(equals + 1)..].ToLowerInvariant(), reason, properties));
        }
        return results;
    }

    private static IEnumerable<AuthenticationResult> ReceivedSpf(string text)
    {
        var tokens = Tokens(text);
        if (tokens.Count == 0)
            return [];
        var properties = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var token in tokens.Skip(1))
            if (token[0] != '(' && token.IndexOf('=') is var split and > 0)
                properties.TryAdd(token[..split], token[(split + 1)..].Trim('"', ';'));
        return [new AuthenticationResult(properties.GetValueOrDefault("receiver", ""), "spf", tokens[0].ToLowerInvariant(), null, properties)];
    }
}
