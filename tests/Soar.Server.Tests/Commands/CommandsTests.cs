using System.Text.Json;
using Soar.Runs;
using Soar.Server.Tests.Connectors;
using Soar.Storage;

namespace Soar.Server.Tests.Commands;

/// <summary>Commands as somebody types them: what they print, what they leave behind, and their exit code.</summary>
public sealed class CommandsTests : IDisposable
{
    private const string Waiting = "await Receive<string>(\"go\");\nreturn Outcome.Completed(\"went\");\n";
    private readonly Deployment deployment = new();

    public CommandsTests()
    {
        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 1\napprovals: []\nconnectors: { edge: { type: nftables, simulated: true }, known-bad: { type: local-indicators, own: true } }\n");
        deployment.Set("SOAR_USER", "ana");
    }

    public void Dispose() => deployment.Dispose();

    private static string Head(string name, string more = "") =>
        $"Playbook(\"{name}\", version: \"1.0.0\", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: \"A test of commands.\");\n{more}";

    private string Done(params string[] arguments)
    {
        var (exit, output) = deployment.Soar(arguments);
        Assert.True(exit == 0, $"soar {string.Join(' ', arguments)} ended with {exit}: {output}");
        return output;
    }

    private JsonElement Json(params string[] arguments) => JsonDocument.Parse(Done(arguments)).RootElement;

    private JsonElement OnlyRun() => Assert.Single(Json("runs", "--json").EnumerateArray());

    [Fact]
    public void Check_names_every_mistake_with_its_place_and_code_and_fails()
    {
        deployment.File("good.csx", Head("good") + "await Note(\"fine\");\n");
        Assert.Contains("1 playbook checked, no errors", Done("check"));
        deployment.File("bad.csx", Head("bad") + "await Note(System.IO.File.ReadAllText(\"/etc/passwd\"));\nvar now = DateTimeOffset.UtcNow;\n");

        var (exit, told) = deployment.Soar("check");
        Assert.Equal(1, exit);
        Assert.Matches(@"(?m)^bad\.csx:2:\d+: error SOAR1221: .+", told);
        Assert.Matches(@"(?m)^bad\.csx:3:\d+: error SOAR1224: .*Now", told);
        Assert.Matches(@"\d errors in 1 playbook of 2", told);

        (exit, var json) = deployment.Soar("check", "--json");
        Assert.Equal(1, exit);
        var report = JsonDocument.Parse(json).RootElement;
        Assert.Equal(2, report.GetProperty("playbooks").GetInt32());
        var first = report.GetProperty("diagnostics")[0];
        Assert.Equal(("SOAR1221", 2), (first.GetProperty("code").GetString(), first.GetProperty("line").GetInt32()));
        Assert.Equal(2, deployment.Soar("check", "nowhere").Exit);
    }

    [Fact]
    public void Graph_draws_a_playbook_in_three_forms()
    {
        deployment.File("block.csx", Head("block") + "// Who knows it?\nvar seen = await ForEach(Intel.All, source => source.Lookup(IpAddress.Parse(\"203.0.113.7\")));\nreturn Outcome.Completed();\n");
        var mermaid = Done("graph", "block");
        Assert.StartsWith("flowchart", mermaid.TrimStart(), StringComparison.Ordinal);
        Assert.Contains("Who knows it?", mermaid);
        Assert.Contains("Who knows it?", Json("graph", "block", "--json").GetRawText());
        var picture = Path.Combine(deployment.Home, "block.svg");
        Assert.Contains("block.svg", Done("graph", "block", "--svg", picture));
        var svg = System.Xml.Linq.XDocument.Load(picture);
        Assert.Equal("svg", svg.Root!.Name.LocalName);
        Assert.Contains("Who knows it?", svg.Root.Value);
    }

