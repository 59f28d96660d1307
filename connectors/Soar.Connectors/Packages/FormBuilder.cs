using System.Globalization;
using Soar.Capabilities;

namespace Soar.Connectors.Packages;

/// <summary>Puts a form together in one language, section by section.</summary>
internal sealed class FormBuilder(string language)
{
    private readonly List<FormSection> sections = [];

    public string Word(string english) => FormWords.In(language, english);

    public FormBuilder Section(string heading, params IEnumerable<(string Label, string? Value)> rows)
    {
        sections.Add(new FormSection(Word(heading), [.. rows.Where(row => !string.IsNullOrWhiteSpace(row.Value)).Select(row => new FormRow(Label(row.Label), row.Value!.Trim()))]));
        return this;
    }

    public FormBuilder Attachments(IReadOnlyList<Artifact> files) => Section("Attachments", files.Count == 0
        ? [("Attachments", Word("none"))]
        : files.Select((file, i) => ($"Attachments {i + 1}", (string?)$"{file.Name} ({file.Size} {Word("bytes")}, {file.MediaType})\nSHA-256 {file.Sha256}")));

    public Form Build(string title, string reference, string marking) => new(Word(title), reference, marking, language, sections);

    /// <summary>To the second, and that it is UTC: a provider's records are searched by it.</summary>
    public static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Lines(IEnumerable<string> lines) => string.Join("\n", lines.Select(line => $"• {line}"));

    // A label may carry a number of its own.
    private string Label(string label) => label.LastIndexOf(' ') is var blank and > 0 && int.TryParse(label.AsSpan(blank + 1), CultureInfo.InvariantCulture, out var number)
        ? $"{Word(label[..blank])} {number}"
        : Word(label);
}
