using System.Text;
using System.Text.Json;

namespace Soar.Connectors.LocalIndicators;

/// <summary>Reads indicator files: CSV with the columns type, value, verdict, details, and STIX 2.1 bundles.</summary>
internal static class IndicatorFiles
{
    private static readonly string[] Columns = ["type", "value", "verdict", "details"];

    public static void Read(string path, IndicatorSet into, DateTimeOffset now)
    {
        ReadOnlyMemory<byte> bytes = File.ReadAllBytes(path);
        if (bytes.Span.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[3..];
        var name = Path.GetFileName(path);
        if (bytes.Span.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
            Stix(bytes, name, into, now);
        else
            Csv(Encoding.UTF8.GetString(bytes.Span), name, into);
    }

    private static void Csv(string text, string file, IndicatorSet into)
    {
        int[]? columns = null;
        var number = 0;
        foreach (var row in Rows(text))
        {
            number++;
            if (row.Count == 1 && row[0].Trim().Length == 0 || row[0].StartsWith('#'))
                continue;
            if (columns is null)
            {
                var header = row.Select(cell => cell.Trim().ToLowerInvariant()).ToList();
                columns = [.. Columns.Select(column => header.IndexOf(column))];
                if (columns[0] < 0 || columns[1] < 0)
                    throw new SoarException("SOAR4030", $"{file}: the first line must name the columns type and value, and may name verdict and details. It is: {string.Join(",", header)}");
                continue;
            }
            string Cell(int column) => columns[column] >= 0 && columns[column] < row.Count ? row[columns[column]].Trim() : "";
            var verdict = Verdict.Malicious;
            if (Cell(2).Length > 0 && !(Enum.TryParse(Cell(2), ignoreCase: true, out verdict) && Enum.IsDefined(verdict)))
                into.Skip($"{file}, row {number}: '{Cell(2)}' is no verdict (unknown, benign, suspicious, malicious)");
            else if (!into.Add(Cell(0), Cell(1), verdict, Cell(3).Length > 0 ? Cell(3) : file))
                into.Skip($"{file}, row {number}: '{Cell(1)}' is no {Cell(0)}");
        }
    }

    // RFC 4180, with quotes where they are needed.
    internal static IEnumerable<List<string>> Rows(string text)
    {
        var row = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            if (quoted)
            {
                if (character != '"')
                    cell.Append(character);
                else if (index + 1 < text.Length && text[index + 1] == '"')
                    cell.Append(text[index++]);
                else
                    quoted = false;
            }
            else if (character == '"' && cell.Length == 0)
            {
                quoted = true;
            }
            else if (character == ',')
            {
                row.Add(cell.ToString());
                cell.Clear();
            }
            else if (character == '\n')
            {
                row.Add(cell.ToString());
                cell.Clear();
                yield return row;
                row = [];
            }
            else if (character != '\r')
            {
                cell.Append(character);
            }
        }
        if (cell.Length > 0 || row.Count > 0)
        {
            row.Add(cell.ToString());
            yield return row;
        }
    }

    private static void Stix(ReadOnlyMemory<byte> json, string file, IndicatorSet into, DateTimeOffset now)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var objects = Text(root, "type") == "bundle" && root.TryGetProperty("objects", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToList() : [root];
        foreach (var indicator in objects.Where(item => Text(item, "type") == "indicator"))
        {
            var id = Text(indicator, "id") ?? "indicator";
            if (indicator.TryGetProperty("revoked", out var revoked) && revoked.ValueKind == JsonValueKind.True)
                continue;
            if (DateTimeOffset.TryParse(Text(indicator, "valid_until"), out var until) && until <= now)
                continue;
            if ((Text(indicator, "pattern_type") ?? "stix") != "stix" || Text(indicator, "pattern") is not { } pattern)
            {
                into.Skip($"{file}, {id}: only patterns of type stix are read");
                continue;
            }
            var comparisons = StixPattern.Read(pattern);
            var details = $"{Text(indicator, "name") ?? Text(indicator, "description") ?? id} ({file}, {id})";
            var used = 0;
            foreach (var (type, value, alone) in comparisons)
                used += into.Add(type, value, alone ? Judgement(indicator) : Verdict.Suspicious, alone ? details : details + ", part of a compound pattern") ? 1 : 0;
            if (used == 0)
                into.Skip($"{file}, {id}: the pattern compares nothing that is looked up here");
        }
    }

    private static Verdict Judgement(JsonElement indicator)
    {
        var types = indicator.TryGetProperty("indicator_types", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(item => item.ToString()).ToList() : [];
        if (types.Contains("benign"))
            return Verdict.Benign;
        var doubtful = types.Count > 0 && types.All(type => type is "anomalous-activity" or "unknown" or "anonymization");
        return doubtful || (indicator.TryGetProperty("confidence", out var confidence) && confidence.ValueKind == JsonValueKind.Number && confidence.TryGetInt32(out var percent) && percent < 30) ? Verdict.Suspicious : Verdict.Malicious;
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>
/// The comparisons of a STIX 2.1 pattern that name a value: <c>[ipv4-addr:value = '…' OR …]</c>. A value that only counts together with others
/// (AND, FOLLOWEDBY) is told as not alone; negated and fuzzy comparisons are left out.
/// </summary>
internal static class StixPattern
{
    public static IReadOnlyList<(string Type, string Value, bool Alone)> Read(string pattern)
    {
        var tokens = Tokens(pattern);
        var alone = !tokens.Any(token => token is "AND" or "FOLLOWEDBY");
        var result = new List<(string, string, bool)>();
        for (var index = 0; index + 2 < tokens.Count; index++)
        {
            if (tokens[index + 1] is not ("=" or "ISSUBSET" or "IN") || (index > 0 && tokens[index - 1] == "NOT"))
                continue;
            if (Type(tokens[index]) is not { } type)
                continue;
            if (tokens[index + 1] == "IN")
            {
                for (var item = index + 2; item < tokens.Count && tokens[item] != ")"; item++)
                    if (tokens[item].StartsWith('\''))
                        result.Add((type, tokens[item][1..], alone));
            }
            else if (tokens[index + 2].StartsWith('\''))
            {
                result.Add((type, tokens[index + 2][1..], alone));
            }
        }
        return result;
    }

    private static string? Type(string path)
    {
        var plain = path.Replace("'", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal).ToLowerInvariant();
        return plain switch
        {
            "ipv4-addr:value" or "ipv6-addr:value" or "network-traffic:src_ref.value" or "network-traffic:dst_ref.value" => "ip",
            "domain-name:value" => "domain",
            "url:value" => "url",
            "email-addr:value" or "email-message:from_ref.value" or "email-message:sender_ref.value" => "email",
            _ when plain.EndsWith("hashes.sha-256", StringComparison.Ordinal) || plain.EndsWith("hashes.sha256", StringComparison.Ordinal) => "sha256",
            _ when plain.EndsWith("hashes.sha-1", StringComparison.Ordinal) || plain.EndsWith("hashes.sha1", StringComparison.Ordinal) => "sha1",
            _ when plain.EndsWith("hashes.md5", StringComparison.Ordinal) => "md5",
            "file:name" => "file",
            _ => null,
        };
    }

    // Words, operators and strings; a string keeps its opening quote so that it cannot be taken for a word.
    private static List<string> Tokens(string pattern)
    {
        var tokens = new List<string>();
        var index = 0;
        while (index < pattern.Length && tokens.Count < 10_000)
        {
            var character = pattern[index];
            if (char.IsWhiteSpace(character) || character is '[' or ']' or ',')
            {
                index++;
            }
            else if (character is '(' or ')')
            {
                tokens.Add(character.ToString());
                index++;
            }
            else if (character == '\'')
            {
                var value = new StringBuilder("'");
                for (index++; index < pattern.Length && pattern[index] != '\''; index++)
                {
                    if (pattern[index] == '\\' && index + 1 < pattern.Length)
                        index++;
                    value.Append(pattern[index]);
                }
                index++;
                tokens.Add(value.ToString());
            }
            else if (character is '=' or '!' or '<' or '>')
            {
                var start = index;
                while (index < pattern.Length && pattern[index] is '=' or '!' or '<' or '>')
                    index++;
                tokens.Add(pattern[start..index]);
            }
            else
            {
                // an object path may hold quoted keys: file:hashes.'SHA-256'
                var start = index;
                var inKey = false;
                while (index < pattern.Length && (inKey || !(char.IsWhiteSpace(pattern[index]) || pattern[index] is '=' or '!' or '<' or '>' or '(' or ')' or ',')))
                {
                    if (pattern[index] == ']' && !inKey && !pattern.AsSpan(start, index - start).Contains('['))
                        break;
                    if (pattern[index] == '\'')
                        inKey = !inKey;
                    index++;
                }
                tokens.Add(pattern[start..index]);
            }
        }
        return tokens;
    }
}
