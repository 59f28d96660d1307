using System.Globalization;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Server.Commands;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Display;

/// <summary>A branch that a run took, and what it saw there.</summary>
/// <param name="Branch">The branch's id in the diagram.</param>
/// <param name="Label">As the diagram says it.</param>
internal sealed record BranchTaken(string Branch, int? Line, string Label, IReadOnlyList<ValueSeen> Saw);

internal sealed record ValueSeen(string Text, string? Value);

/// <summary>The values that each branch of a run saw, recomputed by a replay in a tracing build.</summary>
internal static class WhyView
{
    public static async Task ShowAsync(CommandContext context, RunStore store, Run run, IReadOnlyList<JournalRecord> journal, CancellationToken cancellation)
    {
        var (file, branches, cut) = await OfAsync(context, store, run, journal, cancellation);
        var terminal = context.Terminal;
        terminal.Line();
        terminal.Line("[bold]Why[/] (what each branch saw, recomputed from the journal)");
        if (branches.Count == 0) terminal.Line("  no branch was reached");
        foreach (var taken in branches)
        {
            var line = taken.Line is { } at ? $":{at.ToString(CultureInfo.InvariantCulture)}" : "";
            terminal.Line($"  [grey]{Terminal.Safe(file)}{line}[/] {Terminal.Short(taken.Label, 120)}");
            foreach (var value in taken.Saw) terminal.Line($"      {Terminal.Short(value.Text, 90)} = [bold]{Terminal.Short(value.Value, 90)}[/]");
        }

        if (cut) terminal.Line($"  [grey]Of what follows the first {TraceEntry.Most} entries only branches that had not been taken before are shown.[/]");
    }

    /// <summary>The branches in the order in which they were taken; cut = there were more than are kept.</summary>
    public static async Task<(string File, IReadOnlyList<BranchTaken> Branches, bool Cut)> OfAsync(
        CommandContext context, RunStore store, Run run, IReadOnlyList<JournalRecord> journal, CancellationToken cancellation)
    {
        await using var tools = Toolchain.Open(context.Workspace, context.Clock);
        var playbooks = new Playbooks(tools.Compiler, context.Workspace.Playbooks, new StoredVersions(store.FindVersionAsync, store.NewestVersionAsync));
        var playbook = await playbooks.ByHashAsync(run.VersionHash, cancellation);
        var diagram = Diagram.Of(playbook.Source, playbook.File, cancellation);
        var noticed = new List<TraceEntry>();
        var replay = await TracedReplay.OfAsync(playbooks, playbook, cancellation);
        await using (var host = new ProcessHost(replay, tools.Hosting(processes: 1), context.Clock))
        {
            await host.Ready.WaitAsync(cancellation);
            await replay.RunAsync(host, run.Id, journal, noticed.Add, cancellation);
        }

        var branches = new List<BranchTaken>();
        var values = new List<TraceEntry>();
        foreach (var entry in noticed)
        {
            if (entry.Text is not null)
            {
                values.Add(entry);
                continue;
            }

            // A loop that ends looks at its values once more, and no branch says so: they come before those of the next branch.
            foreach (var ended in values.Where(v => !entry.Branch.StartsWith(v.Branch + "/", StringComparison.Ordinal)).GroupBy(v => v.Branch)) Take($"{ended.Key}/entered", ended, ends: true);
            Take(entry.Branch, values.Where(v => entry.Branch.StartsWith(v.Branch + "/", StringComparison.Ordinal)), ends: false);
            values.Clear();
        }

        foreach (var ended in values.GroupBy(v => v.Branch)) Take($"{ended.Key}/entered", ended, ends: true);
        return (Path.GetFileName(playbook.File), branches, noticed.Count >= TraceEntry.Most);

        void Take(string id, IEnumerable<TraceEntry> saw, bool ends)
        {
            var branch = diagram.Branches.FirstOrDefault(b => b.Id == id);
            var label = branch is not { Kind: DiagramBranchKind.Entered, Source: DiagramBranchSource.Probe } ? branch?.Label ?? id
                : $"{branch.Label[..branch.Label.LastIndexOf(':')]}: {(ends ? "ends" : "goes on")}";
            branches.Add(new BranchTaken(id, branch?.Span.Line, label, [.. saw.Select(value => new ValueSeen(value.Text!, value.Value))]));
        }
    }
}
