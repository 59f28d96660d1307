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

/// <summary>The values that each branch of a run saw, recomputed by a replay in a tracing build.</summary>
internal static class WhyView
{
    public static async Task ShowAsync(CommandContext context, RunStore store, Run run, IReadOnlyList<JournalRecord> journal, CancellationToken cancellation)
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

        var terminal = context.Terminal;
        terminal.Line();
        terminal.Line("[bold]Why[/] (what each branch saw, recomputed from the journal)");
        if (noticed.Count == 0) terminal.Line("  no branch was reached");
        var values = new List<TraceEntry>();
        foreach (var entry in noticed)
        {
            if (entry.Text is not null)
            {
                values.Add(entry);
                continue;
            }

            // A loop that ends looks at its values once more, and no branch says so: they come before those of the next branch.
            foreach (var ended in values.Where(v => !entry.Branch.StartsWith(v.Branch + "/", StringComparison.Ordinal)).GroupBy(v => v.Branch)) Show($"{ended.Key}/entered", ended, ends: true);
            Show(entry.Branch, values.Where(v => entry.Branch.StartsWith(v.Branch + "/", StringComparison.Ordinal)), ends: false);
            values.Clear();
        }

        foreach (var ended in values.GroupBy(v => v.Branch)) Show($"{ended.Key}/entered", ended, ends: true);
        if (noticed.Count >= TraceEntry.Most) terminal.Line($"  [grey]Of what follows the first {TraceEntry.Most} entries only branches that had not been taken before are shown.[/]");

        void Show(string id, IEnumerable<TraceEntry> saw, bool ends)
        {
            var branch = diagram.Branches.FirstOrDefault(b => b.Id == id);
            var line = branch is null ? "" : $":{branch.Span.Line.ToString(CultureInfo.InvariantCulture)}";
            var label = branch is not { Kind: DiagramBranchKind.Entered, Source: DiagramBranchSource.Probe } ? branch?.Label ?? id
                : $"{branch.Label[..branch.Label.LastIndexOf(':')]}: {(ends ? "ends" : "goes on")}";
            terminal.Line($"  [grey]{Terminal.Safe(Path.GetFileName(playbook.File))}{line}[/] {Terminal.Short(label, 120)}");
            foreach (var value in saw) terminal.Line($"      {Terminal.Short(value.Text, 90)} = [bold]{Terminal.Short(value.Value, 90)}[/]");
        }
    }
}
