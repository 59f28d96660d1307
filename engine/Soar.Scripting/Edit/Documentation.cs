using System.Xml.Linq;

namespace Soar.Scripting.Edit;

/// <summary>The summaries that stand in the XML files beside assemblies, by documentation id. A file that is not there documents nothing.</summary>
public sealed class Documentation
{
    private readonly Dictionary<string, string> summaries = new(StringComparer.Ordinal);

    public Documentation(IEnumerable<string> assemblies)
    {
        foreach (var file in assemblies.Select(path => Path.ChangeExtension(path, ".xml")).Where(File.Exists))
        {
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                if (member.Attribute("name")?.Value is { } id && member.Element("summary") is { } summary) summaries[id] = Plain(summary);
            }
        }
    }

    public Completion Explain(Completion completion) => completion with { Summary = summaries.GetValueOrDefault(completion.DocumentationId, "") };

    private static string Plain(XElement summary)
    {
        foreach (var reference in summary.Descendants().Where(e => e.Name == "see" || e.Name == "paramref").ToList())
        {
            var name = (reference.Attribute("cref") ?? reference.Attribute("name") ?? reference.Attribute("langword"))?.Value ?? "";
            reference.ReplaceWith(name[(name.LastIndexOfAny([':', '.']) + 1)..]);
        }

        return string.Join(' ', summary.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
