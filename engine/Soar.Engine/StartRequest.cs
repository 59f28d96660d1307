using System.Text.Json;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What a run is started with.</summary>
public sealed record StartRequest
{
    public Alert? Alert { get; init; }

    /// <summary>Input values by name, JSON. What is missing comes from <c>from:</c>, then from the default.</summary>
    public IReadOnlyDictionary<string, JsonElement> Inputs { get; init; } = new Dictionary<string, JsonElement>();
    public RunMode Mode { get; init; } = RunMode.Live;

    /// <summary>Where it stops before a step; dry runs only. Null: nowhere.</summary>
    public DryRunStops? Stops { get; init; }

    /// <summary>A person, <c>alert</c>, <c>schedule:…</c>.</summary>
    public required string StartedBy { get; init; }

    /// <summary>The source of the alert that starts it; null = something else does.</summary>
    public string? Source { get; init; }

    /// <summary>The case that the run belongs to. Its TLP is the run's, unless <see cref="Tlp"/>, the playbook or the alert is stricter.</summary>
    public string? CaseId { get; init; }

    /// <summary>A TLP that the run keeps to at least.</summary>
    public Tlp? Tlp { get; init; }

    /// <summary>The same key starts one run only; the run that it started is returned.</summary>
    public string? TriggerKey { get; init; }
}
