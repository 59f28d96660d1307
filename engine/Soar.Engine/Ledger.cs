using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;

namespace Soar.Engine;

internal enum LedgerSays
{
    /// <summary>Write the row with the intent and dispatch.</summary>
    Dispatch,

    /// <summary>Nothing to dispatch: it stands already, and the row says for whom.</summary>
    InPlace,

    /// <summary>Another run's dispatch, or a lift, is under way for this target: look again in a moment.</summary>
    Busy,

    Refuse,
}

/// <param name="Row">The row to write with the intent or the completion; null where the ledger keeps none.</param>
/// <param name="Why">For <see cref="LedgerSays.InPlace"/>: <c>found</c> or <c>held</c>; for a refusal, the message.</param>
internal sealed record LedgerPlan(LedgerSays Says, Containment? Row = null, ReadOnlyMemory<byte>? Result = null, string? Why = null, string? Code = null);

/// <summary>
/// The containment ledger: what stands, for whom, until when. A row is Pending or Lifting while a dispatch is under way; its version keeps two engines from
/// deciding on the same state. This file decides; <see cref="LedgerLifts"/> lifts what is due.
/// </summary>
internal sealed class Ledger(EngineParts engine)
{
    /// <summary>How long a dispatch of somebody else is waited for before it is taken over.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Whether this action's effects are kept: containments with a target, and their inverses.</summary>
    public static bool Keeps(ActionDescriptor action) => action.Effect is Effect.Contains or Effect.Lifts && action.Parameters.Any(p => p.IsTarget);

    public async Task<LedgerPlan> PlanAsync(EffectStep effect)
    {
        var row = await FindAsync(effect);
        if (row is { Status: ContainmentStatus.Pending or ContainmentStatus.Lifting } && row.Key != effect.Key && StillBusy(effect)) return new LedgerPlan(LedgerSays.Busy);
        return effect.Action.Effect == Effect.Lifts ? PlanLift(effect, row) : await PlanContainmentAsync(effect, row);
    }

    /// <summary>The standing row of this effect's target; null when none stands.</summary>
    public Task<Containment?> FindAsync(EffectStep effect)
    {
        var action = effect.Action.Effect == Effect.Lifts ? ContainmentOf(effect.Action) : effect.Action;
        return action is null ? Task.FromResult<Containment?>(null) : engine.Store.FindContainmentAsync(action.Id, effect.Step.Call.Instance, TargetOf(effect.Action, effect.Arguments)!);
    }

    /// <summary>The row once the effect is done.</summary>
    public Containment Done(Containment row, EffectStep effect, ReadOnlyMemory<byte> result)
    {
        if (effect.Action.Effect == Effect.Lifts)
        {
            return row.Status == ContainmentStatus.Lifting || row.Status == ContainmentStatus.Unknown
                ? row with { Status = ContainmentStatus.Lifted, Holders = Released(row, _ => true, $"run {effect.Run.Id}"), Note = Note(row, $"lifted by run {effect.Run.Id}") }
                : row;
        }

        return row.Key == effect.Key && row.Status is ContainmentStatus.Pending or ContainmentStatus.Unknown
            ? row with { Status = ContainmentStatus.Active, Result = System.Text.Encoding.UTF8.GetString(result.Span) }
            : row;
    }

    /// <summary>The row once the effect is surely not done: this run holds nothing; what others hold stands.</summary>
    public Containment NotDone(Containment row, EffectStep effect)
    {
        if (effect.Action.Effect == Effect.Lifts)
            return row.Status == ContainmentStatus.Lifting ? row with { Status = ContainmentStatus.LiftFailed, LiftAttempts = row.LiftAttempts + 1 } : row;
        if (row.Key != effect.Key || row.Status is not (ContainmentStatus.Pending or ContainmentStatus.Unknown)) return row;
        var holders = Released(row, h => h.Run == effect.Run.Id && h.Ordinal == effect.Step.Ordinal, "not done");
        return holders.All(h => h.ReleasedAt is not null)
            ? row with { Status = row.Result is null ? ContainmentStatus.Lifted : ContainmentStatus.Active, Holders = holders, Until = engine.Now, Note = Note(row, "was not done") }
            : row with { Status = row.Result is null ? ContainmentStatus.Lifted : ContainmentStatus.Active, Holders = holders, Until = Latest(holders) };
    }

