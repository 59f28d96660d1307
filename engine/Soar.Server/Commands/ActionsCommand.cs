using System.CommandLine;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Reference;
using Soar.Server.Settings;

namespace Soar.Server.Commands;

/// <summary><c>soar actions</c>: what a playbook can call, for the one who writes it.</summary>
internal static class ActionsCommand
{
    public static Command Create()
    {
        var what = new Argument<string?>("what") { Description = "A capability (Firewall), one of its actions (Firewall.Block), or a word of the language (Ask). Default: all, one line each.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("actions", "Lists what playbooks can call here: actions with parameters, result, effect, and how the engine treats them; and the words of the language.") { what, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            var asked = context.Parsed.GetValue(what);
            var found = Find(ActionReference.Of(tools), asked);
            if (context.Parsed.GetValue(json)) context.Terminal.Json(found);
            else foreach (var capability in found) Show(context.Terminal, capability, whole: asked is not null);
            return CommandContext.Done;
        });
        return command;
    }

    private static IReadOnlyList<CapabilityEntry> Find(IReadOnlyList<CapabilityEntry> all, string? asked)
    {
        if (asked is null) return all;
        var parts = asked.Split('.', 2);
        if (all.FirstOrDefault(c => Same(c.Name, parts[0])) is { } capability)
        {
            if (parts.Length == 1) return [capability];
            var action = capability.Actions.FirstOrDefault(a => Same(a.Name, parts[1]))
                ?? throw new SoarException("SOAR5001", $"{capability.Name} has no action '{parts[1]}'.{YamlBinder.Suggest(parts[1], capability.Actions.Select(a => a.Name))}");
            return [capability with { Actions = [action] }];
        }

        var words = all.Single(c => c.Name == ActionReference.Language);
        if (words.Actions.FirstOrDefault(a => Same(a.Name, asked)) is { } word) return [words with { Actions = [word] }];
        throw new SoarException("SOAR5001", $"There is no capability and no word '{asked}'.{YamlBinder.Suggest(asked, all.Select(c => c.Name).Concat(words.Actions.Select(a => a.Name)))}");
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static void Show(Terminal terminal, CapabilityEntry capability, bool whole)
    {
        var instances = capability.Instances switch { null => capability.Name == ActionReference.Language ? "" : " (built in)", { Count: 0 } => " [yellow](no instance in soar.yaml)[/]", var names => $" ({Terminal.Safe(string.Join(", ", names))})" };
        terminal.Line($"[bold]{Terminal.Safe(capability.Name)}[/]{instances}: {Terminal.Safe(capability.Summary)}");
        foreach (var action in capability.Actions)
        {
            terminal.Line($"  {Terminal.Safe(action.Signature)}{(action.Effect is null or nameof(Soar.Capabilities.Effect.ReadsOnly) ? "" : $"  [grey]{Terminal.Safe(ActionText.Phrase(action.Effect))}[/]")}");
            if (whole) Details(terminal, action);
        }

        terminal.Line();
    }

    private static void Details(Terminal terminal, ActionEntry action)
    {
        if (action.Summary.Length > 0) terminal.Line($"    {Terminal.Safe(action.Summary)}");
        foreach (var parameter in action.Parameters.Where(p => p.Summary.Length > 0 || p.Note is not null || p.MayBeEmpty is not null))
        {
            string?[] notes = [parameter.Note, parameter.MayBeEmpty switch { true => "may be empty", false => "must not be empty", _ => null }];
            var note = string.Join(", ", notes.OfType<string>());
            terminal.Line($"    [bold]{Terminal.Safe(parameter.Name)}[/]{(note.Length > 0 ? $" [grey]({note})[/]" : "")}{(parameter.Summary.Length > 0 ? $": {Terminal.Safe(parameter.Summary)}" : "")}");
        }

        if (action.Fields.Count > 0) terminal.Line($"    gives {Terminal.Safe(action.Result)}: {Terminal.Safe(string.Join(", ", action.Fields.Select(f => $"{f.Name} ({f.Type})")))}");
        if (action.Facts.Count > 0) terminal.Line($"    [grey]{Terminal.Safe(string.Join("; ", action.Facts))}.[/]");
    }
}
