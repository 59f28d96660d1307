using System.CommandLine;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;

namespace Soar.Server.Commands;

/// <summary><c>soar do</c>: a single action, typed as C#, done as a run like any other.</summary>
internal static class DoCommand
{
    public static Command Create()
    {
        var text = new Argument<string>("command") { Description = "C# of one line, for example: await Intel[\"local\"].Lookup(IpAddress.Parse(\"203.0.113.7\"))" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Dispatch reads only; list every effect and let the connector's simulator answer it." };
        var command = new Command("do", "Does one line of C#: the same checks, approvals and record as a playbook. Its value is printed as JSON.") { text, dryRun };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            OneLine line;
            await using (var tools = Toolchain.Open(context.Workspace, context.Clock))
                line = await OneLine.ReadAsync(context.Parsed.GetRequiredValue(text), tools.Compiler, cancellation);
            // The process that owns the store reads it from here; the run keeps its own copy in the store.
            var folder = Directory.CreateTempSubdirectory("soar-do-");
            try
            {
                var file = Path.Combine(folder.FullName, $"{OneLine.Name}.csx");
                await File.WriteAllTextAsync(file, line.Source, cancellation);
                await using var node = await NodeConnection.OpenAsync(context, cancellation);
                var call = new RunCall(file, null, RunCommand.Inputs([]), context.Parsed.GetValue(dryRun) ? RunMode.DryRun : RunMode.Live, context.User);
                var follower = new Follower(context, node, reply: null);
                var code = await follower.RunAsync(Calls.Run, call, cancellation);
                if (follower.FailedWith == "approval-required") SayHowToAsk(context.Terminal);
                return code;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    // A line has room for the question too; that is how a single effect is approved.
    private static void SayHowToAsk(Terminal terminal)
    {
        terminal.Line("Ask in the same line, and do it once it is approved; for example:");
        terminal.Line("  soar do 'var block = Firewall.Block(IpAddress.Parse(\"203.0.113.7\"), 2.Hours); if ((await Ask(\"shift-lead\", \"Block it?\", block)).Approved) await block;'");
    }
}
