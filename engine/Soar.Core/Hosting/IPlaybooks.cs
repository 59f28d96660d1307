namespace Soar.Hosting;

/// <summary>A playbook's header, read without executing anything.</summary>
public sealed record PlaybookHeader
{
    public required string Name { get; init; }
    public required string Version { get; init; }
    public required PlaybookType Type { get; init; }
    public required Tlp Tlp { get; init; }
    public required string Summary { get; init; }
    public IReadOnlyList<TriggerHeader> Triggers { get; init; } = [];
    public IReadOnlyList<InputHeader> Inputs { get; init; } = [];

    /// <summary>Capabilities used, by name, and action ids used with their effects.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];
    public IReadOnlyList<string> Actions { get; init; } = [];
}

/// <param name="Kind"><c>alert</c>, <c>case</c>, <c>schedule</c>, <c>webhook</c>.</param>
/// <param name="Lambda">Name of the predicate for <see cref="IPlaybookHost.EvaluateAsync"/>; null where there is none.</param>
/// <param name="Text">Its source text (predicate, cron and zone, webhook name).</param>
public sealed record TriggerHeader(string Kind, string? Lambda, string Text, int Line)
{
    /// <summary>What a <c>schedule</c> says; null for all others.</summary>
    public ScheduleHeader? Schedule { get; init; }
}

/// <summary>What <c>On.Schedule</c> says. A deployment may set each of these otherwise.</summary>
/// <param name="Cron">Quartz form, checked.</param>
/// <param name="Zone">IANA time zone that exists on the machine that compiled it.</param>
/// <param name="Calendar">A calendar of the deployment, on whose days it does not fire; null = none.</param>
public sealed record ScheduleHeader(string Cron, string Zone, string? Calendar, Missed Missed, Overlap Overlap);

/// <param name="Type">C# type as written: <c>IpAddress</c>, <c>TimeSpan</c>, <c>string</c> …</param>
/// <param name="DefaultJson">Default as JSON; null when the input is required (or has only <c>from:</c>).</param>
/// <param name="From">Name of the <c>from:</c> lambda for <see cref="IPlaybookHost.EvaluateAsync"/>; null where there is none.</param>
public sealed record InputHeader(string Name, string Type, string Description, string? DefaultJson, string? From, int Line);

/// <summary>A compiled playbook version.</summary>
/// <param name="Hash">SHA-256 over source, engine version and capability surface; names the assembly in the cache.</param>
/// <param name="Source">The file's text, kept so that the version can be compiled again.</param>
public sealed record CompiledPlaybook(string Hash, string AssemblyPath, string File, string Source, PlaybookHeader Header);

/// <param name="Broken">File and first error.</param>
public sealed record TriggeredPlaybooks(IReadOnlyList<CompiledPlaybook> Playbooks, IReadOnlyList<(string File, string Problem)> Broken)
{
    /// <summary>File and first error of those whose header cannot even be read, so that nobody knows what triggers they have.</summary>
    public IReadOnlyList<(string File, string Problem)> Unreadable { get; init; } = [];
}

/// <summary>The engine's way to compiled playbooks: by the hash that a run is pinned to, and by name for sub-playbooks.</summary>
public interface IPlaybooks
{
    /// <summary>
    /// The compiled assembly for a pinned version, compiling its stored source again if the cache lost it. Throws <see cref="SoarException"/> SOAR1901 when the compiler was too slow or died, which passes, and SOAR1900 when it no longer compiles:
    /// its runs are parked, never failed.
    /// </summary>
    Task<CompiledPlaybook> ByHashAsync(string hash, CancellationToken cancellation);

    /// <summary>The newest version under this name. Throws <see cref="NotFoundException"/>.</summary>
    Task<CompiledPlaybook> ByNameAsync(string name, CancellationToken cancellation);

    /// <summary>The newest version of every playbook that has a trigger of this kind, and what is wrong with those that have one and do not compile.</summary>
    Task<TriggeredPlaybooks> TriggeredByAsync(string kind, CancellationToken cancellation);
}
