using System.CommandLine;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Scripting.JavaScript;
using Soar.Scripting.Jail;
using Soar.Server.Commands;

// Three verbs are children of our own: they shut themselves in before any foreign code runs.
var jailed = new Dictionary<string, JailBody>
{
    [HostProcess.Verb] = HostProcess.RunAsync,
    [CompileWorker.Verb] = CompileWorker.ServeAsync,
    [JavaScriptWorker.Verb] = JavaScriptWorker.Body,
};
if (JailEntry.Run(args, jailed) is { } code) return code;

var root = new RootCommand("Soar runs security playbooks written in C#: durable, approved by people, undone when they expire.")
{
    RunCommand.Create(), DoCommand.Create(), RunsCommands.Runs(), RunsCommands.Show(), AlertCommands.Alerts(),
    QuestionCommands.Questions(), QuestionCommands.Answer(), ChangeCommands.Signal(), ChangeCommands.Cancel(), ChangeCommands.Pause(), ChangeCommands.Resume(),
    LedgerCommands.Containments(), LedgerCommands.Lift(), CaseCommands.Cases(), RequestCommands.Requests(), AuditCommands.Audit(),
    NewCommand.Create(), PlaybookCommands.Check(), PlaybookCommands.Graph(), PlaybookCommands.Catalog(), PlaybookCommands.Complete(), ActionsCommand.Create(), TriggerCommands.Triggers(), TestCommand.Create(),
    ListCommands.Lists(), ConnectorCommands.Create(), SettingsCommand.Create(), SystemCommands.Health(), SystemCommands.Serve(), SystemCommands.Backup(), BenchCommand.Create(),
};
foreach (var option in new Option[] { CommandContext.Settings, CommandContext.Playbooks, CommandContext.Store }) root.Options.Add(option);
return await root.Parse(args).InvokeAsync();
