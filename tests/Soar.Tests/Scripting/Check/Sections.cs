namespace Soar.Tests.Scripting.Check;

/// <summary>A file of snippets, each under a <c>//// head</c> line.</summary>
public sealed record Section(string Head, string Text)
{
    /// <summary>The value after <c>key:</c> on the head line, up to the next key; null where there is none.</summary>
    public string? Value(string key)
    {
        var at = Head.IndexOf(key + ":", StringComparison.Ordinal);
        if (at < 0) return null;
        var rest = Head[(at + key.Length + 1)..];
        var end = rest.IndexOf(" | ", StringComparison.Ordinal);
        return (end < 0 ? rest : rest[..end]).Trim();
    }
}

internal static class Sections
{
    public static IReadOnlyList<Section> Read(string file)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Scripting", "Check", file);
        var found = new List<Section>();
        string? head = null;
        var text = new List<string>();
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith("//// ", StringComparison.Ordinal))
            {
                if (head is not null) found.Add(new(head, string.Join('\n', text)));
                head = line[5..].Trim();
                text.Clear();
            }
            else if (head is not null)
            {
                text.Add(line);
            }
        }

        if (head is not null) found.Add(new(head, string.Join('\n', text)));
        return found;
    }
}
