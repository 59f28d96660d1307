using System.Net;
using System.Text.Json;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Tests.Http;

/// <summary>Who may answer what, alone and together; who sees to it, and who hands it on.</summary>
public sealed class QuestionsApiTests
{
    private const string Settings = """
        roles: { shift-lead: [ana, boris, vera] }
        people: { ana: { mail: ana@soc.example }, boris: { mail: boris@soc.example }, dora: { mail: dora@soc.example } }
        notify: { mail: mailer, address: "https://soar.example" }
        connectors: { mailer: { type: smtp, simulated: true } }
        http: { loginsPerMinute: 1000 }
        """;

    [Fact]
    public async Task Four_eyes_keep_whoever_started_the_run_from_answering_also_in_a_sub_run_and_the_reason_is_told()
    {
        await using var served = await Served.StartAsync(Settings,
            ("asks", "var d = await Ask(\"shift-lead\", \"Go on?\", within: 1.Hours, fourEyes: true);\nreturn Outcome.Completed($\"{d.Kind} by {d.By}\");\n"), ("parent", "return await Run(\"asks\");\n"));
        using var ana = await served.AdministratorAsync("ana");
        using var boris = await served.UserAsync(ana, "boris");
        var (run, question) = await AskedAsync(served, ana, "parent");

        Assert.True(question.GetProperty("fourEyes").GetBoolean());
        Assert.Empty((await ana.GetAsync("/api/questions?mine=true")).GetProperty("questions").EnumerateArray());
        Assert.Single((await boris.GetAsync("/api/questions?mine=true")).GetProperty("questions").EnumerateArray());
        var why = await ana.RefusedAsync(HttpMethod.Post, Of(question, "answer"), new { answer = "approve" }, 403, "SOAR2034");
        Assert.Contains("four eyes, and ana started the run", why);
        Assert.Contains("ana started the run", await boris.RefusedAsync(HttpMethod.Post, Of(question, "delegate"), new { to = "ana", reason = "hers" }, 403, "SOAR2034"));
        await boris.PostAsync(Of(question, "answer"), new { answer = "approve" }, HttpStatusCode.OK);
        await RunsApiTests.FollowAsync(served, run);
        Assert.Contains("Approved by boris", (await ana.GetAsync($"/api/runs/{run}")).GetProperty("run").GetProperty("result").ToString());
    }

    [Fact]
    public async Task Who_is_asked_and_told_is_shown_by_name_with_those_whom_four_eyes_keep_out()
    {
        await using var served = await Served.StartAsync(Settings, ("asks", "var d = await Ask(\"shift-lead\", \"Go on?\", within: 1.Hours, fourEyes: true);\nreturn Outcome.Completed();\n"));
        using var ana = await served.AdministratorAsync("ana");
        using var boris = await served.UserAsync(ana, "boris");
        await using var notifier = served.Node.Notify(TimeProvider.System);
        var (_, question) = await AskedAsync(served, ana, "asks");
        await ToldAsync(served, question, "boris");

        var people = await boris.GetAsync(Of(question, "people"));
        Assert.Equal(["ana: ana started the run", "boris: ", "vera: "], people.GetProperty("asked").EnumerateArray().Select(p => $"{p.GetProperty("name").GetString()}: {(p.TryGetProperty("barred", out var why) ? why.GetString() : "")}"));
        var told = people.GetProperty("told").EnumerateArray().ToDictionary(p => p.GetProperty("person").GetString()!, p => p.GetProperty("state").GetString());
        Assert.False(told.ContainsKey("ana"));
        Assert.Equal("GivenUp", told["vera"]); // she has no address
        await boris.PostAsync(Of(question, "answer"), new { answer = "approve" }, HttpStatusCode.OK);
        Assert.Empty((await boris.GetAsync(Of(question, "people"))).GetProperty("asked").EnumerateArray());
        await boris.RefusedAsync(HttpMethod.Get, "/api/questions/01890000-0000-7000-8000-000000000000/people", null, 404, "SOAR2004");
    }

