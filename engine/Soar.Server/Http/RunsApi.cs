using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Alerts;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting;
using Soar.Server.Accounts;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/runs</c>: what runs and ran; starting a run and changing its course.</summary>
internal static class RunsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/api/runs").WithTags("runs");
        runs.MapGet("", ListAsync).Needs(Permission.ReadRuns).WithSummary("Runs, newest first. 'next' of a page is the 'before' of the one that follows it.");
        runs.MapPost("", StartAsync).Needs(Permission.StartRuns).WithSummary("Starts a run of a playbook and answers with its id at once; with 'wait' (seconds, 1 to 60) when it has ended, or as it stands then.");
        runs.MapGet("/{id:guid}", ShowAsync).Needs(Permission.ReadRuns).WithSummary("A run with everything that happened in it, and what it asked.");
        runs.MapGet("/{id:guid}/playbook", VersionAsync).Needs(Permission.ReadPlaybooks).WithSummary("The playbook version that the run is pinned to, as it is written and as it is drawn. It never changes.");
        runs.MapPost("/{id:guid}/cancel", CancelAsync).Needs(Permission.ControlRuns).WithSummary("Cancels a run: no new step begins; containments stay in the ledger.");
        runs.MapPost("/{id:guid}/pause", PauseAsync).Needs(Permission.ControlRuns).WithSummary("Pauses a run: steps in flight end, none begins.");
        runs.MapPost("/{id:guid}/resume", ResumeAsync).Needs(Permission.ControlRuns).WithSummary("Resumes a paused, quarantined or parked run; tries a failed one again.");
        runs.MapPost("/{id:guid}/signals", SignalAsync).Needs(Permission.ControlRuns).WithSummary("Sends a run a signal; the same id twice counts once.");
    }

    /// <summary>A run as its row says.</summary>
    /// <param name="Version">The playbook's version.</param>
    /// <param name="Hash">Of the version that the run is pinned to.</param>
    /// <param name="Result">The outcome, or the failure; null while it runs.</param>
    /// <param name="InLine">As many runs of its playbook as may be are under way; nothing of it begins before one of them has ended.</param>
    /// <param name="Source">The source of the alert that started it.</param>
    internal sealed record RunView(
        RunId Id, string Playbook, string Version, string Hash, RunMode Mode, RunStatus Status, string StartedBy, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt, DateTimeOffset? WakeAt, Awaited? WaitsFor,
        string? Trigger, string? CaseId, RunId? Parent, RunId? Successor, JsonElement? Result, bool InLine, string? Source)
    {
        public static RunView Of(Run run) => new(
            run.Id, run.Playbook, run.PlaybookVersion, run.VersionHash, run.Mode, run.Status, run.StartedBy, run.CreatedAt, run.EndedAt, run.WakeAt, run.WaitsFor,
            run.TriggerKey, run.CaseId, run.Parent, run.Successor, run.Result is null ? null : JsonDocument.Parse(run.Result).RootElement, run.InLine, run.Source);
    }

    internal sealed record RunPage(IReadOnlyList<RunView> Runs, RunId? Next);

    /// <param name="Text">What happened, for people.</param>
    /// <param name="Kind">The journal record's kind.</param>
    /// <param name="Payload">The record as it was written.</param>
    /// <param name="Title">The title above the step in the playbook, where it has one.</param>
    /// <param name="Action">The action's id, where the record belongs to a step.</param>
    /// <param name="Delivery">How the step ended, where the record says that it did.</param>
    internal sealed record RunStep(int Seq, DateTimeOffset At, string Step, string Mark, string Text, string Kind, string? Title, string? Action, DeliveryKind? Delivery, JsonElement? Payload);

    /// <param name="File">The file's name.</param>
    internal sealed record RunVersion(string Playbook, string Version, string File, string Source, JsonElement Graph);

    /// <param name="Waits">Where it stands in line, and why.</param>
    /// <param name="InLine">Its calls that stand in line at connector instances which take only so many at once.</param>
    internal sealed record RunStory(RunView Run, IReadOnlyList<RunStep> Timeline, IReadOnlyList<QuestionsApi.QuestionView> Questions, string? Waits, IReadOnlyList<LineView> InLine);

    /// <param name="Playbook">By name.</param>
    /// <param name="Inputs">By name; texts are read as the input's type is written: "24h", "203.0.113.7".</param>
    /// <param name="Mode">Live, or DryRun: then nothing but reads reaches a product.</param>
    /// <param name="Case">The case that the run belongs to, by its number or id: what it finds lies there, and its TLP is the run's at least.</param>
    internal sealed record RunStart(string Playbook, IReadOnlyDictionary<string, JsonElement>? Inputs = null, Alert? Alert = null, RunMode Mode = RunMode.Live, string? Case = null);

    /// <param name="Run">Where the caller waited: how it ended, or stood when the wait was over.</param>
    internal sealed record Started(RunId Id, RunView? Run = null);

    internal sealed record Reason(string Text = "");

    /// <param name="Id">The sender's id for it; null = a new one.</param>
    internal sealed record Signal(string Name, JsonElement? Value = null, string? Id = null);

    /// <param name="Changed">False: it was so already.</param>
    internal sealed record Done(bool Changed);

    private static async Task<Ok<RunPage>> ListAsync(NodeReader reader, Sight sight, RunStatus? status, string? playbook, string? startedBy, string? caseId, RunId? before, int? max)
    {
        var page = Paging.Of(max);
        var runs = await reader.Runs.PageAsync(new RunFilter(status, playbook, startedBy, caseId), before, page + 1, await sight.HorizonAsync());
        return TypedResults.Ok(new RunPage([.. runs.Take(page).Select(RunView.Of)], runs.Count > page ? runs[page - 1].Id : null));
    }

    private static async Task<Ok<RunStory>> ShowAsync(Guid id, Sight sight, SoarNode node, NodeReader reader)
    {
        var run = await sight.RunAsync(id);
        List<LineView> inLine = [.. node.Tools.Registry.Instances.SelectMany(i => (i.Terms.Places?.Look() ?? []).Where(p => p.Ahead is not null && p.Holder.Run == run.Id).Select(p => LineView.Of(i.Name, p)))];
        var questions = await reader.Runs.QuestionsAsync(run.Id, null);
        var titles = await reader.Runs.FindVersionAsync(run.VersionHash) is { } version ? new PlaybookText(version.Source, version.File).Titles() : new Dictionary<string, string>();
        var timeline = Timeline.Of(run, await reader.Runs.ReadJournalAsync(run.Id), questions, titles, whole: true);
        return TypedResults.Ok(new RunStory(
            RunView.Of(run), [.. timeline.Select(e => new RunStep(e.Seq, e.At, e.Step, e.Mark, e.Text, e.Kind, e.Title, e.Action, e.Delivery, e.Payload))], [.. questions.Select(QuestionsApi.QuestionView.Of)],
            await reader.Runs.InLineAsync(run.Id) is { } line ? TriggerTerms.InLine(line) : inLine.Count > 0 ? inLine[0].Words : null, inLine));
    }

    private static async Task<Ok<RunVersion>> VersionAsync(Guid id, Sight sight, NodeReader reader, CancellationToken cancellation)
    {
        var run = await sight.RunAsync(id);
        var version = await reader.Runs.FindVersionAsync(run.VersionHash) ?? throw new NotFoundException("playbook version", run.VersionHash, "The store has lost it: restore the last backup.");
        var file = Path.GetFileName(version.File);
        var graph = JsonDocument.Parse(DiagramJson.Write(Diagram.Of(version.Source, file, cancellation))).RootElement;
        return TypedResults.Ok(new RunVersion(run.Playbook, run.PlaybookVersion, file, version.Source, graph));
    }

    private static async Task<Created<Started>> StartAsync(RunStart body, int? wait, Caller caller, Sight sight, SoarNode node, CancellationToken cancellation)
    {
        var patience = Patience.Of(wait, caller);
        Complete(body.Alert);
        if (body.Mode == RunMode.Test) throw new SoarException("SOAR5001", "Runs in mode Test belong to 'soar test'. Start it Live or as a DryRun.");
        await sight.MayRunAsync(body.Playbook);
        var file = await PlaybooksApi.KnownAsync(node, body.Playbook) ?? "";
        var belongs = body.Case is null ? null : (await sight.CaseAsync(body.Case)).Id.ToString();
        var call = new RunCall(file, body.Alert, body.Inputs ?? new Dictionary<string, JsonElement>(), body.Mode, caller.Name, body.Playbook, belongs);
        var id = await node.RecordedAsync(Calls.Start, Calls.With(call), caller.Actor, BeginAsync());
        var run = patience is { } time ? await node.Outcomes.OfRunAsync(id, time, cancellation) : null;
        return TypedResults.Created($"/api/runs/{id}", new Started(id, run is null || !await sight.SeesAsync(run.Id) ? null : RunView.Of(run)));

        async Task<RunId> BeginAsync()
        {
            var playbook = await node.ToRunAsync(call, cancellation);
            return await node.Engine.StartAsync(playbook, new StartRequest { Alert = body.Alert, Inputs = InputText.Read(playbook.Header, call.Inputs), Mode = body.Mode, StartedBy = caller.Name, CaseId = call.CaseId });
        }
    }

    /// <summary>Throws SOAR5002 for an alert that says less than one must.</summary>
    public static void Complete(Alert? alert)
    {
        var problems = alert is null ? [] : AlertCheck.Problems(alert).ToList();
        if (problems.Count > 0) throw new SoarException("SOAR5002", $"The alert is not complete: {string.Join("; ", problems)}.");
    }

    private static async Task<Ok<Done>> CancelAsync(Guid id, Reason? body, Caller caller, Sight sight, SoarNode node)
    {
        var call = new ControlCall(await NotEndedAsync(sight, id), caller.Name, body?.Text ?? "");
        return Changed(await node.RecordedAsync(Calls.Cancel, Calls.With(call), caller.Actor, node.Engine.CancelAsync(call.Run, call.By, call.Reason)));
    }

    private static async Task<Ok<Done>> PauseAsync(Guid id, Reason? body, Caller caller, Sight sight, SoarNode node)
    {
        var call = new ControlCall(await NotEndedAsync(sight, id), caller.Name, body?.Text ?? "");
        return Changed(await node.RecordedAsync(Calls.Pause, Calls.With(call), caller.Actor, node.Engine.PauseAsync(call.Run, call.By, call.Reason)));
    }

    private static async Task<Ok<Done>> ResumeAsync(Guid id, Reason? body, Caller caller, Sight sight, SoarNode node)
    {
        var call = new ControlCall((await sight.RunToSteerAsync(id)).Id, caller.Name, body?.Text ?? "");
        return Changed(await node.RecordedAsync(Calls.Resume, Calls.With(call), caller.Actor, node.Engine.ResumeAsync(call.Run, call.By, call.Reason)));
    }

    private static async Task<Ok<Done>> SignalAsync(Guid id, Signal body, Caller caller, Sight sight, SoarNode node)
    {
        var value = body.Value ?? JsonSerializer.SerializeToElement<object?>(null);
        var call = new SignalCall(await NotEndedAsync(sight, id), body.Name, body.Id ?? new Ids(node.Clock).Next().ToString(), value.GetRawText(), caller.Name);
        return Changed(await node.RecordedAsync(Calls.Signal, Calls.With(call), caller.Actor, node.Engine.SignalAsync(call.Run, call.Name, value, call.Id)));
    }

    private static async Task<RunId> NotEndedAsync(Sight sight, Guid id)
    {
        var run = await sight.RunToSteerAsync(id);
        // One that went on as another still passes a cancel on to it; nothing else.
        return run.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled && run.Successor is null
            ? throw new SoarException("SOAR5007", $"Run {id} has ended ({RunText.Word(run.Status)}).")
            : run.Id;
    }

    private static Ok<Done> Changed(bool changed) => TypedResults.Ok(new Done(changed));
}
