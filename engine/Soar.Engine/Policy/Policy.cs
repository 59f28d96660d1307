using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>
/// What keeps automation from doing harm, whatever a playbook says: protected assets, budgets, kill switches. A step that policy stops fails as refused, waits for a person's approval of
/// exactly it, or is held until the switch is lifted; in a dry run the journal says what would have been.
/// </summary>
internal sealed class Policy(EngineParts engine)
{
    public const string Protected = "protected", OverBudget = "over-budget", Held = "held";

    /// <summary>Null: none of its targets is protected, or a person has approved it; and nobody who was asked about it has refused. Otherwise how the step ends or waits.</summary>
    public async ValueTask<StepEnd?> ProtectedAsync(EffectStep effect)
    {
        // Who was asked and said no is not overruled by what has changed since: a budget that is free again, a target that somebody else has reached meanwhile.
        if (effect.Step.Past.Dispatched == 0 && effect.Step.Past.Decisions.FindLast(d => d.Hash == HashOf(effect.Step.Call)) is { Approved: false } no)
            return Refused(no.Code, $"{effect.Action.Id} of {Ledger.TargetOf(effect.Action, effect.Arguments) ?? "what it names"} at {effect.Step.Call.Instance} was asked about ({no.Code}). {WhoRefused(no)}");

        // What has begun was decided on before; a test of a playbook touches nothing of ours.
        if (effect.Action.Effect is not (Effect.Contains or Effect.Destroys) || effect.Step.Past.Dispatched > 0 || effect.Run.Mode == RunMode.Test) return null;
        if (engine.Options.Protected.Find(effect.Action, effect.Arguments) is not { } hit) return null;
        var message = $"{effect.Action.Id} of {hit.Target} at {effect.Step.Call.Instance}: {hit.Which} is protected ({hit.Asset.Name}).";
        return await DecideAsync(effect, Protected, message, "Where it is meant, have people asked about it (protected: then: ask) or allow it in soar.yaml.", hit.Asset.Then, hit.Asset.AskWho);
    }

    /// <summary>What the store is to count and may refuse when the effect begins; null for what stays in Soar, and in tests of playbooks.</summary>
    public EffectBegin? BeginOf(EffectStep effect)
    {
        var (run, action, instance) = (effect.Run, effect.Action, effect.Step.Call.Instance);
        if (action.Capability.BuiltIn || run.Mode == RunMode.Test) return null;
        var budgets = engine.Options.Budgets.Where(b => b.Counts(action.Effect, instance)).ToList();
        return new EffectBegin(effect.Step.Ordinal, effect.Key, run.Playbook, instance, action.Effect, Ledger.TargetOf(action, effect.Arguments) ?? effect.Key, engine.Now,
            Simulated: run.Mode != RunMode.Live, Waived: DecisionOn(effect, OverBudget) is { Approved: true } || effect.IsNoted(OverBudget), budgets);
    }

    /// <summary>In a dry run: the switch that would hold it goes on record.</summary>
    public async ValueTask NoteSwitchAsync(EffectStep effect)
    {
        if (effect.Run.Mode != RunMode.DryRun || effect.Action.Capability.BuiltIn || effect.IsNoted(Held)) return;
        var by = (await engine.Store.SwitchesAsync(all: false)).FirstOrDefault(s => s.Holds(effect.Step.Call.Instance, effect.Action.Effect, effect.Run.Playbook));
        if (by is not null) effect.Note(new PolicyRecord(Held, $"It would be held by the kill switch {by.Words()}"));
    }

