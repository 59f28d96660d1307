using System.CommandLine;
using System.Globalization;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar runs</c> and <c>soar show</c>: what happened.</summary>
internal static class RunsCommands
{
    public static Command Runs()
    {
        var status = new Option<RunStatus?>("--status") { Description = "Only runs that stand so." };
        var playbook = new Option<string?>("--playbook") { Description = "Only runs of this playbook." };
        var max = new Option<int>("--max") { Description = "How many. Default 50.", DefaultValueFactory = _ => 50 };
        var json = Json();
        var command = new Command("runs", "Lists runs, newest first.") { status, playbook, max, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var runs = await reader.Runs.ListAsync(context.Parsed.GetValue(status), context.Parsed.GetValue(playbook), context.Parsed.GetValue(max));
            var held = (await reader.Runs.HeldAsync(null)).ToLookup(h => h.Run);
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(runs); return CommandContext.Done; }
            if (runs.Count == 0) { context.Terminal.Line("No runs. 'soar run <playbook>' starts one."); return CommandContext.Done; }
            var table = Terminal.Table("run", "playbook", "status", "started (UTC)", "by", "result");
            foreach (var run in runs)
                table.AddRow(ShortId.Of(run.Id), $"{Terminal.Safe(run.Playbook)} {Terminal.Safe(run.PlaybookVersion)}{Mode(run)}", Status(run), Time(run.CreatedAt), Terminal.Safe(run.StartedBy),
                    run.Result is null ? Terminal.Short(RunText.Waits(run, held[run.Id]), 200) : Terminal.Short(RunText.Result(run.Status, run.Result), 60));
            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    public static Command Show()
    {
        var id = new Argument<string>("run") { Description = $"The run: {Meant.ByPart}." };
        var why = new Option<bool>("--why") { Description = "Replay the run in a tracing build and show the values that each branch saw." };
        var json = Json();
        var command = new Command("show", "Tells what happened in a run, and when.") { id, why, json };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var run = await Meant.RunAsync(reader.Runs, context.Parsed.GetRequiredValue(id));
            var journal = await reader.Runs.ReadJournalAsync(run.Id);
            var questions = await reader.Runs.QuestionsAsync(run.Id, null);
            var titles = await reader.Runs.FindVersionAsync(run.VersionHash) is { } version ? new PlaybookText(version.Source, version.File).Titles() : new Dictionary<string, string>();
            var timeline = Timeline.Of(run, journal, questions, titles);
            if (context.Parsed.GetValue(json))
            {
                var branches = context.Parsed.GetValue(why) ? (await WhyView.OfAsync(context, reader.Runs, run, journal, cancellation)).Branches : null;
                context.Terminal.Json(new { run, inLine = await reader.Runs.InLineAsync(run.Id), timeline = Timeline.Of(run, journal, questions, titles, whole: true), questions, held = await reader.Runs.HeldAsync(run.Id), why = branches });
                return CommandContext.Done;
            }

            var terminal = context.Terminal;
            terminal.Line($"[bold]{Terminal.Safe(run.Playbook)}[/] {Terminal.Safe(run.PlaybookVersion)}  {Status(run)}  run {run.Id}");
            if (run.Mode != RunMode.Live) terminal.Line($"[yellow]{(run.Mode == RunMode.DryRun ? "dry run" : "test")}: no effect reached a product.[/]");
            terminal.Line();
            foreach (var entry in timeline)
            {
                var step = entry.Step.Length > 0 ? $"{Terminal.Short(entry.Step, 80)}  " : "";
                terminal.Line($"[grey]{Time(entry.At)}[/] [{entry.Colour}]{entry.Mark}[/] {step}{Terminal.Safe(entry.Text)}");
            }

            var held = await reader.Runs.HeldAsync(run.Id);
            foreach (var effect in held) terminal.Line($"[red]■[/] {Terminal.Safe(effect.Path)}  {Terminal.Safe($"{effect.Action} on {effect.Instance} is {RunText.HeldBy(effect.By)}")}");
            if (await reader.Runs.InLineAsync(run.Id) is { } place) terminal.Line($"[yellow]…[/] {Terminal.Safe(TriggerTerms.InLine(place))}");
            else if (RunText.Waits(run, held) is { Length: > 0 } waits) terminal.Line($"[yellow]…[/] {Terminal.Safe(waits)}");
            foreach (var signal in run.WaitsFor?.Signals ?? []) terminal.Line($"    [grey]soar signal {ShortId.Of(run.Id)} {Terminal.Safe(signal)}[/]");
            foreach (var question in questions.Where(q => q.Status == QuestionStatus.Open))
            {
                terminal.Line($"[blue]?[/] waits for {Terminal.Safe(QuestionText.For(question))}: {Terminal.Safe(question.Text)}  [grey]{Terminal.Safe(QuestionText.Command(question))}[/]");
                foreach (var line in QuestionText.Details(question)) terminal.Line($"    {line}");
            }

            if (context.Parsed.GetValue(why)) await WhyView.ShowAsync(context, reader.Runs, run, journal, cancellation);
            return CommandContext.Done;
        });
        return command;
    }

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Behind a playbook's name: that nothing of this run reaches a product.</summary>
    public static string Mode(Run run) => run.Mode switch { RunMode.DryRun => " [yellow](dry run)[/]", RunMode.Test => " [yellow](test)[/]", _ => "" };

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    private static string Status(Run run)
    {
        var colour = run.Status switch
        {
            RunStatus.Completed => "green",
            RunStatus.Failed or RunStatus.Quarantined or RunStatus.Parked => "red",
            RunStatus.Running => "blue",
            _ => "yellow",
        };
        return run.InLine ? "[yellow]in line[/]" : $"[{colour}]{RunText.Word(run.Status)}[/]";
    }
}
