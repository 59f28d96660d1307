using System.CommandLine;
using Soar.Server.Node;
using Soar.Server.Reference;

namespace Soar.Server.Commands;

/// <summary><c>soar settings</c>: every key of <c>soar.yaml</c>.</summary>
internal static class SettingsCommand
{
    public static Command Create()
    {
        var command = new Command("settings", "Prints the reference of soar.yaml as Markdown: every key, those of every connector type of this deployment too.");
        CommandContext.Handle(command, async (context, _) =>
        {
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            Console.Out.Write(SettingsReference.Markdown(tools.Registry.Types.Values));
            return CommandContext.Done;
        });
        return command;
    }
}
