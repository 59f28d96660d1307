using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Soar.Scripting;

/// <summary>
/// The diagram as JSON, for the designer. Format 1; properties only get added. Shape:
/// <code>
/// { "format": 1, "file": "…", "header": { name, version, type, tlp, summary, triggers: [text], inputs: [{ name, description, default?, from? }], lines: [{ word, span }] },
///   "nodes":  [{ id, kind, label, detail, text, titled, many, span: { start, length, line, column }, parent?, order, stepId?, capability?, action?, instance?, modifiers, result?, awaits: [position] }],
///   "groups": [{ id, kind, label, detail, span, parent?, order, endless, stepId?, action?, modifiers, result?, awaits }],
///   "edges":  [{ from, to, kind, label, branch? }],
///   "branches": [{ id, kind, owner, label, span, source, stepId?, probes: [{ position, text, order }] }],
///   "errors": [{ code, file, line, column, endLine, endColumn, message, remedy, severity }] }
/// </code>
/// Kinds are camelCase names of <see cref="DiagramNodeKind"/>, <see cref="DiagramGroupKind"/>, <see cref="DiagramEdgeKind"/>. <c>parent</c> names a group and is absent on the
/// top level; <c>order</c> sorts nodes and groups of one parent together. Absent properties are null. An id is unique over nodes and groups.
/// </summary>
public static class DiagramJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // Cyrillic stays readable; <, >, & and quotes stay escaped, so that the text may stand inside HTML.
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private sealed record Document(
        int Format, string File, DiagramHeader Header, IReadOnlyList<DiagramNode> Nodes, IReadOnlyList<DiagramGroup> Groups,
        IReadOnlyList<DiagramEdge> Edges, IReadOnlyList<DiagramBranch> Branches, IReadOnlyList<PlaybookDiagnostic> Errors);

    public static string Write(Diagram diagram) => JsonSerializer.Serialize(
        new Document(1, diagram.File, diagram.Header, diagram.Nodes, diagram.Groups, diagram.Edges, diagram.Branches, diagram.Errors), Options);

    /// <exception cref="SoarException">SOAR1951: the text is no diagram of a format that this version knows.</exception>
    public static Diagram Read(string json)
    {
        Document? document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(json, Options);
        }
        catch (JsonException wrong)
        {
            throw new SoarException("SOAR1951", $"This is no diagram: {wrong.Message} Make it again with 'soar graph --json'.", wrong);
        }
        if (document is not { Format: 1 })
            throw new SoarException("SOAR1951", $"This diagram has format {document?.Format.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}; this version reads format 1. Make it again with 'soar graph --json'.");
        return new()
        {
            File = document.File,
            Header = document.Header,
            Nodes = [.. document.Nodes],
            Groups = [.. document.Groups],
            Edges = [.. document.Edges],
            Branches = [.. document.Branches],
            Errors = [.. document.Errors],
        };
    }
}
