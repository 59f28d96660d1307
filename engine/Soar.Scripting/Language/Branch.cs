using System.Globalization;

namespace Soar.Language;

/// <summary>
/// One strand of a run: the body itself, or one item of a combinator. It gives step paths and counts how often a step id occurred in it.
/// Whoever resumes playbook code sets the run's current branch first; nothing flows through <c>AsyncLocal</c>.
/// </summary>
internal sealed class Branch
{
    private readonly string prefix;
    private readonly Branch? counting;
    private readonly bool isItem;
    private readonly int? items;
    private bool abandoned;
    private string? firstId;
    private int firstCount;
    private Dictionary<string, int>? otherIds;

    public Branch() => prefix = "";

    /// <param name="of">How many items there are in all; said to the first one only.</param>
    public Branch(Branch parent, string combinatorPath, int item, int? of = null)
    {
        Parent = parent;
        isItem = true;
        items = of;
        prefix = string.Create(CultureInfo.InvariantCulture, $"{combinatorPath}[{item}]/");
    }

    /// <summary>A strand within a strand that can be cancelled by itself and may have a title; its steps are named and counted as if it were not there.</summary>
    public Branch(Branch parent, string? title)
    {
        Parent = parent;
        counting = parent.counting ?? parent;
        prefix = parent.prefix;
        Title = title;
    }

    public Branch? Parent { get; }

    /// <summary>What people see before the titles of its steps.</summary>
    public string? Title { get; }

    /// <summary>How many items the outermost loop around this has; null when this is not in its first item, or nobody knows.</summary>
    public int? Of
    {
        get
        {
            Branch? outermost = null;
            for (var branch = this; branch is not null; branch = branch.Parent)
            {
                if (branch.isItem) outermost = branch;
            }

            return outermost?.items;
        }
    }

    /// <summary>True when this strand, or one around it, was given up: its code is never resumed.</summary>
    public bool IsAbandoned
    {
        get
        {
            for (var branch = this; branch is not null; branch = branch.Parent)
            {
                if (branch.abandoned) return true;
            }

            return false;
        }
    }

    /// <summary>A step's title as people see it: after those of the strands that have one.</summary>
    public string? TitleOf(string? step)
    {
        for (var branch = this; branch is not null; branch = branch.Parent)
        {
            if (branch.Title is { } title) step = step is null ? title : $"{title}: {step}";
        }

        return step;
    }

    public void Abandon() => abandoned = true;

    /// <summary>The path of the next occurrence of this step id: branch path / id, with <c>#2</c> from the second on.</summary>
    public string NextPath(string id)
    {
        var n = (counting ?? this).Count(id);
        if (n == 1) return prefix.Length == 0 ? id : string.Concat(prefix, id);
        Span<char> digits = stackalloc char[11];
        _ = n.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        return prefix.Length == 0 ? string.Concat(id, "#", digits[..length]) : string.Concat(prefix, id, "#", digits[..length]);
    }

    public bool IsWithin(Branch other)
    {
        for (var branch = this; branch is not null; branch = branch.Parent)
        {
            if (ReferenceEquals(branch, other)) return true;
        }

        return false;
    }

    private int Count(string id)
    {
        firstId ??= id;
        if (string.Equals(firstId, id, StringComparison.Ordinal)) return ++firstCount;
        otherIds ??= new Dictionary<string, int>(StringComparer.Ordinal);
        ref var n = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(otherIds, id, out _);
        return ++n;
    }
}
