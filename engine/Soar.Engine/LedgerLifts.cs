using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>
/// Lifts containments: at their expiry, on demand, per case, and late ones at start. A lift is an effect like any other: it has its own key, is written down before
/// (<c>Lifting</c>) and after, and an unknown outcome is settled by the containment's probe or by repeating what is safe to repeat.
/// </summary>
internal sealed class LedgerLifts(EngineParts engine)
{
    private const int AttemptsBeforeFailed = 5;
    private static readonly TimeSpan Abandonment = TimeSpan.FromMinutes(2);
    private readonly Dictionary<Guid, DateTimeOffset> notBefore = [];
    private readonly Dictionary<Guid, DateTimeOffset> seenLifting = [];
    private readonly Doorbell look = new();
    private readonly Lock gate = new();
    private bool entered;
    private bool passing;
    private ITimer? timer;
    private Task working = Task.CompletedTask;

    public void Start()
    {
        timer = engine.Clock.CreateTimer(_ => Look(), null, TimeSpan.Zero, engine.Options.Poll);
        working = RunAsync();
    }

    public async Task StopAsync()
    {
        timer?.Dispose();
        lock (gate)
        {
            if (look.Close() && entered) engine.Options.Activity?.Leave();
        }

        await working;
    }

    public async Task<ContainmentStatus> LiftAsync(Guid id, string by, string reason, RunId? holder, bool force)
    {
        var row = (await engine.Store.ContainmentsAsync(null, null, standingOnly: true)).FirstOrDefault(c => c.Id == id)
            ?? throw new NotFoundException("standing containment", id.ToString(), "See what stands with: soar containments");
        var held = row.Holders.Where(h => h.ReleasedAt is null).ToList();
        if (holder is null && held.Count > 1 && !force)
            throw await HeldAsync(row, held);
        return await ReleaseAsync(row, h => holder is null || h.Run == holder, by, reason);
    }

    /// <summary>Several hold it: who, until when, and how to lift it all the same.</summary>
    private async Task<SoarException> HeldAsync(Containment row, IReadOnlyList<Holder> held)
    {
        var lines = new List<string>();
        foreach (var holder in held)
        {
            var run = await engine.Store.FindAsync(holder.Run);
            var until = holder.Until is { } end ? $"until {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "until it is lifted";
            lines.Add($"  run {holder.Run}{(run is null ? "" : $" of {run.Playbook}, started by {run.StartedBy}")}, {until}");
        }

        return new SoarException("SOAR2043", $"{row.Target} at {row.Instance} is held by {held.Count} runs:\n{string.Join('\n', lines)}\nLifting it lets all of them down. If that is meant: soar lift {row.Id} --force --reason \"…\"");
    }

    public async Task<IReadOnlyList<CaseLift>> LiftCaseAsync(string caseId, string by, string reason)
    {
        var rows = await engine.Store.ContainmentsAsync(null, caseId, standingOnly: true);
        var released = new List<CaseLift>();
        foreach (var row in rows.Where(r => r.Status != ContainmentStatus.Found && r.Holders.Any(h => h.CaseId == caseId && (h.ReleasedAt is null || r.Status == ContainmentStatus.LiftFailed))))
        {
            try
            {
                released.Add(new CaseLift(row.Id, await ReleaseAsync(row, h => h.CaseId == caseId, by, reason), null));
            }
            catch (SoarException e) when (!e.Code.StartsWith("SOAR3", StringComparison.Ordinal))
            {
                // One that is busy right now does not keep the others standing.
                released.Add(new CaseLift(row.Id, row.Status, e.Message));
            }
        }

        return released;
    }

    private async Task<ContainmentStatus> ReleaseAsync(Containment row, Func<Holder, bool> which, string by, string reason)
    {
        engine.Options.Activity?.Enter();
        try
        {
            return await ReleaseNowAsync(row, which, by, reason.Trim());
        }
        finally
        {
            engine.Options.Activity?.Leave();
        }
    }

