using System.Text;

namespace Soar.Connectors.Mattermost;

/// <summary>
/// Text as Mattermost shows it unchanged. Its Markdown is escaped where it would be Markdown, and no more than that: an address with a backslash before every dot could not be searched for. Mattermost also reads
/// Slack's <c>&lt;!channel&gt;</c> and <c>&lt;address|name&gt;</c>, and finds mentions in what remains, escaped or not: an invisible blank behind the @ ends that.
/// </summary>
internal static class MattermostText
{
    private const char Invisible = '\u200B';

    public static string Escape(string text) => string.Join('\n', text.Split('\n').Select(EscapeLine));

    private static string EscapeLine(string line)
    {
        var result = new StringBuilder(line.Length + 32);
        var start = line.Length - line.TrimStart(' ', '\t').Length;
        for (var i = 0; i < line.Length; i++)
        {
            var character = line[i];
            var before = i > 0 ? line[i - 1] : ' ';
            var after = i + 1 < line.Length ? line[i + 1] : ' ';
            result.Append(character switch
            {
                ' ' or '\t' when i < start => "\u00A0", // four blanks would begin a block of code
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '$' => "&#36;",
                '=' when i == start => "&#61;", // a line of them makes the one above a heading
                '@' when !char.IsLetterOrDigit(before) => $"@{Invisible}",
                '\\' or '`' or '*' or '[' or ']' or '#' or '~' or '|' => $"\\{character}",
                '_' when !char.IsLetterOrDigit(before) || !char.IsLetterOrDigit(after) => "\\_",
                '-' or '+' when i == start => $"\\{character}",
                '.' or ')' when (after is ' ' or '\t') && line[start..i] is { Length: > 0 } number && number.All(char.IsAsciiDigit) => $"\\{character}", // a numbered list
                _ => character.ToString(),
            });
        }
        return result.ToString();
    }
}
