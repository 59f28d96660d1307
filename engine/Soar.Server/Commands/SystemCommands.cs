using System.CommandLine;
using Soar.Scripting.Jail;
using Soar.Server.Display;
using Soar.Server.Node;

namespace Soar.Server.Commands;

/// <summary><c>soar serve</c>, <c>backup</c> and <c>health</c>: the deployment itself.</summary>
internal static class SystemCommands
{
    public static Command Serve()
    {
        var command = new Command("serve", "Keeps the engine running: goes on with every run, wakes those that wait, lifts what expires. Ctrl-C stops it cleanly.");
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            await using var node = await SoarNode.OpenAsync(context.Workspace, context.Clock, cancellation);
            context.Terminal.Line($"Soar drives {Terminal.Safe(context.Workspace.Store)}. Ctrl-C stops it; what waits goes on waiting.");
            await node.ServeAsync(context.Terminal, cancellation);
            return CommandContext.Done;
        });
        return command;
    }

    public static Command Backup()
    {
        var folder = new Argument<string>("folder") { Description = "A new or empty folder for the copy." };
        var command = new Command("backup", "Copies the store while it is in use; the copy is verified and can be opened in its place.") { folder };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var target = Path.GetFullPath(context.Parsed.GetRequiredValue(folder));
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            await node.CallAsync(Calls.Backup, new BackupCall(target), cancellation);
            context.Terminal.Line($"[green]✔[/] Backed up to {Terminal.Safe(target)}. To use it: --store {Terminal.Safe(target)}");
            return CommandContext.Done;
        });
        return command;
    }

    public static Command Health()
    {
        var command = new Command("health", "Tells what the kernel's jail offers, whether the store is owned, and what waits.");
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var terminal = context.Terminal;
            var kernel = KernelSupport.OfThisMachine();
            terminal.Line(kernel.IsWhole
                ? $"[green]✔[/] jail: landlock {kernel.LandlockVersion}, seccomp, resource limits"
                : $"[yellow]![/] jail is weaker here: {Terminal.Safe(string.Join("; ", kernel.Weaknesses()))}");
            if (!File.Exists(SoarNode.DatabaseOf(context.Workspace)))
            {
                terminal.Line($"[grey]–[/] store: none yet in {Terminal.Safe(context.Workspace.Store)}");
                return CommandContext.Done;
            }

            await using (var owner = await OwnerClient.ConnectAsync(context.Workspace.Socket, cancellation))
                terminal.Line(owner is null ? $"[yellow]–[/] store: {Terminal.Safe(context.Workspace.Store)}, nobody drives it ('soar serve' does)" : $"[green]✔[/] store: {Terminal.Safe(context.Workspace.Store)}, driven by another soar process");
            using var reader = SoarNode.OpenReader(context.Workspace);
            var runs = await reader.Runs.ListAsync(null, null, 1_000_000);
            foreach (var group in runs.GroupBy(r => r.Status).OrderBy(g => g.Key))
                terminal.Line($"  {group.Count()} {RunText.Word(group.Key)}");
            var open = await reader.Runs.QuestionsAsync(null, Runs.QuestionStatus.Open);
            terminal.Line($"  {open.Count} questions open");
            return CommandContext.Done;
        });
        return command;
    }
}