    private async Task<ContainmentStatus> ReleaseNowAsync(Containment row, Func<Holder, bool> which, string by, string reason)
    {
        if (row.Status == ContainmentStatus.Found)
            throw new SoarException("SOAR2043", $"{row.Target} at {row.Instance} was contained before Soar came and is not ours to lift. Whoever put it there must lift it.");
        if (row.Status is ContainmentStatus.Pending or ContainmentStatus.Lifting)
            throw new SoarException("SOAR2043", $"{row.Target} at {row.Instance} is {row.Status} right now. Try again in a moment.");
        if (await HeldByAsync(row) is { } held)
            throw new SoarException("SOAR2060", $"{row.Target} at {row.Instance} was not lifted: the kill switch holds {held.Scope()} {held.Words()}. Turn it off first: soar killswitch off {held.Id}");
        var holders = engine.Ledger.Released(row, which, by);
        var released = row with { Holders = holders, Until = Ledger.Latest(holders), Note = Ledger.Note(row, $"released by {by}{(reason.Length == 0 ? "" : $": {reason}")}") };
        if (holders.Any(h => h.ReleasedAt is null))
        {
            if (!await engine.Store.UpdateContainmentAsync(released, row.Status)) throw Moved(row);
            return row.Status;
        }

        var lifted = await LiftAsync(released with { Until = engine.Now }, row.Status, $"on demand of {by}");
        return lifted ?? throw Moved(row);
    }

    /// <summary>The kill switch that holds lifts there; it must name them. What the ledger lifts belongs to no playbook.</summary>
    private async Task<KillSwitch?> HeldByAsync(Containment row) =>
        (await engine.Store.SwitchesAsync(all: false)).FirstOrDefault(s => s.Holds(row.Instance, Effect.Lifts, playbook: ""));

    private static SoarException Moved(Containment row) => new ContainmentChangedException(row.Action, row.Instance, row.Target);

    /// <summary>Something that kept lifts from being done is over.</summary>
    public void LookNow()
    {
        if (timer is not null) Look();
    }

    private void Look()
    {
        lock (gate)
        {
            // A look that is asked for during another one is in hand only when that one is over: a product may keep it waiting.
            look.Ring(() =>
            {
                if (!passing && !entered) EnterLook();
            });
        }
    }

    private void EnterLook()
    {
        entered = true;
        engine.Options.Activity?.Enter();
    }

    private async Task RunAsync()
    {
        var atStart = true;
        while (await look.WaitAsync())
        {
            lock (gate)
            {
                if (!entered) EnterLook();
                (entered, passing) = (false, true);
            }

            try
            {

                foreach (var row in await engine.Store.ContainmentsAsync(engine.Now, null, standingOnly: true)) await LiftDueAsync(row);
                foreach (var row in await engine.Store.ContainmentsAsync(null, null, standingOnly: true))
                {
                    if (row.Status == ContainmentStatus.LiftFailed || (row.Status == ContainmentStatus.Lifting && Abandoned(row, atStart))) await LiftDueAsync(row);
                    else if (row.Status == ContainmentStatus.Pending && await IsNobodysAsync(row)) await LiftAsync(row, row.Status, "its run ended before it was known whether it was done");
                }

                atStart = false;
            }
            catch (Exception e) // the store is away; the timer looks again
            {
                engine.Log.LookFailed(e);
            }
            finally
            {
                lock (gate)
                {
                    passing = false;
                    if (look.IsRung && !entered) EnterLook();
                }

                engine.Options.Activity?.Leave();
            }
        }
    }

    /// <summary>A lift that an engine left half done when it stopped: at our start, when we are the only engine; else when it has not moved for a while.</summary>
    private bool Abandoned(Containment row, bool atStart)
    {
        if (atStart && !engine.Options.SeveralEngines) return true;
        seenLifting.TryAdd(row.Id, engine.Now);
        return engine.Now - seenLifting[row.Id] > Abandonment && seenLifting.Remove(row.Id);
    }

    /// <summary>A quarantined or parked run that is cancelled ends without a replay: what it had under way is settled here, by lifting it.</summary>
    private async Task<bool> IsNobodysAsync(Containment row)
    {
        foreach (var holder in row.Holders.Where(h => h.ReleasedAt is null))
        {
            if (await engine.Store.FindAsync(holder.Run) is not { Status: RunStatus.Completed or RunStatus.Cancelled }) return false;
        }

        return true;
    }

    private async Task LiftDueAsync(Containment row)
    {
        if (notBefore.TryGetValue(row.Id, out var wait) && wait > engine.Now) return;
        // It stands until the switch is lifted, which makes the ledger look again.
        if (await HeldByAsync(row) is not null) return;
        await LiftAsync(row, row.Status, "its time was over");
    }

