using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Soar.Server.Node;
using Soar.Server.Rehearsals;
using Soar.Server.Tests.Http;

namespace Soar.Server.Tests.Rehearsals;

/// <summary><c>POST /api/drafts/{name}/rehearsal</c>: what a draft would have done about the alerts that came in last.</summary>
public sealed class RehearsalTests
{
    private const string Head = "Playbook(\"guard\", version: \"2.0.0\", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: \"A test.\");\n";

    private const string Body = """
        On.Alert(alert => alert.Category == "intrusion" && alert.Severity >= 70);
        var address = Input<IpAddress>("address", "Whom to block", from: alert => alert.Source?.Ip);

        // Known?
        var known = await Lists["known"];
        var seen = await Http.Get("hosts");
        if (known.Rows.Any(row => row["address"] == address.ToString()))
            return Outcome.NothingToDo("known");

        // Block
        var block = Firewall.Block(address, 1.Hours);
        var decision = await Ask("lead", "Block?", [block], within: 1.Hours, quorum: 2);
        if (!decision.Approved)
            return Outcome.Escalated(decision.Reason);
        await block;
        await Run("tell");
        return Outcome.Contained();
        """;

    /// <summary>The one that is real: nothing may knock at it.</summary>
    private static string Settings(Uri real) => $"approvals: [contains]\nconnectors:\n  edge-1: {{ type: nftables, simulated: true }}\n  web: {{ type: http, address: \"{real}\" }}\n";

    private static object Alert(string id, int severity, string ip, string category = "intrusion") =>
        new { id, detector = "siem", title = $"Alert {id}", category, severity, time = "2026-11-20T08:14:03Z", source = new { ip } };

    private static async Task<(Served Served, Browser Eva)> StartAsync(TcpListener product)
    {
        product.Start();
        var served = await Served.StartAsync(Settings(new Uri($"http://127.0.0.1:{((IPEndPoint)product.LocalEndpoint).Port}/")), ("guard", Body), ("tell", "await Note(\"told\");\nreturn Outcome.Completed();\n"));
        await served.Node.Lists.ImportAsync("known", new StringReader("address\n203.0.113.9\n"), "root", TestContext.Current.CancellationToken);
        using var administrator = await served.AdministratorAsync();
        var eva = await served.UserAsync(administrator, "eva", "engineer");
        await eva.PostAsync("/api/alerts", Alert("a", 80, "203.0.113.7"), HttpStatusCode.OK);
        await eva.PostAsync("/api/alerts", Alert("b", 60, "203.0.113.8"), HttpStatusCode.OK);
        await eva.PostAsync("/api/alerts", Alert("c", 90, "203.0.113.9"), HttpStatusCode.OK);
        await eva.PostAsync("/api/alerts", Alert("d", 90, "203.0.113.10", "phishing"), HttpStatusCode.OK);
        return (served, eva);
    }

    private static Task<JsonElement> RehearseAsync(Browser eva, string source, bool refuse = false, int alerts = 100) =>
        eva.PostAsync("/api/drafts/guard/rehearsal", new { source, refuse, alerts }, HttpStatusCode.OK);

    private static string Text(JsonElement of, string field) => of.TryGetProperty(field, out var value) ? value.ToString() : "";

    private static IEnumerable<JsonElement> Each(JsonElement of, string field) => of.GetProperty(field).EnumerateArray();

