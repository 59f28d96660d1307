using System.Globalization;
using Soar.Language;
using Soar.Runs;
using Soar.Scripting;
using Soar.Scripting.Compile;
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
        await using (var replay = await TracedReplay.OfAsync(playbooks, playbook, cancellation))
            await replay.RunAsync(run.Id, journal, noticed.Add, cancellation);
        var terminal = context.Terminal;
        terminal.Line();
        terminal.Line("[bold]Why[/] (what each branch saw, recomputed from the journal)");
        if (noticed.Count == 0) terminal.Line("  no branch was reached");
        var values = new List<string>();
        foreach (var entry in noticed)
        {
            if (entry.Text is not null)
            {
                values.Add($"{Terminal.Short(entry.Text, 90)} = [bold]{Terminal.Short(entry.Value, 90)}[/]");
                continue;
            }

            var branch = diagram.Branches.FirstOrDefault(b => b.Id == entry.Branch);
            var line = branch is null ? "" : $":{branch.Span.Line.ToString(CultureInfo.InvariantCulture)}";
            terminal.Line($"  [grey]{Terminal.Safe(Path.GetFileName(playbook.File))}{line}[/] {Terminal.Short(branch?.Label ?? entry.Branch, 120)}");
            foreach (var value in values) terminal.Line($"      {value}");
            values.Clear();
        }
    }
}
