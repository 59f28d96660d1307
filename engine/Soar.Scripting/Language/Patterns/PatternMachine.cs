namespace Soar.Language.Patterns;

/// <summary>
/// Runs a pattern over a text without ever going back: all ways are followed at once, one character after the other, in the order in which a machine that goes back would
/// try them (Pike's machine). A character costs at most the length of the program, and every piece of work is counted by the run's meter.
/// </summary>
internal sealed class PatternMachine
{
    private readonly Pattern pattern;
    private readonly string text;
    private readonly int slots;
    private readonly Stack<(int At, int Slot, int Old)> pending = new();
    private readonly int[] saved;
    private Ways now;
    private Ways next;
    private int work;

    /// <param name="captures">False when only "does it fit" is asked.</param>
    public PatternMachine(Pattern pattern, string text, bool captures)
    {
        this.pattern = pattern;
        this.text = text;
        slots = captures ? pattern.Slots : 0;
        Meter.Reserve(8L * pattern.Steps.Length * (slots + 3));
        saved = new int[slots];
        now = new Ways(pattern.Steps.Length, slots);
        next = new Ways(pattern.Steps.Length, slots);
    }

    /// <summary>The first match at or after a place: two slots for each group, -1 where it took no part; null when there is none. Without captures: an empty array.</summary>
    public int[]? Find(int from)
    {
        int[]? found = null;
        now.Clear();
        for (var place = from; ; place++)
        {
            if (now.Count == 0)
            {
                if (found is not null) break;
                if (!SkipTo(ref place)) break;
            }

            // A match that begins here is worth less than any that began before.
            if (found is null)
            {
                Array.Fill(saved, -1);
                if (slots > 0) saved[0] = place;
                Follow(now, 0, place);
            }

            var c = place < text.Length ? text[place] : '\0';
            next.Clear();
            for (var i = 0; i < now.Count; i++)
            {
                var at = now.Step(i);
                var step = pattern.Steps[at];
                if (step.Op == PatternOp.Match)
                {
                    if (slots == 0) return [];
                    found = now.SavedOf(i).ToArray();
                    found[1] = place;
                    break; // what comes later in the order is worth less
                }

                if (place < text.Length && pattern.Sets[step.X].Has(c))
                {
                    now.SavedOf(i).CopyTo(saved);
                    Follow(next, at + 1, place + 1);
                }
            }

            Count(now.Count + 1);
            (now, next) = (next, now);
            if (place >= text.Length) break;
        }

        Count(Meter.Sip);
        return found;
    }

    /// <summary>Moves to where a match can begin; false when it cannot any more.</summary>
    private bool SkipTo(ref int place)
    {
        if (pattern.Begins is not { } begins) return true;
        for (; place < text.Length; place++)
        {
            Count(1);
            foreach (var set in begins)
            {
                if (set.Has(text[place])) return true;
            }
        }

        return false;
    }

    /// <summary>Adds everything that can be reached without a character, in order; each step once for a place.</summary>
    private void Follow(Ways ways, int begin, int place)
    {
        pending.Clear();
        pending.Push((begin, -1, 0));
        while (pending.TryPop(out var next))
        {
            if (next.Slot >= 0)
            {
                saved[next.Slot] = next.Old; // everything behind the group's edge was followed
                continue;
            }

            for (var at = next.At; ways.TryAdd(at, out var index);)
            {
                work++;
                var step = pattern.Steps[at];
                switch (step.Op)
                {
                    case PatternOp.Jump:
                        at = step.X;
                        continue;
                    case PatternOp.Split:
                        pending.Push((step.Y, -1, 0));
                        at = step.X;
                        continue;
                    case PatternOp.Save:
                        if (step.X < slots)
                        {
                            pending.Push((0, step.X, saved[step.X]));
                            saved[step.X] = place;
                        }

                        at++;
                        continue;
                    case PatternOp.Close:
                        if (slots > 0)
                        {
                            pending.Push((0, step.X, saved[step.X]));
                            pending.Push((0, step.X + 1, saved[step.X + 1]));
                            (saved[step.X], saved[step.X + 1]) = (saved[step.Y], place);
                        }

                        at++;
                        continue;
                    case PatternOp.Place when Holds((PlaceKind)step.X, place):
                        at++;
                        continue;
                    case PatternOp.Place:
                        break;
                    default:
                        ways.Keep(index, at, saved);
                        break;
                }

                break;
            }
        }
    }

    private bool Holds(PlaceKind kind, int place) => kind switch
    {
        PlaceKind.Beginning => place == 0,
        PlaceKind.End => place == text.Length,
        PlaceKind.EndOrLastLineFeed => place == text.Length || (place == text.Length - 1 && text[place] == '\n'),
        PlaceKind.LineBeginning => place == 0 || text[place - 1] == '\n',
        PlaceKind.LineEnd => place == text.Length || text[place] == '\n',
        PlaceKind.WordEdge => IsWord(place - 1) != IsWord(place),
        _ => IsWord(place - 1) == IsWord(place),
    };

    private bool IsWord(int place) => place >= 0 && place < text.Length && CharSet.Word.Has(text[place]);

    private void Count(int steps)
    {
        work += steps;
        if (work < Meter.Sip) return;
        Meter.Use(work);
        work = 0;
    }

    /// <summary>The ways that are open at one place, best first; a step is in it at most once.</summary>
    private sealed class Ways(int steps, int slots)
    {
        private readonly int[] seenAs = new int[steps];
        private readonly int[] seen = new int[steps];
        private readonly int[] kept = new int[steps];
        private readonly int[] saved = new int[(long)steps * slots];
        private int marked;

        /// <summary>Ways that wait for a character, or are a match.</summary>
        public int Count { get; private set; }

        public void Clear()
        {
            Count = 0;
            marked = 0;
        }

        public int Step(int index) => kept[index];

        public Span<int> SavedOf(int index) => saved.AsSpan(index * slots, slots);

        public bool TryAdd(int step, out int index)
        {
            index = Count;
            var at = seenAs[step];
            if (at < marked && seen[at] == step) return false;
            seenAs[step] = marked;
            seen[marked++] = step;
            return true;
        }

        public void Keep(int index, int step, int[] captured)
        {
            kept[index] = step;
            captured.CopyTo(SavedOf(index));
            Count++;
        }
    }
}