    [Fact]
    public async Task What_a_draft_would_have_done_otherwise_stands_first_and_nothing_was_touched()
    {
        using var product = new TcpListener(IPAddress.Loopback, 0);
        var (served, eva) = await StartAsync(product);
        await using var _ = served;
        using var __ = eva;
        var draft = Head + Body.Replace(">= 70", ">= 50").Replace("1.Hours);\nvar decision", "2.Hours);\nvar decision");
        var view = await RehearseAsync(eva, draft);
        Assert.Equal(("1.0.0", 0), (Text(view, "against"), view.GetProperty("unreached").GetInt32()));
        var alerts = Each(view, "alerts").ToList();
        Assert.Equal(["Alert b", "Alert a", "Alert d", "Alert c"], alerts.Select(alert => Text(alert, "title")));

        // Wanted only by the draft: all that it does is new.
        Assert.Equal(["Verdict", "EffectAdded"], Each(alerts[0], "differences").Select(one => Text(one, "kind")).Take(2));
        Assert.Equal("NotWanted", Text(alerts[0].GetProperty("published"), "verdict"));

        // The same effect for another time.
        var changed = Each(alerts[1], "differences").First();
        Assert.Equal(("EffectChanged", "firewall.block"), (Text(changed, "kind"), Text(changed, "action")));
        Assert.Contains("203.0.113.7", Text(changed, "to"), StringComparison.Ordinal);
        var run = alerts[1].GetProperty("draft");
        Assert.Equal(("Wanted", "Contained"), (Text(run, "verdict"), Text(run, "outcome")));
        Assert.Equal(["lists.read", "http.get", "soar.ask", "firewall.block", "soar.run", "case.note"], Each(run, "steps").Select(step => Text(step, "action")));
        Assert.Equal("203.0.113.7", Text(Each(run, "steps").ElementAt(3).GetProperty("arguments"), "address"));
        Assert.Equal(["lead: Block?"], Each(run, "questions").Select(question => question.GetString()!));
        Assert.NotEmpty(Each(run, "taken"));

        // Nothing wants the phishing; the known address is read from this deployment's list.
        Assert.Equal("NotWanted", Text(alerts[2].GetProperty("draft"), "verdict"));
        Assert.Equal("NothingToDo", Text(alerts[3].GetProperty("draft"), "outcome"));
        Assert.Empty(Each(alerts[3], "differences"));

        Assert.False(product.Pending(), "a product was called");
        Assert.Empty((await eva.GetAsync("/api/runs")).GetProperty("runs").EnumerateArray());
        Assert.Empty((await eva.GetAsync("/api/questions?all=true")).GetProperty("questions").EnumerateArray());
        Assert.Empty((await eva.GetAsync("/api/containments?all=true")).GetProperty("containments").EnumerateArray());
    }

    [Fact]
    public async Task Everybody_may_refuse_and_only_so_many_alerts_are_looked_at()
    {
        using var product = new TcpListener(IPAddress.Loopback, 0);
        var (served, eva) = await StartAsync(product);
        await using var _ = served;
        using var __ = eva;
        var view = await RehearseAsync(eva, Head + Body, refuse: true);
        Assert.Equal("Escalated", Text(Each(view, "alerts").Single(alert => Text(alert, "title") == "Alert a").GetProperty("draft"), "outcome"));
        Assert.Equal(["Alert d"], Each(await RehearseAsync(eva, Head + Body, alerts: 1), "alerts").Select(alert => Text(alert, "title")));
        await eva.RefusedAsync(HttpMethod.Post, "/api/drafts/guard/rehearsal", new { source = Head + Body, alerts = 101 }, 400, "SOAR6007");
        await eva.RefusedAsync(HttpMethod.Post, "/api/drafts/guard/rehearsal", new { source = Head + "await nothing;" }, 422, "SOAR1000");
    }

    [Fact]
    public async Task A_predicate_that_throws_is_failed_and_never_not_wanted()
    {
        using var product = new TcpListener(IPAddress.Loopback, 0);
        var (served, eva) = await StartAsync(product);
        await using var _ = served;
        using var __ = eva;
        var view = await RehearseAsync(eva, Head + Body.Replace("alert.Severity >= 70", "alert.Title.Substring(100) == \"\""));
        var draft = Each(view, "alerts").Single(alert => Text(alert, "title") == "Alert a").GetProperty("draft");
        Assert.Equal("Failed", Text(draft, "verdict"));
        Assert.NotEmpty(Text(draft, "reason"));
    }

    [Fact]
    public async Task When_the_time_is_over_what_was_reached_is_told_and_who_hangs_up_leaves_it_free_for_the_next()
    {
        using var product = new TcpListener(IPAddress.Loopback, 0);
        var (served, eva) = await StartAsync(product);
        await using var _ = served;
        using var __ = eva;
        var tools = served.Node.Tools;
        var hurried = new Rehearsal(tools, served.Node.Reader, new Dictionary<string, object>(), SoarNode.ArtifactsOf(tools.Workspace), TimeProvider.System) { Longest = TimeSpan.Zero };
        var source = Head + Body;
        var cut = await hurried.RunAsync("guard", source, "guard.csx", new RehearsalTerms(100, Agree: true, Soar.Storage.Horizon.Everything), TestContext.Current.CancellationToken);
        Assert.Equal((4, 0), (cut.Unreached, cut.Alerts.Count));

        using var gone = new CancellationTokenSource();
        var left = served.Node.Rehearsals.RunAsync("guard", source.Replace("Whom to block", "Who is it", StringComparison.Ordinal), "guard.csx", new RehearsalTerms(100, Agree: true, Soar.Storage.Horizon.Everything), gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal(4, Each(await RehearseAsync(eva, source), "alerts").Count());
    }
}
