using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Soar.Alerts;
using Soar.Capabilities;
using Soar.Cases;
using Soar.Connectors;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>
/// The engine: starts runs, claims those that are due and drives them (<see cref="RunDriver"/>), keeps their leases, lifts what is due, and takes what people say.
/// Several engines may work on one store; each drives only what it holds the lease of.
/// </summary>
public sealed class SoarEngine : IAsyncDisposable
{
    private readonly EngineParts parts;
    private readonly LedgerLifts lifts;
    private readonly ConcurrentDictionary<RunId, RunDriver> drivers = new();
    private readonly ConcurrentDictionary<RunId, TaskCompletionSource> endings = new();
    private readonly Doorbell look = new();
    private volatile bool stopping;
    private ITimer? heartbeat;
    private ITimer? poll;
    private ITimer? sweep;
    private Task dispatching = Task.CompletedTask;
    private bool started;
    private int driving;
    private int kept;

    // Due runs were left where they were, because there was no room for them.
    private volatile bool full;

    // Runs are due that were not claimed yet: whoever comes now takes its place among them instead of the next free one.
    private volatile bool behind;

    /// <param name="hostFactory">Makes the playbook host that reports to the given sink; the engine disposes of it.</param>
    /// <param name="random">Chance for retries' waits; seed it to repeat a simulation.</param>
    public SoarEngine(
        EngineOptions options, IRunStore store, IPlaybooks playbooks, Func<IPlaybookHostEvents, IPlaybookHost> hostFactory, IConnectorInstances instances,
        ActionCatalog catalog, IArtifacts artifacts, TimeProvider clock, Ids ids, ILoggerFactory logs, Random random)
    {
        options.Validate();
        parts = new EngineParts(options, store, playbooks, instances, catalog, artifacts, clock, ids, random, logs.CreateLogger("Soar.Engine")) { Engine = this };
        parts.Ledger = new Ledger(parts);
        parts.Policy = new Policy(parts);
        parts.Starts = new Starts(parts);
        parts.Executor = new StepExecutor(parts, new Attempt(parts));
        parts.Host = hostFactory(new HostEvents(this));
        lifts = new LedgerLifts(parts);
        store.Arrived += OnArrived;
    }

    /// <summary>How many waiting runs are kept in memory.</summary>
    internal int Kept => Volatile.Read(ref kept);