    /// <summary>Asks an action's probe; an inverse is asked through the probe of what it undoes. Throws nothing.</summary>
    public async Task<(ProbeAnswer Answer, bool Ours, ReadOnlyMemory<byte>? Result, bool Failed)> ProbeAsync(
        ActionDescriptor action, object connector, string instance, JsonElement arguments, ActionContext context)
    {
        var lifts = action.Effect == Effect.Lifts;
        var probed = lifts ? ContainmentOf(action) : action;
        if (probed?.Probe is null) return (ProbeAnswer.CannotTell, false, null, false);
        var terms = engine.Instances.Terms(action.Capability.Name, instance);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(probed.Declared.TimeoutSeconds), engine.Clock);
        try
        {
            var (answer, ours, result) = await probed.ProbeAsync(connector, arguments, context, stop.Token);
            if (!lifts) return (answer, ours, result is null ? default(ReadOnlyMemory<byte>?) : terms.Mask.Utf8(result), false);
            // What the inverse undoes is gone: the inverse is in place.
            var undone = answer switch { ProbeAnswer.Present => ProbeAnswer.Absent, ProbeAnswer.Absent => ProbeAnswer.Present, _ => answer };
            return (undone, ours, null, false);
        }
        catch (Exception e) // a probe that fails tells nothing; that is an answer, not an error of the engine
        {
            engine.Log.ConnectorBroke(probed.Id + " (probe)", instance, context.Run, e, terms.Mask);
            return (ProbeAnswer.CannotTell, false, null, true);
        }
    }

    /// <summary>The action that an inverse undoes; null when it undoes none.</summary>
    public static ActionDescriptor? ContainmentOf(ActionDescriptor inverse) =>
        inverse.Capability.Actions.FirstOrDefault(a => a.Effect == Effect.Contains && a.Inverse == inverse);

    /// <summary>The row's note with one more; the same thing again is counted instead of repeated, or a lift that fails for weeks would fill it.</summary>
    public static string Note(Containment row, string note)
    {
        if (row.Note is not { } before) return note;
        if (before == note || before.EndsWith($"; {note}", StringComparison.Ordinal)) return $"{before} (2 times)";
        var counted = before.LastIndexOf(" (", StringComparison.Ordinal);
        if (counted > 0 && before.EndsWith(" times)", StringComparison.Ordinal) && int.TryParse(before[(counted + 2)..^" times)".Length], NumberStyles.None, CultureInfo.InvariantCulture, out var times)
            && (before[..counted] == note || before[..counted].EndsWith($"; {note}", StringComparison.Ordinal)))
        {
            return $"{before[..counted]} ({times + 1} times)";
        }

        return $"{before}; {note}";
    }

    public static DateTimeOffset? Latest(IEnumerable<Holder> holders)
    {
        var standing = holders.Where(h => h.ReleasedAt is null).ToList();
        return standing.Count == 0 || standing.Exists(h => h.Until is null) ? null : standing.Max(h => h.Until);
    }

    public IReadOnlyList<Holder> Released(Containment row, Func<Holder, bool> which, string by) =>
        [.. row.Holders.Select(h => h.ReleasedAt is null && which(h) ? h with { ReleasedAt = engine.Now, ReleasedBy = by } : h)];

    private async Task<LedgerPlan> PlanContainmentAsync(EffectStep effect, Containment? row)
    {
        var until = UntilOf(effect.Action, effect.Arguments, engine.Now);
        if (until <= engine.Now) return new LedgerPlan(LedgerSays.Refuse, Code: "missing-argument", Why: $"{effect.Action.Id}: the containment would end at once. Give it a duration, or Until.Lifted.");
        var holder = new Holder(effect.Run.Id, effect.Step.Ordinal, effect.Run.CaseId, until, null, null);
        var holders = (IReadOnlyList<Holder>)[.. (row?.Holders ?? []).Where(h => h.Run != holder.Run || h.Ordinal != holder.Ordinal), holder];
        if (row?.Key == effect.Key)
            return new LedgerPlan(LedgerSays.Dispatch, row with { Status = ContainmentStatus.Pending, Holders = holders, Until = Latest(holders) });

        var (answer, ours, result, _) = await ProbeAsync(effect.Action, effect.Connector!, effect.Step.Call.Instance, effect.Arguments, effect.Run.ContextOf(effect.Step, effect.Action, effect.Key));
        var seen = Seen(answer, ours, result);
        if (answer == ProbeAnswer.Present && !ours && row is null or { Status: ContainmentStatus.Found })
        {
            // The playbook goes on with what the action gives: nobody makes that up, and a null would surface three steps later.
            if (effect.Action.GivesResult && Json.IsNull(result))
                return new LedgerPlan(LedgerSays.Refuse, Code: "found-without-result", Why: $"{effect.Action.Id}: {TargetOf(effect.Action, effect.Arguments)} at {effect.Step.Call.Instance} was contained before Soar came, and the connector's probe does not say what {effect.Action.Id} would have given ({effect.Action.ResultType!.Name}). Look at the product; a probe that answers Present must bring the result.");
            // It was there before and is not ours: we hold nothing, and nothing will ever lift it.
            return new LedgerPlan(LedgerSays.InPlace, row ?? New(effect, ContainmentStatus.Found, seen, [], null), result, "found");
        }

        if (row?.Status == ContainmentStatus.Active && answer != ProbeAnswer.Absent && (row.Until is null || (until is not null && until <= row.Until)))
            return new LedgerPlan(LedgerSays.InPlace, row with { Holders = holders }, row.Result is null ? default(ReadOnlyMemory<byte>?) : System.Text.Encoding.UTF8.GetBytes(row.Result), "held");

        return new LedgerPlan(LedgerSays.Dispatch, row is null
            ? New(effect, ContainmentStatus.Pending, seen, holders, until)
            : row with
            {
                Status = ContainmentStatus.Pending, Key = effect.Key, Arguments = effect.Arguments.GetRawText(), PriorState = row.PriorState ?? seen, Holders = holders, Until = Latest(holders),
                Note = Note(row, row.Status == ContainmentStatus.Active ? $"extended by run {effect.Run.Id}" : $"was {row.Status}, done again by run {effect.Run.Id}"),
            });
    }

    private LedgerPlan PlanLift(EffectStep effect, Containment? row)
    {
        if (row is null) return new LedgerPlan(LedgerSays.Dispatch);
        if (row.Status == ContainmentStatus.Found)
        {
            return new LedgerPlan(LedgerSays.Refuse, Code: "not-ours",
                Why: $"{row.Target} at {row.Instance} was contained before Soar came and is not ours to lift. Whoever put it there must lift it.");
        }

        var holders = Released(row, h => h.Run == effect.Run.Id, $"run {effect.Run.Id}");
        return row.Status == ContainmentStatus.Active && holders.Any(h => h.ReleasedAt is null)
            ? new LedgerPlan(LedgerSays.InPlace, row with { Holders = holders, Until = Latest(holders) }, null, "held")
            : new LedgerPlan(LedgerSays.Dispatch, row with { Status = ContainmentStatus.Lifting });
    }

    private bool StillBusy(EffectStep effect)
    {
        var since = effect.Step.BusySince ??= engine.Now;
        return engine.Now - since < Patience;
    }

    private Containment New(EffectStep effect, ContainmentStatus status, string seen, IReadOnlyList<Holder> holders, DateTimeOffset? until) => new()
    {
        Id = engine.Ids.Next(), Action = effect.Action.Id, Instance = effect.Step.Call.Instance, Target = TargetOf(effect.Action, effect.Arguments)!, Arguments = effect.Arguments.GetRawText(),
        Status = status, PriorState = seen, Key = effect.Key, Since = engine.Now, Until = until, Holders = holders, Note = status == ContainmentStatus.Found ? "was there before and is not ours" : null,
    };

    private static string Seen(ProbeAnswer answer, bool ours, ReadOnlyMemory<byte>? result) => JsonSerializer.Serialize(
        new { answer, ours, result = result is { } json ? JsonDocument.Parse(json).RootElement : (JsonElement?)null }, SoarJson.Options);

    /// <summary>What the action is done to, in one spelling; null when it names no target.</summary>
    public static string? TargetOf(ActionDescriptor action, JsonElement arguments)
    {
        if (action.Parameters.FirstOrDefault(p => p.IsTarget) is not { } target || !arguments.TryGetProperty(target.Name, out var value)) return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return target.IgnoreCase ? text.ToLowerInvariant() : text;
    }

    private static DateTimeOffset? UntilOf(ActionDescriptor action, JsonElement arguments, DateTimeOffset now)
    {
        if (action.Parameters.FirstOrDefault(p => p.IsLeaseTime) is not { } lease || !arguments.TryGetProperty(lease.Name, out var value)) return null;
        var duration = value.Deserialize<TimeSpan>(SoarJson.Options);
        return duration > DateTimeOffset.MaxValue - now ? null : now + duration;
    }
}
