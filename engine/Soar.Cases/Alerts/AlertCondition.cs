using System.Globalization;
using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace Soar.Cases.Alerts;

/// <summary>When a rule holds: every field that it names has a value, and that value is one of those it lists (an address may lie in a network, a number be compared, a text have <c>*</c>).</summary>
public sealed partial class AlertCondition
{
    private readonly List<(AlertField Field, IReadOnlyList<string> Wanted)> terms = [];

    /// <param name="when">By field, what its value may be.</param>
    /// <param name="problems">What is wrong, as <c>field what</c>.</param>
    public static AlertCondition Parse(IReadOnlyDictionary<string, IReadOnlyList<string>> when, ICollection<string> problems)
    {
        var condition = new AlertCondition();
        foreach (var (name, wanted) in when)
        {
            var field = AlertField.Find(name, out var problem);
            if (wanted.Count == 0 || wanted.Any(string.IsNullOrWhiteSpace)) problem ??= "has an empty value; an alert without a value never fits";
            else if (field is { IsNumber: false } && wanted.FirstOrDefault(w => Comparison().IsMatch(w)) is { } compared) problem = $"is no number, so '{compared}' compares nothing";
            if (problem is not null) problems.Add($"{name} {problem}");
            else condition.terms.Add((field!, wanted));
        }

        return condition;
    }

    public bool Holds(string instance, Alert alert) => terms.TrueForAll(term => term.Field.Of(instance, alert).Any(value => term.Wanted.Any(wanted => Fits(value.Text, wanted))));

    private static bool Fits(string text, string wanted)
    {
        if (Comparison().Match(wanted) is { Success: true } comparison)
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return false;
            var bound = double.Parse(comparison.Groups[2].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);
            return comparison.Groups[1].Value switch { ">=" => number >= bound, "<=" => number <= bound, ">" => number > bound, _ => number < bound };
        }

        if (IpAddress.TryParse(wanted, null, out var network) && IpAddress.TryParse(text, null, out var address)) return network.Contains(address);
        return FileSystemName.MatchesSimpleExpression(wanted, text, ignoreCase: true);
    }

    [GeneratedRegex(@"^(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)$", RegexOptions.None, 1000)]
    private static partial Regex Comparison();
}
