using System.Text.Json;
using Soar.Connectors.Tickets;

namespace Soar.Connectors.Jira;

/// <summary>
/// Texts as the two editions keep them: the cloud as a document (Atlassian Document Format), where a text is a text whatever it looks like; the data center as wiki markup, where it
/// is put between <c>{noformat}</c>, so that what an attacker wrote is neither link, image nor mention.
/// </summary>
internal static class JiraText
{
    private const string Fence = "{noformat}";

    public static object Document(string text) => new
    {
        type = "doc", version = 1,
        content = text.ReplaceLineEndings("\n").Trim('\n').Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(block => new { type = "paragraph", content = Lines(block).ToArray() }).ToArray(),
    };

    public static string Wiki(string text) => $"{Fence}\n{text.TrimEnd().Replace(Fence, "{ noformat}", StringComparison.OrdinalIgnoreCase)}\n{Fence}";

    /// <summary>What somebody wrote, whichever edition keeps it.</summary>
    public static string Read(JsonElement body) => body.ValueKind switch
    {
        JsonValueKind.String => Unfenced(body.GetString()!),
        JsonValueKind.Object => Blocks(body, "\n\n"),
        _ => "",
    };

    private static IEnumerable<object> Lines(string block)
    {
        var first = true;
        foreach (var line in block.Split('\n'))
        {
            if (!first)
                yield return new { type = "hardBreak" };
            first = false;
            if (line.Length > 0)
                yield return new { type = "text", text = line };
        }
    }

    private static string Unfenced(string text)
    {
        var plain = text.ReplaceLineEndings("\n").TrimEnd();
        var end = plain.LastIndexOf("\n" + Fence, StringComparison.Ordinal);
        return plain.StartsWith(Fence + "\n", StringComparison.Ordinal) && end > Fence.Length ? plain[(Fence.Length + 1)..end] + plain[(end + Fence.Length + 1)..] : plain;
    }

    private static string Blocks(JsonElement node, string between) => string.Join(between, Children(node).Select(Text));

    private static string Text(JsonElement node) => Word(node, "type") switch
    {
        "text" => Word(node, "text"),
        "hardBreak" => "\n",
        "paragraph" or "heading" or "codeBlock" => string.Concat(Children(node).Select(Text)),
        "mention" or "emoji" or "status" or "date" => Attribute(node, "text") is { Length: > 0 } shown ? shown : Attribute(node, "shortName"),
        "inlineCard" or "blockCard" or "embedCard" => Attribute(node, "url"),
        _ => Blocks(node, "\n"),
    };

    private static IEnumerable<JsonElement> Children(JsonElement node) => node.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array ? content.EnumerateArray() : [];

    private static string Attribute(JsonElement node, string name) => node.TryGetProperty("attrs", out var attributes) && attributes.ValueKind == JsonValueKind.Object ? Word(attributes, name) : "";

    private static string Word(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