    [Fact]
    public async Task Without_four_eyes_whoever_started_the_run_may_answer()
    {
        await using var served = await Served.StartAsync(Settings, ("asks", "var d = await Ask(\"shift-lead\", \"Go on?\", within: 1.Hours);\nreturn Outcome.Completed($\"{d.Kind} by {d.By}\");\n"));
        using var ana = await served.AdministratorAsync("ana");
        var (run, question) = await AskedAsync(served, ana, "asks");
        Assert.False(question.GetProperty("fourEyes").GetBoolean());
        await ana.PostAsync(Of(question, "answer"), new { answer = "approve" }, HttpStatusCode.OK);
        await RunsApiTests.FollowAsync(served, run);
        Assert.Contains("Approved by ana", (await ana.GetAsync($"/api/runs/{run}")).GetProperty("run").GetProperty("result").ToString());
    }

    [Fact]
    public async Task A_say_that_is_handed_on_is_one_say_in_its_role_and_can_be_handed_back()
    {
        await using var served = await Served.StartAsync(Settings, ("asks", "var d = await Ask(\"shift-lead\", \"Go on?\", within: 1.Hours, quorum: 2);\nreturn Outcome.Completed($\"{d.Kind} by {d.By}\");\n"));
        using var ana = await served.AdministratorAsync("ana");
        using var boris = await served.UserAsync(ana, "boris");
        using var dora = await served.UserAsync(ana, "dora", "analyst");
        await using var notifier = served.Node.Notify(TimeProvider.System);
        var (run, question) = await AskedAsync(served, ana, "asks");

        await dora.RefusedAsync(HttpMethod.Post, Of(question, "answer"), new { answer = "approve" }, 403, "SOAR2034");
        await dora.RefusedAsync(HttpMethod.Post, Of(question, "delegate"), new { to = "boris", reason = "not mine" }, 403, "SOAR2034");
        await boris.RefusedAsync(HttpMethod.Post, Of(question, "delegate"), new { to = "dora", reason = " " }, 422, "SOAR5001");
        await boris.RefusedAsync(HttpMethod.Post, Of(question, "delegate"), new { to = "drao", reason = "I leave" }, 404, "SOAR2004");
        Assert.Contains("a say of their own", await boris.RefusedAsync(HttpMethod.Post, Of(question, "delegate"), new { to = "ana", reason = "I leave" }, 422, "SOAR5001"));
        await boris.PostAsync(Of(question, "delegate"), new { to = "Dora", reason = "I leave at eight" }, HttpStatusCode.OK);
        Assert.Contains("handed question", await boris.RefusedAsync(HttpMethod.Post, Of(question, "answer"), new { answer = "approve" }, 403, "SOAR2034"));
        await ToldAsync(served, question, "dora");

        await dora.PostAsync(Of(question, "delegate"), new { to = "boris", reason = "he is back" }, HttpStatusCode.OK);
        await dora.RefusedAsync(HttpMethod.Post, Of(question, "answer"), new { answer = "approve" }, 403, "SOAR2034");
        await boris.PostAsync(Of(question, "delegate"), new { to = "dora", reason = "no, he is not" }, HttpStatusCode.OK);
        await dora.PostAsync(Of(question, "answer"), new { answer = "approve", reason = "seen" }, HttpStatusCode.OK);
        await dora.RefusedAsync(HttpMethod.Post, Of(question, "answer"), new { answer = "approve" }, 409, "SOAR2030");
        Assert.Equal("Open", (await ana.GetAsync(Of(question, ""))).GetProperty("status").GetString());
        await ana.PostAsync(Of(question, "answer"), new { answer = "approve" }, HttpStatusCode.OK);
        await RunsApiTests.FollowAsync(served, run);

        var answers = (await ana.GetAsync(Of(question, ""))).GetProperty("answers").EnumerateArray().Select(a => $"{a.GetProperty("by").GetString()} as {a.GetProperty("as").GetString()}").ToList();
        Assert.Equal(["dora as shift-lead", "ana as shift-lead"], answers);
        var records = (await ana.GetAsync("/api/audit?max=500")).GetProperty("records").EnumerateArray().Where(r => r.GetProperty("what").GetString() == "delegate" && r.GetProperty("outcome").GetString() == "done").ToList();
        Assert.Equal(3, records.Count);
        Assert.All(records, r => Assert.Contains("reason", r.GetProperty("details").ToString()));
    }

