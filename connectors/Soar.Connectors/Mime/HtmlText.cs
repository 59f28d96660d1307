using System.Net;
using System.Text;

namespace Soar.Connectors.Mime;

/// <summary>HTML of mails as text and links: no script, no style, nothing loaded. One pass over the markup, reading tags as browsers do (quotes guard ">").</summary>
internal sealed class HtmlText(string html, MimeLimits limits)
{
    private const int LongestUrl = 8_000;

    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "p", "div", "br", "tr", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "section", "article", "header", "footer", "center", "title", "dt", "dd",
    };

    private static readonly HashSet<string> Hidden = new(StringComparer.OrdinalIgnoreCase) { "script", "style", "noscript", "template", "svg", "math", "xml" };

    private readonly StringBuilder text = new(Math.Min(html.Length, 64 * 1024));
    private int anchorStart = -1;
    private string anchorUrl = "";
    private int index;

    public List<(string Url, string Text, LinkSource Source)> Links { get; } = [];

    public string Read()
    {
        while (index < html.Length)
        {
            var open = html.IndexOf('<', index);
            AppendText(open < 0 ? html.AsSpan(index) : html.AsSpan(index, open - index));
            if (open < 0)
                break;
            index = open + 1;
            if (index >= html.Length)
                break;
            var next = html[index];
            if (next == '!' || next == '?')
                SkipDeclaration();
            else if (next == '/' || char.IsAsciiLetter(next))
                Tag();
            else
                text.Append('<');
        }
        CloseAnchor();
        return Tidy();
    }

    private void SkipDeclaration()
    {
        var comment = string.CompareOrdinal(html, index, "!--", 0, 3) == 0;
        var end = comment ? html.IndexOf("-->", index + 3, StringComparison.Ordinal) : html.IndexOf('>', index);
        index = end < 0 ? html.Length : end + (comment ? 3 : 1);
    }

    private void Tag()
    {
        var closing = html[index] == '/';
        if (closing)
            index++;
        var start = index;
        while (index < html.Length && html[index] is not ('>' or '/' or ' ' or '\t' or '\r' or '\n' or '\f'))
            index++;
        var name = index - start <= 20 ? html[start..index] : "";
        string? href = null, src = null, action = null;
        while (NextAttribute(out var attribute, out var value))
        {
            if (attribute.Equals("href", StringComparison.OrdinalIgnoreCase))
                href ??= value;
            else if (attribute.Equals("src", StringComparison.OrdinalIgnoreCase))
                src ??= value;
            else if (attribute.Equals("action", StringComparison.OrdinalIgnoreCase))
                action ??= value;
        }
        var tag = name.ToLowerInvariant();
        if (!closing && Hidden.Contains(tag))
        {
            SkipHidden(tag);
            return;
        }
        if (tag is "a" or "area")
        {
            CloseAnchor();
            if (!closing && href is not null)
                (anchorUrl, anchorStart) = (Url(href), text.Length);
        }
        else if (!closing && src is not null && tag is "img" or "input")
        {
            Add(Url(src!), "", LinkSource.Image);
        }
        else if (!closing && src is not null && tag is "iframe" or "frame" or "embed")
        {
            Add(Url(src!), "", LinkSource.Frame);
        }
        else if (!closing && action is not null && tag == "form")
        {
            Add(Url(action), "", LinkSource.Form);
        }
        if (Blocks.Contains(tag))
            text.Append('\n');
        else if (tag is "td" or "th")
            text.Append(' ');
    }

    // Ends at the closing tag of the same name; markup that never closes it hides everything behind, as in a browser.
    private void SkipHidden(string tag)
    {
        var end = html.IndexOf("</" + tag, index, StringComparison.OrdinalIgnoreCase);
        index = end < 0 ? html.Length : end;
        if (end >= 0)
        {
            var close = html.IndexOf('>', index);
            index = close < 0 ? html.Length : close + 1;
        }
    }

    private bool NextAttribute(out string name, out string value)
    {
        name = value = "";
        while (index < html.Length && html[index] is ' ' or '\t' or '\r' or '\n' or '\f' or '/')
            index++;
        if (index >= html.Length)
            return false;
        if (html[index] == '>')
        {
            index++;
            return false;
        }
        var start = index++;
        while (index < html.Length && html[index] is not ('=' or '>' or '/' or ' ' or '\t' or '\r' or '\n' or '\f'))
            index++;
        name = index - start <= 20 ? html[start..index] : "";
        var afterName = index;
        while (index < html.Length && html[index] is ' ' or '\t' or '\r' or '\n' or '\f')
            index++;
        if (index >= html.Length || html[index] != '=')
        {
            index = afterName;
            return true;
        }
        index++;
        while (index < html.Length && html[index] is ' ' or '\t' or '\r' or '\n' or '\f')
            index++;
        if (index >= html.Length)
            return true;
        start = index;
        int end;
        if (html[index] is '"' or '\'')
        {
            var quote = html[index];
            start++;
            end = html.IndexOf(quote, start);
            end = end < 0 ? html.Length : end;
            index = Math.Min(end + 1, html.Length);
        }
        else
        {
            while (index < html.Length && html[index] is not ('>' or ' ' or '\t' or '\r' or '\n' or '\f'))
                index++;
            end = index;
        }
        // only what can be a link is copied
        if (name.Length is 3 or 4 or 6)
            value = html.Substring(start, Math.Min(end - start, LongestUrl));
        return true;
    }

    private void AppendText(ReadOnlySpan<char> raw)
    {
        if (raw.Contains('&'))
            text.Append(WebUtility.HtmlDecode(raw.ToString()));
        else
            text.Append(raw);
    }

    private void CloseAnchor()
    {
        if (anchorStart < 0)
            return;
        var length = Math.Min(text.Length - anchorStart, 2_000);
        Add(anchorUrl, string.Join(' ', text.ToString(anchorStart, length).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), LinkSource.Anchor);
        anchorStart = -1;
    }

    private void Add(string url, string label, LinkSource source)
    {
        if (url.Length > 0 && Links.Count <= limits.Links)
            Links.Add((url, label, source));
    }

    // Browsers drop white space and control characters inside a URL, which is how filters are fooled.
    private static string Url(string raw)
    {
        var decoded = WebUtility.HtmlDecode(raw).Trim();
        return decoded.Any(char.IsControl) ? string.Concat(decoded.Where(character => !char.IsControl(character))) : decoded;
    }

    // Runs of blanks become one, more than two line breaks become two.
    private string Tidy()
    {
        var result = new StringBuilder(text.Length);
        var breaks = 2;
        var blank = false;
        foreach (var chunk in text.GetChunks())
        {
            foreach (var character in chunk.Span)
            {
                if (character == '\n')
                {
                    blank = false;
                    if (breaks++ < 2)
                        result.Append('\n');
                }
                else if (char.IsWhiteSpace(character) || character is '\u200B' or '\uFEFF')
                {
                    blank = breaks == 0;
                }
                else
                {
                    if (blank)
                        result.Append(' ');
                    result.Append(character);
                    blank = false;
                    breaks = 0;
                }
            }
        }
        return result.ToString().TrimEnd();
    }
}