    /// <summary>Lifts one row now. Null when somebody else changed it first.</summary>
    private async Task<ContainmentStatus?> LiftAsync(Containment row, ContainmentStatus was, string why)
    {
        var lifting = row with { Status = ContainmentStatus.Lifting };
        if (!await engine.Store.UpdateContainmentAsync(lifting, was)) return null;
        lifting = lifting with { Version = row.Version + 1 };
        var (status, note) = await DispatchAsync(lifting);
        if (status == ContainmentStatus.Lifted)
        {
            notBefore.Remove(row.Id);
            lifting = lifting with { Holders = engine.Ledger.Released(lifting, _ => true, why) };
            engine.Log.Lifted(row.Action, row.Target, row.Instance, why);
        }
        else
        {
            notBefore[row.Id] = engine.Now + (row.LiftAttempts + 1 < AttemptsBeforeFailed ? engine.Retry.Delay(row.LiftAttempts + 1, null) : engine.Options.LiftRetry);
            engine.Log.LiftFailed(row.Action, row.Target, row.Instance, note);
        }

        await engine.Store.UpdateContainmentAsync(lifting with { Status = status, LiftAttempts = row.LiftAttempts + 1, Note = Ledger.Note(lifting, $"{status}: {(note.Length > 0 ? note : why)}") }, ContainmentStatus.Lifting);
        return status;
    }

    private async Task<(ContainmentStatus Status, string Note)> DispatchAsync(Containment row)
    {
        if (engine.Catalog.Find(row.Action) is not { Inverse: { } inverse } action) return (ContainmentStatus.LiftFailed, $"{row.Action} has no inverse: lift it at the product");
        if (engine.Instances.Find(action.Capability.Name, row.Instance, simulated: false) is not { } connector)
            return (ContainmentStatus.LiftFailed, $"there is no connector instance '{row.Instance}' any more: put it back into soar.yaml");
        var holder = row.Holders.Count > 0 ? row.Holders[0] : null;
        var context = new ActionContext
        {
            Run = holder?.Run ?? default, Step = $"ledger/{row.Id}", Attempt = row.LiftAttempts + 1, Artifacts = engine.Artifacts,
            Key = IdempotencyKey.For(new RunId(row.Id), 0, inverse.Id), Case = Guid.TryParse(holder?.CaseId, out var caseId) ? new CaseId(caseId) : null,
        };
        using var given = JsonDocument.Parse(Arguments(inverse, row));
        using var before = JsonDocument.Parse(row.Arguments);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(inverse.Declared.TimeoutSeconds), engine.Clock);
        var terms = engine.Instances.Terms(action.Capability.Name, row.Instance);
        var mask = terms.Mask;
        var place = new PlaceHolder(context.Run, -1, context.Step, inverse.Id);
        if (!await AwaitPlaceAsync(terms.Places, place, stop.Token)) return (ContainmentStatus.LiftFailed, $"no place was free at {row.Instance} within {Durations.Say(TimeSpan.FromSeconds(inverse.Declared.TimeoutSeconds))}");
        string why;
        try
        {
            await inverse.InvokeAsync(connector, given.RootElement, context, stop.Token);
            return (ContainmentStatus.Lifted, "");
        }
        catch (ConnectorFailure failure) when (failure.Kind != FailureKind.Unknown)
        {
            return (ContainmentStatus.LiftFailed, mask.Text(failure.Message));
        }
        catch (Exception e) // unknown: the product may have done it
        {
            why = mask.Text(e.Message);
        }
        finally
        {
            terms.Places?.Leave(place);
        }

        var (answer, _, _, _) = await engine.Ledger.ProbeAsync(action, connector, row.Instance, before.RootElement, context);
        return answer == ProbeAnswer.Absent ? (ContainmentStatus.Lifted, $"the answer was lost ({why}), the probe says it is gone") : (ContainmentStatus.LiftFailed, why);
    }

    /// <summary>One of the instance's places, before everything that does not contain or lift. False: none was free in time.</summary>
    private static async Task<bool> AwaitPlaceAsync(Places? places, PlaceHolder place, CancellationToken stop)
    {
        var free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (places is null || places.Take(place, Lane.Containment, () => free.TrySetResult()) is null) return true;
        try
        {
            await free.Task.WaitAsync(stop);
            return places.Take(place, Lane.Containment, static () => { }) is null;
        }
        catch (OperationCanceledException)
        {
            places.Leave(place);
            return false;
        }
    }

    /// <summary>The inverse's arguments: by name from the containment's, and its result where the inverse asks for it.</summary>
    private static byte[] Arguments(ActionDescriptor inverse, Containment row)
    {
        using var before = JsonDocument.Parse(row.Arguments);
        var given = new Dictionary<string, JsonElement>();
        foreach (var parameter in inverse.Parameters)
        {
            if (before.RootElement.TryGetProperty(parameter.Name, out var value)) given[parameter.Name] = value.Clone();
            else if (parameter.Name == "result" && row.Result is not null) given["result"] = JsonSerializer.Deserialize<JsonElement>(row.Result);
        }

        return Json.Of(given);
    }
}
