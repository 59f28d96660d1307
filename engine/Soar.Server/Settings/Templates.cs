using System.Text;
using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary>Templates from a folder: <c>&lt;name&gt;.&lt;language&gt;.md</c>, first line <c># subject</c>, <c>{Name}</c> holes only.</summary>
internal sealed class Templates(string folder) : ITemplates
{
    public RenderedTemplate Render(string name, string language, IReadOnlyDictionary<string, string> values)
    {
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not '-' and not '_'))
            throw new SoarException("SOAR4005", $"'{name}' is not a template's name: use letters, digits and hyphens.");
        var path = Path.Combine(folder, $"{name}.{language}.md");
        if (!File.Exists(path))
        {
            var known = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.md").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal).ToList() : [];
            throw new SoarException("SOAR4005", $"There is no template '{name}' in language '{language}' ({path}). Known: {string.Join(", ", known)}.");
        }

        var text = Fill(File.ReadAllText(path).ReplaceLineEndings("\n"), values, path);
        var end = text.IndexOf('\n');
        if (!text.StartsWith("# ", StringComparison.Ordinal) || end < 0)
            throw new SoarException("SOAR4005", $"{path}: the first line must be '# ' and the subject.");
        return new RenderedTemplate(text[2..end].Trim(), text[(end + 1)..].Trim('\n') + "\n");
    }

    // One pass, so that a value that contains {braces} is text and never a hole.
    private static string Fill(string template, IReadOnlyDictionary<string, string> values, string path)
    {
        var result = new StringBuilder(template.Length + 256);
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '{') { result.Append(template[i]); continue; }
            var close = template.IndexOf('}', i);
            if (close < 0) throw new SoarException("SOAR4005", $"{path}: a '{{' is never closed.");
            var hole = template[(i + 1)..close];
            if (!values.TryGetValue(hole, out var value) || value.Length == 0)
                throw new SoarException("SOAR4005", $"{path}: {{{hole}}} has no value. Values given: {string.Join(", ", values.Keys.Order(StringComparer.Ordinal))}.");
            result.Append(value);
            i = close;
        }

        return result.ToString();
    }
}
