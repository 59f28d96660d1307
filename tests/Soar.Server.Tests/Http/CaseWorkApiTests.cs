using System.Net;
using System.Text.Json;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Http;

/// <summary>Cases through the real server: worked on by people, with the audit beside it.</summary>
public sealed class CaseWorkApiTests
{
    private const string Rules = "alerts: { same: { within: 0s }, cases: [{ name: attacker, by: [source.ip] }] }\n";

    [Fact]
    public async Task A_playbook_that_is_run_on_a_case_leaves_there_what_it_finds()
    {
        await using var served = await Served.StartAsync(Rules, ("notes", "await Note(\"seen\");\nreturn Outcome.Completed();\n"));
        using var ana = await served.AdministratorAsync("ana");
        await ana.PostAsync("/api/alerts", Alert("a", "203.0.113.1"), HttpStatusCode.OK);
        await ana.RefusedAsync(HttpMethod.Post, "/api/runs", new { playbook = "notes", @case = "99" }, 404, "SOAR2004");
        var id = (await ana.PostAsync("/api/runs", new { playbook = "notes", @case = "1" }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
        await RunsApiTests.FollowAsync(served, id);
        var story = await ana.GetAsync("/api/cases/1");
        Assert.Equal(id, Assert.Single(story.GetProperty("runs").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("seen", Assert.Single(story.GetProperty("notes").EnumerateArray()).GetProperty("text").GetString());
    }

    private static object Alert(string id, string ip) => new { id, detector = "siem", title = $"Scan {id}", category = "recon", severity = 40, time = "2026-11-20T08:14:03Z", source = new { ip } };

    [Fact]
    public async Task A_case_is_taken_worked_on_split_merged_and_closed_and_everything_is_on_record()
    {
        await using var served = await Served.StartAsync(Rules);
        using var ana = await served.AdministratorAsync("ana");
        using var vera = await served.UserAsync(ana, "vera", "viewer");
        using var boris = await served.UserAsync(ana, "boris", "analyst");
        foreach (var (external, ip) in new[] { ("a", "203.0.113.1"), ("b", "203.0.113.1"), ("c", "203.0.113.2") }) await boris.PostAsync("/api/alerts", Alert(external, ip), HttpStatusCode.OK);

        await vera.RefusedAsync(HttpMethod.Patch, "/api/cases/1", new { owner = "vera" }, 403, "SOAR6002");
        await boris.RefusedAsync(HttpMethod.Patch, "/api/cases/1", new { status = "Closed" }, 422, "SOAR2014");
        await boris.RefusedAsync(HttpMethod.Patch, "/api/cases/1", new { stage = "Closed" }, 400, "SOAR6007");
        await boris.RefusedAsync(HttpMethod.Patch, "/api/cases/99", new { owner = "boris" }, 404, "SOAR2004");
        var taken = await boris.AnswerAsync(HttpMethod.Patch, "/api/cases/1", new { owner = "boris", priority = 2, declared = true, reason = "many sites" }, HttpStatusCode.OK);
        Assert.Equal(("Open", "boris", 2), (taken.GetProperty("status").GetString(), taken.GetProperty("owner").GetString(), taken.GetProperty("priority").GetInt32()));
        await boris.PostAsync("/api/cases/1/notes", new { text = "Called the **provider**" }, HttpStatusCode.Created);
        var task = (await boris.PostAsync("/api/cases/1/tasks", new { title = "Ask the registry", assignee = "ana" }, HttpStatusCode.Created)).GetProperty("number").GetInt64();
        await boris.AnswerAsync(HttpMethod.Patch, $"/api/cases/1/tasks/{task}", new { done = true }, HttpStatusCode.OK);

        var split = await boris.PostAsync("/api/cases/1/split", new { title = "Another attacker", alerts = new[] { 2 } }, HttpStatusCode.OK);
        Assert.Equal(3, split.GetProperty("number").GetInt32());
        await boris.RefusedAsync(HttpMethod.Post, "/api/cases/1/split", new { title = "Again", alerts = new[] { 2 } }, 422, "SOAR2014");
        Assert.Equal(2, (await boris.PostAsync("/api/cases/3/merge", new { into = "2", reason = "the same" }, HttpStatusCode.OK)).GetProperty("number").GetInt32());
        await boris.AnswerAsync(HttpMethod.Patch, "/api/cases/1", new { status = "Closed", resolution = "FalsePositive", reason = "our own scanner" }, HttpStatusCode.OK);

        var story = await vera.GetAsync("/api/cases/1");
        Assert.Equal("Called the **provider**", story.GetProperty("peoplesNotes")[0].GetProperty("text").GetString());
        Assert.Equal("boris", story.GetProperty("tasks")[0].GetProperty("doneBy").GetString());
        Assert.Equal(
            ["opened", "alert", "priority", "owner", "status", "declared", "note", "task", "task", "split", "status"],
            (await vera.GetAsync("/api/cases/1/timeline")).GetProperty("events").EnumerateArray().Select(e => e.GetProperty("what").GetString()).OrderBy(w => w == "opened" ? 0 : w == "alert" ? 1 : 2));
        Assert.Equal([1], (await vera.GetAsync("/api/cases?status=Closed&owner=boris")).GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("number").GetInt32()));
        Assert.Equal(2, (await vera.GetAsync("/api/cases/metrics")).GetProperty("opened").GetInt32());
        Assert.Empty((await vera.GetAsync("/api/cases/2/related")).GetProperty("cases").EnumerateArray());

        var id = story.GetProperty("case").GetProperty("id").GetString();
        var audit = (await ana.GetAsync($"/api/audit?on=case%20{id}&max=100")).GetProperty("records").EnumerateArray().Select(r => $"{r.GetProperty("who").GetString()} {r.GetProperty("what").GetString()} {r.GetProperty("outcome").GetString()![..4]}").Reverse();
        Assert.Equal(
            ["boris case-change SOAR", "boris case-change done", "boris case-note done", "boris case-task done", "boris case-task-change done", "boris case-split done", "boris case-split SOAR", "boris case-change done"], audit);
    }

    [Fact]
    public void The_command_line_does_the_same()
    {
        using var deployment = new Deployment();
        deployment.File("opens.csx", "Playbook(\"opens\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\nawait Case.Open(\"Hoax mails\", 70);\nreturn Outcome.Completed();\n");
        string Soar(int expected, params string[] arguments)
        {
            var (code, output) = deployment.Soar(arguments);
            Assert.True(code == expected, $"soar {string.Join(' ', arguments)}: {code}\n{output}");
            return output;
        }

        deployment.File("soar.yaml", "approvals: []\n");
        Soar(0, "run", "opens");
        Soar(0, "run", "opens");
        Assert.Contains("nobody's", Soar(0, "cases", "1"));
        Assert.Contains("open, ana's, priority 1", Soar(0, "cases", "change", "1", "--owner", "ana", "--priority", "1"));
        Assert.Contains("SOAR2014", Soar(1, "cases", "change", "1", "--status", "closed"));
        Soar(0, "cases", "note", "1", "Called the provider");
        Assert.Contains("Ask the registry", Soar(0, "cases", "task", "1", "Ask the registry", "--assignee", "ana"));
        Assert.Contains("done", Soar(0, "cases", "task", "1", "1", "--done"));
        Assert.Contains("case 1 is part of case 2", Soar(0, "cases", "merge", "1", "--into", "2", "--reason", "the same"));
        var shown = Soar(0, "cases", "2");
        Assert.Contains("Called the provider", shown);
        Assert.Contains("Ask the registry", shown);
        Assert.Contains("merged", Soar(0, "cases", "timeline", "2"));
        Assert.Contains("1 case in 30 days", Soar(0, "cases", "metrics"));
        Assert.Equal(2, JsonDocument.Parse(Soar(0, "cases", "--json")).RootElement.GetArrayLength());
    }
}
