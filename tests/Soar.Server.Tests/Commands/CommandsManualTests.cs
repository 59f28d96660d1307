using System.CommandLine;
using Soar.Server.Commands;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>engine/docs/commands.md tells of every command, its JSON and the exit codes.</summary>
public sealed class CommandsManualTests
{
    private static readonly string Manual = File.ReadAllText(Path.Combine(Deployment.Root(), "engine", "docs", "commands.md"));
    private static readonly string[] Paragraphs = Manual.Split("\n\n");

    public static IEnumerable<TheoryDataRow<string>> Commands => Root.Create().Subcommands.Where(command => !command.Hidden).Select(command => new TheoryDataRow<string>(command.Name));

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_has_a_paragraph_with_an_example_its_commands_and_the_shape_of_its_json(string name)
    {
        var command = Root.Create().Subcommands.Single(c => c.Name == name);
        var told = Paragraphs.SingleOrDefault(text => text.StartsWith("**`soar ", StringComparison.Ordinal) && (text.Contains($"**`soar {name} ", StringComparison.Ordinal) || text.Contains($"**`soar {name}`", StringComparison.Ordinal)));
        Assert.True(told is not null, $"engine/docs/commands.md has no paragraph that begins with **`soar {name}");
        Assert.True(name == "do" || told.Contains("Example: `soar ", StringComparison.Ordinal), $"soar {name} has no example");
        foreach (var under in command.Subcommands) Assert.True(told.Contains(under.Name, StringComparison.Ordinal), $"soar {name} {under.Name} is not told of");
        if (command.Options.Any(option => option.Name == "--json")) Assert.True(told.Contains("`--json`", StringComparison.Ordinal), $"the shape of soar {name} --json is not told");
    }

    [Fact]
    public void Every_exit_code_is_told()
    {
        foreach (var code in new[] { CommandContext.Done, CommandContext.Failed, CommandContext.BadInput, CommandContext.Waits, CommandContext.Interrupted })
            Assert.Contains($"\n| {code} | ", Manual);
    }
}
