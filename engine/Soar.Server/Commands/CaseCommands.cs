using System.CommandLine;
using System.Security.Cryptography;
using Soar.Alerts;
using Soar.Capabilities;
using Soar.Cases;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar cases</c>: the SOC's files on a matter, and everything that lies in one: notes, observables, evidence with its chain of custody, runs, containments.</summary>
internal static class CaseCommands
{
    public static Command Cases()
    {
        var which = new Argument<string?>("case") { Description = "Show this one whole: its number or id.", Arity = ArgumentArity.ZeroOrOne };
        var max = new Option<int>("--max") { Description = "How many. Default 50.", DefaultValueFactory = _ => 50 };
        var status = new Option<CaseStatus?>("--status") { Description = "Only those that stand so: new, open, contained, closed." };
        var owner = new Option<string?>("--owner") { Description = "Only this person's." };
        var text = new Option<string?>("--text") { Description = "Only those with this in the title, or that are about this: an address, a name." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("cases", "Lists cases, newest first; or shows one: alerts, notes, tasks, observables, evidence and who had it, runs, containments.") { which, status, owner, text, max, json };
        foreach (var work in CaseWorkCommands.All()) command.Add(work);
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            if (context.Parsed.GetValue(which) is { } asked)
            {
                var one = await CaseView.ReadAsync(reader, SoarNode.ArtifactsOf(context.Workspace), await reader.CaseAsync(asked), cancellation);
                if (context.Parsed.GetValue(json)) context.Terminal.Json(one);
                else one.Show(context.Terminal);
                // Evidence that cannot be trusted is a failure, whoever looks.
                return one.CustodyProblem is null && one.Evidence.All(e => e.Problem is null) ? CommandContext.Done : CommandContext.Failed;
            }

            var cases = await reader.Cases.PageAsync(new CaseFilter(context.Parsed.GetValue(status), context.Parsed.GetValue(owner), Text: context.Parsed.GetValue(text)), context.Parsed.GetValue(max));
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(cases); return CommandContext.Done; }
            if (cases.Count == 0) { context.Terminal.Line("No cases. A playbook opens one with Case.Open, an alert by the rules under alerts.cases of soar.yaml."); return CommandContext.Done; }
            var table = Terminal.Table("case", "status", "owner", "severity", "TLP", "opened (UTC)", "by", "title");
            foreach (var one in cases)
                table.AddRow($"{one.Number}", Status(one), Terminal.Safe(one.Owner), $"{one.Severity}", Terminal.Safe(one.Tlp.Words()), RunsCommands.Time(one.OpenedAt), Terminal.Safe(one.OpenedBy), Terminal.Short(one.Title, 100));
            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    private static string Status(CaseFile one) => one.Status switch
    {
        CaseStatus.New => "[yellow]new[/]",
        CaseStatus.Closed => "[grey]closed[/]",
        var other => $"[blue]{other.ToString().ToLowerInvariant()}[/]",
    } + (one.DeclaredAt is null ? "" : " [red]incident[/]");
}

/// <summary>A piece of evidence with its links of the chain.</summary>
/// <param name="Problem">Why its bytes are not what was sealed; null when they are.</param>
internal sealed record EvidenceShown(EvidenceItem Item, IReadOnlyList<CustodyRecord> Custody, string? Problem);

/// <summary>Everything that lies in a case.</summary>
/// <param name="CustodyProblem">Where the chain of custody (of all cases: it is one) is broken; null when it is whole.</param>
internal sealed record CaseView(
    CaseFile Case, IReadOnlyList<AlertRecord> Alerts, CaseDeskwork Work, IReadOnlyList<RelatedCase> Related, IReadOnlyList<CaseNote> Notes, IReadOnlyList<CaseObservable> Observables, IReadOnlyList<EvidenceShown> Evidence, string? CustodyProblem,
    IReadOnlyList<Run> Runs, IReadOnlyList<Containment> Containments)
{
    public static async Task<CaseView> ReadAsync(NodeReader reader, IArtifacts artifacts, CaseFile file, CancellationToken cancellation)
    {
        var id = file.Id.ToString();
        var content = await reader.Cases.ReadAsync(file.Id);
        var evidence = new List<EvidenceShown>();
        foreach (var item in content.Evidence)
            evidence.Add(new EvidenceShown(item, await reader.Cases.CustodyAsync(item.Id), await ProblemAsync(artifacts, item.Artifact, cancellation)));
        var runs = (await reader.Runs.ListAsync(null, null, int.MaxValue)).Where(run => run.CaseId == id).OrderBy(run => run.CreatedAt).ToList();
        return new CaseView(file, await reader.Alerts.OfCaseAsync(id, 200), await reader.Cases.DeskworkAsync(file.Id), await reader.Cases.RelatedAsync(file.Id, 10), content.Notes, content.Observables, evidence, evidence.Count == 0 ? null : await reader.Cases.VerifyCustodyAsync(),
            runs, await reader.Runs.ContainmentsAsync(null, id, standingOnly: false));
    }

    public void Show(Terminal terminal)
    {
        terminal.Line($"[bold]Case {Case.Number}: {Terminal.Safe(Case.Title)}[/]");
        terminal.Line($"  {Terminal.Safe(CaseWorkCommands.Words(Case))}");
        terminal.Line($"  opened {RunsCommands.Time(Case.OpenedAt)} UTC by {Terminal.Safe(Case.OpenedBy)}  [grey]{Case.Id}[/]");
        Part(terminal, Case.Alerts > 0 ? $"Alerts ({Case.Alerts}, and what repeats them)" : "Alerts", Alerts.Select(a =>
            $"alert {a.Number} [grey]{RunsCommands.Time(a.ReceivedAt)}[/] {Terminal.Short(a.Source, 30)} {Terminal.Short(a.Alert.Title, 100)}{(a.DuplicateOf is { } first ? $" [grey]repeats {first}[/]" : "")}"));
        Part(terminal, "Related", Related.Select(r => $"case {r.Case.Number} {Terminal.Short(r.Case.Title, 80)} [grey]shares {Plural.Of(r.Count, "thing")}: {Terminal.Safe(string.Join(", ", r.Shared))}[/]"));
        Part(terminal, "Tasks", Work.Tasks.Select(CaseWorkCommands.TaskLine));
        Part(terminal, "Notes of people", Work.Notes.Select(note => $"[grey]{RunsCommands.Time(note.At)}[/] {Terminal.Safe(note.Who)}: {Terminal.Safe(note.Text, lines: true)}"));
        Part(terminal, "Notes", Notes.Select(note => $"[grey]{RunsCommands.Time(note.At)} run {ShortId.Of(note.Run)}[/] {Terminal.Safe(note.Text, lines: true)}"));
        Part(terminal, "Observables", Observables.Select(seen => $"{Terminal.Safe(seen.Observable.Type)} [bold]{Terminal.Safe(seen.Observable.Value)}[/] {Word(seen.Verdict)} [grey]{RunsCommands.Time(seen.At)} run {ShortId.Of(seen.Run)}[/]"));
        Part(terminal, "Evidence", Evidence.SelectMany(Lines));
        if (Evidence.Count > 0) terminal.Line(CustodyProblem is null ? "  [green]✔[/] the chain of custody is unbroken" : $"  [red]✘[/] the chain of custody is broken: {Terminal.Safe(CustodyProblem)}");
        Part(terminal, "Runs", Runs.Select(run => $"{run.Id} {Terminal.Safe(run.Playbook)} {Terminal.Safe(run.PlaybookVersion)}{RunsCommands.Mode(run)}: {Terminal.Short(RunText.Result(run.Status, run.Result), 100)}"));
        Part(terminal, "Containments", Containments.Select(row =>
            $"{Terminal.Safe(row.Action)} of [bold]{Terminal.Safe(row.Target)}[/] on {Terminal.Safe(row.Instance)}: {row.Status.ToString().ToLowerInvariant()}{(row.Until is { } until ? $", until {RunsCommands.Time(until)} UTC" : "")}  [grey]{row.Id}[/]"));
    }

    private static IEnumerable<string> Lines(EvidenceShown shown)
    {
        var artifact = shown.Item.Artifact;
        yield return $"[bold]{Terminal.Safe(shown.Item.Description)}[/]: {Terminal.Safe(artifact.Name)}, {Plural.Of(artifact.Size, "byte")}, SHA-256 {artifact.Sha256}  [grey]{Terminal.Safe(shown.Item.Id)}[/]";
        yield return shown.Problem is null ? "  [green]✔[/] its bytes are what was sealed" : $"  [red]✘[/] {Terminal.Safe(shown.Problem)}";
        foreach (var link in shown.Custody)
            yield return $"  [grey]{RunsCommands.Time(link.At)}[/] {Terminal.Safe(link.What)} by {Terminal.Safe(link.Who)}, run {ShortId.Of(link.Run)}, link {link.Number} [grey]{link.Hash[..16]}…[/]";
    }

    private static void Part(Terminal terminal, string title, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count == 0) return;
        terminal.Line($"[bold]{title}[/]");
        foreach (var line in all) terminal.Line($"  {line}");
    }

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Malicious => "[red]malicious[/]",
        Verdict.Suspicious => "[yellow]suspicious[/]",
        _ => verdict.ToString().ToLowerInvariant(),
    };

    private static async Task<string?> ProblemAsync(IArtifacts artifacts, Artifact artifact, CancellationToken cancellation)
    {
        try
        {
            await using var bytes = artifacts.Open(artifact);
            var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, cancellation));
            return sha256 == artifact.Sha256 ? null : $"its bytes have SHA-256 {sha256} now: they were changed since they were sealed. Restore them from a backup";
        }
        catch (Exception e) when (e is IOException or SoarException)
        {
            return $"its bytes cannot be read: {e.Message}";
        }
    }
}
