using System.Text.RegularExpressions;

namespace Soar.Server.Testing;

/// <summary>
/// Names steps in a test file: an action (<c>firewall.block</c>), a step id (<c>block-it-at-every-edge</c>), a path (<c>warn-them[3]/mail-send</c>), each with
/// <c>*</c> for any text and optionally <c>[item]</c> behind it: a number is the item of the innermost loop, a word the connector instance.
/// </summary>
internal sealed partial class StepPattern
{
    private readonly Regex regex;
    private readonly string? item;

    public StepPattern(string text)
    {
        Text = text;
        var match = Item().Match(text);
        // A path names its items itself: only what stands behind a whole key is the item asked for.
        if (match.Success && !text[..match.Index].Contains('/')) (text, item) = (text[..match.Index], match.Groups[1].Value);
        regex = new Regex($"^{Regex.Escape(text).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        var isPath = text.Contains('/');
        Weight = (isPath ? 300_000 : text.Contains('.') ? 100_000 : 200_000) + (text.Contains('*') ? 0 : 50_000) + (item is null ? 0 : 10_000) + text.Replace("*", "", StringComparison.Ordinal).Length;
    }

    public string Text { get; }

    /// <summary>The more it says, the more it weighs; of several patterns that fit a step the heaviest counts.</summary>
    public int Weight { get; }

    public bool Fits(string path, string action, string instance)
    {
        if (item is not null && item != instance && item != InnermostItem(path)) return false;
        return Names(path, action).Any(regex.IsMatch);
    }

    /// <summary>Whether it could ever name a step: its last part is one of these step ids, or an action that there is.</summary>
    /// <param name="ids">Ids of steps and combinators as the playbook has them.</param>
    public bool CouldFit(IEnumerable<string> ids, IEnumerable<string> actions)
    {
        var last = Occurrence().Replace(Bracket().Replace(Text[(Text.LastIndexOf('/') + 1)..], ""), "");
        if (item is not null && last.EndsWith($"[{item}]", StringComparison.Ordinal)) last = last[..^(item.Length + 2)];
        var form = new Regex($"^{Regex.Escape(last).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        return ids.Any(form.IsMatch) || actions.Any(form.IsMatch);
    }

    /// <summary>Whether it names the combinator (<c>block-it-at-every-edge</c>) that this step is done in.</summary>
    public bool Holds(string path) => path.Contains('/') && path.Split('/')[..^1].Any(segment => regex.IsMatch(Occurrence().Replace(Bracket().Replace(segment, ""), "")));

    public override string ToString() => Text;

    /// <summary>Everything that a step is called: action, id, path; paths with and without items and occurrence, and with the action for the last id.</summary>
    private static IEnumerable<string> Names(string path, string action)
    {
        yield return action;
        yield return path;
        var slash = path.LastIndexOf('/');
        var id = path[(slash + 1)..];
        yield return id;
        var withAction = path[..(slash + 1)] + action;
        yield return withAction;
        var plain = Bracket().Replace(path, "");
        yield return plain;
        yield return Occurrence().Replace(plain, "");
        yield return Occurrence().Replace(path, "");
        yield return Occurrence().Replace(id, "");
        yield return Bracket().Replace(withAction, "");
    }

    private static string? InnermostItem(string path)
    {
        var match = Bracket().Matches(path).LastOrDefault();
        return match?.Value[1..^1];
    }

    [GeneratedRegex(@"\[([^\[\]]+)\]$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Item();

    [GeneratedRegex(@"\[[0-9]+\]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Bracket();

    [GeneratedRegex("#[0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Occurrence();
}