    [Fact]
    public async Task Whoever_sees_to_it_is_shown_keeps_nobody_from_answering_and_can_be_relieved()
    {
        await using var served = await Served.StartAsync(Settings, ("asks", "var d = await Ask(\"shift-lead\", \"Go on?\", within: 1.Hours);\nreturn Outcome.Completed($\"{d.Kind}: {d.Reason}\");\n"));
        using var ana = await served.AdministratorAsync("ana");
        using var boris = await served.UserAsync(ana, "boris");
        using var dora = await served.UserAsync(ana, "dora", "analyst");
        var (run, question) = await AskedAsync(served, ana, "asks");

        await dora.RefusedAsync(HttpMethod.Post, Of(question, "claim"), new { }, 403, "SOAR2034");
        Assert.Equal("ana", (await ana.PostAsync(Of(question, "claim"), new { }, HttpStatusCode.OK)).GetProperty("claimedBy").GetString());
        Assert.Contains("ana has taken up", await boris.RefusedAsync(HttpMethod.Post, Of(question, "claim"), new { }, 409, "SOAR2030"));
        Assert.Equal("boris", (await boris.PostAsync(Of(question, "claim"), new { takeOver = true }, HttpStatusCode.OK)).GetProperty("claimedBy").GetString());
        Assert.False((await boris.PostAsync(Of(question, "claim"), new { release = true }, HttpStatusCode.OK)).TryGetProperty("claimedBy", out _));
        await boris.PostAsync(Of(question, "claim"), new { }, HttpStatusCode.OK);
        await ana.RefusedAsync(HttpMethod.Post, Of(question, "answer"), new { answer = "refuse", reason = " " }, 422, "SOAR5001");
        await ana.PostAsync(Of(question, "answer"), new { answer = "refuse", reason = "too early" }, HttpStatusCode.OK);
        await RunsApiTests.FollowAsync(served, run);
        Assert.Contains("Refused: too early", (await ana.GetAsync($"/api/runs/{run}")).GetProperty("run").GetProperty("result").ToString());
        await boris.RefusedAsync(HttpMethod.Post, Of(question, "claim"), new { }, 409, "SOAR2030");
    }

    private static string Of(JsonElement question, string what) => $"/api/questions/{question.GetProperty("id").GetString()}/{what}".TrimEnd('/');

    private static async Task<(string Run, JsonElement Question)> AskedAsync(Served served, Browser by, string playbook)
    {
        var run = (await by.PostAsync("/api/runs", new { playbook }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await tick.WaitForNextTickAsync(patience.Token))
            if ((await by.GetAsync("/api/questions")).GetProperty("questions").EnumerateArray().ToList() is [var question]) return (run, question);
        throw new InvalidOperationException("The tick ended.");
    }

    private static async Task ToldAsync(Served served, JsonElement question, string person)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await tick.WaitForNextTickAsync(patience.Token))
        {
            var notices = await served.Node.Reader.Notices.ListAsync(new QuestionId(Guid.Parse(question.GetProperty("id").GetString()!)));
            if (!notices.Any(n => n.Person == person && n.State == NoticeState.Sent)) continue;
            // Nobody is told twice because somebody else is told too.
            Assert.Equal(notices.Count, notices.Select(n => n.Person).Distinct().Count());
            return;
        }
    }
}