    [Fact]
    public void A_new_playbook_checks_and_passes_its_tests_and_is_never_written_over()
    {
        Assert.Contains("soar test disable-account", Done("new", "containment/disable-account"));
        Assert.True(File.Exists(Path.Combine(deployment.Home, "containment", "disable-account.csx")));
        Assert.Contains("1 playbook checked, no errors", Done("check", "disable-account"));
        Assert.Matches(@"(?m)^[1-9]\d* passed, 0 failed, 0 skipped", Done("test", "disable-account"));

        var (exit, refused) = deployment.Soar("new", "containment/disable-account");
        Assert.Equal(2, exit);
        Assert.Contains("exists already", refused);
    }

    [Fact]
    public void A_run_is_paused_resumed_and_cancelled()
    {
        deployment.File("wait.csx", Head("wait") + Waiting);
        Assert.Equal(3, deployment.Soar("run", "wait").Exit); // it waits for somebody
        var run = OnlyRun().GetProperty("id").GetString()!;

        Assert.Contains("is paused", Done("pause", run, "--reason", "a look first"));
        Assert.Equal("Paused", OnlyRun().GetProperty("status").GetString());
        Assert.Contains("is resumed", Done("resume", run));
        Assert.Equal("Waiting", OnlyRun().GetProperty("status").GetString());
        Assert.Contains("is cancelled", deployment.Soar("cancel", run, "--reason", "a false alarm").Output);
        Assert.Equal("Cancelled", OnlyRun().GetProperty("status").GetString());
        Assert.Contains("a false alarm", Done("show", run));

        var (exit, late) = deployment.Soar("cancel", run);
        Assert.Equal(1, exit);
        Assert.Contains("nothing left to cancel", late);
    }

    [Fact]
    public async Task A_backup_holds_the_runs_and_can_take_the_stores_place()
    {
        deployment.File("wait.csx", Head("wait") + Waiting);
        deployment.Soar("run", "wait");
        var run = OnlyRun().GetProperty("id").GetString()!;
        var copy = Path.Combine(deployment.Home, "copy");
        Assert.Contains(copy, Done("backup", copy));

        await using (var database = SoarDatabase.OpenReader(Path.Combine(copy, "soar.db"), new StorageOptions(), TimeProvider.System))
            Assert.Equal(RunStatus.Waiting, (await new RunStore(database).FindAsync(RunId.Parse(run)))!.Status);
        var (exit, refused) = deployment.Soar("backup", copy);
        Assert.Equal(1, exit);
        Assert.Contains("SOAR3013", refused);

        Directory.Delete(deployment.Store, recursive: true);
        Directory.Move(copy, deployment.Store);
        Assert.Contains("Completed: went", Done("signal", run, "go", "--value", "now"));
    }

