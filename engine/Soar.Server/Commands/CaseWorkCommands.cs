using System.CommandLine;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Cases;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;

namespace Soar.Server.Commands;

/// <summary><c>soar cases change</c>, <c>note</c>, <c>task</c>, <c>merge</c>, <c>split</c>, <c>timeline</c>, <c>metrics</c>: what people do with a case.</summary>
internal static class CaseWorkCommands
{
    public static IEnumerable<Command> All() => [Change(), Note(), Task(), Merge(), Split(), Hold(), Release(), Timeline(), Metrics()];

    private static Argument<string> Case() => new("case") { Description = "Its number or id." };

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    private static Command Change()
    {
        var which = Case();
        var status = new Option<CaseStatus?>("--status") { Description = "new, open, contained, closed; closed needs --resolution." };
        var resolution = new Option<CaseResolution?>("--resolution") { Description = "How it came out: resolved, falsePositive, benign, duplicate, inconclusive." };
        var owner = new Option<string?>("--owner") { Description = "Whose it is, by login name; '' = nobody's." };
        var priority = new Option<int?>("--priority") { Description = "1, the most urgent, to 5; 0 = unset." };
        var severity = new Option<int?>("--severity") { Description = "1 to 100; 0 = unset." };
        var tlp = new Option<string?>("--tlp") { Description = "clear, green, amber, amber+strict, red." };
        var title = new Option<string?>("--title") { Description = "What it is called." };
        var incident = new Option<bool?>("--incident") { Description = "Declares it an incident; with false takes that back." };
        var reason = new Option<string>("--reason", "-r") { Description = "Why, for the timeline.", DefaultValueFactory = _ => "" };
        var command = new Command("change", "Changes a case: where it stands, whose it is, what it weighs.") { which, status, resolution, owner, priority, severity, tlp, title, incident, reason };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var p = context.Parsed;
            if (p.GetValue(tlp) is { } label && !TlpLabel.TryParse(label, out _)) throw new SoarException("SOAR5001", $"'{label}' is no TLP: write clear, green, amber, amber+strict or red.");
            var edit = new CaseEdit
            {
                Status = p.GetValue(status), Resolution = p.GetValue(resolution), Owner = p.GetValue(owner), Priority = p.GetValue(priority), Severity = p.GetValue(severity),
                Tlp = TlpLabel.TryParse(p.GetValue(tlp), out var parsed) ? parsed : null, Title = p.GetValue(title), Declared = p.GetValue(incident), Reason = p.GetValue(reason)!,
            };
            var file = await IdAsync(context, p.GetRequiredValue(which));
            var after = await CallAsync<CaseFile>(context, Calls.ChangeCase, new ChangeCaseCall(file.Id, edit, context.User), cancellation);
            context.Terminal.Line($"[green]✔[/] {Terminal.Safe(Words(after))}");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Note()
    {
        var which = Case();
        var text = new Argument<string>("text") { Description = "Markdown; - reads standard input." };
        var command = new Command("note", "Adds a note to a case.") { which, text };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var said = context.Parsed.GetRequiredValue(text);
            if (said == "-") said = await Console.In.ReadToEndAsync(cancellation);
            var file = await IdAsync(context, context.Parsed.GetRequiredValue(which));
            await CallAsync<PersonsNote>(context, Calls.NoteCase, new NoteCaseCall(file.Id, said, context.User), cancellation);
            context.Terminal.Line($"[green]✔[/] noted in case {file.Number}");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Task()
    {
        var which = Case();
        var what = new Argument<string>("what") { Description = "What is to be done; or the number of a task, with --done, --assignee or --due." };
        var assignee = new Option<string?>("--assignee") { Description = "Who is to do it, by login name; '' = whoever has the case." };
        var due = new Option<DateTimeOffset?>("--due") { Description = "Until when: 2026-12-01T12:00+01:00." };
        var done = new Option<bool?>("--done") { Description = "It is done; with false it is not." };
        var command = new Command("task", "Adds something to be done in a case, or changes it.") { which, what, assignee, due, done };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var p = context.Parsed;
            var file = await IdAsync(context, p.GetRequiredValue(which));
            var (text, who, until) = (p.GetRequiredValue(what), p.GetValue(assignee), p.GetValue(due));
            var task = long.TryParse(text, out var number)
                ? await CallAsync<CaseTask>(context, Calls.ChangeTask, new ChangeTaskCall(file.Id, number, new TaskEdit(Assignee: who, Due: until, Done: p.GetValue(done)), context.User), cancellation)
                : await CallAsync<CaseTask>(context, Calls.AddTask, new AddTaskCall(file.Id, text, who, until, context.User), cancellation);
            context.Terminal.Line(TaskLine(task));
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Merge()
    {
        var which = Case();
        var into = new Option<string>("--into") { Description = "The case that takes everything, by its number or id.", Required = true };
        var reason = new Option<string>("--reason", "-r") { Description = "Why, for the timeline.", DefaultValueFactory = _ => "" };
        var command = new Command("merge", "Puts everything that lies in a case into another one, and closes it as its duplicate.") { which, into, reason };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var (from, to) = (await IdAsync(context, context.Parsed.GetRequiredValue(which)), await IdAsync(context, context.Parsed.GetRequiredValue(into)));
            var kept = await CallAsync<CaseFile>(context, Calls.MergeCase, new MergeCaseCall(from.Id, to.Id, context.Parsed.GetValue(reason)!, context.User), cancellation);
            context.Terminal.Line($"[green]✔[/] case {from.Number} is part of {Terminal.Safe(Words(kept))}");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Split()
    {
        var which = Case();
        var title = new Option<string>("--title") { Description = "What the new case is called.", Required = true };
        var alerts = new Option<long[]>("--alert") { Description = "An alert that goes along, by its number; more than once for several.", DefaultValueFactory = _ => [] };
        var runs = new Option<string[]>("--run") { Description = "A run that goes along; part of its id is enough.", DefaultValueFactory = _ => [] };
        var command = new Command("split", "Opens a new case for some of a case's alerts and runs.") { which, title, alerts, runs };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var from = await IdAsync(context, context.Parsed.GetRequiredValue(which));
            var moved = new List<RunId>();
            using (var reader = SoarNode.OpenReader(context.Workspace))
                foreach (var run in context.Parsed.GetValue(runs)!) moved.Add((await Meant.RunAsync(reader.Runs, run)).Id);
            var made = await CallAsync<CaseFile>(context, Calls.SplitCase, new SplitCaseCall(from.Id, context.Parsed.GetRequiredValue(title), context.Parsed.GetValue(alerts)!, moved, context.User), cancellation);
            context.Terminal.Line($"[green]✔[/] {Terminal.Safe(Words(made))}");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Hold() => Held("hold", "Puts a case on hold: everything that belongs to it is kept, whatever the settings say.", Calls.HoldCase);

    private static Command Release() => Held("release", "Ends the hold on a case: what belongs to it is kept as long as the settings say.", Calls.ReleaseCase);

    private static Command Held(string name, string about, string call)
    {
        var which = Case();
        var reason = new Option<string>("--reason", "-r") { Description = "Why.", Required = true };
        var command = new Command(name, about) { which, reason };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var file = await IdAsync(context, context.Parsed.GetRequiredValue(which));
            var after = await CallAsync<CaseFile>(context, call, new HoldCaseCall(file.Id, context.Parsed.GetRequiredValue(reason), context.User), cancellation);
            context.Terminal.Line($"[green]✔[/] {Terminal.Safe(Words(after))}");
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Timeline()
    {
        var which = Case();
        var max = new Option<int>("--max") { Description = "Of each sort of thing so many. Default 200.", DefaultValueFactory = _ => 200 };
        var json = Json();
        var command = new Command("timeline", "Tells what happened in a case, oldest first.") { which, max, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var file = await reader.CaseAsync(context.Parsed.GetRequiredValue(which));
            var events = await reader.Cases.TimelineAsync(file.Id, context.Parsed.GetValue(max));
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(events); return CommandContext.Done; }
            foreach (var e in events)
            {
                var change = e.Old is null && e.New is null ? "" : $" {e.Old ?? "–"} → {e.New ?? "–"}";
                context.Terminal.Line($"[grey]{RunsCommands.Time(e.At)}[/] {Terminal.Safe(e.What)}{Terminal.Safe(change)} {Terminal.Safe(e.Text, lines: true)} [grey]{Terminal.Safe(e.Who)}[/]");
            }

            return CommandContext.Done;
        });
        return command;
    }

    private static Command Metrics()
    {
        var days = new Option<int>("--days") { Description = "Cases that were opened in the last so many days. Default 30.", DefaultValueFactory = _ => 30 };
        var json = Json();
        var command = new Command("metrics", "Tells how cases went: how many stand how, and how long it took to acknowledge, contain and close them.") { days, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var now = context.Clock.GetUtcNow();
            var metrics = await reader.Cases.MetricsAsync(now.AddDays(-context.Parsed.GetValue(days)), now.AddMilliseconds(1));
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(metrics); return CommandContext.Done; }
            context.Terminal.Line($"{Plural.Of(metrics.Opened, "case")} in {Plural.Of(context.Parsed.GetValue(days), "day")}{(metrics.Declared > 0 ? $", {metrics.Declared} declared incidents" : "")}: {string.Join(", ", metrics.ByStatus.Select(s => $"{s.Value} {s.Key.ToString().ToLowerInvariant()}"))}");
            foreach (var (what, times) in new[] { ("acknowledged", metrics.Acknowledge), ("contained", metrics.Contain), ("closed", metrics.Close) })
                context.Terminal.Line($"  {what}: {(times.Median is { } median ? $"{times.Cases}; half of them within {Durations.Say(Seconds(median))}, nine of ten within {Durations.Say(Seconds(times.P90!.Value))}" : "none")}");
            return CommandContext.Done;
        });
        return command;
    }

    /// <summary>A case in one line.</summary>
    public static string Words(CaseFile c) =>
        $"case {c.Number} ({c.Title}): {c.Status.ToString().ToLowerInvariant()}{(c.Resolution is { } resolution ? $", {ActionText.Phrase(resolution.ToString()).ToLowerInvariant()}" : "")}{(c.MergedInto is { } into ? $", merged into case {into}" : "")}"
        + $"{(c.Owner is { } owner ? $", {owner}'s" : ", nobody's")}{(c.Priority is { } priority ? $", priority {priority}" : "")}, severity {c.Severity}, {c.Tlp.Words()}{(c.DeclaredAt is { } at ? $", a declared incident since {RunsCommands.Time(at)} UTC by {c.DeclaredBy}" : "")}{(c.HeldAt is null ? "" : $", on hold: {c.HoldReason}")}";

    public static string TaskLine(CaseTask task) =>
        $"{(task.DoneAt is null ? "[yellow]○[/]" : "[green]✔[/]")} task {task.Number}: {Terminal.Safe(task.Title)}{(task.Assignee is { } who ? $", for {Terminal.Safe(who)}" : "")}{(task.Due is { } due ? $", until {RunsCommands.Time(due)} UTC" : "")}{(task.DoneAt is { } at ? $" [grey]done {RunsCommands.Time(at)} by {Terminal.Safe(task.DoneBy)}[/]" : "")}";

    private static TimeSpan Seconds(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));

    private static async Task<CaseFile> IdAsync(CommandContext context, string idOrNumber)
    {
        using var reader = SoarNode.OpenReader(context.Workspace);
        return await reader.CaseAsync(idOrNumber);
    }

    private static async Task<T> CallAsync<T>(CommandContext context, string call, object arguments, CancellationToken cancellation)
    {
        await using var node = await NodeConnection.OpenAsync(context, cancellation);
        return (await node.CallAsync(call, arguments, cancellation)).Deserialize<T>(SoarJson.Options)!;
    }
}
