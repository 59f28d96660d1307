using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Soar.Server.Notices;

/// <summary>A step's arguments as somebody approves them: every character that is there can be seen, and those that cannot be stand there as <c>\u202e</c>.</summary>
internal static class ExactJson
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    public static string Of(JsonElement value, bool indented)
    {
        var text = JsonSerializer.Serialize(value, indented ? Indented : OneLine);
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // Such characters stand in texts only, where an escape means the same.
            var unseen = rune.Value is not '\n' && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
            if (unseen) foreach (var unit in rune.ToString()) shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            else shown.Append(rune);
        }

        return shown.ToString();
    }
}
