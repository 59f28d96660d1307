using System.Globalization;
using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace Soar.Cases.Alerts;

/// <summary>When a rule holds: every field that it names has a value, and that value is one of those it lists (an address may lie in a network, a number be compared, a text have <c>*</c>).</summary>
public sealed partial class AlertCondition
{
    private readonly List<(AlertField Field, IReadOnlyList<Wanted> Wanted)> terms = [];

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
            else condition.terms.Add((field!, [.. wanted.Select(Wanted.Of)]));
        }

        return condition;
    }

    public bool Holds(string instance, Alert alert) => terms.TrueForAll(term => term.Field.Of(instance, alert).Any(value => term.Wanted.Any(wanted => wanted.Fits(value.Text))));

    [GeneratedRegex(@"^(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)$", RegexOptions.None, 1000)]
    private static partial Regex Comparison();

    /// <summary>What a value may be, read once: rules are held against every alert.</summary>
    private sealed record Wanted(string Text, IpAddress? Network, string Operator, double Bound)
    {
        public static Wanted Of(string text)
        {
            var comparison = Comparison().Match(text);
            return comparison.Success
                ? new Wanted(text, null, comparison.Groups[1].Value, double.Parse(comparison.Groups[2].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture))
                : new Wanted(text, IpAddress.TryParse(text, null, out var network) ? network : null, "", 0);
        }

        public bool Fits(string value)
        {
            if (Operator.Length > 0)
            {
                return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    && Operator switch { ">=" => number >= Bound, "<=" => number <= Bound, ">" => number > Bound, _ => number < Bound };
            }

            if (Network is not null && IpAddress.TryParse(value, null, out var address)) return Network.Contains(address);
            return FileSystemName.MatchesSimpleExpression(Text, value, ignoreCase: true);
        }
    }
}
