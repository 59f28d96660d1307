using System.Text.Json;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>Which run, question or containment somebody means, and what they read when it is not clear or not enough.</summary>
public sealed class MeantTests : IDisposable
{
    private const string Waiting = "await Receive<string>(\"go\");\nreturn Outcome.Completed(\"went\");\n";
    private readonly Deployment deployment = new();

    public MeantTests()
    {
        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 1\napprovals: []\nconnectors: { edge: { type: nftables, simulated: true } }\n");
        deployment.Set("SOAR_USER", "ana");
    }

    public void Dispose() => deployment.Dispose();

    private static string Head(string name) => $"Playbook(\"{name}\", version: \"1.0.0\", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: \"A test.\");\n";

    private string Said(int expected, params string[] arguments)
    {
        var (exit, output) = deployment.Soar(arguments);
        Assert.True(exit == expected, $"soar {string.Join(' ', arguments)} ended with {exit}: {output}");
        return output;
    }

    private List<string> Ids(params string[] list) => [.. JsonDocument.Parse(Said(0, [.. list, "--json"])).RootElement.EnumerateArray().Select(one => one.GetProperty("id").GetString()!)];

    [Fact]
    public void A_run_is_meant_by_the_short_id_that_lists_show_by_any_clear_part_and_by_last()
    {
        deployment.File("wait.csx", Head("wait") + Waiting);
        deployment.File("other.csx", Head("other") + Waiting);
        Said(3, "run", "wait");
        Said(3, "run", "other");
        var (newest, older) = (Ids("runs")[0], Ids("runs")[1]);
        var list = Said(0, "runs");
        Assert.Contains(older[^8..], list);
        Assert.DoesNotContain(older, list);
        Assert.Contains($"run {older}", Said(0, "show", older[^8..]));
        Assert.Contains($"run {older}", Said(0, "show", older[..13]));
        Assert.Contains($"run {newest}", Said(0, "show", "last"));

        var unclear = Said(2, "show", older[..4]);
        Assert.Contains($"'{older[..4]}' fits 2 runs", unclear);
        Assert.Contains($"{older}  wait 1.0.0, waiting, started ", unclear);
        Assert.Contains($"{newest}  other 1.0.0, waiting, started ", unclear);
        Assert.Contains("'soar runs' lists them", Said(1, "show", "zzz"));
        Assert.Contains("is cancelled", Said(0, "cancel", "last", "--reason", "a test"));
        Assert.Contains("cancelled", Said(0, "show", newest[^8..]));
    }

    [Fact]
    public void A_question_is_meant_by_its_short_id_and_by_last_which_is_the_newest_open_one()
    {
        deployment.File("ask.csx", Head("ask") + "var decision = await Ask(\"shift-lead\", Input(\"text\", \"Shall we?\", \"What to ask\"));\nreturn Outcome.Completed(decision.By);\n".Replace("Input(\"text\", \"Shall we?\", \"What to ask\")", "\"Shall we?\""));
        Said(3, "run", "ask");
        Said(3, "run", "ask");
        var first = Ids("questions")[0];
        Assert.Contains(first[^8..], Said(0, "questions"));
        Assert.Contains("Completed: ana", Said(0, "answer", first[^8..], "approve"));
        Assert.Contains("Completed: ana", Said(0, "answer", "last", "approve"));
        Assert.Contains("Nothing waits", Said(0, "questions"));
        Assert.Contains("approved by ana", Said(0, "questions", "last"));
    }

    [Fact]
    public void Lifting_what_several_runs_hold_names_them_all_and_how_to_lift_it_all_the_same()
    {
        deployment.File("block.csx", Head("block") + "await Firewall.Block(IpAddress.Parse(\"203.0.113.66\"), 2.Hours);\nreturn Outcome.Contained();\n");
        deployment.File("again.csx", Head("again") + "await Firewall.Block(IpAddress.Parse(\"203.0.113.66\"), 3.Hours);\nreturn Outcome.Contained();\n");
        Said(0, "run", "block");
        Said(0, "run", "again");
        var containment = Assert.Single(Ids("containments"));
        Assert.Contains(containment[^8..], Said(0, "containments"));
        var refused = Said(1, "lift", containment[^8..]);
        Assert.Contains("is held by 2 runs:", refused);
        foreach (var run in Ids("runs")) Assert.Contains(run, refused);
        Assert.Matches(@"of block, started by ana, until \d{4}-", refused);
        Assert.Matches(@"of again, started by ana, until \d{4}-", refused);
        Assert.Contains($"soar lift {containment} --force", refused);
        Assert.Contains("lifted", Said(0, "lift", "last", "--force"));
        Assert.Contains("'soar containments' lists them", Said(1, "lift", "last"));
    }

