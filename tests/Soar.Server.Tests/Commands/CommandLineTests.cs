using System.Text.Json;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>What the commands print when they are piped: plain, and everything that somebody needs to go on.</summary>
public sealed class CommandLineTests : IDisposable
{
    private const string Settings = "jail: accept-weaker\nhosts: 2\napprovals: [contains]\nroles: { shift-lead: [ana, marko] }\nconnectors: { edge: { type: nftables, simulated: true } }\n";
    private readonly Deployment deployment = new();

    public CommandLineTests()
    {
        deployment.File("soar.yaml", Settings);
        deployment.Set("SOAR_USER", "ana");
    }

    public void Dispose() => deployment.Dispose();

    private static string Head(string name) => $"Playbook(\"{name}\", version: \"1.0.0\", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: \"A test.\");\n";

    private string Plain(params string[] arguments)
    {
        var output = deployment.Soar(arguments).Output;
        Assert.DoesNotContain('\u001b', output);
        return output;
    }

    private string OnlyRun() => Assert.Single(JsonSerializer.Deserialize<JsonElement>(Plain("runs", "--json")).EnumerateArray()).GetProperty("id").GetString()!;

    [Fact]
    public void A_dry_run_is_marked_wherever_it_is_listed_and_its_question_tells_who_may_answer_when()
    {
        deployment.File("block.csx", Head("block") + """
            var block = Firewall.Block(IpAddress.Parse("203.0.113.66"), 2.Hours);
            var decision = await Ask("shift-lead", "Block it?", block, within: 2.Hours, quorum: 2, escalateTo: "head-of-soc");
            if (decision.Approved) await block;
            return Outcome.Contained();
            """);
        Plain("run", "block", "--dry-run");
        var run = OnlyRun();
        Assert.Contains("block 1.0.0 (dry run)", Plain("runs"));
        Assert.Contains("waits for an answer, until", Plain("runs"));
        Assert.Contains("dry run: no effect reached a product", Plain("show", run));

        var list = Plain("questions");
        Assert.Contains("block (dry run)", list);
        Assert.Contains("open, 0 of 2", list);
        Assert.Matches(@"shift-lead \(head-of-soc too from [0-9-]+ [0-9:]+ on\)", list);
        Assert.Contains("Nothing waits for head-of-soc.", Plain("questions", "--for", "head-of-soc"));
        var question = JsonSerializer.Deserialize<JsonElement>(Plain("questions", "--json"))[0].GetProperty("id").GetString()!;
        Assert.Contains("firewall.block on edge", Plain("questions", question[^8..]));

        Assert.Contains("SOAR2034", Plain("answer", question, "approve", "--as", "head-of-soc"));
        deployment.Set("SOAR_USER", "vera");
        Assert.Contains("shift-lead is ana, marko", Plain("answer", question, "approve"));
        deployment.Set("SOAR_USER", "ana");
        Plain("answer", question, "approve");
        Assert.Contains("1 of 2", Plain("questions"));
        deployment.Set("SOAR_USER", "marko");
        Assert.Contains("Contained", Plain("answer", question, "approve", "--reason", "seen it"));
        Assert.Contains("approved by ana as shift-lead, approved by marko as shift-lead: seen it", Plain("show", run));
    }

    [Fact]
    public void A_waiting_run_names_the_signals_it_waits_for_and_how_to_send_them()
    {
        deployment.File("wait.csx", Head("wait") + """
            await ForEach(new[] { "north", "south" }, async name => await Receive<string>($"acknowledged-{name}", within: 2.Hours));
            return Outcome.Completed();
            """);
        Assert.Contains("waits for signals acknowledged-north, acknowledged-south", Plain("run", "wait"));
        var run = OnlyRun();
        Assert.Contains("waits for signals acknowledged-north, acknowledged-south", Plain("runs"));
        Assert.Contains($"soar signal {run} acknowledged-south", Plain("show", run));
        Plain("signal", run, "acknowledged-north");
        Assert.Contains("waits for signal acknowledged-south, until", Plain("runs"));
        Assert.Contains("Completed", Plain("signal", run, "acknowledged-south"));
        Assert.DoesNotContain("waits", Plain("runs"));
    }

    [Fact]
    public void A_run_that_failed_in_its_own_code_may_be_resumed_and_is_told_what_that_means()
    {
        deployment.File("broken.csx", Head("broken") + "await Note(\"so far so good\");\nthrow new InvalidOperationException(\"a mistake\");\n");
        Assert.Contains("a mistake (broken.csx:3)", Plain("run", "broken"));
        var resumed = Plain("resume", OnlyRun());
        Assert.Contains("No step failed it but its own code at broken.csx:3", resumed);
        Assert.Contains("mend the playbook", resumed);
        Assert.Contains("its end no longer counts", Plain("show", OnlyRun()));
    }

    [Fact]
    public void Health_tells_what_this_deployments_settings_say_and_what_is_wrong_with_them()
    {
        var (code, health) = deployment.Soar("health");
        Assert.Equal(0, code);
        Assert.Contains("accept-weaker", health);
        Assert.Contains("approval is needed for contains; 2 playbook hosts", health);
        Assert.Contains("shift-lead: ana, marko", health);
        Assert.Contains("1 connector instances, 1 of them simulated", health);

        deployment.File("soar.yaml", "jail: perhaps\nhosts: many\n");
        (code, health) = deployment.Soar("health");
        Assert.Equal(1, code);
        Assert.Contains("jail is 'perhaps'", health);
        Assert.Contains("hosts is 'many'", health);
        Assert.Contains("store: none yet", health);
    }
}
