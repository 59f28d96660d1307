using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>An effect while it is executed: its key, its place in the ledger, and the writes that keep both true.</summary>
internal sealed class EffectStep(EngineParts engine, RunDriver run, OpenCall step, ActionDescriptor action, object? connector, JsonElement arguments, string? authorisation)
{
    private readonly List<PolicyRecord> notes = [];
    private LedgerPlan? plan;

    public RunDriver Run { get; } = run;
    public OpenCall Step { get; } = step;
    public ActionDescriptor Action { get; } = action;
    public object? Connector { get; } = connector;
    public JsonElement Arguments { get; } = arguments;

    /// <summary>The same for every attempt, for ever. An effect that begins after a person resumed the run never takes over the key of an older one.</summary>
    public string Key { get; } = step.Past.Key
        ?? IdempotencyKey.For(run.Id, step.Ordinal, run.Resumes == 0 ? action.Id : $"{action.Id}/resume-{run.Resumes}").Value;

    private bool Leased => Run.Mode == RunMode.Live && Ledger.Keeps(Action);

    /// <summary>Null: dispatch. Otherwise the step's end: what is asked for is in place already, or it is somebody else's turn.</summary>
    public async ValueTask<StepEnd?> ConsultLedgerAsync()
    {
        if (!Leased) return null;
        while (true)
        {
            plan = await engine.Ledger.PlanAsync(this);
            switch (plan.Says)
            {
                case LedgerSays.Refuse:
                    return StepEnd.Refused(plan.Code!, plan.Why!);
                case LedgerSays.Busy:
                    return StepEnd.Later(engine.Now + engine.Options.FirstBackoff);
                case LedgerSays.Dispatch:
                    return null;
            }

            var end = StepEnd.Done(plan.Result ?? Json.Null);
            try
            {
                await Run.CommitAsync(Step, [.. Authorised(), (JournalKind.Settled, Json.Of(new SettledRecord("ledger", plan.Why!)))], plan.Row, end: end);
                return end with { Recorded = true };
            }
            catch (ContainmentChangedException)
            {
                // It moved while we looked: what was in place may be gone, or held by others too. Look again.
            }
        }
    }

    /// <summary>
    /// Writes the intent, and the containment with it. Not begun and not stopped: the ledger or a kill switch moved on meanwhile, so look again.
    /// </summary>
    public async ValueTask<(bool Begun, StepEnd? Stopped)> IntendAsync()
    {
        await engine.Policy.NoteSwitchAsync(this);
        var intent = Json.Of(new EffectIntent(Key, Step.Call.Instance, Arguments, Step.Past.Dispatched + 1, Run.Mode != RunMode.Live, Step.Call.Options?.Title));
        var noted = Step.Past.Dispatched == 0 ? notes.Select(note => (JournalKind.Policy, Json.Of(note))) : [];
        try
        {
            await Run.CommitAsync(Step, [.. Released(), .. Authorised(), .. noted, (JournalKind.Intent, intent)], plan?.Row, begin: engine.Policy.BeginOf(this));
        }
        catch (ContainmentChangedException)
        {
            return (false, null);
        }
        catch (EffectNotBegunException stopped)
        {
            return (false, await engine.Policy.NotBegunAsync(this, stopped));
        }

        if (Run.Mode == RunMode.DryRun && Step.Past.Failed == 0) TellSimulated();
        if (plan?.Row is { } row) plan = plan with { Row = row with { Version = row.Version + 1 } };
        return (true, null);
    }

    /// <summary>For a dry run: what policy would have done about it.</summary>
    public void Note(PolicyRecord note) => notes.Add(note);

    public bool IsNoted(string code) => notes.Exists(n => n.Code == code);

    /// <summary>The record that it is held no more, where it was.</summary>
    public IEnumerable<(JournalKind, byte[])> Released() => Step.Past.IsHeld ? [(JournalKind.Released, Json.Of(new ReleasedRecord()))] : [];

    private void TellSimulated()
    {
        Run.Tell(Step, RunEventKind.Simulated, Arguments.GetRawText());
        foreach (var note in notes) Run.Tell(Step, RunEventKind.Policy, note.Message);
    }

    /// <summary>It is done: the completion, with the ledger saying so.</summary>
    /// <param name="consume">The inbox item that told it, where one did: used up in the same commit.</param>
    public async ValueTask<StepEnd> DoneAsync(ReadOnlyMemory<byte> result, IReadOnlyList<(JournalKind, byte[])> records, string? consume = null)
    {
        var end = StepEnd.Done(result);
        await EndAsync(end, records, row => engine.Ledger.Done(row, this, result), consume: consume);
        return end with { Recorded = true };
    }

