using System.Diagnostics.CodeAnalysis;

namespace Soar;

/// <summary>
/// Under which names others register theirs (<c>com</c>, <c>co.uk</c>, <c>gov.mk</c>): by the Public Suffix List, whose snapshot lies beside this file. Besides the list's, <c>example</c> (RFC 2606)
/// and <c>onion</c> (RFC 7686) count, because people write of such names.
/// </summary>
public static class PublicSuffixes
{
    private static readonly Dictionary<string, Kind> Rules = Read();

    private enum Kind
    {
        Suffix,
        AnyBelow,
        Exception,
    }

    /// <summary>True when names are registered below this top-level label, for example <c>mk</c> or <c>xn--d1alf</c>.</summary>
    public static bool IsTopLevel(string label) => Rules.ContainsKey(label);

    /// <summary>The name that somebody registered: <c>evil.co.uk</c> of <c>www.evil.co.uk</c>. Null for a suffix itself and for names below no known one.</summary>
    public static DomainName? Registrable(DomainName name)
    {
        var labels = name.Value.Split('.');
        if (!IsTopLevel(labels[^1])) return null;
        // The longest rule that fits wins; an exception beats a wildcard.
        var suffix = 1;
        for (var from = 0; from < labels.Length; from++)
        {
            var below = string.Join('.', labels[from..]);
            if (!Rules.TryGetValue(below, out var kind)) continue;
            suffix = kind switch
            {
                Kind.Exception => labels.Length - from - 1,
                Kind.AnyBelow when from > 0 => labels.Length - from + 1,
                _ => labels.Length - from,
            };
            break;
        }

        return labels.Length > suffix ? DomainName.Parse(string.Join('.', labels[^(suffix + 1)..])) : null;
    }

    [SuppressMessage("Design", "MA0051:Method is too long", Justification = "It reads a file line by line.")]
    private static Dictionary<string, Kind> Read()
    {
        var rules = new Dictionary<string, Kind>(StringComparer.Ordinal) { ["example"] = Kind.Suffix, ["onion"] = Kind.Suffix };
        using var lines = new StreamReader(typeof(PublicSuffixes).Assembly.GetManifestResourceStream("Soar.public-suffixes.txt")!);
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith("//", StringComparison.Ordinal)) continue;
            var (text, kind) = line[0] switch
            {
                '!' => (line[1..], Kind.Exception),
                '*' => (line[2..], Kind.AnyBelow),
                _ => (line, Kind.Suffix),
            };
            if (!DomainName.TryParse(text, null, out var name)) continue;
            // "*.ck" stands for "ck" too.
            rules[name.Value] = kind;
        }

        return rules;
    }
}
