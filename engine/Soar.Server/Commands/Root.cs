using System.CommandLine;

namespace Soar.Server.Commands;

/// <summary>Every command there is. Each has its paragraph in engine/docs/commands.md, which a test checks.</summary>
internal static class Root
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Soar runs security playbooks written in C#: durable, approved by people, undone when they expire.")
        {
            RunCommand.Create(), DoCommand.Create(), RunsCommands.Runs(), RunsCommands.Show(), AlertCommands.Alerts(),
            QuestionCommands.Questions(), QuestionCommands.Answer(), QuestionCommands.Claim(), QuestionCommands.Delegate(), RotaCommand.Rota(), ChangeCommands.Signal(), ChangeCommands.Cancel(), ChangeCommands.Pause(), ChangeCommands.Resume(),
            LedgerCommands.Containments(), LedgerCommands.Lift(), KillSwitchCommands.KillSwitch(), CaseCommands.Cases(), UserCommands.Users(), RequestCommands.Requests(), AuditCommands.Audit(),
            NewCommand.Create(), PlaybookCommands.Check(), PlaybookCommands.Graph(), PlaybookCommands.Catalog(), PlaybookCommands.Complete(), ActionsCommand.Create(), TriggerCommands.Triggers(), ScheduleCommands.Schedules(), TestCommand.Create(), PublishCommand.Create(), VersionCommands.Versions(),
            ListCommands.Lists(), ConnectorCommands.Create(), CredentialCommands.Create(), SettingsCommand.Create(), SystemCommands.Health(), SystemCommands.Serve(), SystemCommands.Backup(), RetentionCommands.Create(), BenchCommand.Create(),
        };
        foreach (var option in new Option[] { CommandContext.Settings, CommandContext.Playbooks, CommandContext.Store }) root.Options.Add(option);
        return root;
    }
}
