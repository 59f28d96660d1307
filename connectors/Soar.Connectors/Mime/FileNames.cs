using System.Globalization;
using System.Text;

namespace Soar.Connectors.Mime;

/// <summary>Attachment names are chosen by attackers: shown and written only in the safe form.</summary>
internal static class FileNames
{
    public static string Safe(string? name, string mediaType)
    {
        var result = new StringBuilder();
        foreach (var rune in (name ?? "").Replace('\\', '/').Split('/')[^1].EnumerateRunes())
        {
            if (result.Length >= 199)
                break;
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned)
                continue;
            result.Append(rune.Value is ':' or '*' or '?' or '"' or '<' or '>' or '|' ? "_" : rune.ToString());
        }
        var safe = result.ToString().Trim().TrimEnd('.');
        return safe is "" or "." or ".." ? "unnamed" + (mediaType == "message/rfc822" ? ".eml" : mediaType.StartsWith("text/", StringComparison.Ordinal) ? ".txt" : ".bin") : safe;
    }

    /// <summary>Why a name deceives the reader; null when it does not.</summary>
    public static string? Deception(string name)
    {
        foreach (var character in name)
        {
            if (character is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u200E' or '\u200F')
                return "characters that turn the reading direction";
            if (char.IsControl(character))
                return "control characters";
        }
        if (name.Contains('/') || name.Contains('\\'))
            return "a path";
        return name.Contains("     ", StringComparison.Ordinal) ? "a run of blanks that hides the ending" : null;
    }
}
