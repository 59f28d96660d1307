namespace Soar.Hosting;

/// <summary>How a step's record is delivered to a playbook.</summary>
public enum DeliveryKind : byte
{
    /// <summary>The step's result, JSON.</summary>
    Done = 1,

    /// <summary>The step failed for good: payload is <see cref="StepError"/> as JSON.</summary>
    Failed = 2,

    /// <summary>The step's time-out passed. Payload is <see cref="StepError"/>.</summary>
    TimedOut = 3,

    /// <summary>The engine refused to do it (policy, missing argument, no approval). Payload is <see cref="StepError"/>.</summary>
    Refused = 4,

    /// <summary>The step was withdrawn because its branch was cancelled; nothing further will happen for it.</summary>
    Cancelled = 5,

    /// <summary>Not a step's: the run as a whole is cancelled from here on. Ordinal is -1; payload <c>{"by":…,"reason":…}</c>.</summary>
    CancelRun = 6,
}

/// <summary>A step's failure as the journal keeps it; exceptions in playbooks are rebuilt from this, live as well as on replay.</summary>
/// <param name="Code">For example <c>timeout</c>, <c>404</c>, <c>missing-argument</c>, <c>approval-required</c>, <c>no-instance</c>.</param>
/// <param name="Message">What happened, to what, and what to do.</param>
/// <param name="Attempts">How many attempts were made.</param>
/// <param name="Details">More, as JSON text; null when there is none.</param>
public sealed record StepError(string Code, string Message, int Attempts, string? Details = null);

/// <summary>
/// One journaled completion. On replay the host hands deliveries to the playbook in exactly this order, each drained to idle before the next.
/// </summary>
/// <param name="Ordinal">Which call of the run (0, 1, 2 … in the order in which the playbook made them).</param>
/// <param name="At">When it was journaled: UTC Unix milliseconds. This is what <c>Now</c> says afterwards.</param>
/// <param name="Payload">UTF-8 JSON.</param>
public readonly record struct Delivery(int Ordinal, DeliveryKind Kind, long At, ReadOnlyMemory<byte> Payload);

/// <summary>What the journal knows of a call, to compare on replay: the hash is over action, instance and canonical arguments.</summary>
public readonly record struct CallMark(int Ordinal, string Path, string Action, ulong Hash);

/// <summary>Everything a host needs to begin a run, or to bring it back to where it was.</summary>
public sealed record RunStart
{
    public required RunId Run { get; init; }

    /// <summary>SHA-256 of source, engine version and capabilities: the compiled assembly's name in the cache.</summary>
    public required string Version { get; init; }

    /// <summary>Full path of the compiled assembly.</summary>
    public required string AssemblyPath { get; init; }

    /// <summary><see cref="StartedRecord"/> as UTF-8 JSON: alert, inputs, instances. Journaled; the same on every replay.</summary>
    public required ReadOnlyMemory<byte> Started { get; init; }

    /// <summary>When the run was started: UTC Unix milliseconds; what <c>Now</c> says before the first delivery.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Deliveries so far, in journal order.</summary>
    public IReadOnlyList<Delivery> Deliveries { get; init; } = [];

    /// <summary>Marks of all journaled calls, by ordinal; a replayed call that differs stops the run.</summary>
    public IReadOnlyList<CallMark> Marks { get; init; } = [];

    /// <summary>The assembly is a tracing build, and what its probes notice is wanted.</summary>
    public bool Traced { get; init; }
}

/// <summary>What a probe of a tracing build noticed.</summary>
/// <param name="Branch">A branch that was taken (<c>if-not-decision-approved/true</c>), or the construct that looked at a value (<c>if-not-decision-approved</c>).</param>
/// <param name="Text">The expression that was looked at; null for a branch that was taken.</param>
/// <param name="Value">Its value as short text.</param>
/// <param name="At">The run's <c>Now</c>, UTC Unix milliseconds.</param>
public sealed record TraceEntry(string Branch, string? Text, string? Value, long At)
{
    /// <summary>Of so many everything is told. After that a run tells only of branches that it had not taken before, so that a long loop fills nobody's memory.</summary>
    public const int Most = 20_000;
}

/// <summary>What is journaled when a run starts; nothing else reaches a playbook from outside except deliveries.</summary>
public sealed record StartedRecord
{
    public required string Playbook { get; init; }
    public required string PlaybookVersion { get; init; }
    public Alert? Alert { get; init; }

