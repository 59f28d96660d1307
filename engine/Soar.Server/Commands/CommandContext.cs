using System.CommandLine;
using Soar.Server.Display;
using Soar.Server.Settings;

namespace Soar.Server.Commands;

/// <summary>What every command has: where it works, where it writes. The exit codes are told in engine/docs/commands.md.</summary>
internal sealed class CommandContext
{
    public const int Done = 0, Failed = 1, BadInput = 2, Waits = 3, Interrupted = 130;

    public static Option<string?> Settings { get; } = new("--settings") { Description = "The settings file. Default: soar.yaml here, in playbooks/, or in a folder above.", Recursive = true };
    public static Option<string?> Playbooks { get; } = new("--playbooks") { Description = "Folder of the playbooks. Default: the settings file's folder.", Recursive = true };
    public static Option<string?> Store { get; } = new("--store") { Description = "Folder of the store. Default: .soar in the current folder.", Recursive = true };

    private CommandContext(ParseResult parsed)
    {
        Parsed = parsed;
        Workspace = Workspace.Find(parsed.GetValue(Settings), parsed.GetValue(Playbooks), parsed.GetValue(Store));
    }

    public ParseResult Parsed { get; }
    public Workspace Workspace { get; }
    public Terminal Terminal { get; } = new();
    public TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>Who acts, for journal and answers: the login name.</summary>
    public string User => Environment.GetEnvironmentVariable("SOAR_USER") ?? Environment.UserName;

    /// <summary>The frame around every command: an error of ours is shown with its code, anything else is a defect and says so.</summary>
    public static void Handle(Command command, Func<CommandContext, CancellationToken, Task<int>> body) => command.SetAction(async (parsed, cancellation) =>
    {
        try
        {
            return await body(new CommandContext(parsed), cancellation);
        }
        catch (SoarException error)
        {
            new Terminal().Error(error);
            return error.Code is "SOAR5001" or "SOAR5002" or "SOAR5004" or "SOAR4002" or "SOAR4003" ? BadInput : Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Interrupted;
        }
        catch (Exception defect) // the edge: whatever reaches it is a defect of ours, and a person must be told so
        {
            var more = Environment.GetEnvironmentVariable("SOAR_LOG") is null ? "Set SOAR_LOG=debug to see where, and report it." : defect.ToString();
            new Terminal().Error($"This should not happen: {defect.GetType().Name}: {defect.Message} {more}", "SOAR5000");
            return Failed;
        }
    });
}
