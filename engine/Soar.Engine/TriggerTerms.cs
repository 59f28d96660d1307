using Soar.Runs;

namespace Soar.Engine;

/// <summary>What a deployment does otherwise than a playbook's triggers say.</summary>
public sealed record TriggerTerms
{
    /// <summary>False: neither alerts nor cases start it here; people still can. Default: true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How many of its runs may be under way at once; the others wait in their order. Default: any number.</summary>
    public int? AtOnce { get; init; }

    /// <summary>How many of its runs that alerts of one source have started may be under way at once. Default: any number.</summary>
    public int? PerSource { get; init; }

    /// <summary>The maintenance window that a time lies in, in which neither alerts nor cases start it; null = none. Default: there are none.</summary>
    public Func<DateTimeOffset, string?> Maintenance { get; init; } = _ => null;

    /// <summary>Why neither alert nor case starts it now; null = they do.</summary>
    public string? Off(string playbook, DateTimeOffset now) => !Enabled ? $"Its triggers are off here (triggers.{playbook} in soar.yaml)."
        : Maintenance(now) is { } window ? $"It is not started in the maintenance window '{window}' (triggers.{playbook} in soar.yaml)."
        : null;

    /// <summary>What holds its runs back; null = nothing does.</summary>
    public RunLimit? Limit(string playbook) => AtOnce is null && PerSource is null ? null : new RunLimit(playbook, AtOnce, PerSource);

    /// <summary>Why a run stands in line, for people.</summary>
    public static string InLine(InLine line)
    {
        var (playbook, most, each) = line.Limit;
        var why = most <= line.UnderWay
            ? $"no more than {most} of {playbook} may be under way at once (triggers.{playbook}.concurrency in soar.yaml)"
            : $"no more than {each} of {playbook} may be under way at once for alerts of one source (triggers.{playbook}.perSource in soar.yaml)";
        return $"stands in line: {why}; {(line.Ahead == 0 ? "it is the next" : line.Ahead == 1 ? "1 run is before it" : $"{line.Ahead} runs are before it")}";
    }
}