    /// <summary>Input values by name, JSON, defaults included.</summary>
    public required IReadOnlyDictionary<string, System.Text.Json.JsonElement> Inputs { get; init; }

    /// <summary>Instances per capability, the default first: what <c>Firewall.All</c> is for this run, for ever.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Instances { get; init; }
    public string? CaseId { get; init; }
    public string StartedBy { get; init; } = "";
    public string Mode { get; init; } = "live";
    public int Depth { get; init; }

    /// <summary>The TLP that it starts under besides its alert's and its playbook's: its case's, its parent's. Null = none.</summary>
    public Tlp? Tlp { get; init; }
}

/// <summary>Retry and time-out that the playbook asked for; null = the action's own.</summary>
/// <param name="Attempts">Attempts in all.</param>
/// <param name="TimeoutMs">Of the whole step, retries included; of a question or a receive, its <c>within:</c>.</param>
/// <param name="Title">What people see.</param>
/// <param name="Accepts">What a receive's signal must carry, as an input's type is written: <c>int</c>, <c>IpAddress?</c>. Null = any JSON, or a type that only the playbook knows.</param>
/// <param name="Of">How many items the outermost loop has that it is in the first item of; null in the other items, and where nobody knows before the end.</param>
public sealed record StepOptions(int? Attempts = null, long? TimeoutMs = null, string? Title = null, string? Accepts = null, int? Of = null);

/// <summary>A prepared step, as <c>Ask</c> shows it and a decision authorises it.</summary>
public sealed record PreparedStep(string Action, string Instance, string Hash, System.Text.Json.JsonElement Arguments, string? Title = null);

/// <summary>
/// The playbook awaits a step. Capability actions have ids like <c>firewall.block</c>; the engine's own are <c>soar.ask</c>, <c>soar.form</c>, <c>soar.todo</c>,
/// <c>soar.wait</c>, <c>soar.receive</c>, <c>soar.run</c>, <c>soar.timeout</c> (arguments: see <see cref="BuiltIns"/>).
/// </summary>
/// <param name="Arguments">Canonical UTF-8 JSON object: parameters in declared order, without nulls and declared defaults.</param>
/// <param name="Hash">XxHash-like 64-bit hash over action, instance and arguments, for replay comparison; approvals use SHA-256 of the same bytes.</param>
/// <param name="Line">Line in the playbook's file, 1-based.</param>
public sealed record StepCall(RunId Run, int Ordinal, string Path, string Action, string Instance, ReadOnlyMemory<byte> Arguments, ulong Hash, StepOptions? Options, int Line);

/// <summary>Why a run's code ended.</summary>
public enum RunEndKind : byte
{
    /// <summary>It returned an outcome. Payload: <see cref="Outcome"/> as JSON.</summary>
    Completed = 1,

    /// <summary>An exception left the body. Payload: <see cref="RunFailure"/>.</summary>
    Failed = 2,

    /// <summary>It ended by cancellation.</summary>
    Cancelled = 3,

    /// <summary>Fuel, allocation, depth, step count or output size was exceeded. Payload: <see cref="RunFailure"/>.</summary>
    OverBudget = 4,

    /// <summary>The replay did something else than the journal says. Payload: <see cref="RunFailure"/> with both sides.</summary>
    NonDeterministic = 5,

    /// <summary><c>RunAgain</c>: the successor's inputs are the payload.</summary>
    RunAgain = 6,
}

/// <summary>Why a run failed: message for people, exception kind, playbook file and line where known, step path where one is to blame.</summary>
public sealed record RunFailure(string Code, string Message, string? Step = null, string? File = null, int? Line = null, string? Trace = null);

/// <summary>A run's code has ended; calls that are still open are withdrawn.</summary>
public sealed record RunEnd(RunId Run, RunEndKind Kind, ReadOnlyMemory<byte> Payload);

/// <summary>
/// The run has nothing more to do until a delivery: every continuation has run. <paramref name="Deliveries"/> counts those it has consumed, so that a
/// stale report is recognised. <paramref name="OpenCalls"/> = calls made and not yet delivered.
/// </summary>
public readonly record struct RunIdle(RunId Run, int Deliveries, int OpenCalls);
