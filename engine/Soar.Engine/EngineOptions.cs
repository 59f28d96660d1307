using Soar.Capabilities;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What a deployment may set about the engine. Every default is meant to be used.</summary>
public sealed record EngineOptions
{
    /// <summary>The name under which this engine holds leases; unique among the engines of one store.</summary>
    public string Owner { get; init; } = "soar";

    /// <summary>How long a lease lasts; it is renewed after a third of it. Default 30 seconds.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the store is asked for due runs when nothing hints at any. Default 5 seconds.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many runs are driven at once; the others stay due. Default 1,000.</summary>
    public int RunsInHand { get; init; } = 1_000;

    /// <summary>A wait shorter than this is sat out under the lease instead of being written as Waiting. Default 3 seconds.</summary>
    public TimeSpan ShortWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A call that stands in line at an instance asks again after so long even when nobody told it. Default 30 seconds.</summary>
    public TimeSpan InLineAgain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a waiting run stays in memory in case something arrives soon.</summary>
    public Eviction Eviction { get; init; } = new();

    /// <summary>How long the <c>finally</c> blocks of a cancelled run may go on. Default 5 minutes.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an attempt may take to end after its time-out told it to. Default 2 seconds.</summary>
    public TimeSpan AttemptGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>First wait before a retry; doubled each time, between half and all of it by chance. Default 1 second.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before a retry, unless the other side asks for more. Default 5 minutes.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Effects that are done only with a decision that was asked about exactly them. Default: none.</summary>
    public IReadOnlySet<Effect> ApprovalRequired { get; init; } = new HashSet<Effect>();

    /// <summary>What automation neither contains nor destroys by itself. Default: nothing; a deployment's settings name it.</summary>
    public ProtectedAssets Protected { get; init; } = ProtectedAssets.None;

    /// <summary>How many targets effects may reach before a person is asked. Default: no limit.</summary>
    public IReadOnlyList<Budget> Budgets { get; init; } = [];

    /// <summary>How long people have to answer what policy asks; then the step is refused. Default 4 hours.</summary>
    public TimeSpan PolicyAnswerWithin { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Who is asked about an effect whose outcome nothing else can tell. Default <c>shift-lead</c>.</summary>
    public string UnknownOutcomeTo { get; init; } = "shift-lead";

    /// <summary>
    /// Who holds which role. A role that is named here is taken only by those people; one that is not, by anybody who can reach the engine, but the name of a person who stands here means
    /// that person. Default: nobody is named.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Roles { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>What is done otherwise than playbooks' triggers say, by the playbook's name. Default: nothing.</summary>
    public IReadOnlyDictionary<string, TriggerTerms> Triggers { get; init; } = new Dictionary<string, TriggerTerms>();

    /// <summary>Who of a role's holders is on duty at a time, by the role's name in <see cref="Roles"/>: only they hold it then. Null, or a null answer: all of them.</summary>
    public Func<string, DateTimeOffset, IReadOnlyList<string>?>? OnDuty { get; init; }

    /// <summary>Who wrote the version that a run has, where that is known: four eyes keep them from answering. Null: nobody knows.</summary>
    public Func<Run, Task<IReadOnlyList<string>>>? AuthorsOf { get; init; }

    /// <summary>How deep sub-playbooks may nest. Default 16.</summary>
    public int MaxDepth { get; init; } = 16;

    /// <summary>How long a lift that failed waits before it is tried again. Default 5 minutes.</summary>
    public TimeSpan LiftRetry { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a run waits whose version could not be compiled because the compiler was slow or its process died. Default 30 seconds.</summary>
    public TimeSpan CompileRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// True when another engine may hold leases on the same store. An effect that was under way when its lease expired is then settled only after its time-out, because
    /// a stalled engine might still be doing it. A SQLite file has one owner: false.
    /// </summary>
    public bool SeveralEngines { get; init; }

    /// <summary>Answers every step of runs in test mode; null outside tests of playbooks.</summary>
    public IStepAnswers? Answers { get; init; }

    /// <summary>Told of everything that the engine has in hand, for whoever drives the clock; null in deployments.</summary>
    public EngineActivity? Activity { get; init; }

    /// <summary>Takes the turns of runs in place of the thread pool, for simulations that decide the order; null in deployments.</summary>
    public Action<IThreadPoolWorkItem>? Turns { get; init; }

    /// <summary>Throws SOAR2001 naming everything that is wrong.</summary>
    public void Validate()
    {
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(Owner)) problems.Add("owner: empty; give this engine a name");
        foreach (var (name, value) in new[] { ("lease", Lease), ("poll", Poll), ("firstBackoff", FirstBackoff), ("longestBackoff", LongestBackoff), ("cancelGrace", CancelGrace), ("liftRetry", LiftRetry), ("compileRetry", CompileRetry), ("policyAnswerWithin", PolicyAnswerWithin) })
        {
            if (value <= TimeSpan.Zero) problems.Add($"{name}: {value} is not a duration above zero");
        }

        if (RunsInHand < 1) problems.Add($"runsInHand: {RunsInHand}; at least 1");
        if (MaxDepth < 1) problems.Add($"maxDepth: {MaxDepth}; at least 1");
        if (problems.Count > 0) throw new SoarException("SOAR2001", $"The engine's settings are wrong. {string.Join(". ", problems)}.");
    }
}

/// <summary>
/// How long a waiting run stays in memory: the dearer its replay, the longer, and never more than so many. A run that is dropped costs nothing until
/// something happens to it; then its journal is replayed.
/// </summary>
public sealed record Eviction
{
    /// <summary>Time that every waiting run is kept. Default 2 seconds.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Added for each journaled completion that a replay would have to hand over. Default 5 milliseconds.</summary>
    public TimeSpan PerDelivery { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>No run is kept longer than this. Default 2 minutes.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>No more waiting runs than this are kept. Default 2,000.</summary>
    public int MostKept { get; init; } = 2_000;

    /// <summary>Drops every run as soon as it waits.</summary>
    public static Eviction Always { get; } = new() { MostKept = 0 };

    /// <summary>How long a run with so many completions is kept while <paramref name="kept"/> others are.</summary>
    public TimeSpan KeepFor(int deliveries, int kept)
    {
        if (kept >= MostKept) return TimeSpan.Zero;
        var time = Idle + PerDelivery * deliveries;
        return time < Longest ? time : Longest;
    }
}
