using System.Text;

namespace Soar.Cases;

/// <summary>CSV as RFC 4180 has it: commas, double quotes around fields that hold commas, quotes or line ends, a quote doubled inside them.</summary>
internal static class Csv
{
    /// <summary>Columns and rows. Throws SOAR2011 with the line for anything that would have to be guessed.</summary>
    public static (IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) Read(string text, string name)
    {
        var records = Records(text, name).ToList();
        if (records.Count == 0) throw Problem(name, 1, "is empty; its first line must name the columns");
        var columns = records[0].Fields.Select(c => c.Trim()).ToList();
        if (columns.FindIndex(c => c.Length == 0) is >= 0 and var nameless) throw Problem(name, 1, $"has no name for column {nameless + 1}");
        if (columns.GroupBy(c => c).FirstOrDefault(g => g.Count() > 1) is { } twice) throw Problem(name, 1, $"names column '{twice.Key}' twice");
        foreach (var (line, fields) in records.Skip(1))
        {
            if (fields.Count != columns.Count)
                throw Problem(name, line, $"has {fields.Count} fields where the first line names {columns.Count} columns; put fields that hold commas into double quotes");
        }

        return (columns, [.. records.Skip(1).Select(r => r.Fields)]);
    }

    private static IEnumerable<(int Line, IReadOnlyList<string> Fields)> Records(string text, string name)
    {
        var at = text.StartsWith('\uFEFF') ? 1 : 0;
        var line = 1;
        while (at < text.Length)
        {
            var first = line;
            var fields = new List<string>();
            while (true)
            {
                fields.Add(Field(text, name, ref at, ref line));
                if (at >= text.Length) break;
                if (text[at] == ',')
                {
                    at++;
                    continue;
                }

                at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
                line++;
                break;
            }

            // A blank line is no record: files end with one, and spreadsheets leave some behind.
            if (fields is not [""]) yield return (first, fields);
        }
    }

    private static string Field(string text, string name, ref int at, ref int line)
    {
        if (at >= text.Length || text[at] != '"')
        {
            var end = text.AsSpan(at).IndexOfAny(",\r\n") is >= 0 and var length ? at + length : text.Length;
            var plain = text[at..end];
            if (plain.Contains('"')) throw Problem(name, line, "has a double quote inside an unquoted field; put the field into double quotes and double the quote");
            at = end;
            return plain;
        }

        var begun = line;
        var field = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                if (text[at] == '\n' || (text[at] == '\r' && (at + 1 >= text.Length || text[at + 1] != '\n'))) line++;
                field.Append(text[at]);
                continue;
            }

            if (at + 1 < text.Length && text[at + 1] == '"')
            {
                field.Append('"');
                at++;
                continue;
            }

            at++;
            return at >= text.Length || text[at] is ',' or '\r' or '\n' ? field.ToString() : throw Problem(name, line, "goes on after a closing double quote; double the quotes inside a field");
        }

        throw Problem(name, begun, "opens a double quote that is never closed");
    }

    private static SoarException Problem(string name, int line, string what) => new("SOAR2011", $"List '{name}', line {line} {what}. Nothing was imported.");
}