    [Fact]
    public void Bench_measures_this_machine()
    {
        var line = Done("bench", "--seconds", "0.3", "--runs", "2").Split('\n').Single(l => l.TrimStart().StartsWith("2 ", StringComparison.Ordinal));
        Assert.True(double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.NumberStyles.AllowThousands | System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture) > 10, line);
        Assert.False(Directory.Exists(deployment.Store)); // in a store of its own
    }

    [Fact]
    public void A_list_is_imported_and_shown()
    {
        deployment.File("wait.csx", Head("wait") + Waiting);
        var csv = deployment.File("facilities.csv", "name,mail\nNorth,north@example.org\n\"South, old\",south@example.org\n");
        Assert.Contains("version 1 with 2 rows", Done("lists", "import", "facilities", csv));
        var shown = Done("lists", "show", "facilities");
        Assert.Contains("South, old", shown);
        Assert.Contains("north@example.org", shown);
        Assert.Matches(@"facilities\s+1\s+2\s+name, mail", Done("lists"));
        Assert.Contains("SOAR2004", deployment.Soar("lists", "show", "nothing").Output);
    }

    [Fact]
    public void Catalogue_and_containments_are_json_for_other_programs()
    {
        deployment.File("block.csx", Head("block", "On.Alert(alert => alert.Severity > 50);\nvar address = Input<IpAddress>(\"address\", \"Whom\");\n") + "await Firewall.Block(address, 2.Hours);\nreturn Outcome.Contained();\n");
        var entry = Assert.Single(Json("catalog", "--json").EnumerateArray());
        Assert.Equal("block", entry.GetProperty("header").GetProperty("name").GetString());
        Assert.Equal("address", entry.GetProperty("header").GetProperty("inputs")[0].GetProperty("name").GetString());
        Assert.Equal("Contains", entry.GetProperty("effects")[0].GetString());
        Assert.Equal(0, entry.GetProperty("errors").GetInt32());

        Assert.Contains("Contained", Done("run", "block", "--input", "address=203.0.113.66"));
        var standing = Assert.Single(Json("containments", "--json").EnumerateArray());
        Assert.Equal(("firewall.block", "edge", "203.0.113.66", "Active"),
            (standing.GetProperty("action").GetString(), standing.GetProperty("instance").GetString(), standing.GetProperty("target").GetString(), standing.GetProperty("status").GetString()));
    }

    [Fact]
    public void An_alert_comes_by_standard_input()
    {
        deployment.File("see.csx", Head("see", "On.Alert(alert => true);\n") + "return Outcome.Completed($\"{Alert.Title} of {Alert.Severity}\");\n");
        var (exit, output) = deployment.SoarReading("""{"id":"1","detector":"test","title":"Knock","category":"intrusion","severity":80,"time":"2026-01-01T00:00:00Z"}""", "run", "see", "--alert", "-");
        Assert.Equal(0, exit);
        Assert.Contains("Completed: Knock of 80", output);
        (exit, output) = deployment.SoarReading("{", "run", "see", "--alert", "-");
        Assert.Equal(2, exit);
        Assert.Contains("SOAR5002", output);
    }

    [Fact]
    public void At_a_terminal_steps_are_shown_live_and_approvals_and_forms_are_answered_at_the_prompt()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "python3"))), "python3 is not on this machine");
        deployment.File("talk.csx", Head("talk") + """
            // Count to thirty
            await ForEach(Enumerable.Range(0, 30).ToList(), async i => await Note($"number {i}"), parallel: 4);
            // Shall we?
            var decision = await Ask("shift-lead", "Go on?");
            var damage = await Form<Damage>("it-on-call", "What happened?");
            return Outcome.Completed($"{decision.By} said {decision.Kind}, {damage.Machine} is {damage.HowBad}");

            record Damage(string Machine, Severity HowBad);
            enum Severity { Low, High }
            """);

        var (exit, screen) = deployment.SoarAtATerminal([("Your answer", "approve"), ("Your answer", "fill in"), ("machine (", "pc-7"), ("howBad (", "High")], "run", "talk");

        Assert.True(exit == 0, screen);
        Assert.Contains("Completed: ana said Approved, pc-7 is High", screen);
        // Steps by their titles, with what they came to.
        Assert.Contains("Shall we?", screen);
        Assert.Contains("approved by ana", screen);
        // The live part is drawn, and erased line by line: a bar for the long loop instead of thirty lines.
        Assert.Contains("\u001b[1A\u001b[2K", screen);
        Assert.Contains("░", screen);
        Assert.Contains("/30", screen);
    }

    [Fact]
    public async Task Whoever_sits_at_the_prompt_of_a_question_that_somebody_else_answers_is_told_and_goes_on()
    {
        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 1\n");
        deployment.Set("SOAR_USER", "ana");
        deployment.File("ask.csx", """
            Playbook("ask", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "A test.");
            var decision = await Ask("shift-lead", "Shall we?", within: 1.Hours);
            return Outcome.Completed($"{decision.By} said {decision}");
            """);
        var sitting = Task.Run(() => deployment.SoarAtATerminal([], "run", "ask"), TestContext.Current.CancellationToken);
        while (!sitting.IsCompleted && deployment.Soar("answer", "last", "approve").Exit != 0)
        {
            // Not asked yet.
        }

        var (exit, screen) = await sitting;
        Assert.True(exit == 0, screen);
        Assert.Contains("It was answered elsewhere", screen);
        Assert.Contains("Completed: ana said", screen);
    }
}
