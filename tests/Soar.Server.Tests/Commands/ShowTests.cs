using System.Text.Json;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>What <c>soar show</c> tells of a run beyond its journal: titles that only the text holds, and what a sub-playbook gave.</summary>
public sealed class ShowTests : IDisposable
{
    private readonly Deployment deployment = new();

    public ShowTests() => deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 2\n");

    public void Dispose() => deployment.Dispose();

    private static string Head(string name) => $"Playbook(\"{name}\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\n";

    [Fact]
    public void A_read_is_shown_by_what_Titled_says_before_what_stands_above_it()
    {
        deployment.File("titles.csx", Head("titles") + """
            var two = 2;

            // A title above
            var above = await JavaScript.Run("1", AsJson(1));

            // What is above gives way
            var said = await JavaScript.Run("input", AsJson(2)).Timeout(1.Minutes).Titled("Counted by a script");
            var filled = await JavaScript.Run("input", AsJson(3)).Titled($"Counted by {two}");
            """);
        deployment.Soar("run", "titles");

        var shown = deployment.Soar("show", "last").Output;

        Assert.Contains("A title above: 1", shown);
        Assert.Contains("Counted by a script: 2", shown);
        Assert.DoesNotContain("What is above gives way:", shown);
        Assert.DoesNotContain("Counted by 2", shown); // what only running tells is not made up
    }

    [Fact]
    public void What_a_sub_playbook_gives_is_shown_at_its_end_and_where_its_caller_got_it()
    {
        deployment.File("give.csx", Head("give") + """
            var whom = Input<IpAddress>("whom", "Whom it is about");
            return Outcome.Completed("found").With(new Owner("Provider", whom, 36.Hours));

            record Owner(string Name, IpAddress Address, TimeSpan Kept);
            """);
        deployment.File("take.csx", Head("take") + """
            // Ask the one that knows
            var owner = await Run<Holder>("give", new { whom = IpAddress.Parse("203.0.113.7") });
            try
            {
                await Run<Wrong>("give", new { whom = owner.Address });
            }
            catch (StepFailed failure)
            {
                return Outcome.Completed($"{owner.Name} keeps for {owner.Kept}; {failure.Code}: {failure.Message}");
            }

            record Holder(string Name, IpAddress Address, TimeSpan Kept, string? Remark = null);
            record Wrong(string Title);
            """);
        var ran = deployment.Soar("run", "take").Output;
        Assert.Contains("Provider keeps for 36 hours; bad-result: What give gives cannot be read as Wrong", ran);

        var take = JsonSerializer.Deserialize<JsonElement>(deployment.Soar("runs", "--json").Output).EnumerateArray().Single(run => run.GetProperty("playbook").GetString() == "take").GetProperty("id").GetString()!;
        var shown = deployment.Soar("show", take).Output;
        Assert.Contains("Completed: found → name: Provider, address: 203.0.113.7, kept: 36 hours", shown);
        var runs = deployment.Soar("runs").Output;
        Assert.Contains("Completed: found → name: Provider", runs);
    }
}
