using System.Text;

namespace Soar;

/// <summary>
/// Text from outside, made into what its reader sees: no control characters, no end of line that is not meant, nothing that turns the direction of writing around or cannot be seen. For texts that
/// leave the house; records keep what came in.
/// </summary>
public static class VisibleText
{
    private static readonly Rune NonJoiner = new('\u200C'), Joiner = new('\u200D');

    /// <summary>One line: every end of line and tab is a blank.</summary>
    public static string Line(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var part in Lines(text).Split(['\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries)) line.Append(line.Length > 0 ? " " : "").Append(part);
        return line.ToString();
    }

    /// <summary>Lines that end with <c>\n</c>, without blanks at their ends; tabs stay.</summary>
    public static string Lines(string text)
    {
        var shown = new StringBuilder(text.Length);
        var before = new Rune(' ');
        var runes = text.ReplaceLineEndings("\n").EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            var rune = runes[i];
            // Joiners belong into words of some scripts and into emoji; in Latin words they only hide.
            if (IsUnseen(rune) || ((rune == Joiner || rune == NonJoiner) && (before.IsAscii || i + 1 == runes.Length || runes[i + 1].IsAscii))) continue;
            before = Rune.IsControl(rune) && rune.Value is not ('\n' or '\t') ? new Rune(' ') : rune;
            shown.Append(before);
        }

        return string.Join('\n', shown.ToString().Split('\n').Select(line => line.TrimEnd())).Trim();
    }

    // Soft hyphens, marks and overrides of direction, blanks without width, fillers, tags.
    private static bool IsUnseen(Rune rune) => rune.Value is 0xAD or 0x34F or 0x61C or 0x180E or 0x200B or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0x3164 or 0xFEFF or 0xFFA0
        or (>= 0xFFF9 and <= 0xFFFB) or (>= 0xE0000 and <= 0xE007F);
}