    /// <summary>The store did not let it begin. Null: look again, it may begin now; otherwise how the step ends or waits.</summary>
    public async ValueTask<StepEnd?> NotBegunAsync(EffectStep effect, EffectNotBegunException why)
    {
        if (why is OverBudgetException over)
        {
            var message = $"{effect.Action.Id} of {Ledger.TargetOf(effect.Action, effect.Arguments) ?? "what it names"} at {effect.Step.Call.Instance}: {over.Message}";
            return await DecideAsync(effect, OverBudget, message, "Wait until it is less, or raise the budget in soar.yaml.", over.Budget.Over, over.Budget.AskWho);
        }

        if (why is not EffectHeldException { By: var by }) return null;
        if (effect.Step.Past.IsHeld) return StepEnd.Held();
        var (run, step) = (effect.Run, effect.Step);
        var held = new HeldEffect(run.Id, step.Ordinal, step.Call.Path, effect.Action.Id, step.Call.Instance, effect.Action.Effect, run.Playbook, engine.Now);
        try
        {
            await run.CommitAsync(step, [(JournalKind.Held, Json.Of(new HeldRecord(by.Id.ToString(), by.Scope(), by.By, by.Reason, by.Since.ToUnixTimeMilliseconds())))], hold: held);
        }
        catch (EffectFreeException)
        {
            return null;
        }

        run.Tell(step, RunEventKind.Held, $"held by the kill switch {by.Words()}");
        return StepEnd.Held();
    }

    private async ValueTask<StepEnd?> DecideAsync(EffectStep effect, string code, string message, string remedy, PolicyAnswer then, string who)
    {
        if (effect.Run.Mode == RunMode.DryRun)
        {
            effect.Note(new PolicyRecord(code, $"{message} {(then == PolicyAnswer.Refuse ? "It would be refused." : $"It would wait until {who} approves it.")}"));
            return null;
        }

        if (DecisionOn(effect, code) is { } decided)
            return decided.Approved ? null : Refused(code, $"{message} {WhoRefused(decided)}");
        return then == PolicyAnswer.Refuse ? Refused(code, $"{message} {remedy}") : await AskAsync(effect, code, message, who);
    }

    private static string WhoRefused(DecidedRecord no) => no.By.Length > 0 ? $"{no.By} refused it: {no.Reason}" : no.Reason;

    private static StepEnd Refused(string code, string message) => code == Protected ? StepEnd.Refused("protected", message) : StepEnd.Refused("over-budget", message);

    /// <summary>A person is asked about exactly this step, as <c>Ask</c> would show it; its time stands still meanwhile.</summary>
    private async ValueTask<StepEnd> AskAsync(EffectStep effect, string code, string message, string who)
    {
        var (run, step, call) = (effect.Run, effect.Step, effect.Step.Call);
        var hash = HashOf(call);
        var until = engine.Now + engine.Options.PolicyAnswerWithin;
        var text = $"{message} Do it all the same?";
        var shown = new AskArguments(who, text, [new PreparedStep(call.Action, call.Instance, hash, effect.Arguments, call.Options?.Title)], until.ToUnixTimeMilliseconds(), 1, null);
        var question = new Question
        {
            Id = new QuestionId(engine.Ids.Next()), Run = run.Id, Ordinal = step.Ordinal, Kind = QuestionKind.Approval, Who = who, Text = text,
            Details = JsonSerializer.Serialize(shown, SoarJson.Options), AskedAt = engine.Now, Until = until,
        };
        var asked = new AskedRecord(question.Id.ToString(), [hash], Title: call.Options?.Title, Policy: code, Until: until.ToUnixTimeMilliseconds());
        await run.CommitAsync(step, [.. effect.Released(), (JournalKind.Asked, Json.Of(asked))], ask: question);
        run.Tell(step, RunEventKind.Asked, question.Text);
        return new StepEnd(StepEndKind.AskedPerson, Due: until, Question: question.Id);
    }

    private static DecidedRecord? DecisionOn(EffectStep effect, string code)
    {
        if (effect.Step.Past.Decisions.Count == 0) return null;
        var hash = HashOf(effect.Step.Call);
        return effect.Step.Past.Decisions.FindLast(d => d.Code == code && d.Hash == hash);
    }

    private static string HashOf(StepCall call) => CallHash.Full(call.Action, call.Instance, call.Arguments.Span);
}
