using System.Globalization;
using System.Text;

namespace Soar.Scripting;

/// <summary>
/// Widths of text without a font at hand: those of DejaVu Sans, the widest of the fonts in the stack, so that what fits here fits everywhere.
/// </summary>
internal static class DiagramText
{
    public static double Width(string text, double size, bool mono = false)
    {
        double width = 0;
        foreach (var rune in text.EnumerateRunes()) width += Width(rune, mono);
        return width * size;
    }

    /// <summary>Breaks into at most <paramref name="lines"/> lines of a width, at spaces where there are any; the last one is elided.</summary>
    public static List<string> Wrap(string text, double width, double size, int lines, bool mono = false)
    {
        var result = new List<string>();
        var line = new StringBuilder();
        var used = 0.0;
        var lastSpace = -1;
        var rest = text.Trim();
        while (rest.Length > 0)
        {
            line.Clear();
            used = 0;
            lastSpace = -1;
            var end = 0;
            foreach (var rune in rest.EnumerateRunes())
            {
                used += Width(rune, mono) * size;
                if (used > width && end > 0) break;
                if (Rune.IsWhiteSpace(rune) || (mono && rune.Value == '.' && end > 0)) lastSpace = end;
                end += rune.Utf16SequenceLength;
                if (mono && rune.Value is '(' or ',' or '[') lastSpace = end;
            }
            if (end >= rest.Length)
            {
                result.Add(rest);
                return result;
            }
            if (result.Count == lines - 1)
            {
                result.Add(Elide(rest, width, size, mono));
                return result;
            }
            // Words of code are long: better to cut one than to leave half a line empty.
            var cut = lastSpace > (mono ? end * 0.4 : 0) ? lastSpace : end;
            result.Add(rest[..cut].TrimEnd());
            rest = rest[cut..].TrimStart();
        }
        return result;
    }

    public static string Elide(string text, double width, double size, bool mono = false)
    {
        if (Width(text, size, mono) <= width) return text;
        var used = Width(new Rune('…'), mono) * size;
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            used += Width(rune, mono) * size;
            if (used > width) break;
            end += rune.Utf16SequenceLength;
        }
        return text[..end].TrimEnd() + "…";
    }

    private static double Width(Rune rune, bool mono)
    {
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format) return 0;
        if (IsWide(rune.Value)) return 1.05;
        if (mono) return 0.605;
        return rune.Value switch
        {
            ' ' or 'i' or 'j' or 'l' or 'I' or '.' or ',' or ':' or ';' or '\'' or '|' or '!' => 0.37,
            '(' or ')' or '[' or ']' or 'f' or 't' or 'r' or '-' or '/' or '"' => 0.46,
            'm' or 'w' or 'M' or 'W' or '@' or '%' or '…' or '→' or 'ж' or 'ш' or 'щ' or 'ю' or 'ы' or 'ф' or 'Ж' or 'Ш' or 'Щ' or 'Ю' or 'Ф' or 'м' or 'М' => 1.02,
            >= 'A' and <= 'Z' => 0.74,
            _ => Rune.IsUpper(rune) ? 0.78 : 0.67,
        };
    }

    private static bool IsWide(int value) =>
        value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0x1F000 and <= 0x1FAFF) or >= 0x20000;
}
