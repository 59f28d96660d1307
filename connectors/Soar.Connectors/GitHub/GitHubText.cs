using Soar.Connectors.Tickets;

namespace Soar.Connectors.GitHub;

/// <summary>Texts as GitHub keeps them: what a playbook wrote, and the effect's key in an HTML comment that no reader sees.</summary>
internal static class GitHubText
{
    public static string Written(string text, IdempotencyKey key, bool markdown) => $"{(markdown ? text.TrimEnd() : Fenced(text))}\n\n<!-- {TicketMark.Of(key)} -->";

    /// <summary>The text without key and fence.</summary>
    public static string Read(string body)
    {
        var text = body.ReplaceLineEndings("\n").TrimEnd();
        var line = text.LastIndexOf('\n') + 1;
        if (text[line..].StartsWith("<!-- soar:", StringComparison.Ordinal) && text.EndsWith(" -->", StringComparison.Ordinal))
            text = text[..line].TrimEnd();
        var fence = text.Length - text.AsSpan().TrimStart('`').Length;
        if (fence >= 3 && text.StartsWith(new string('`', fence) + "text\n", StringComparison.Ordinal) && text.EndsWith("\n" + new string('`', fence), StringComparison.Ordinal) && text.Length > 2 * fence + 6)
            text = text[(fence + 5)..^(fence + 1)];
        return TicketMark.Plain(text);
    }

    /// <summary>
    /// In a code block whose fence is longer than any in the text: what an attacker wrote is neither link, image, mention nor HTML, and cannot leave the block.
    /// </summary>
    private static string Fenced(string text)
    {
        var (longest, run) = (2, 0);
        foreach (var character in text)
        {
            run = character == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        var fence = new string('`', longest + 1);
        return $"{fence}text\n{text.ReplaceLineEndings("\n").TrimEnd()}\n{fence}";
    }
}
