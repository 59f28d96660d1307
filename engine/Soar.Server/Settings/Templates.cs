using System.Text;
using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary>
/// Templates from a folder: <c>&lt;name&gt;.&lt;language&gt;.md</c>, first line <c># subject</c>, <c>{Name}</c> holes only. What a hole gets comes from outside more often than not: it is written as its
/// channel needs it, and where a line has anything besides the hole (the subject is such a line), the value is one line too, so that it can neither end a header nor begin a line of its own.
/// </summary>
internal sealed class Templates(string folder) : ITemplates
{
    public RenderedTemplate Render(string name, string language, IReadOnlyDictionary<string, string> values, TemplateChannel channel = TemplateChannel.PlainText)
    {
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not '-' and not '_'))
            throw new SoarException("SOAR4005", $"'{name}' is not a template's name: use letters, digits and hyphens.");
        var path = Path.Combine(folder, $"{name}.{language}.md");
        if (!File.Exists(path))
        {
            var known = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.md").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal).ToList() : [];
            throw new SoarException("SOAR4005", $"There is no template '{name}' in language '{language}' ({path}). Known: {string.Join(", ", known)}.");
        }

        // Taken apart before any value is in it: a value moves no border between subject and text.
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var end = text.IndexOf('\n');
        if (!text.StartsWith("# ", StringComparison.Ordinal) || end < 0)
            throw new SoarException("SOAR4005", $"{path}: the first line must be '# ' and the subject.");
        var holes = new Holes(values, channel, path);
        // A subject is a header, which no channel formats.
        var subject = (holes with { Channel = TemplateChannel.PlainText }).FillLine(text[2..end].Trim());
        return new RenderedTemplate(subject, string.Join('\n', text[(end + 1)..].Trim('\n').Split('\n').Select(holes.Fill)) + "\n");
    }

    private sealed record Holes(IReadOnlyDictionary<string, string> Values, TemplateChannel Channel, string Path)
    {
        /// <summary>A line of the text: one that is a hole and nothing else may become several.</summary>
        public string Fill(string line) => line.Length > 2 && line[0] == '{' && line.IndexOf('}', StringComparison.Ordinal) == line.Length - 1
            ? Escaped(VisibleText.Lines(Value(line[1..^1])))
            : FillLine(line);

        // One pass, so that a value that contains {braces} is text and never a hole.
        public string FillLine(string line)
        {
            var result = new StringBuilder(line.Length + 256);
            for (var i = 0; i < line.Length; i++)
            {
                if (line[i] != '{') { result.Append(line[i]); continue; }
                var close = line.IndexOf('}', i);
                if (close < 0) throw new SoarException("SOAR4005", $"{Path}: a '{{' is never closed.");
                result.Append(Escaped(VisibleText.Line(Value(line[(i + 1)..close]))));
                i = close;
            }

            return result.ToString();
        }

        private string Value(string hole) => Values.TryGetValue(hole, out var value) && VisibleText.Lines(value).Length > 0
            ? value
            : throw new SoarException("SOAR4005", $"{Path}: {{{hole}}} has no value{(string.IsNullOrEmpty(value) ? "" : " that can be seen")}. Values given: {string.Join(", ", Values.Keys.Order(StringComparer.Ordinal))}.");

        private string Escaped(string value) => Channel == TemplateChannel.Markdown ? Markdown(value) : value;

        // Every mark that could be Markdown or HTML stands for itself (CommonMark 2.4), a line stays a line, and blanks in front make no code.
        private static string Markdown(string value)
        {
            var result = new StringBuilder(value.Length + 64);
            foreach (var line in value.Split('\n'))
            {
                if (result.Length > 0) result.Append(line.Length > 0 && result[^1] != '\n' ? "\\\n" : "\n");
                foreach (var c in line.TrimStart()) result.Append(char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c)) ? "\\" : "").Append(c);
            }

            return result.ToString();
        }
    }
}
