using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary>
/// Follows a run until it ends, or until nobody here can bring it on: then it says what it waits for and how to go on. On a terminal questions are asked at the
/// prompt.
/// </summary>
internal sealed class Follower(CommandContext context, NodeConnection node, string? reply)
{
    private readonly LiveView view = new(context.Terminal);
    private string? begun;
    private RunId? shown;

    /// <summary>Said once the change is made, before what it brings about is shown.</summary>
    public string? Begun { init => begun = value; }

    /// <summary>How the run stood when following ended.</summary>
    public RunStatus EndedAs { get; private set; }

    /// <summary>The code of what the run failed with; null when it did not.</summary>
    public string? FailedWith { get; private set; }

    public async Task<int> RunAsync(string call, object arguments, CancellationToken cancellation)
    {
        var standing = Read(await node.CallAsync(call, arguments, Happened, cancellation));
        SayBegun();
        while (standing.Status is RunStatus.Waiting or RunStatus.Running)
        {
            var open = await OpenQuestions(standing.Run);
            var (answer, settled) = await ReplyAsync(open, cancellation);
            if (answer is not null)
            {
                standing = Read(await node.CallAsync(Calls.Follow, Change(standing.Run, Calls.Answer, answer), Happened, cancellation));
                continue;
            }

            if (settled)
            {
                standing = Read(await node.CallAsync(Calls.Follow, new FollowCall(standing.Run), Happened, cancellation));
                continue;
            }

            // A short wait is sat out; for a long one a person stays, a script is told how things stand.
            var soon = standing.WakeAt - context.Clock.GetUtcNow() < TimeSpan.FromMinutes(1);
            if (open.Count > 0 || !(soon || (context.Terminal.Interactive && standing.WakeAt is not null))) return await WaitsAsync(standing, open);
            standing = Read(await node.CallAsync(Calls.Follow, new FollowCall(standing.Run, ThroughWaits: true), Happened, cancellation));
        }

        return await SayAsync(standing);
    }

    /// <summary>A change to a run, made once this follower watches it.</summary>
    public static FollowCall Change(RunId run, string call, object arguments) => new(run, Change: call, Arguments: JsonSerializer.SerializeToElement(arguments, SoarJson.Options));

    private async Task Happened(RunEvent e)
    {
        SayBegun();
        if (e.Run != shown && await TitlesOf(e.Run) is { } titles) (view.Titles, shown) = (titles, e.Run);
        view.Show(e);
    }

    /// <summary>What the run's own version calls its steps; null while it is not to be found.</summary>
    private async Task<StepTitles?> TitlesOf(RunId id)
    {
        using var reader = SoarNode.OpenReader(context.Workspace);
        return await reader.Runs.FindAsync(id) is { } run && await reader.Runs.FindVersionAsync(run.VersionHash) is { } version ? StepTitles.Of(version.Source, version.File) : null;
    }

    private void SayBegun()
    {
        if (begun is not null) context.Terminal.Line(begun);
        begun = null;
    }

    private static RunStanding Read(JsonElement json) => json.Deserialize<RunStanding>(SoarJson.Options)!;

    /// <summary>Its own, and those of the sub-runs that it waits for.</summary>
    private async Task<IReadOnlyList<Question>> OpenQuestions(RunId id)
    {
        using var reader = SoarNode.OpenReader(context.Workspace);
        var open = new List<Question>();
        if (await reader.Runs.FindAsync(id) is not { } run) return open;
        foreach (var one in await SubRuns.WithAsync(reader.Runs, run)) open.AddRange(await reader.Runs.QuestionsAsync(one.Id, QuestionStatus.Open));
        return open;
    }