    [Fact]
    public void A_form_that_is_answered_without_values_names_its_fields_and_an_example_that_is_taken()
    {
        deployment.File("form.csx", Head("form") + """
            var damage = await Form<Damage>("it-on-call", "What happened?");
            return Outcome.Completed($"{damage.Machine} is {damage.HowBad}, {damage.Since}");

            record Damage(string Machine, Severity HowBad, int Users, TimeSpan Since, string? Remark);
            enum Severity { Low, High }
            """);
        Said(3, "run", "form");
        var refused = Said(2, "answer", "last", "approve");
        foreach (var field in new[] { "machine: text", "howBad: Low, High", "users: a whole number", "since: a duration", "remark: text, may be left out" }) Assert.Contains(field, refused);
        var example = refused[(refused.IndexOf("--value '", StringComparison.Ordinal) + 9)..refused.LastIndexOf('\'')];
        Assert.Contains("… is Low, 1 hour 30 minutes", Said(0, "answer", "last", "approve", "--value", example));
    }

    [Fact]
    public void At_a_terminal_a_forms_fields_are_asked_for()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "python3"))), "python3 is not on this machine");
        deployment.File("form.csx", Head("form") + "var damage = await Form<Damage>(\"it-on-call\", \"What happened?\");\nreturn Outcome.Completed($\"{damage.Machine} it is\");\nrecord Damage(string Machine);\n");
        Said(3, "run", "form");
        var (exit, screen) = deployment.SoarAtATerminal([("machine (", "pc-7")], "answer", "last", "approve");
        Assert.True(exit == 0 && screen.Contains("pc-7 it is", StringComparison.Ordinal), screen);
    }

    [Fact]
    public void A_signal_that_nobody_awaits_is_kept_and_that_is_said_with_what_the_run_waits_for()
    {
        deployment.File("wait.csx", Head("wait") + Waiting);
        Said(3, "run", "wait");
        var kept = Said(0, "signal", "last", "goo", "--value", "1");
        Assert.Contains("Nothing receives it now: it is kept until the playbook comes to a Receive of that name. The run waits for signal go. Did you mean 'go'?", kept);
        Assert.DoesNotContain("kept", Said(0, "signal", "last", "go"));
    }

    [Fact]
    public void What_is_json_in_the_store_is_json_in_the_output()
    {
        deployment.File("ask.csx", Head("ask") + "var block = Firewall.Block(IpAddress.Parse(\"203.0.113.66\"), 2.Hours);\nif ((await Ask(\"shift-lead\", \"Block?\", block)).Approved) await block;\nreturn Outcome.Contained(\"blocked\");\n");
        Said(3, "run", "ask");
        JsonElement Only(params string[] list) => Assert.Single(JsonDocument.Parse(Said(0, [.. list, "--json"])).RootElement.EnumerateArray());
        Assert.Equal("203.0.113.66", Only("questions").GetProperty("details").GetProperty("steps")[0].GetProperty("arguments").GetProperty("address").GetString());
        Said(0, "answer", "last", "approve");
        Assert.Equal("blocked", Only("runs").GetProperty("result").GetProperty("reason").GetString());
        Assert.Equal("203.0.113.66", Only("containments").GetProperty("arguments").GetProperty("address").GetString());
        var shown = JsonDocument.Parse(Said(0, "show", "last", "--json")).RootElement;
        Assert.Equal("Contained", shown.GetProperty("run").GetProperty("result").GetProperty("kind").GetString());
    }

    [Fact]
    public void A_single_effect_that_needs_approval_is_asked_for_in_the_same_line_and_the_refusal_says_how()
    {
        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 1\nconnectors: { edge: { type: nftables, simulated: true } }\n");
        var refused = Said(1, "do", "await Firewall.Block(IpAddress.Parse(\"203.0.113.7\"), 2.Hours)");
        var example = refused.Split('\n').Single(line => line.TrimStart().StartsWith("soar do '", StringComparison.Ordinal)).Trim()["soar do '".Length..^1];
        Assert.Contains("soar answer", Said(3, "do", example));
        Assert.Contains("Completed", Said(0, "answer", "last", "approve"));
        Assert.Contains("203.0.113.7", Said(0, "containments"));
    }
}
