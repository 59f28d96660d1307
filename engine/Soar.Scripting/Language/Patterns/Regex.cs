using System.Collections;
using System.Text;
using Soar.Language.Patterns;

namespace Soar.Language;

/// <summary>How a pattern is read; the same words as .NET's.</summary>
[Flags]
public enum RegexOptions
{
    /// <summary>As it is written.</summary>
    None = 0,

    /// <summary>Upper and lower case are the same, in every language.</summary>
    IgnoreCase = 1,

    /// <summary><c>^</c> and <c>$</c> fit at every line.</summary>
    Multiline = 2,

    /// <summary>Only groups with a name capture.</summary>
    ExplicitCapture = 4,

    /// <summary><c>.</c> fits a line feed too.</summary>
    Singleline = 16,

    /// <summary>Blanks in the pattern are for the reader; <c>#</c> begins a comment.</summary>
    IgnorePatternWhitespace = 32,

    /// <summary>Always so; for texts that say it.</summary>
    CultureInvariant = 512,
}

/// <summary>
/// Regular expressions that cannot run away: the time they take is at most the length of the text times the length of the pattern, whatever a mail or a log holds, and it
/// is counted by the run's budget. The syntax is .NET's without what needs going back over the text: references to groups, looking ahead and behind, atomic
/// groups, conditions. A pattern that is wrong raises <see cref="ArgumentException"/>; one that is written in place is checked when the playbook is.
/// </summary>
public static class Regex
{
    /// <summary>Whether the pattern fits anywhere in the text.</summary>
    public static bool IsMatch(string input, string pattern, RegexOptions options = RegexOptions.None)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new PatternMachine(Pattern.Of(pattern, options), input, captures: false).Find(0) is not null;
    }

    /// <summary>The first match; <see cref="Group.Success"/> is false when there is none.</summary>
    public static Match Match(string input, string pattern, RegexOptions options = RegexOptions.None) =>
        All(input, Pattern.Of(pattern, options)).FirstOrDefault() ?? Language.Match.None;

    /// <summary>All matches that do not overlap, from left to right.</summary>
    public static IReadOnlyList<Match> Matches(string input, string pattern, RegexOptions options = RegexOptions.None)
    {
        var matches = new List<Match>();
        foreach (var match in All(input, Pattern.Of(pattern, options)))
        {
            Meter.Reserve(sizeof(long) * ((2L * matches.Count) + 1));
            matches.Add(match);
        }

        return matches;
    }

    /// <summary>How many matches there are.</summary>
    public static int Count(string input, string pattern, RegexOptions options = RegexOptions.None) => All(input, Pattern.Of(pattern, options)).Count();

    /// <summary>The text with every match replaced. In the replacement <c>$1</c>, <c>${name}</c> and <c>$&amp;</c> stand for what was captured, <c>$$</c> for a dollar.</summary>
    public static string Replace(string input, string pattern, string replacement, RegexOptions options = RegexOptions.None)
    {
        var compiled = Pattern.Of(pattern, options);
        var parts = Replacement.Read(replacement, compiled.GroupNames);
        return Replace(input, compiled, (match, into) =>
        {
            foreach (var part in parts) part.Write(match, input, into);
        });
    }

    /// <summary>The text with every match replaced by what the function makes of it.</summary>
    public static string Replace(string input, string pattern, Func<Match, string> evaluator, RegexOptions options = RegexOptions.None) =>
        Replace(input, Pattern.Of(pattern, options), (match, into) => into.Append(evaluator(match)));

    /// <summary>The parts of the text between the matches; what groups captured stands between them.</summary>
    public static string[] Split(string input, string pattern, RegexOptions options = RegexOptions.None)
    {
        var parts = new List<string>();
        var end = 0;
        foreach (var match in All(input, Pattern.Of(pattern, options)))
        {
            parts.Add(input[end..match.Index]);
            parts.AddRange(match.Groups.Skip(1).Where(group => group.Success).Select(group => group.Value));
            Meter.Reserve(sizeof(long) * 2L * parts.Count);
            end = match.Index + match.Length;
        }

        parts.Add(input[end..]);
        return [.. parts];
    }

    /// <summary>A pattern that fits exactly this text.</summary>
    public static string Escape(string text) => System.Text.RegularExpressions.Regex.Escape(text);

    /// <summary>The text that <see cref="Escape"/> made a pattern of.</summary>
    public static string Unescape(string text) => System.Text.RegularExpressions.Regex.Unescape(text);

    private static IEnumerable<Match> All(string input, Pattern pattern)
    {
        ArgumentNullException.ThrowIfNull(input);
        var machine = new PatternMachine(pattern, input, captures: true);
        for (var from = 0; from <= input.Length;)
        {
            if (machine.Find(from) is not { } found) yield break;
            var match = new Match(input, pattern, found);
            yield return match;
            // After an empty match the next one begins a character later, or nothing would ever move.
            from = match.Index + match.Length + (match.Length == 0 ? 1 : 0);
        }
    }

    private static string Replace(string input, Pattern pattern, Action<Match, PatternText> write)
    {
        var into = new PatternText();
        var end = 0;
        foreach (var match in All(input, pattern))
        {
            into.Append(input.AsSpan(end, match.Index - end));
            write(match, into);
            end = match.Index + match.Length;
        }

        if (end == 0 && into.Length == 0) return input;
        into.Append(input.AsSpan(end));
        return into.ToString();
    }
}

