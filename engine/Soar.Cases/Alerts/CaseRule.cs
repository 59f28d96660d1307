using System.Text.RegularExpressions;
using Soar.Alerts;

namespace Soar.Cases.Alerts;

/// <summary>Alerts that share one of the things they are about belong to one case.</summary>
/// <param name="When">Which alerts; null = all that have one of <paramref name="By"/>.</param>
/// <param name="By">One shared value of one of these is enough; an address is the same one, whichever side of an alert it stands at.</param>
/// <param name="Within">So long after the last alert of it.</param>
/// <param name="Title">The case's, with <c>{source.ip}</c> for values; null = the alert's.</param>
public sealed partial record CaseRule(string Name, AlertCondition? When, IReadOnlyList<AlertField> By, TimeSpan Within, string? Title)
{
    /// <summary>Of an alert that is about more than so many things only the first lead to a case: each is looked up while everybody waits.</summary>
    public const int MostKeys = 100;

    private const int LongestTitle = 200;

    /// <summary>An alert that leads to a closed case opens it again; otherwise it opens another one.</summary>
    public bool Reopens { get; init; }

    public AlertGrouping? Group(string source, Alert alert)
    {
        if (When?.Holds(source, alert) == false) return null;
        var keys = By.SelectMany(field => field.Of(source, alert)).Select(value => value.Key).Distinct(StringComparer.Ordinal).Take(MostKeys).ToList();
        return keys.Count == 0 ? null : new AlertGrouping(Name, keys, Within, TitleFor(source, alert)) { Reopens = Reopens };
    }

    /// <summary>The fields that a title names and that there are not.</summary>
    public static IEnumerable<string> UnknownHoles(string title) => Hole().Matches(title).Select(hole => hole.Groups[1].Value).Where(name => AlertField.Find(name, out _) is null);

    private string TitleFor(string source, Alert alert)
    {
        var missing = false;
        var title = Title is null ? alert.Title : Hole().Replace(Title, hole =>
        {
            var value = AlertField.Find(hole.Groups[1].Value, out _)!.Of(source, alert).Select(v => v.Text).FirstOrDefault();
            missing |= value is null;
            return value ?? "";
        });
        // A title with a gap in it would say something that nobody has said.
        if (missing) title = alert.Title;
        return title.Length > LongestTitle ? $"{title[..LongestTitle]}…" : title;
    }

    [GeneratedRegex(@"\{([A-Za-z0-9_.-]+)\}", RegexOptions.None, 1000)]
    private static partial Regex Hole();
}