    /// <summary>The first of them that is answered here; or that one of them was settled elsewhere while it was asked.</summary>
    private async Task<(AnswerCall? Answer, bool Settled)> ReplyAsync(IReadOnlyList<Question> open, CancellationToken cancellation)
    {
        foreach (var question in open)
        {
            using var asking = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var watching = SettledAsync(question.Id, asking);
            try
            {
                if (await ReplyAsync(question, asking.Token) is { } answer) return (answer, false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                context.Terminal.Line();
                context.Terminal.Line("It was answered elsewhere, or its time is over.");
                return (null, true);
            }
            finally
            {
                await asking.CancelAsync();
                await watching;
            }
        }

        return (null, false);
    }

    /// <summary>Ends the asking when somebody else has answered: nobody must sit before a question that is none any more.</summary>
    private async Task SettledAsync(QuestionId id, CancellationTokenSource asking)
    {
        if (!context.Terminal.Interactive) return;
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(500), context.Clock);
        try
        {
            while (await look.WaitForNextTickAsync(asking.Token))
            {
                using var reader = SoarNode.OpenReader(context.Workspace);
                if (await reader.Runs.FindQuestionAsync(id) is { Status: QuestionStatus.Open }) continue;
                await asking.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException) when (asking.IsCancellationRequested)
        {
            // Answered here, or put off.
        }
    }

    private async Task<AnswerCall?> ReplyAsync(Question question, CancellationToken cancellation)
    {
        var unknown = question.Kind == QuestionKind.UnknownOutcome;
        // Nobody but a person who looked may say whether an effect happened.
        if (reply is not null && !unknown && question.Kind != QuestionKind.Form)
            return new AnswerCall(question.Id.Value, reply, "", context.User, null);
        if (!context.Terminal.Interactive) return null;
        view.Pause();
        var terminal = context.Terminal;
        terminal.Line();
        terminal.Line($"[bold]{Terminal.Safe(QuestionText.For(question))}[/] is asked: {Terminal.Safe(question.Text, lines: true)}");
        foreach (var line in QuestionText.Details(question)) terminal.Line($"  {line}");
        if (question.Kind == QuestionKind.Form) return await FormPrompt.AskAsync(terminal.Ansi, question, context.User, cancellation);
        var (yes, no) = unknown ? ("done", "not-done") : question.Kind == QuestionKind.Todo ? ("done", "refuse") : ("approve", "refuse");
        const string later = "later";
        var chosen = await new TextPrompt<string>("Your answer").AddChoice(yes).AddChoice(no).AddChoice(later).DefaultValue(later).ShowAsync(terminal.Ansi, cancellation);
        if (chosen == later) return null;
        var reason = chosen == "refuse" ? await new TextPrompt<string>("Why?").ShowAsync(terminal.Ansi, cancellation) : "";
        return new AnswerCall(question.Id.Value, chosen, reason, context.User, chosen == "done" ? await FormPrompt.ResultAsync(terminal.Ansi, question, cancellation) : null);
    }

    private async Task<int> WaitsAsync(RunStanding standing, IReadOnlyList<Question> open)
    {
        var terminal = context.Terminal;
        using var reader = SoarNode.OpenReader(context.Workspace);
        var run = await reader.Runs.FindAsync(standing.Run);
        terminal.Line();
        terminal.Line($"[yellow]…[/] Run {ShortId.Of(standing.Run)} waits{(standing.WakeAt is { } at ? $" (at the latest until {at:yyyy-MM-dd HH:mm:ss} UTC)" : "")}.");
        foreach (var question in open)
        {
            terminal.Line($"  {Terminal.Safe(QuestionText.For(question))} is asked: {Terminal.Safe(question.Text)}");
            terminal.Line($"    {Terminal.Safe(QuestionText.Command(question))}");
        }

        if (open.Count == 0) terminal.Line($"  Nobody is asked; it {Terminal.Safe(run is null ? "waits" : RunText.Waits(run, await reader.Runs.HeldAsync(run.Id)))} ('soar show {ShortId.Of(standing.Run)}' tells more).");
        foreach (var signal in run?.WaitsFor?.Signals ?? []) terminal.Line($"    soar signal {ShortId.Of(standing.Run)} {Terminal.Safe(signal)}");
        if (node.IsOwner) terminal.Line("  Nothing runs until a soar command opens the store again; 'soar serve' keeps the engine running.");
        return CommandContext.Waits;
    }

    private async Task<int> SayAsync(RunStanding standing)
    {
        view.Pause();
        EndedAs = standing.Status;
        if (standing is { Status: RunStatus.Failed, Result: { } result }) FailedWith = JsonSerializer.Deserialize<RunFailure>(result, SoarJson.Options)?.Code;
        var (mark, colour, code) = standing.Status switch
        {
            RunStatus.Completed => ("✔", "green", CommandContext.Done),
            RunStatus.Paused => ("⏸", "yellow", CommandContext.Waits),
            RunStatus.Cancelled => ("■", "yellow", CommandContext.Failed),
            _ => ("✘", "red", CommandContext.Failed),
        };
        var text = RunText.Result(standing.Status, standing.Result);
        context.Terminal.Line($"[{colour}]{mark}[/] [bold]{Terminal.Safe(text, lines: true)}[/]");
        await SayWhatALiveRunWouldDoAsync(standing.Run);
        context.Terminal.Line($"[grey]  soar show {ShortId.Of(standing.Run)}[/]");
        return code;
    }

    private async Task SayWhatALiveRunWouldDoAsync(RunId id)
    {
        using var reader = SoarNode.OpenReader(context.Workspace);
        if (await reader.Runs.FindAsync(id) is not { Mode: RunMode.DryRun }) return;
        var journal = await reader.Runs.ReadJournalAsync(id);
        var effects = EffectText.Simulated(journal);
        context.Terminal.Line(effects.Count == 0
            ? "This was a dry run: it came to no effect, so a live run would touch nothing."
            : $"This was a dry run: no effect reached a product. A live run would do {Plural.Of(effects.Count, "effect")}:");
        foreach (var effect in effects) context.Terminal.Line($"  {effect}");
        var policy = EffectText.Policy(journal);
        if (policy.Count > 0) context.Terminal.Line("But policy would not let all of it pass by itself:");
        foreach (var said in policy) context.Terminal.Line($"  [yellow]![/] {said}");
    }
}
