using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>What somebody reads who typed a command wrongly: the mistake, the nearest thing there is, one line of usage; never the whole help.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly Deployment deployment = new();

    public UsageTests() => deployment.File("soar.yaml", "");

    public void Dispose() => deployment.Dispose();

    [Theory]
    [InlineData("'--alrt' is not an option of 'soar run'. Did you mean '--alert'?", "soar run <playbook> [options]", "run", "x", "--alrt", "f")]
    [InlineData("'--alrt' is not an option of 'soar run'. Did you mean '--alert'?", "soar run <playbook> [options]", "run", "--alrt", "f")]
    [InlineData("'--wy' is not an option of 'soar show'. Did you mean '--why'?", "soar show <run> [options]", "show", "--wy")]
    [InlineData("There is no command 'soar rnu'. Did you mean 'run'?", "soar <command> [options]", "rnu", "x")]
    [InlineData("There is no command 'soar lists imprt'. Did you mean 'import'?", "soar lists [<command>] [options]", "lists", "imprt")]
    [InlineData("'soar run' needs <playbook>: A playbook's name", "soar run <playbook> [options]", "run")]
    [InlineData("'soar answer' needs <question> and <answer>", "soar answer <question> <answer> [options]", "answer")]
    [InlineData("--max is 'abc' but must be a whole number.", "soar runs [options]", "runs", "--max", "abc")]
    [InlineData("--status is 'foo' but must be one of running, waiting", "soar runs [options]", "runs", "--status", "foo")]
    [InlineData("--coverage is 'half' but must be one of ", "soar test [<playbooks>...] [options]", "test", "--coverage", "half")]
    [InlineData("'b' is more than 'soar show' takes.", "soar show <run> [options]", "show", "a", "b")]
    public void A_slip_is_told_with_what_was_meant_and_one_line_of_usage(string said, string usage, params string[] typed)
    {
        var (exit, output) = deployment.Soar(typed);
        Assert.Equal(2, exit);
        Assert.StartsWith($"SOAR5001 {said}", output);
        Assert.Contains($"\nUsage: {usage}\n", output);
        Assert.Contains("--help'.", output);
        Assert.DoesNotContain("Options:", output);
        Assert.True(output.Split('\n').Length <= 5, output);
    }

    [Fact]
    public void Help_is_there_for_whoever_asks_and_its_usage_names_each_argument_once()
    {
        var (exit, help) = deployment.Soar("new", "connector", "--help");
        Assert.Equal(0, exit);
        Assert.Contains("  soar new connector <name> [options]\n", help);
        Assert.DoesNotContain("containment/disable-account", help);
        Assert.Contains("alarm-panel", help);
        (exit, help) = deployment.Soar("new", "--help");
        Assert.Equal(0, exit);
        Assert.Contains("  soar new <name> [options]\n  soar new connector ...\n", help);
        Assert.Contains("containment/disable-account", help);
        Assert.Contains("--alert", deployment.Soar("run", "--alrt", "--help").Output);
    }
}