    /// <summary>Begins to claim and drive due runs, and lifts what became due while no engine ran.</summary>
    public void Start()
    {
        var clock = parts.Clock;
        heartbeat = clock.CreateTimer(_ => _ = RenewAsync(), null, parts.Options.Lease / 3, parts.Options.Lease / 3);
        poll = clock.CreateTimer(_ => Look(), null, parts.Options.Poll, parts.Options.Poll);
        sweep = clock.CreateTimer(_ => Sweep(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        lifts.Start();
        dispatching = DispatchAsync();
        started = true;
        Look();
    }

    /// <summary>
    /// Starts a run: fills its inputs, notes the instances of every capability, and writes it with its first record. Throws SOAR2021 naming every input that is missing or
    /// wrong, and SOAR2020 when a <c>from:</c> lambda throws.
    /// </summary>
    public async Task<RunId> StartAsync(CompiledPlaybook playbook, StartRequest request)
    {
        var created = await parts.Starts.FromRequestAsync(playbook, request);
        // Queued first, so that no run is on disk without its version; the two share a commit.
        var version = parts.Store.PutVersionAsync(playbook, parts.Now);
        // One that may have to stand in line is not driven before the store has said whether it does.
        var limited = parts.Options.Triggers.GetValueOrDefault(playbook.Header.Name)?.Limit(playbook.Header.Name) is not null;
        if (limited && started) await limitsTold.Task;
        if (Interlocked.Increment(ref driving) > parts.Options.RunsInHand || limited || behind || stopping || !started)
        {
            Interlocked.Decrement(ref driving);
            var waiting = await parts.Store.CreateAsync(created);
            await version;
            return waiting;
        }

        // There is room for it: created under our own lease, so that it is driven at once instead of being found due and claimed.
        var ours = false;
        try
        {
            var run = created.Run with { LeaseOwner = parts.Options.Owner, LeaseUntil = parts.Now + parts.Options.Lease };
            var id = await parts.Store.CreateAsync(created with { Run = run });
            ours = id == run.Id;
            if (ours) Drive(new RunMessage.Claimed(run with { Epoch = 1 }, Starts.FirstRecord(created)));
            await version;
            return id;
        }
        finally
        {
            if (!ours) Counted(driving: -1, kept: 0);
        }
    }

    /// <summary>Whether one of the playbook's alert triggers wants this alert. A predicate that throws is SOAR2020, never "no".</summary>
    public Task<bool> WantsAsync(CompiledPlaybook playbook, Alert alert, CancellationToken cancellation) => WantsAsync(playbook, "alert", alert, cancellation);

    /// <summary>Whether one of the playbook's case triggers wants this case. A predicate that throws is SOAR2020, never "no".</summary>
    public Task<bool> WantsAsync(CompiledPlaybook playbook, CaseState state, CancellationToken cancellation) => WantsAsync(playbook, "case", state, cancellation);

    private async Task<bool> WantsAsync(CompiledPlaybook playbook, string kind, LambdaSubject subject, CancellationToken cancellation)
    {
        foreach (var trigger in playbook.Header.Triggers.Where(t => t.Kind == kind && t.Lambda is not null))
        {
            var answer = await parts.Host.EvaluateAsync(playbook.Hash, playbook.AssemblyPath, trigger.Lambda!, subject, cancellation);
            if (JsonSerializer.Deserialize<bool>(answer)) return true;
        }

        return false;
    }

    /// <summary>From now on playbooks with <c>On.Case</c> are started for cases that are opened or change, also for what changed while nobody looked. Dispose of it before the engine.</summary>
    public CaseTriggers WatchCases(ICaseStore cases) => new(parts, cases);

    /// <summary>From now on playbooks with <c>On.Alert</c> are started for alerts that are taken, also for those that were taken while nobody looked. Dispose of it before the engine.</summary>
    public AlertTriggers WatchAlerts(IAlertStore alerts) => new(parts, alerts);

    /// <summary>
    /// Sends a signal. The same id to the same run counts once; false when it was there already or the run has ended. Throws SOAR2037 when the run waits for it and it carries
    /// something else than the run can read: it is not sent, and the run goes on waiting.
    /// </summary>
    public async Task<bool> SignalAsync(RunId run, string signal, JsonElement value, string? id = null)
    {
        var accepts = (await parts.Store.FindAsync(run))?.WaitsFor?.Accepts?.GetValueOrDefault(signal);
        if (accepts is not null && InputTypes.Problem(accepts, value) is { } problem)
            throw new SoarException("SOAR2037", $"The signal '{signal}' was not sent: run {run} waits for a value of type {accepts.TrimEnd('?')}, and {problem}. Send it again with such a value.");
        return await parts.Store.SendAsync(new InboxItem(run, id ?? parts.Ids.Next().ToString(), InboxKind.Signal, signal, Json.Of(value), parts.Now));
    }

    /// <summary>
    /// Takes a person's answer. Throws SOAR2034 when the question is not theirs to answer (now), SOAR2031 when a form is incomplete or an unknown outcome is answered with something else
    /// than not-done, done, or what the action gave as JSON, which says done.
    /// </summary>
    public async Task<Question> AnswerAsync(QuestionId id, Answer answer)
    {
        var question = (await parts.Store.QuestionsAsync(null, QuestionStatus.Open)).FirstOrDefault(q => q.Id == id)
            ?? throw new NotFoundException("open question", id.ToString(), "It was answered, has expired or was withdrawn. See the open ones with: soar questions");
        if (Questions.Problem(question, answer, parts.Catalog) is { } problem) throw new SoarException("SOAR2031", problem);
        return await parts.Store.AnswerAsync(id, answer with { By = answer.By.Trim(), As = await RoleOfAsync(question, answer) });
    }

    /// <summary>The role in which this answer counts. Throws SOAR2034 when it is not this person's to give (now), saying who may and why they may not.</summary>
    public async Task<string> RoleOfAsync(Question question, Answer answer)
    {
        var role = Roles.Taken(OnDuty(question, answer.By.Trim()), question, answer);
        await RefuseBarredAsync(question, answer.By.Trim());
        return role;
    }

    private IReadOnlyDictionary<string, IReadOnlyList<string>> RolesNow => parts.Options.OnDuty is not { } duty ? parts.Options.Roles
        : parts.Options.Roles.ToDictionary(role => role.Key, role => duty(role.Key, parts.Now) ?? role.Value);

    /// <summary>Who holds which role now. Throws SOAR2034 for whoever holds one that is asked, and is not on duty.</summary>
    private IReadOnlyDictionary<string, IReadOnlyList<string>> OnDuty(Question question, string person)
    {
        var now = RolesNow;
        if (ReferenceEquals(now, parts.Options.Roles) || question.HandedTo(person) is not null || question.MayAnswer.Any(role => Roles.Holds(now, role, person))) return now;
        if (question.MayAnswer.FirstOrDefault(role => Roles.Holds(parts.Options.Roles, role, person)) is { } off)
            throw new SoarException("SOAR2034", $"Question {question.Id} is not {person}'s to answer now: {person} holds {off} but is not on duty; {string.Join(", ", now[off])} is. 'soar rota' shows who is on duty when; whoever is can hand it on.");
        return now;
    }

    /// <summary>Throws SOAR2034 when four eyes keep this person from answering.</summary>
    public async Task RefuseBarredAsync(Question question, string person)
    {
        if (await WhyBarredAsync(question, person) is { } why)
            throw new SoarException("SOAR2034", $"Question {question.Id} is not {person}'s to answer: it asks for four eyes, and {why}. Let somebody else answer who holds {question.Who}.");
    }

    /// <summary>Whether <see cref="AnswerAsync"/> would take this person's answer, as far as who they are goes.</summary>
    public async Task<bool> MayAnswerAsync(Question question, string person)
    {
        if (question.HandedOnBy(person) is not null || !question.MayAnswer.Any(role => Roles.Holds(RolesNow, role, person))) return false;
        return await WhyBarredAsync(question, person) is null;
    }

    /// <summary>Why four eyes keep this person from answering; null when they do not.</summary>
    public async Task<string?> WhyBarredAsync(Question question, string person)
    {
        if (!question.FourEyes || await parts.Store.FindAsync(question.Run) is not { } run) return null;
        if (parts.Options.AuthorsOf is { } authors && (await authors(run)).Contains(person, StringComparer.OrdinalIgnoreCase)) return $"{person} is an author of {run.Playbook} {run.PlaybookVersion}";
        // Of a sub-run, or of one that goes on where another ended, it is who started the first.
        while (run.StartedBy.StartsWith("run ", StringComparison.Ordinal) && Guid.TryParse(run.StartedBy.AsSpan(4), out var before) && await parts.Store.FindAsync(new RunId(before)) is { } earlier) run = earlier;
        return run.StartedBy.Equals(person, StringComparison.OrdinalIgnoreCase) ? $"{person} started the run" : null;
    }

    /// <summary>Cancels a run: its playbook's <c>finally</c> blocks still run. False when it has ended, or is being cancelled already.</summary>
    public Task<bool> CancelAsync(RunId run, string by, string reason) =>
        parts.Store.SendAsync(new InboxItem(run, "cancel", InboxKind.Cancel, "", Json.Of(new ControlRecord("cancel", by, reason)), parts.Now));

    /// <summary>Pauses a run: steps in flight end and are recorded, none begins.</summary>
    public Task<bool> PauseAsync(RunId run, string by, string reason) =>
        parts.Store.SendAsync(new InboxItem(run, $"pause/{parts.Ids.Next()}", InboxKind.Pause, "", Json.Of(new ControlRecord("pause", by, reason)), parts.Now));

    /// <summary>
    /// Lets a run go on that is paused, quarantined or parked; or one that failed: the record of the step that failed it no longer counts (it stays as an attempt), what was
    /// done after it is not done again, and the step is tried anew, a sub-run that failed included. One that no step failed runs again from its journal. Throws SOAR2033 when there is nothing to resume.
    /// </summary>
    public async Task ResumeAsync(RunId id, string by, string? reason = null)
    {
        var run = await parts.Store.FindAsync(id) ?? throw new NotFoundException("run", id.ToString(), "See the runs with: soar runs");
        var control = new ControlRecord("resume", by, string.IsNullOrWhiteSpace(reason) ? null : reason.Trim());
        if (run.Status == RunStatus.Failed)
        {
            await parts.Store.WriteAsync(Resume.Of(run, await parts.Store.ReadJournalAsync(id), control, parts.Now));
            return;
        }

        if (run.Status is RunStatus.Completed or RunStatus.Cancelled)
            throw new SoarException("SOAR2033", $"Run {id} has ended ({run.Status}); only a failed run can be resumed. Start it anew.");
        await parts.Store.SendAsync(new InboxItem(id, $"resume/{parts.Ids.Next()}", InboxKind.Resume, "", Json.Of(control), parts.Now));
    }

    /// <summary>
    /// Releases a containment and lifts it when nobody holds it any more. Without <paramref name="holder"/> all holders are released, which for more than one needs
    /// <paramref name="force"/>. Throws SOAR2043 when it is not ours, or others hold it.
    /// </summary>
    public Task<ContainmentStatus> LiftAsync(Guid containment, string by, RunId? holder = null, bool force = false, string reason = "") => lifts.LiftAsync(containment, by, reason, holder, force);

    /// <summary>Releases everything that this case holds, and lifts what nobody else holds. Returns what became of each.</summary>
    public Task<IReadOnlyList<CaseLift>> LiftCaseAsync(string caseId, string by, string reason = "") => lifts.LiftCaseAsync(caseId, by, reason);

    /// <summary>
    /// Stops effects: once it returns, none that the switch holds begins any more, in no run and on no engine; what was dispatched is recorded. Held steps wait, their runs' time limits stand
    /// still. Throws SOAR2061 when there is no reason, or it would hold reads. A switch that is on and holds the same is returned instead of a second one.
    /// </summary>
    public Task<KillSwitch> StopEffectsAsync(string by, string reason, string? connector = null, Effect? effect = null, string? playbook = null) =>
        parts.Store.SwitchOnAsync(KillSwitch.New(parts.Ids.Next(), connector, effect, playbook, by, reason, parts.Now));

    /// <summary>Allows effects again: what was held and is held by nothing else goes on, in the order in which it was held.</summary>
    public async Task<KillSwitch> AllowEffectsAsync(Guid killSwitch, string by, string reason = "")
    {
        var lifted = await parts.Store.SwitchOffAsync(killSwitch, by, reason.Trim(), parts.Now);
        lifts.LookNow();
        return lifted;
    }

    /// <summary>Completes when the run has ended, with how it ended.</summary>
    public async Task<Run> WhenEndedAsync(RunId id, CancellationToken cancellation = default)
    {
        while (true)
        {
            var ended = endings.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            // A run that is driven here has not ended, and tells when it does.
            if (drivers.ContainsKey(id)) await ended.Task.WaitAsync(cancellation);
            var run = await parts.Store.FindAsync(id) ?? throw new NotFoundException("run", id.ToString(), "See the runs with: soar runs");
            if (run.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled)
            {
                endings.TryRemove(id, out _);
                return run;
            }

            await ended.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>What happens in a run (or in all) from now on. Call <paramref name="watching"/> runs when nothing is missed any more.</summary>
    public IAsyncEnumerable<RunEvent> WatchAsync(RunId? run, Action watching, CancellationToken cancellation) => parts.Events.WatchAsync(run, watching, cancellation);

    public EngineHealth Health() => new(Volatile.Read(ref driving), Kept, lastError, lastErrorAt);

    /// <summary>Begins nothing more, records what is under way, gives up the leases. What is not done within <paramref name="patience"/> is left to its lease.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        stopping = true;
        CloseLook();
        await dispatching;
        poll?.Dispose();
        sweep?.Dispose();
        await lifts.StopAsync();
        foreach (var driver in drivers.Values) driver.Post(new RunMessage.Stop());
        if (drivers.IsEmpty) allForgotten.TrySetResult();
        await using (parts.Clock.CreateTimer(_ => allForgotten.TrySetResult(), null, patience, Timeout.InfiniteTimeSpan))
            await allForgotten.Task;
        heartbeat?.Dispose();
        parts.Store.Arrived -= OnArrived;
    }

    /// <summary>Lets go of everything without a word to the store, as a process does that is killed; for tests.</summary>
    internal async Task AbandonAsync()
    {
        stopping = true;
        CloseLook();
        foreach (var timer in new[] { heartbeat, poll, sweep }) timer?.Dispose();
        parts.Store.Arrived -= OnArrived;
        await dispatching;
        _ = lifts.StopAsync();
        foreach (var driver in drivers.Values) driver.Post(new RunMessage.LeaseGone(driver.DrivenEpoch ?? 0));
    }

    public async ValueTask DisposeAsync()
    {
        if (!stopping) await StopAsync(TimeSpan.FromSeconds(10));
        await parts.Host.DisposeAsync();
    }

    private readonly TaskCompletionSource limitsTold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource allForgotten = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? lastError;
    private DateTimeOffset lastErrorAt;

    /// <summary>Something may be due.</summary>
    internal void Look() => look.Ring(parts.Options.Activity is { } activity ? activity.Enter : null);

    private void CloseLook()
    {
        // A look that was asked for and not taken is in hand no more.
        if (look.Close()) parts.Options.Activity?.Leave();
        // Whoever waits for the limits to be known hears from the store that nothing is taken any more.
        limitsTold.TrySetResult();
    }

    internal void Counted(int driving, int kept)
    {
        Interlocked.Add(ref this.driving, driving);
        Interlocked.Add(ref this.kept, kept);
        if (driving < 0 && full) Look();
    }

    internal void Remembered(RunDriver driver) => drivers[driver.Id] = driver;

    internal void Forgotten(RunDriver driver)
    {
        drivers.TryRemove(new KeyValuePair<RunId, RunDriver>(driver.Id, driver));
        if (stopping && drivers.IsEmpty) allForgotten.TrySetResult();
    }

    internal void Ended(RunId run)
    {
        if (endings.TryRemove(run, out var ended)) ended.TrySetResult();
    }

    /// <summary>A test made the engine crash in this run: read it back from its journal.</summary>
    internal void TakeUpAgain(RunId run) => _ = TakeUpAgainAsync(run);

    private async Task TakeUpAgainAsync(RunId run)
    {
        parts.Options.Activity?.Enter();
        try
        {
            var claimed = await parts.Store.ClaimAsync(run, parts.Options.Owner, parts.Now, parts.Options.Lease);
            if (claimed?.LeaseOwner is not null) Drive(new RunMessage.Claimed(claimed));
        }
        finally
        {
            parts.Options.Activity?.Leave();
        }
    }

    private void OnArrived(RunId run)
    {
        if (drivers.TryGetValue(run, out var driver)) driver.Post(new RunMessage.Arrived());
        else Look();
        if (!endings.IsEmpty) Ended(run);
    }

    /// <summary>Claims due runs whenever something hints at one, when one wakes by the clock, and now and then.</summary>
    private async Task DispatchAsync()
    {
        await using var wake = parts.Clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        while (await look.WaitAsync())
        {
            try
            {
                if (!limitsTold.Task.IsCompleted)
                {
                    await parts.Store.LimitAsync([.. parts.Options.Triggers.Select(t => t.Value.Limit(t.Key)).OfType<RunLimit>()]);
                    limitsTold.TrySetResult();
                }

                full = true; // said before it is known, so that a run that ends just now looks in any case
                Interlocked.MemoryBarrier();
                var room = parts.Options.RunsInHand - Volatile.Read(ref driving);
                behind = room <= 0;
                if (behind) continue;
                full = false;
                var due = await parts.Store.ClaimDueAsync(parts.Options.Owner, parts.Now, parts.Options.Lease, Math.Min(room, 200));
                behind = due.Count == room;
                foreach (var run in due) Drive(new RunMessage.Claimed(run));
                if (due.Count > 0)
                {
                    Look();
                }
                else if (await parts.Store.NextWakeAsync() is { } next)
                {
                    wake.Change(Wait.Until(next, parts.Now), Timeout.InfiniteTimeSpan);
                }
            }
            catch (Exception e) // the store is away: say so, and look again at the next poll
            {
                Failed(e);
            }
            finally
            {
                parts.Options.Activity?.Leave();
            }
        }
    }

    private void Drive(RunMessage.Claimed claimed)
    {
        // Counted before its driver takes it up, so that the next look knows how much room is left. One that is born under our lease was counted before it was written.
        if (claimed.Born is null) Counted(driving: +1, kept: 0);
        var driver = drivers.GetOrAdd(claimed.Run.Id, static (id, parts) => new RunDriver(parts, id), parts);
        driver.Post(claimed);
        // A start that was on its way to the disk when the engine stopped: its lease is given up like all others.
        if (stopping) driver.Post(new RunMessage.Stop());
    }

    private async Task RenewAsync()
    {
        parts.Options.Activity?.Enter();
        try
        {
            var held = drivers.Values.Select(d => (Driver: d, Epoch: d.DrivenEpoch)).Where(d => d.Epoch is not null).ToList();
            if (held.Count == 0) return;
            var until = parts.Now + parts.Options.Lease;
            var lost = await parts.Store.RenewLeasesAsync(parts.Options.Owner, [.. held.Select(d => (d.Driver.Id, d.Epoch!.Value))], parts.Now, parts.Options.Lease);
            foreach (var (driver, epoch) in held)
            {
                if (lost.Contains(driver.Id)) driver.Post(new RunMessage.LeaseGone(epoch!.Value));
                else driver.LeaseUntil = until;
                driver.Post(new RunMessage.Arrived());
            }

            // Runs that end under another engine tell nobody here: those who wait look again.
            foreach (var run in endings.Keys) Ended(run);
        }
        catch (Exception e) // the store is away: the leases run out by themselves
        {
            Failed(e);
        }
        finally
        {
            parts.Options.Activity?.Leave();
        }
    }

    private void Sweep()
    {
        if (Kept == 0) return;
        var now = parts.Now;
        foreach (var driver in drivers.Values)
        {
            if (driver.KeptUntil <= now) driver.Post(new RunMessage.Evict());
        }
    }

    private void Failed(Exception e)
    {
        lastError = e.Message;
        lastErrorAt = parts.Now;
        parts.Log.LookFailed(e);
    }

    /// <summary>Where the playbook host reports; each report goes to its run's mailbox.</summary>
    private sealed class HostEvents(SoarEngine engine) : IPlaybookHostEvents
    {
        public void StepCalled(StepCall call) => Tell(call.Run, new RunMessage.Called(call));

        public void StepCancelled(RunId run, int ordinal) => Tell(run, new RunMessage.Withdrawn(ordinal));

        public void Idle(RunIdle idle) => Tell(idle.Run, new RunMessage.Idle(idle));

        public void Ended(RunEnd end) => Tell(end.Run, new RunMessage.CodeEnded(end));

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
        {
            engine.parts.Log.HostDied(reason, inHand, lost.Count);
            foreach (var run in lost) Tell(run, new RunMessage.HostLost(run == inHand, reason));
            if (inHand is { } culprit && !lost.Contains(culprit)) Tell(culprit, new RunMessage.HostLost(Blamed: true, reason));
        }

        private void Tell(RunId run, RunMessage message)
        {
            if (engine.drivers.TryGetValue(run, out var driver)) driver.Post(message);
        }
    }
}

/// <summary>What became of one containment of a case that was lifted.</summary>
/// <param name="Status">How it stands now: Lifted, or still standing for others.</param>
/// <param name="Problem">Why it was not released; null when it was.</param>
public sealed record CaseLift(Guid Containment, ContainmentStatus Status, string? Problem);

/// <summary>How the engine is.</summary>
/// <param name="Driving">Runs under its lease.</param>
/// <param name="Kept">Waiting runs that are still in memory.</param>
/// <param name="LastError">The last time the store could not be asked; null = never.</param>
public sealed record EngineHealth(int Driving, int Kept, string? LastError, DateTimeOffset LastErrorAt);
