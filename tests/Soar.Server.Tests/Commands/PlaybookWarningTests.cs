using System.Text.Json;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>What a playbook's text cannot tell, and the deployment and its store do: said before anything starts, refusing nothing.</summary>
public sealed class PlaybookWarningTests : IDisposable
{
    private const string Head = "Playbook(\"look\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\n";
    private readonly Deployment deployment = new();

    public PlaybookWarningTests() => deployment.File("soar.yaml", "jail: accept-weaker\nconnectors:\n  edge-1: { type: nftables, simulated: true }\n  edge-2: { type: nftables, simulated: true }\n");

    public void Dispose() => deployment.Dispose();

    private (int Exit, string Output) Said(params string[] arguments) => deployment.Soar(arguments);

    [Fact]
    public void An_instance_that_the_settings_do_not_have_is_warned_of_with_the_nearest_one()
    {
        deployment.File("look.csx", Head + "const string Core = \"edge_2\";\nawait Firewall[\"edge-9\"].Blocked();\nawait Firewall[Core].Blocked();\nawait Firewall[\"edge-1\"].Blocked();\n");
        var (exit, output) = Said("check");
        Assert.Equal(0, exit);
        Assert.Contains("look.csx:3:16: warning SOAR4006: Firewall has no instance 'edge-9' in soar.yaml. Did you mean 'edge-1'?", output);
        Assert.Contains("look.csx:4:16: warning SOAR4006: Firewall has no instance 'edge_2' in soar.yaml. Did you mean 'edge-2'?", output);
        Assert.Contains("1 playbook checked, no errors, 2 warnings", output);

        var json = JsonSerializer.Deserialize<JsonElement>(Said("check", "--json").Output);
        Assert.Equal((0, 2), (json.GetProperty("errors").GetInt32(), json.GetProperty("warnings").GetInt32()));
        Assert.All(json.GetProperty("diagnostics").EnumerateArray(), d => Assert.Equal("Warning", d.GetProperty("severity").GetString()));
    }

    [Fact]
    public void A_capability_that_no_connector_brings_is_warned_of_and_a_built_in_one_is_not()
    {
        deployment.File("look.csx", Head + "var owner = await Isp.Owner(IpAddress.Parse(\"203.0.113.7\"));\nawait Case.Note($\"{owner.Name}\");\n");
        var (exit, output) = Said("check");
        Assert.Equal(0, exit);
        Assert.Contains("look.csx:2:19: warning SOAR4007: Isp is used, and no connector in soar.yaml brings it. Add one to connectors: of the type rdap; 'soar connectors rdap' shows its settings", output);
        Assert.Contains("no errors, 1 warning\n", output);
    }

    [Fact]
    public void A_run_is_warned_before_its_first_step()
    {
        deployment.File("look.csx", Head + "await Note(\"begun\");\nawait Firewall[\"edge-9\"].Blocked();\n");
        var output = Said("run", "look").Output;
        Assert.Contains("look.csx:3: SOAR4006: Firewall has no instance 'edge-9'", output);
        Assert.True(output.IndexOf("SOAR4006", StringComparison.Ordinal) < output.IndexOf("started by", StringComparison.Ordinal), output);
    }

    [Fact]
    public void A_text_that_changed_under_a_version_that_has_runs_is_warned_of_until_the_version_is_raised()
    {
        deployment.File("look.csx", Head + "return Outcome.Completed(\"first\");\n");
        Assert.DoesNotContain("SOAR2007", Said("check").Output); // no store yet
        Said("run", "look", "--dry-run");
        deployment.File("look.csx", Head + "return Outcome.Completed(\"second\");\n");
        Assert.DoesNotContain("SOAR2007", Said("check").Output); // a dry run is nobody's record
        Assert.DoesNotContain("SOAR2007", Said("run", "look").Output);
        Assert.DoesNotContain("SOAR2007", Said("run", "look").Output); // the same text again

        deployment.File("look.csx", Head + "return Outcome.Completed(\"third\");\n");
        var (exit, checkedNow) = Said("check");
        Assert.Equal(0, exit);
        Assert.Matches(@"look\.csx:1:\d+: warning SOAR2007: look@1\.0\.0 has runs with other content, the last of [0-9-]+ [0-9:]+ UTC\. Raise the version", checkedNow);
        Assert.Contains("SOAR2007", Said("run", "look").Output);

        deployment.File("look.csx", Head.Replace("1.0.0", "1.0.1", StringComparison.Ordinal) + "return Outcome.Completed(\"third\");\n");
        Assert.DoesNotContain("SOAR2007", Said("check").Output);
    }

    [Fact]
    public void A_read_is_shown_by_its_title_which_no_journal_holds()
    {
        deployment.File("look.csx", Head + "// What is blocked?\nvar blocked = await Firewall.Blocked();\nreturn Outcome.Completed($\"{blocked.Count}\");\n");
        Said("run", "look");
        var id = JsonSerializer.Deserialize<JsonElement>(Said("runs", "--json").Output)[0].GetProperty("id").GetString()!;
        Assert.Contains("✔ what-is-blocked  What is blocked? []", Said("show", id).Output);
        var timeline = JsonSerializer.Deserialize<JsonElement>(Said("show", id, "--json").Output).GetProperty("timeline");
        Assert.Contains(timeline.EnumerateArray(), entry => entry.TryGetProperty("title", out var title) && title.GetString() == "What is blocked?");
    }
}
