using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Scripting.Jail;
using Soar.Server.Demo;
using Soar.Server.Display;
using Soar.Server.Http;
using Soar.Server.Node;
using Soar.Server.Settings;

namespace Soar.Server.Commands;

/// <summary><c>soar serve</c>, <c>backup</c> and <c>health</c>: the deployment itself.</summary>
internal static class SystemCommands
{
    public static Command Serve()
    {
        var http = new Option<string?>("--http") { Description = "Where the HTTP API listens, instead of the settings' http.listen: http://127.0.0.1:7620, or off." };
        var demo = new Option<bool>("--demo") { Description = "A demonstration in the folder .soar-demo (or --store): made-up attacks, the shipped playbooks, simulated firewalls, mail and tickets, and people to sign in as." };
        var command = new Command("serve", "Keeps the engine running: takes alerts from the sources, starts what triggers want, goes on with every run, wakes those that wait, lifts what expires. Ctrl-C stops it cleanly.") { http, demo };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var listen = context.Parsed.GetValue(http);
            var desk = context.Parsed.GetValue(demo) ? DemoDesk.At(context.Parsed.GetValue(CommandContext.Store) ?? ".soar-demo") : null;
            await using var node = await SoarNode.OpenAsync(desk?.Workspace ?? context.Workspace, context.Clock, cancellation);
            if (listen == "off" || (listen is null && node.Tools.Settings.Http.Listen.Count == 0)) await ServeAsync(context, node, desk, cancellation);
            else await ServeHttpAsync(context, node, desk, listen, cancellation);
            return CommandContext.Done;
        });
        return command;
    }

    // A method of its own: the web framework is loaded when it is entered, and not before.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task ServeHttpAsync(CommandContext context, SoarNode node, DemoDesk? demo, string? listen, CancellationToken cancellation)
    {
        await using var server = await HttpServer.StartAsync(node, listen, cancellation);
        var first = server.Addresses[0];
        context.Terminal.Line($"The HTTP API listens at {Terminal.Safe(string.Join(", ", server.Addresses))}");
        if (demo is not null)
            await demo.TellPeopleAsync(node, context.Terminal, first);
        else if (await node.Logins.OfferSetUpAsync() is { } code)
            context.Terminal.Line($"There is no user yet. This one-time code makes the first one, an administrator, while this process runs (POST /api/setup): {Terminal.Safe($"{first}/setup#{code}")}");
        await ServeAsync(context, node, demo, cancellation);
    }

    private static async Task ServeAsync(CommandContext context, SoarNode node, DemoDesk? demo, CancellationToken cancellation)
    {
        var attacks = demo is null ? Task.CompletedTask : new DemoSensor(demo.SensorFile, context.Clock).RunAsync(cancellation);
        await node.ServeAsync(context.Terminal, cancellation);
        try
        {
            await attacks;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // It attacks until it is stopped.
        }
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
            var code = await SettingsAsync(context, kernel);
            if (!File.Exists(SoarNode.DatabaseOf(context.Workspace)))
            {
                terminal.Line($"[grey]–[/] store: none yet in {Terminal.Safe(context.Workspace.Store)}");
                return code;
            }

            if (!await OwnerAsync(context, cancellation)) code = CommandContext.Failed;
            using var reader = SoarNode.OpenReader(context.Workspace);
            foreach (var (status, count) in await reader.Runs.CountAsync()) terminal.Line($"  {count} {RunText.Word(status)}");
            foreach (var on in await reader.Runs.SwitchesAsync(all: false)) terminal.Line($"[red]■[/] kill switch: holds {Terminal.Safe(on.Scope())} {Terminal.Safe(on.Words())}");
            var held = await reader.Runs.HeldAsync(null);
            if (held.Count > 0) terminal.Line($"  {held.Count} effects of {held.Select(h => h.Run).Distinct().Count()} runs are held by it");
            var open = await reader.Runs.QuestionsAsync(null, Runs.QuestionStatus.Open);
            terminal.Line($"  {Plural.Of(open.Count, "question")} open");
            var errors = await reader.Cases.TriggerErrorsAsync(1);
            if (errors.Count > 0) terminal.Line($"[yellow]![/] a trigger failed last at {RunsCommands.Time(errors[0].At)} UTC: 'soar triggers' tells more");
            return code;
        });
        return command;
    }

    /// <summary>Asks the process that drives the store how it is; false when it does not answer, or its store failed it.</summary>
    private static async Task<bool> OwnerAsync(CommandContext context, CancellationToken cancellation)
    {
        var (terminal, store) = (context.Terminal, Terminal.Safe(context.Workspace.Store));
        await using var owner = await OwnerClient.ConnectAsync(context.Workspace.Socket, cancellation);
        if (owner is null)
        {
            terminal.Line($"[yellow]–[/] store: {store}, nobody drives it ('soar serve' does)");
            return true;
        }

        try
        {
            var answer = await OwnerClient.CallAsync(owner, Calls.Ping, new { }, _ => Task.CompletedTask, cancellation).WaitAsync(TimeSpan.FromSeconds(5), context.Clock, cancellation);
            var health = answer.Deserialize<EngineHealth>(SoarJson.Options)!;
            terminal.Line($"[green]✔[/] store: {store}, driven by another soar process: {Plural.Of(health.Driving, "run")} in hand, {health.Kept} waiting in memory");
            // Once it failed and went on since: told, for as long as it may still matter.
            if (health.LastError is null) return true;
            terminal.Line($"[yellow]![/] its store failed it last at {RunsCommands.Time(health.LastErrorAt)} UTC: {Terminal.Safe(health.LastError)}");
            return context.Clock.GetUtcNow() - health.LastErrorAt > TimeSpan.FromMinutes(1);
        }
        catch (Exception e) when (e is TimeoutException or SoarException or IOException)
        {
            terminal.Line($"[red]✘[/] store: {store}, driven by another soar process that does not answer: {Terminal.Safe(e.Message)}");
            return false;
        }
    }

    /// <summary>The jail as this deployment asks for it, and what else its settings say; a file that cannot be used is told whole, and the rest is looked at all the same.</summary>
    private static async Task<int> SettingsAsync(CommandContext context, KernelSupport kernel)
    {
        var terminal = context.Terminal;
        var weak = Terminal.Safe(string.Join("; ", kernel.Weaknesses()));
        var whole = $"[green]✔[/] jail: landlock {kernel.LandlockVersion}, seccomp, resource limits";
        try
        {
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            var settings = tools.Settings;
            var refuses = !kernel.IsWhole && settings.Jail == JailPolicy.Require;
            terminal.Line(kernel.IsWhole ? $"{whole} (policy {Kebab(settings.Jail)})"
                : refuses ? $"[red]✘[/] jail is weaker here, and the policy is require: no playbook host starts. {weak}"
                : $"[yellow]![/] jail is weaker here, which the policy {Kebab(settings.Jail)} allows: {weak}");
            var path = context.Workspace.SettingsPath;
            terminal.Line(path is null ? "[grey]–[/] settings: no soar.yaml was found; the defaults count" : $"[green]✔[/] settings: {Terminal.Safe(path)}");
            var approvals = settings.Approvals.Count == 0 ? "[yellow]no effect[/]" : string.Join(", ", settings.Approvals.Select(e => e.ToString().ToLowerInvariant()));
            terminal.Line($"  approval is needed for {approvals}; {Plural.Of(settings.Hosts, "playbook host")}");
            var guarded = settings.Protected.ToAssets(Resolvers.OfThisMachine()).All.Where(a => a.Networks.Count + a.Domains.Count + a.MailDomains.Count + a.Accounts.Count > 0).Select(a => a.Name);
            terminal.Line($"  protected ({settings.Protected.Then.ToString().ToLowerInvariant()}): {Terminal.Safe(string.Join(", ", guarded))}; {Plural.Of(settings.Budgets.Count, "budget")}");
            foreach (var (role, people) in settings.Roles) terminal.Line($"  {Terminal.Safe(role)}: {Terminal.Safe(string.Join(", ", people))}");
            var simulated = tools.Registry.Instances.Count(i => i.Simulated);
            terminal.Line($"  {Plural.Of(tools.Registry.Instances.Count, "connector instance")}{(simulated == 0 ? "" : $", {simulated} of them simulated")}");
            return refuses ? CommandContext.Failed : CommandContext.Done;
        }
        catch (SoarException error) when (error.Code.StartsWith("SOAR4", StringComparison.Ordinal))
        {
            terminal.Line(kernel.IsWhole ? whole : $"[yellow]![/] jail is weaker here: {weak}");
            terminal.Line($"[red]✘[/] settings: {Terminal.Safe(error.Message, lines: true)}");
            return CommandContext.Failed;
        }
    }

    private static string Kebab(JailPolicy policy) => policy == JailPolicy.Require ? "require" : "accept-weaker";
}
