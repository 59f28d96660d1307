namespace Soar.Connectors.Mime;

/// <summary>Links of one message from its HTML and text parts, each once, and whether a link's text names another host.</summary>
internal static class MimeLinks
{
    public static IReadOnlyList<MimeLink> Collect(IEnumerable<(string Url, string Text, LinkSource Source)> found, MimeLimits limits, DefectList defects)
    {
        var links = new List<MimeLink>();
        var seen = new HashSet<(string, string, LinkSource)>();
        foreach (var (url, text, source) in found)
        {
            if (url.StartsWith('#') || url.StartsWith("cid:", StringComparison.OrdinalIgnoreCase) || url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
                continue;
            if (!seen.Add((url, text, source)))
                continue;
            if (links.Count >= limits.Links)
            {
                defects.Add(MimeDefectCode.TooManyLinks, $"more than {limits.Links} links; the rest is not listed");
                break;
            }
            var host = HostOf(url);
            links.Add(new MimeLink(url, host, text, source, Mismatch(host, text)));
        }
        return links;
    }

    /// <summary>URLs that stand in running text. Each character is looked at a bounded number of times.</summary>
    public static IEnumerable<(string Url, string Text, LinkSource Source)> InText(string text)
    {
        var index = 0;
        while (index < text.Length)
        {
            var scheme = text.IndexOf("://", index, StringComparison.Ordinal);
            var www = text.IndexOf("www.", index, scheme < 0 ? text.Length - index : scheme - index, StringComparison.OrdinalIgnoreCase);
            if (scheme < 0 && www < 0)
                yield break;
            var at = www >= 0 ? www : scheme;
            var start = at;
            if (www < 0)
            {
                while (start > index && at - start < 12 && char.IsAsciiLetter(text[start - 1]))
                    start--;
            }
            var end = at + (www < 0 ? 3 : 4);
            while (end < text.Length && end - start < 8_000 && !char.IsWhiteSpace(text[end]) && text[end] is not ('<' or '>' or '"' or '`' or '{' or '}' or '|'))
                end++;
            index = end;
            var url = text[start..end].TrimEnd('.', ',', ';', ':', '!', '?', ')', ']', '\'', '*');
            if (www >= 0 && url.Length > 6)
                yield return ("http://" + url, url, LinkSource.Text);
            else if (www < 0 && at > start && url.Length > at - start + 4 && url[..(at - start)].ToLowerInvariant() is "http" or "https" or "ftp" or "hxxp" or "hxxps")
                yield return (url, url, LinkSource.Text);
        }
    }

    internal static string HostOf(string url)
    {
        if (url.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            var address = url[7..].Split('?')[0];
            return address.LastIndexOf('@') is var at and >= 0 ? address[(at + 1)..].ToLowerInvariant() : "";
        }
        if (url.StartsWith("//", StringComparison.Ordinal))
            url = "http:" + url;
        return Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? UriHost.Of(parsed) ?? "" : "";
    }

    // "www.bank.example" over a link to evil.example. A text that names no host cannot mismatch; "bank.example" over "www.bank.example" is no deception.
    private static bool Mismatch(string host, string text)
    {
        if (host.Length == 0 || text.Length is 0 or > 2_000)
            return false;
        var claimed = ClaimedHost(text);
        if (claimed is null || claimed == host)
            return false;
        return !host.EndsWith("." + claimed, StringComparison.Ordinal) && !claimed.EndsWith("." + host, StringComparison.Ordinal);
    }

    private static string? ClaimedHost(string text)
    {
        var word = text.Trim().Trim('<', '>', '(', ')', '[', ']', '"', '\'', '.', ',');
        if (word.Contains(' '))
            return InText(text).Select(link => HostOf(link.Url)).FirstOrDefault(host => host.Length > 0);
        if (word.Contains("://", StringComparison.Ordinal))
            return HostOf(word) is { Length: > 0 } host ? host : null;
        if (word.Contains('@'))
            return word[(word.LastIndexOf('@') + 1)..].ToLowerInvariant();
        var end = word.IndexOfAny(['/', '?', '#', ':']);
        var name = (end < 0 ? word : word[..end]).ToLowerInvariant();
        var labels = name.Split('.');
        // "report.pdf" and "3.14" are no hosts: the last label must be letters and the text look like a name with a path or a www
        var looksLikeHost = labels.Length >= 2 && labels.All(label => label.Length > 0 && label.All(character => char.IsAsciiLetterOrDigit(character) || character == '-'))
            && labels[^1].All(char.IsAsciiLetter) && labels[^1].Length >= 2;
        return looksLikeHost && (labels[0] == "www" || labels.Length > 2 || end >= 0 || !IsFileEnding(labels[^1])) ? name : null;
    }

    private static bool IsFileEnding(string label) =>
        label is "pdf" or "doc" or "docx" or "xls" or "xlsx" or "txt" or "jpg" or "png" or "gif" or "html" or "htm" or "exe" or "rar" or "xml" or "csv" or "ppt" or "pptx" or "js";
}
