using System.Security.Cryptography;
using System.Text;

namespace Soar.Cases.Alerts;

/// <summary>
/// How repeats of an alert are known. Better two runs for one attack than none for the second of two: what cannot be told from others by something that it is about is no repeat of anything.
/// </summary>
/// <param name="Within">So long after the first; zero = never.</param>
/// <param name="By">Every one of these must be there, and be the same. Empty: what it says (<see cref="What"/>) and all that it is about (<see cref="Whom"/>), of which there must be something.</param>
public sealed record SameAlerts(TimeSpan Within, IReadOnlyList<AlertField> By)
{
    private static readonly AlertField[] What = Known("detector", "rule", "title", "category", "severity", "tlp");

    private static readonly AlertField[] Whom = Known("source.ip", "source.host", "source.user", "destination.ip", "destination.host", "destination.user", "observables", "raw");

    /// <summary>64 hex digits, equal for repeats; null = nobody can tell.</summary>
    public string? Fingerprint(string source, Alert alert)
    {
        var values = (By.Count > 0 ? By : What.Concat(Whom)).Select(field => (field.Name, Keys: Keys(field, source, alert))).ToList();
        if (By.Count > 0 ? values.Exists(v => v.Keys.Count == 0) : !values.Skip(What.Length).Any(v => v.Keys.Count > 0)) return null;
        // Each with its length, so that no two lists look alike.
        var text = new StringBuilder().Append(source.Length).Append(':').Append(source);
        foreach (var (name, keys) in values)
        {
            text.Append('\n').Append(name);
            foreach (var key in keys) text.Append(' ').Append(key.Length).Append(':').Append(key);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static List<string> Keys(AlertField field, string source, Alert alert) => [.. field.Of(source, alert).Select(value => value.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static AlertField[] Known(params string[] names) => [.. names.Select(name => AlertField.Find(name, out _)!)];
}
