using System.Runtime.Versioning;
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
    [SupportedOSPlatform("linux")]
    public void The_store_and_its_backups_are_for_the_user_that_runs_soar_alone()
    {
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Plain("do", "1+1");
        Plain("backup", Path.Combine(deployment.Home, "copy"));
        Assert.Equal(mine, File.GetUnixFileMode(Path.Combine(deployment.Home, ".soar")));
        Assert.Equal(mine, File.GetUnixFileMode(Path.Combine(deployment.Home, "copy")));
    }

    private const string TwoDecide = """
        var block = Firewall.Block(IpAddress.Parse("203.0.113.66"), 2.Hours);
        var decision = await Ask("shift-lead", "Block it?", block, within: 2.Hours, quorum: 2, escalateTo: "head-of-soc");
        if (decision.Approved) await block;
        return Outcome.Contained();
        """;

    [Fact]
    public void A_dry_run_is_marked_wherever_it_is_listed_and_whoever_tries_it_decides_alone()
    {
        deployment.File("block.csx", Head("block") + TwoDecide);
        Plain("run", "block", "--dry-run");
        var run = OnlyRun();
        Assert.Contains("block 1.0.0 (dry run)", Plain("runs"));
        Assert.Contains("waits for an answer, until", Plain("runs"));
        Assert.Contains("dry run: no effect reached a product", Plain("show", run));
        Assert.Contains("block (dry run)", Plain("questions"));
        Assert.Contains("Nothing waits for shift-lead.", Plain("questions", "--for", "shift-lead"));
        var question = JsonSerializer.Deserialize<JsonElement>(Plain("questions", "--json"))[0].GetProperty("id").GetString()!;
        Assert.Contains("Contained", Plain("answer", question, "approve"));
    }

    [Fact]
    public void A_question_tells_who_may_answer_when()
    {
        deployment.File("block.csx", Head("block") + TwoDecide);
        Plain("run", "block");
        var run = OnlyRun();
        var list = Plain("questions");
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
        Assert.Contains($"soar signal {run[^8..]} acknowledged-south", Plain("show", run));
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
    public void A_dry_run_says_so_when_it_starts_shows_every_effect_and_lists_them_at_the_end()
    {
        deployment.File("block.csx", Head("block") + """
            var block = Firewall.Block(IpAddress.Parse("203.0.113.66"), 2.Hours);
            var decision = await Ask("shift-lead", "Block it?", block);
            if (decision.Approved) await block;
            await Note("blocked");
            return Outcome.Contained();
            """);
        var output = Plain("run", "block", "--dry-run", "--answer", "approve");
        Assert.Contains("started by ana (dry run: no effect reaches a product)", output);
        const string effect = "→ firewall.block on edge {address: 203.0.113.66, duration: 2 hours} (simulated)";
        Assert.Equal(2, output.Split(effect).Length - 1);
        Assert.Contains("A live run would do 2 effects:", output);
        Assert.Contains("→ case.note {text: blocked} (simulated)", output[output.IndexOf("would do", StringComparison.Ordinal)..]);

        deployment.File("look.csx", Head("look") + "return Outcome.Completed();\n");
        Assert.Contains("it came to no effect", Plain("run", "look", "--dry-run"));
        Assert.DoesNotContain("dry run", Plain("run", "look"));
    }

    [Fact]
    public void A_run_that_goes_on_as_another_is_followed_to_the_last()
    {
        deployment.File("count.csx", Head("count") + """
            var n = Input("n", 1, "Which");
            await Note($"round {n}");
            return n < 3 ? RunAgain(new { n = n + 1 }) : Outcome.Completed($"round {n}");
            """);
        var (exit, output) = deployment.Soar("run", "count");
        Assert.Equal(0, exit);
        Assert.Contains("✔ Completed: round 3", output);
        Assert.DoesNotContain("✔ Continued", output);
        Assert.Equal(3, output.Split("✔ note").Length - 1);

        deployment.File("typo.csx", Head("typo") + "var n = Input(\"n\", 1, \"Which\");\nreturn n < 3 ? RunAgain(new { nn = n + 1 }) : Outcome.Completed();\n");
        (exit, output) = deployment.Soar("run", "typo");
        Assert.Equal(1, exit);
        Assert.Contains("'nn' is no input of typo. It takes n", output);
    }

    [Fact]
    public void Cancelling_and_resuming_do_what_was_asked_and_keep_the_reason()
    {
        deployment.File("wait.csx", Head("wait") + "await Receive<int>(\"ack\");\nreturn Outcome.Completed();\n");
        Plain("run", "wait");
        var run = OnlyRun();
        var (exit, refused) = deployment.Soar("signal", run, "ack", "--value", "abc");
        Assert.Equal(1, exit);
        Assert.Contains("SOAR2037", refused);
        Assert.Contains("waits for signal ack", Plain("runs"));
        Plain("pause", run);
        Plain("resume", run, "--reason", "the storm is over");
        Assert.Contains("resume by ana: the storm is over", Plain("show", run));
        (exit, var cancelled) = deployment.Soar("cancel", run, "--reason", "a drill");
        Assert.True(exit == 0, cancelled);
        Assert.Contains("cancelled", Plain("runs"));
    }

    [Fact]
    public void A_step_that_fails_says_why_where_it_is_seen()
    {
        deployment.File("fail.csx", Head("fail") + "await Lists[\"nothing-of-this-name\"];\n");
        Assert.Matches("✘ lists-nothing-of-this-name +failed \\(.+\\): .*nothing-of-this-name", Plain("run", "fail"));
    }

    [Fact]
    public void A_case_is_shown_with_all_that_lies_in_it_and_evidence_that_was_touched_is_no_evidence()
    {
        deployment.File("case.csx", Head("case") + """
            var incident = await Case.Open("Intrusion at the portal", severity: 80);
            await Note("containment begins");
            await Case.Observable(new Observable("ip", "203.0.113.66"), Verdict.Malicious);
            if (Alert.Raw is { } raw) await Evidence.Seal(raw, "the raw mail");
            var block = Firewall.Block(IpAddress.Parse("203.0.113.66"), 2.Hours);
            var decision = await Ask("shift-lead", "Block it?", block);
            if (decision.Approved) await block;
            return Outcome.Contained();
            """.Replace("var incident", "On.Alert(alert => true);\nvar incident"));
        var mail = deployment.File("threat.eml", "From: x@evil.example\r\nTo: soc@cert.example\r\nSubject: Threat\r\nDate: Thu, 01 Jan 2026 08:00:00 +0000\r\nMessage-ID: <1@evil.example>\r\n\r\nBoom.\r\n");
        Assert.Contains("Contained", Plain("run", "case", "--alert", mail, "--answer", "approve"));
        Assert.Matches("1 +[a-z]+ .*80 +TLP:AMBER .*ana +Intrusion at the portal", Plain("cases"));
        var (exit, shown) = deployment.Soar("cases", "1");
        Assert.True(exit == 0, shown);
        foreach (var said in new[]
        {
            "Case 1: Intrusion at the portal", "containment begins", "ip 203.0.113.66 malicious", "the raw mail", "its bytes are what was sealed", "sealed by ana", "the chain of custody is unbroken",
            "case 1.0.0: Contained", "firewall.block of 203.0.113.66 on edge: active",
        })
        {
            Assert.Contains(said, shown);
        }

        var json = JsonSerializer.Deserialize<JsonElement>(Plain("cases", "1", "--json"));
        Assert.Equal(JsonValueKind.String, json.GetProperty("case").GetProperty("id").ValueKind);
        var evidence = Assert.Single(json.GetProperty("evidence").EnumerateArray());
        Assert.Equal("sealed", Assert.Single(evidence.GetProperty("custody").EnumerateArray()).GetProperty("what").GetString());
        Assert.Contains("203.0.113.66", Plain("containments", "--case", "1"));
        Assert.Contains("'soar cases' lists them with their numbers", Plain("cases", "7"));

        var sha256 = evidence.GetProperty("item").GetProperty("artifact").GetProperty("sha256").GetString()!;
        var file = Directory.EnumerateFiles(Path.Combine(deployment.Store, "artifacts"), "*", SearchOption.AllDirectories).Single(f => f.EndsWith(sha256, StringComparison.Ordinal) || Path.GetFileNameWithoutExtension(f) == sha256);
        File.SetAttributes(file, FileAttributes.Normal);
        File.WriteAllText(file, "something else");
        (exit, shown) = deployment.Soar("cases", "1");
        Assert.Equal(1, exit);
        Assert.DoesNotContain("its bytes are what was sealed", shown);

        // What holds is lifted by the case's number; one that cannot be lifted is said, and the command fails.
        (exit, shown) = deployment.Soar("lift", "--case", "9");
        Assert.Equal(1, exit);
        Assert.Contains("'soar cases' lists them", shown);
        deployment.File("soar.yaml", Settings.Replace("edge:", "other:", StringComparison.Ordinal));
        (exit, shown) = deployment.Soar("lift", "--case", "1");
        Assert.True(exit == 1, shown);
        Assert.Contains("there is no connector instance 'edge' any more", shown);
        Assert.DoesNotContain("✔", shown);
        // Released or not: what the case put there and could not be lifted still stands.
        Assert.Equal(1, deployment.Soar("lift", "--case", "1").Exit);
        deployment.File("soar.yaml", Settings);
        deployment.Soar("lift", "--case", "1");
        Assert.Contains("firewall.block of 203.0.113.66 on edge: lifted", Plain("cases", "1"));
        Assert.Contains("holds nothing that stands", Plain("lift", "--case", "1"));
    }

    [Fact]
    public void Lists_have_their_history_and_every_version_can_be_read_also_as_json()
    {
        Plain("lists", "import", "vips", deployment.File("one.csv", "name\nAna\n"));
        Plain("lists", "import", "vips", deployment.File("two.csv", "name\nAna\nMarko\n"));
        Assert.Equal(2, Assert.Single(JsonSerializer.Deserialize<JsonElement>(Plain("lists", "--json")).EnumerateArray()).GetProperty("version").GetInt32());
        Assert.Equal(2, JsonSerializer.Deserialize<JsonElement>(Plain("lists", "history", "vips", "--json")).GetArrayLength());
        Assert.Matches("vips +1 +1 +name .*ana", Plain("lists", "history", "vips"));
        Assert.DoesNotContain("Marko", Plain("lists", "show", "vips", "--version", "1"));
        Assert.Contains("Marko", Plain("lists", "show", "vips", "--json"));
        Assert.Contains("'soar lists history vips' names them", Plain("lists", "show", "vips", "--version", "3"));
    }

    [Fact]
    public void Health_tells_what_this_deployments_settings_say_and_what_is_wrong_with_them()
    {
        var (code, health) = deployment.Soar("health");
        Assert.Equal(0, code);
        Assert.Contains("accept-weaker", health);
        Assert.Contains("approval is needed for contains; 2 playbook hosts", health);
        Assert.Contains("shift-lead: ana, marko", health);
        Assert.Contains("1 connector instance, 1 of them simulated", health);

        deployment.File("soar.yaml", "jail: perhaps\nhosts: many\n");
        (code, health) = deployment.Soar("health");
        Assert.Equal(1, code);
        Assert.Contains("jail is 'perhaps'", health);
        Assert.Contains("hosts is 'many'", health);
        Assert.Contains("store: none yet", health);
    }
}
