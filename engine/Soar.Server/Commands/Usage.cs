using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Soar.Server.Display;
using Soar.Server.Settings;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary>
/// What is said to somebody who typed a command wrongly: what is wrong, the nearest thing that there is, one line of usage, where the help is. The whole help behind every slip would push the
/// sentence that matters off the screen.
/// </summary>
internal static class Usage
{
    /// <summary>Null when the line can be run. Otherwise everything that is wrong with it.</summary>
    public static IReadOnlyList<string>? Problems(ParseResult parsed)
    {
        // Whoever asks for help or the version gets it, whatever else stands there.
        if (parsed.Action is HelpAction or OwnHelp || parsed.GetResult("--version") is not null) return null;
        var command = parsed.CommandResult.Command;
        if (command is RootCommand) return parsed.UnmatchedTokens is [var word, ..] ? [NoCommand(parsed, command, word)] : null;
        var problems = new List<string>();
        var options = UnknownOptions(parsed);
        problems.AddRange(options.Select(option => $"'{option}' is not an option of '{Path(parsed)}'.{YamlBinder.Suggest(option, Options(command), orAll: false)}"));
        // What follows an unknown option is most likely its value.
        if (problems.Count == 0 && parsed.UnmatchedTokens is [var more, ..])
            problems.Add(command.Subcommands.Count > 0 && command.Arguments.Count == 0 ? NoCommand(parsed, command, more) : $"'{more}' is more than '{Path(parsed)}' takes.");
        if (problems.Count == 0) problems.AddRange(parsed.Errors.Select(error => Say(parsed, error)).Distinct());
        return problems.Count == 0 ? null : problems;
    }

    public static int Tell(Terminal terminal, ParseResult parsed, IReadOnlyList<string> problems)
    {
        foreach (var problem in problems) terminal.Error(problem, "SOAR5001");
        terminal.Errors.WriteLine($"Usage: {Line(parsed.CommandResult)}");
        terminal.Errors.WriteLine($"See '{Path(parsed)} --help'.");
        return CommandContext.BadInput;
    }

    /// <summary>One line: the commands as typed, then what the last of them takes. What only the ones above take is not repeated.</summary>
    public static string Line(CommandResult typed)
    {
        var command = typed.Command;
        var takes = command.Arguments.Where(a => !a.Hidden).Select(a => $"<{a.Name}>{(a.Arity.MaximumNumberOfValues > 1 ? "..." : "")}" is var name && a.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : $"<{a.Name}>");
        var then = command.Subcommands.Count == 0 || command.Arguments.Count > 0 ? takes : [command is RootCommand ? "<command>" : "[<command>]"];
        string[] parts = [Path(typed), .. then, "[options]"];
        return string.Join(' ', parts);
    }

    /// <summary>Help whose line of usage is ours: the library's repeats the arguments of the commands above.</summary>
    public static void Help(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>()) option.Action = new OwnHelp((HelpAction)option.Action!);
    }

    private sealed class OwnHelp(HelpAction library) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parsed)
        {
            var output = parsed.InvocationConfiguration.Output;
            var text = new StringWriter();
            parsed.InvocationConfiguration.Output = text;
            var code = library.Invoke(parsed);
            parsed.InvocationConfiguration.Output = output;
            var lines = text.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').ToList();
            var at = lines.IndexOf("Usage:") + 1;
            if (at > 0) lines[at] = $"  {Line(parsed.CommandResult)}";
            if (at > 0 && parsed.CommandResult.Command is { Subcommands.Count: > 0, Arguments.Count: > 0 } both)
                lines.Insert(at + 1, $"  {Path(parsed.CommandResult)} {string.Join('|', both.Subcommands.Where(c => !c.Hidden).Select(c => c.Name))} ...");
            Above(parsed.CommandResult, lines);
            foreach (var line in lines) output.WriteLine(line);
            return code;
        }

        // The library lists the arguments of the commands above as well, as if they belonged here.
        private static void Above(CommandResult typed, List<string> lines)
        {
            var at = lines.IndexOf("Arguments:") + 1;
            var above = (typed.Parent as CommandResult)?.Command.Arguments.Count ?? 0;
            if (at == 0 || above == 0) return;
            lines.RemoveRange(at, above);
            if (at < lines.Count && lines[at].Length == 0) lines.RemoveRange(at - 1, 2);
        }
    }

    private static string NoCommand(ParseResult parsed, Command command, string word) => word.StartsWith('-')
        ? $"'{word}' is not an option of '{Path(parsed)}'.{YamlBinder.Suggest(word, Options(command), orAll: false)}"
        : $"There is no command '{Path(parsed)} {word}'.{YamlBinder.Suggest(word, command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name), orAll: command is not RootCommand)}";

    /// <summary>Also those that a greedy argument took for its value: nobody's playbook is called --alrt.</summary>
    private static List<string> UnknownOptions(ParseResult parsed)
    {
        var open = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).ToHashSet();
        var taken = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Where(open.Contains).Select(token => token.Value);
        return [.. parsed.UnmatchedTokens.Concat(taken).Where(word => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1])).Distinct(StringComparer.Ordinal)];
    }

    private static string Say(ParseResult parsed, ParseError error)
    {
        if (error.SymbolResult is OptionResult { Option: var option } given && !error.Message.Contains("not recognized", StringComparison.Ordinal))
            return given.Tokens.Count == 0 ? $"{option.Name} needs a value: {option.Description}" : $"{option.Name} is '{string.Join(' ', given.Tokens.Select(t => t.Value))}' but must be {Shape(option.ValueType)}.";
        if (error.SymbolResult is OptionResult { Option.Name: var name, Tokens: [var value, ..] } choice)
            return $"{name} is '{value.Value}' but must be one of {string.Join(", ", choice.Option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(c => c.Label))}.";
        var missing = parsed.CommandResult.Command.Arguments.Where(a => a.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(a) is not { Tokens.Count: > 0 }).ToList();
        if (error.SymbolResult is ArgumentResult or CommandResult && missing.Count > 0)
            return $"'{Path(parsed)}' needs {string.Join(" and ", missing.Select(a => $"<{a.Name}>"))}: {missing[0].Description}";
        if (error.SymbolResult is CommandResult { Command: { Subcommands.Count: > 0 } of })
            return $"'{Path(parsed)}' needs a command: {string.Join(", ", of.Subcommands.Where(c => !c.Hidden).Select(c => c.Name))}.";
        return error.Message;
    }

    private static string Shape(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(plain).Select(name => name.ToLowerInvariant()))}" : plain == typeof(int) ? "a whole number" : plain == typeof(double) ? "a number" : "a single value";
    }

    private static IEnumerable<string> Options(Command command) => command.Options.Where(o => !o.Hidden).Select(o => o.Name)
        .Concat([CommandContext.Settings.Name, CommandContext.Playbooks.Name, CommandContext.Store.Name]).Distinct(StringComparer.Ordinal);

    private static string Path(ParseResult parsed) => Path(parsed.CommandResult);

    private static string Path(CommandResult typed) => typed.Parent is CommandResult above ? $"{Path(above)} {typed.Command.Name}" : "soar";
}