    /// <summary>It is surely not done: the completion, and this run's claim leaves the ledger.</summary>
    public async ValueTask<StepEnd> NotDoneAsync(StepEnd end)
    {
        await EndAsync(end, [], row => engine.Ledger.NotDone(row, this));
        return end with { Recorded = true };
    }

    /// <summary>Nothing can tell and nobody waits for it: the ledger says so.</summary>
    public async ValueTask<StepEnd> LeaveUnknownAsync()
    {
        var end = StepEnd.Cancelled();
        await EndAsync(end, [], row => row.Key == Key ? row with { Status = ContainmentStatus.Unknown } : row);
        return end with { Recorded = true };
    }

    /// <summary>Nothing can tell: a person is asked, once. The step stays open.</summary>
    public async ValueTask<StepEnd> AskPersonAsync()
    {
        var question = new Question
        {
            Id = new QuestionId(engine.Ids.Next()), Run = Run.Id, Ordinal = Step.Ordinal, Kind = QuestionKind.UnknownOutcome, Who = engine.Options.UnknownOutcomeTo,
            Text = $"Was {Action.Id} at {Step.Call.Instance} done? {Step.Past.Last?.Message} Look at the product and answer done or not-done; until then the step waits.",
            Details = JsonSerializer.Serialize(new { action = Action.Id, instance = Step.Call.Instance, arguments = Arguments, key = Key, result = ToldOutcome.Example(Action, Arguments) is { } example ? JsonDocument.Parse(example).RootElement : (JsonElement?)null }, SoarJson.Options),
            AskedAt = engine.Now,
        };
        await EndAsync(null, [(JournalKind.Asked, Json.Of(new AskedRecord(question.Id.ToString())))], row => row.Key == Key || Action.Effect == Effect.Lifts ? row with { Status = ContainmentStatus.Unknown } : row, question);
        Run.Tell(Step, RunEventKind.Asked, question.Text);
        return new StepEnd(StepEndKind.AskedPerson, Question: question.Id);
    }

    /// <summary>Asks the product whether the effect is in place. A probe that cannot answer now is asked again a few times before a person is.</summary>
    public async ValueTask<(ProbeAnswer Answer, ReadOnlyMemory<byte>? Result, DateTimeOffset? AgainAt)> ProbeAsync()
    {
        if (Run.Mode == RunMode.Test && engine.Options.Answers is { } answers)
        {
            var told = await answers.ProbeAsync(new StepAttempt(Run.Id, Step.Ordinal, Step.Call.Path, Action.Id, Step.Call.Instance, Arguments, Step.Past.Dispatched), CancellationToken.None);
            return told is not { } said ? (ProbeAnswer.CannotTell, null, null) : (said.Answer, said.Result is { } gave ? Json.Of(gave) : null, null);
        }

        if (Connector is null) return (ProbeAnswer.CannotTell, null, null);
        var (answer, _, result, failed) = await engine.Ledger.ProbeAsync(Action, Connector, Step.Call.Instance, Arguments, Run.ContextOf(Step, Action, Key));
        if (!failed || ++Step.Probes > 3) return (answer, result, null);
        return (ProbeAnswer.CannotTell, null, engine.Now + engine.Retry.Delay(Step.Probes, null));
    }

    /// <summary>Writes with the ledger row as it is now; when it moved meanwhile, reads it again and applies the same change.</summary>
    private async ValueTask EndAsync(StepEnd? end, IReadOnlyList<(JournalKind, byte[])> records, Func<Containment, Containment> change, Question? ask = null, string? consume = null)
    {
        var row = Leased ? plan?.Row ?? await engine.Ledger.FindAsync(this) : null;
        while (true)
        {
            try
            {
                await Run.CommitAsync(Step, records, row is null ? null : change(row), ask, end, consume: consume);
                return;
            }
            catch (ContainmentChangedException)
            {
                row = await engine.Ledger.FindAsync(this);
            }
        }
    }

    private IEnumerable<(JournalKind, byte[])> Authorised() =>
        authorisation is null || Step.Past.Authorised ? [] : [(JournalKind.Authorised, Json.Of(new AuthorisedRecord(authorisation)))];
}
