namespace Soar.Language.Patterns;

internal enum PatternOp : byte { Set, Split, Jump, Save, Close, Place, Match }

/// <param name="X">Set: index into <see cref="Pattern.Sets"/>. Split: what is tried first. Jump: where. Save: slot. Close: the group's first slot. Place: <see cref="PlaceKind"/>.</param>
/// <param name="Y">Split: what is tried second. Close: the slot that holds where it began.</param>
internal readonly record struct PatternStep(PatternOp Op, int X = 0, int Y = 0);

/// <summary>A pattern as a program for <see cref="PatternMachine"/>: counted loops are written out, so its length bounds what one character can cost.</summary>
internal sealed class Pattern
{
    /// <summary>Longer patterns are refused: nobody can read them.</summary>
    public const int LongestText = 2_000;

    /// <summary>Steps of a program, counted loops written out.</summary>
    public const int MostSteps = 10_000;

    /// <summary>Capturing groups.</summary>
    public const int MostGroups = 100;

    // Compiled patterns are shared by all runs of a process: few, and only those that cannot hold much.
    private const int Remembered = 32;
    private const int MostSetsRemembered = 32;

    // What reading one character of a pattern is counted as.
    private const int WorkOfACharacter = 5_000;

    private static readonly Dictionary<(string, RegexOptions), Pattern> Known = [];

    private readonly List<PatternStep> steps = [];
    private readonly List<CharSet> sets = [];
    private readonly Dictionary<CharSet, int> indexes = new(ReferenceEqualityComparer.Instance);
    private readonly string text;

    private Pattern(string text, RegexOptions options)
    {
        this.text = text;
        var reader = new PatternReader(text, options);
        var node = reader.Read();
        GroupNames = reader.GroupNames;
        if (GroupNames.Count > MostGroups + 1) throw new ArgumentException($"The pattern '{text}' has more than {MostGroups} groups. Write (?:…) where nothing is to be captured.");
        Slots = 2 * GroupNames.Count;
        Emit(node);
        if (Slots > 4 * MostGroups) throw new ArgumentException($"The pattern '{text}' has too many groups of one name.");
        Add(new PatternStep(PatternOp.Match));
        Steps = [.. steps];
        Sets = [.. sets];
        Begins = FirstSets();
    }

    public PatternStep[] Steps { get; }
    public CharSet[] Sets { get; }
    public IReadOnlyList<string> GroupNames { get; }

    /// <summary>Two for each group, where it began and ended, then those of the machine's own.</summary>
    public int Slots { get; private set; }

    /// <summary>Sets of which one has the first character of every match; null where a match may be empty.</summary>
    public CharSet[]? Begins { get; }

    /// <summary>Throws <see cref="ArgumentException"/> with what is wrong with the pattern, also for what playbooks do not have.</summary>
    public static Pattern Of(string text, RegexOptions options)
    {
        ArgumentNullException.ThrowIfNull(text);
        lock (Known)
        {
            if (Known.TryGetValue((text, options), out var known)) return known;
        }

        if (text.Length > LongestText) throw new ArgumentException($"A pattern of {text.Length} characters; at most {LongestText}.");
        Meter.Use(text.Length * WorkOfACharacter);
        // .NET says what is wrong with its syntax, and where.
        _ = new System.Text.RegularExpressions.Regex(text, (System.Text.RegularExpressions.RegexOptions)options | System.Text.RegularExpressions.RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        var made = new Pattern(text, options);
        if (made.Sets.Length > MostSetsRemembered) return made;
        lock (Known)
        {
            if (Known.Count >= Remembered) Known.Clear();
            return Known[(text, options)] = made;
        }
    }

    private void Emit(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.One one:
                if (!indexes.TryGetValue(one.Set, out var set))
                {
                    indexes[one.Set] = set = sets.Count;
                    sets.Add(one.Set);
                }

                Add(new PatternStep(PatternOp.Set, set));
                break;
            case PatternNode.Sequence sequence:
                foreach (var part in sequence.Parts) Emit(part);
                break;
            case PatternNode.Choice choice: Choice(choice.Ways); break;
            case PatternNode.Loop loop: Loop(loop); break;
            case PatternNode.Captured { Group: { Uses: 1, Number: var group } } captured:
                Add(new PatternStep(PatternOp.Save, 2 * group));
                Emit(captured.Body);
                Add(new PatternStep(PatternOp.Save, (2 * group) + 1));
                break;
            case PatternNode.Captured captured:
                // Several of one name may lie in one another: each remembers its own beginning, and the one that closes last counts.
                var begin = Slots++;
                Add(new PatternStep(PatternOp.Save, begin));
                Emit(captured.Body);
                Add(new PatternStep(PatternOp.Close, 2 * captured.Group.Number, begin));
                break;
            case PatternNode.Place place: Add(new PatternStep(PatternOp.Place, (int)place.Kind)); break;
        }
    }

    private void Choice(IReadOnlyList<PatternNode> ways)
    {
        var jumps = new List<int>();
        for (var i = 0; i < ways.Count; i++)
        {
            var split = i < ways.Count - 1 ? Add(default) : -1;
            Emit(ways[i]);
            if (split < 0) break;
            jumps.Add(Add(default));
            steps[split] = new PatternStep(PatternOp.Split, split + 1, steps.Count);
        }

        foreach (var jump in jumps) steps[jump] = new PatternStep(PatternOp.Jump, steps.Count);
    }

    private void Loop(PatternNode.Loop loop)
    {
        var begin = steps.Count;
        for (var i = 0; i < loop.Least; i++)
        {
            Emit(loop.Body);
            if (steps.Count == begin) return; // (?:){9} is nothing
        }

        if (loop.Most is { } most)
        {
            // x{2,4} is xx(x(x)?)?: each way out leads to the end.
            var splits = new List<int>();
            for (var i = loop.Least; i < most; i++)
            {
                splits.Add(Add(default));
                Emit(loop.Body);
            }

            foreach (var split in splits) steps[split] = Split(split + 1, steps.Count, loop.Lazy);
            return;
        }

        // x* is (x+)?: so a body that is empty once ends the loop, as it does where one goes back.
        var skip = Add(default);
        Emit(loop.Body);
        var again = Add(default);
        steps[again] = Split(skip + 1, again + 1, loop.Lazy);
        steps[skip] = Split(skip + 1, again + 1, loop.Lazy);
    }

    private static PatternStep Split(int inside, int outside, bool lazy) =>
        lazy ? new PatternStep(PatternOp.Split, outside, inside) : new PatternStep(PatternOp.Split, inside, outside);

    private int Add(PatternStep step)
    {
        if (steps.Count >= MostSteps) throw new ArgumentException($"The pattern '{text}' is too large once its counted loops are written out: more than {MostSteps} steps. Count with smaller numbers, or in code.");
        steps.Add(step);
        return steps.Count - 1;
    }

    private CharSet[]? FirstSets()
    {
        var found = new HashSet<int>();
        var seen = new HashSet<int>();
        var rest = new Stack<int>([0]);
        while (rest.TryPop(out var at))
        {
            if (!seen.Add(at)) continue;
            var step = Steps[at];
            switch (step.Op)
            {
                case PatternOp.Match: return null;
                case PatternOp.Set: found.Add(step.X); break;
                case PatternOp.Jump: rest.Push(step.X); break;
                case PatternOp.Split:
                    rest.Push(step.X);
                    rest.Push(step.Y);
                    break;
                default: rest.Push(at + 1); break;
            }
        }

        return [.. found.Select(index => Sets[index])];
    }
}
