using System.CommandLine;
using System.Reflection;
using System.Runtime.CompilerServices;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Server.Credentials;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;

namespace Soar.Server.Commands;

/// <summary><c>soar connectors</c>: what this deployment is connected to, what it could be connected to, and whether it answers.</summary>
internal static class ConnectorCommands
{
    public static Command Create()
    {
        var type = new Argument<string?>("type") { Description = "A connector type: shows its settings and actions.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("connectors", "Lists this deployment's connector instances and the connector types there are; with a type, its settings and actions.") { type, Test() };
        CommandContext.Handle(command, async (context, _) =>
        {
            var asked = context.Parsed.GetValue(type);
            await using var tools = asked is null ? Toolchain.Open(context.Workspace, context.Clock) : ForTypes(context);
            if (asked is not null) Show(context.Terminal, Find(tools.Registry, asked));
            else List(context, tools);
            return CommandContext.Done;
        });
        return command;
    }

    // What a type takes is looked up most when the settings are wrong.
    private static Toolchain ForTypes(CommandContext context)
    {
        try
        {
            return Toolchain.Open(context.Workspace, context.Clock);
        }
        catch (SoarException e) when (e.Code == "SOAR4002")
        {
            context.Terminal.Line("[yellow]The settings cannot be used as they are; 'soar connectors' says why.[/]");
            return Toolchain.Open(context.Workspace with { SettingsPath = null }, context.Clock);
        }
    }

    private static Command Test()
    {
        var instance = new Argument<string?>("instance") { Description = "One instance. Default: all.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("test", "Asks instances whether their product can be reached with these credentials and rights; changes nothing. Exit code 1 when one cannot.") { instance };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            var asked = context.Parsed.GetValue(instance);
            var instances = tools.Registry.Instances.Where(i => asked is null || i.Name == asked).ToList();
            if (instances.Count == 0 && asked is not null)
                throw new SoarException("SOAR5001", $"There is no connector instance '{asked}'.{YamlBinder.Suggest(asked, tools.Registry.Instances.Select(i => i.Name))}");
            var tests = await Task.WhenAll(instances.Select(i => InstanceTest.MakeAsync(i, context.Clock, cancellation)));
            foreach (var (i, result) in instances.Zip(tests))
            {
                var mark = result is null ? "[grey]–[/]" : result.Ok ? "[green]✔[/]" : "[red]✘[/]";
                context.Terminal.Line($"{mark} {Terminal.Safe(i.Name)} ({Terminal.Safe(i.Type.Declared.Type)}): {Terminal.Safe(result?.Message ?? "simulated, nothing to reach")}");
            }

            // A use like any other: on record, whoever owns the store.
            while (tools.Credentials.Taken.TryRead(out var taken))
                await CredentialLine.CallAsync(context, Calls.UseCredential, new UseCredentialCall(taken.Name, taken.By, taken.At, taken.First), cancellation);
            var failed = tests.Count(test => test is { Ok: false });
            context.Terminal.Line(instances.Count == 0
                ? $"There are no connector instances.{(context.Workspace.SettingsPath is null ? " No soar.yaml was found; give --settings." : " Write them into soar.yaml; 'soar connectors' lists the types.")}"
                : failed == 0 ? $"[green]✔[/] {tests.Count(test => test is { Ok: true })} of {instances.Count} reached, the others are simulated" : $"[red]✘[/] {failed} of {instances.Count} cannot be used");
            return failed > 0 ? CommandContext.Failed : CommandContext.Done;
        });
        return command;
    }

    private static ConnectorType Find(ConnectorRegistry registry, string type) => registry.Types.GetValueOrDefault(type)
        ?? throw new SoarException("SOAR5001", $"There is no connector type '{type}'.{(registry.Instances.Any(i => i.Name == type) ? $" It is the name of an instance; its type is {registry.Instances.First(i => i.Name == type).Type.Declared.Type}." : YamlBinder.Suggest(type, registry.Types.Keys))}");