/// <summary>What a pattern, or one of its groups, fitted.</summary>
public class Group
{
    private readonly string text;

    internal Group(string name, string text, int from, int to)
    {
        Name = name;
        Success = from >= 0 && to >= 0;
        Index = Success ? from : 0;
        Length = Success ? to - from : 0;
        this.text = text;
    }

    /// <summary>The group's name, or its number as text.</summary>
    public string Name { get; }

    /// <summary>False when it took no part.</summary>
    public bool Success { get; }

    /// <summary>Where it begins in the text.</summary>
    public int Index { get; }

    /// <summary>How many characters it has.</summary>
    public int Length { get; }

    /// <summary>The characters; empty when it took no part. Of a group that fitted several times, the last.</summary>
    public string Value
    {
        get
        {
            Meter.Reserve(2L * Length);
            return Success ? text.Substring(Index, Length) : "";
        }
    }

    public override string ToString() => Value;
}

/// <summary>One match of a pattern.</summary>
public sealed class Match : Group
{
    internal static readonly Match None = new();

    private readonly string input;
    private readonly IReadOnlyList<string> names;
    private readonly int[] saved;
    private GroupCollection? groups;

    internal Match(string input, Pattern pattern, int[] saved)
        : base("0", input, saved[0], saved[1])
    {
        this.input = input;
        names = pattern.GroupNames;
        this.saved = saved;
    }

    private Match()
        : base("0", "", -1, -1)
    {
        input = "";
        names = [];
        saved = [];
    }

    /// <summary>Its groups by number (0 is the match itself) or name.</summary>
    public GroupCollection Groups => groups ??= new GroupCollection(this, [.. names.Select((name, i) => i == 0 ? this : new Group(name, input, saved[2 * i], saved[(2 * i) + 1]))]);
}

/// <summary>The groups of a match. One that the pattern does not have took no part.</summary>
public sealed class GroupCollection : IReadOnlyList<Group>
{
    private readonly Group[] groups;

    internal GroupCollection(Match match, Group[] groups) => this.groups = groups.Length > 0 ? groups : [match];

    public int Count => groups.Length;

    public Group this[int number] => number >= 0 && number < groups.Length ? groups[number] : Language.Match.None;

    public Group this[string name] => Array.Find(groups, group => group.Name == name) ?? Language.Match.None;

    public IEnumerator<Group> GetEnumerator() => ((IEnumerable<Group>)groups).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
