using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>
/// When a run's time stood still: while a kill switch held one of its effects, or people were asked whether policy lets one pass. Its time limits do not count that time; what the
/// playbook waits for besides (people, signals, the clock) is not touched by it.
/// </summary>
internal sealed class StandStill
{
    private readonly HashSet<int> standing = [];
    private readonly List<(DateTimeOffset From, DateTimeOffset Until)> over = [];
    private DateTimeOffset since;

    public bool Stands => standing.Count > 0;

    /// <summary>Takes in a record; true when time stopped or went on with it.</summary>
    public bool Take(in JournalRecord record)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(record.At);
        return record.Kind switch
        {
            JournalKind.Held => Stop(record.Ordinal, at),
            JournalKind.Asked when record.Ordinal >= 0 && !record.Action.StartsWith("soar.", StringComparison.Ordinal) && Json.Read<AskedRecord>(record.Payload).Policy is not null => Stop(record.Ordinal, at),
            JournalKind.Released or JournalKind.Decided => GoOn(record.Ordinal, at),
            JournalKind.Delivered when Stands => GoOn(record.Ordinal, at),
            JournalKind.Ended when Stands => GoOn(null, at),
            _ => false,
        };
    }

    /// <summary>How long it stood still since then.</summary>
    public TimeSpan Since(DateTimeOffset from, DateTimeOffset now)
    {
        var stood = TimeSpan.Zero;
        foreach (var (began, ended) in Stands ? over.Append((since, now)) : over)
        {
            if (ended > from) stood += ended - (began > from ? began : from);
        }

        return stood;
    }

    private bool Stop(int ordinal, DateTimeOffset at)
    {
        if (!Stands) since = at;
        return standing.Add(ordinal) && standing.Count == 1;
    }

    /// <param name="ordinal">Null: all of them, because the run has ended.</param>
    private bool GoOn(int? ordinal, DateTimeOffset at)
    {
        if (ordinal is { } one ? !standing.Remove(one) : !Stands) return false;
        if (ordinal is null) standing.Clear();
        if (Stands) return false;
        over.Add((since, at));
        return true;
    }
}