    private static void List(CommandContext context, Toolchain tools)
    {
        var terminal = context.Terminal;
        terminal.Line("[bold]Instances[/]" + (context.Workspace.SettingsPath is null ? " (no soar.yaml was found)" : $" of {Terminal.Safe(context.Workspace.SettingsPath)}"));
        foreach (var i in tools.Registry.Instances)
        {
            terminal.Line($"  [bold]{Terminal.Safe(i.Name)}[/]: {Terminal.Safe(i.Type.Declared.Type)} ({Capabilities(i.Type)}){(i.IsDefault ? ", default" : "")}{(i.Simulated ? ", [yellow]simulated[/]" : "")}"
                + $"{(i.Type.Capabilities.Count == 0 ? "" : $", cleared for {Clearance(i)}")}{(i.Terms.Pace?.Rate is { } rate ? $", at most {rate}" : "")}{(i.Terms.Places is { } places ? $", {places.Count} at once" : "")}, {Proven(i.Type)}");
        }

        if (tools.Registry.Instances.Count == 0) terminal.Line("  none");
        terminal.Line();
        terminal.Line("[bold]Types[/] (soar connectors <type> shows settings and actions)");
        foreach (var type in tools.Registry.Types.Values)
        {
            terminal.Line($"  [bold]{Terminal.Safe(type.Declared.Type)}[/] ({Capabilities(type)}): {Terminal.Safe(type.Declared.Summary)}{(tools.Foreign.Assemblies.Contains(type.Class.Assembly) ? $" From {Terminal.Safe(type.Class.Assembly.Location)}." : "")}");
            terminal.Line($"    {Proven(type)}");
        }

        terminal.Line();
        terminal.Line("[bold]Built in[/] (no connector, no instance to write)");
        foreach (var capability in tools.Catalog.Capabilities.Where(c => c.BuiltIn))
        {
            terminal.Line($"  [bold]{Terminal.Safe(capability.Name)}[/]: {Terminal.Safe(capability.Declared.Summary)}");
            terminal.Line($"    {Proven(capability.Declared.Proven, "proven by")}");
        }

        if (tools.Foreign.Problems.Count == 0) return;
        terminal.Line();
        terminal.Line("[bold]Left out[/]");
        foreach (var problem in tools.Foreign.Problems) terminal.Line($"  [red]✘[/] {Terminal.Safe(problem)}");
    }

    private static void Show(Terminal terminal, ConnectorType type)
    {
        terminal.Line($"[bold]{Terminal.Safe(type.Declared.Type)}[/]: {Terminal.Safe(type.Declared.Summary)}");
        terminal.Line(Proven(type));
        if (IsSource(type)) terminal.Line("It hands over alerts while 'soar serve' runs; 'soar alerts' shows them.");
        if (type.Declared.Outside) terminal.Line("It asks others: what it is told leaves the house.");
        if (type.Declared.Rate.Length > 0) terminal.Line($"Called at most {type.Declared.Rate} unless the instance says otherwise.");
        terminal.Line();
        terminal.Line("[bold]Settings[/]");
        Settings(terminal, type.Settings, "  ");
        terminal.Line("  of every instance:");
        Settings(terminal, typeof(InstanceSettings), "    ");
        foreach (var capability in type.Capabilities)
        {
            terminal.Line();
            terminal.Line($"[bold]{capability.Name}[/]: {Terminal.Safe(capability.Declared.Summary)}");
            foreach (var action in capability.Actions) Show(terminal, action, new InstanceTerms { Outside = type.Declared.Outside });
        }
    }

    private static void Show(Terminal terminal, ActionDescriptor action, InstanceTerms terms)
    {
        var signature = ActionText.Signature(action);
        var name = $"{action.Capability.Name}.{action.Name}";
        terminal.Line($"  [bold]{name}[/]{Terminal.Safe(signature[name.Length..])}");
        terminal.Line($"    {Terminal.Safe(string.Join("; ", ActionText.Facts(action, terms)))}.");
    }

    private static void Settings(Terminal terminal, Type settings, string indent)
    {
        foreach (var property in settings.GetProperties().Where(p => p.SetMethod is not null))
        {
            var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? " (required)" : "";
            var secret = property.PropertyType == typeof(Secret) ? " (secret: env:NAME or file:/path)" : "";
            terminal.Line($"{indent}{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}{required}{secret}: {Terminal.Safe(property.GetCustomAttribute<SettingAttribute>()?.Summary)}");
            if (property.PropertyType.Assembly == settings.Assembly && property.PropertyType.IsClass && property.PropertyType != typeof(string)) Settings(terminal, property.PropertyType, indent + "  ");
        }
    }

    private static string Clearance(ConnectorInstance instance)
    {
        var each = instance.Type.Capabilities.SelectMany(c => c.Actions).Where(a => a.Effect != Effect.Lifts).Select(instance.Terms.ClearanceFor).Distinct().Order().Select(tlp => tlp.Words()).ToList();
        return string.Join(" or ", each) + (each.Count > 1 ? " by action" : "");
    }

    private static string Capabilities(ConnectorType type) => string.Join(", ", type.Capabilities.Select(c => c.Name).Concat(IsSource(type) ? ["alerts in"] : []));

    private static bool IsSource(ConnectorType type) => typeof(IAlertSource).IsAssignableFrom(type.Class);

    private static string Proven(ConnectorType type) => Proven(type.Declared.Proven, "proven against");

    // A part that is unproven must not look green for the other part's sake.
    private static string Proven(string what, string words) => what.Length == 0 ? "[yellow]unproven[/]"
        : what.Contains("unproven", StringComparison.Ordinal) ? $"[yellow]proven in part[/]: {Terminal.Safe(what)}" : $"[green]{words}[/] {Terminal.Safe(what)}";
}
