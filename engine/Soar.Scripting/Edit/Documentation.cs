using System.Xml.Linq;

namespace Soar.Scripting.Edit;

/// <summary>The summaries that stand in the XML files beside assemblies, by documentation id. A file that is not there documents nothing.</summary>
public sealed class Documentation
{
    private readonly Dictionary<string, string> summaries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> parameters = new(StringComparer.Ordinal);

    public Documentation(IEnumerable<string> assemblies)
    {
        foreach (var file in assemblies.Select(path => Path.ChangeExtension(path, ".xml")).Where(File.Exists))
        {
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                if (member.Attribute("name")?.Value is not { } id) continue;
                if (member.Element("summary") is { } summary) summaries[id] = Plain(summary);
                parameters[id] = member.Elements("param").Where(param => param.Attribute("name") is not null).GroupBy(param => param.Attribute("name")!.Value).ToDictionary(same => same.Key, same => Plain(same.First()), StringComparer.Ordinal);
            }
        }
    }

    public Completion Explain(Completion completion) => completion with { Summary = summaries.GetValueOrDefault(completion.DocumentationId, "") };

    /// <summary>What is written about a type, or a property (<c>P:Soar.Alert.Title</c>); empty where nothing is.</summary>
    public string Summary(string id) => summaries.GetValueOrDefault(id, "");

    /// <summary>What is written about a method and its parameters; of one that only inherits another's words, those.</summary>
    public (string Summary, IReadOnlyDictionary<string, string> Parameters) Of(System.Reflection.MethodInfo method)
    {
        var name = $"M:{method.DeclaringType!.FullName}.{method.Name}";
        var id = summaries.Keys.FirstOrDefault(key => key.StartsWith(name, StringComparison.Ordinal) && (key.Length == name.Length || key[name.Length] is '(' or '`'));
        return id is null ? ("", new Dictionary<string, string>()) : (summaries[id], parameters[id]);
    }

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
