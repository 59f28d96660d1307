using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Soar.Server.Tests.Http;

/// <summary>What the console's overviews ask for: the dashboard, the calendar of schedules, the shifts.</summary>
public sealed class DashboardApiTests
{
    private static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    [Fact]
    public async Task The_dashboard_counts_what_ran_what_failed_what_went_without_asking_and_what_waits()
    {
        await using var served = await Served.StartAsync(
            "approvals: []\nroles: { shift-lead: [ana] }\nhttp: { loginsPerMinute: 1000 }\n", ("quick", "return Outcome.Completed();\n"), ("broken", "throw new Exception(\"no\");\n"), ("asks", "var d = await Ask(\"shift-lead\", \"Go on?\", within: 1.Hours);\nreturn Outcome.Completed();\n"));
        using var ana = await served.AdministratorAsync("ana");
        foreach (var playbook in new[] { "quick", "quick", "broken", "asks", "asks" })
            await RunsApiTests.FollowAsync(served, (await ana.PostAsync("/api/runs", new { playbook }, HttpStatusCode.Created)).GetProperty("id").GetString()!, throughWaits: false);
        var question = (await ana.GetAsync("/api/questions")).GetProperty("questions")[0];
        await ana.PostAsync($"/api/questions/{question.GetProperty("id").GetString()}/answer", new { answer = "approve" }, HttpStatusCode.OK);
        await RunsApiTests.FollowAsync(served, question.GetProperty("run").GetString()!);
        await ana.PostAsync("/api/alerts", new { id = "a", detector = "siem", title = "Scan", category = "recon", severity = 40, time = "2026-11-20T08:14:03Z" }, HttpStatusCode.OK);

        var view = await ana.GetAsync("/api/dashboard");
        var now = view.GetProperty("now");
        Assert.Equal(14, now.GetProperty("days").GetArrayLength());
        Assert.Equal((5, 1), (now.GetProperty("days")[13].GetProperty("runs").GetInt32(), now.GetProperty("days")[13].GetProperty("alerts").GetInt32()));
        var runs = now.GetProperty("runs");
        Assert.Equal((5, 3, 2, 1, 1), (Of(runs, "started"), Of(runs, "completed"), Of(runs, "alone"), Of(runs, "failed"), Of(runs, "underWay")));
        Assert.Equal("broken", Assert.Single(now.GetProperty("failing").EnumerateArray()).GetProperty("playbook").GetString());
        Assert.Equal((1, 0), (Of(now.GetProperty("questions"), "open"), Of(now.GetProperty("questions"), "overdue")));
        Assert.True(now.GetProperty("whole").GetBoolean());
        await ana.RefusedAsync(HttpMethod.Get, "/api/dashboard?from=2001-01-01T00:00:00Z", null, 400, "SOAR6007");
    }

    [Fact]
    public async Task The_calendar_has_what_is_due_in_a_week_and_in_which_window_it_is_skipped()
    {
        await using var served = await Served.StartAsync("maintenance: { always: { from: 2020-01-01T00:00Z, until: 2100-01-01T00:00Z } }\n", ("tidy", "On.Schedule(\"0 30 6 ? * MON-FRI\", \"UTC\");\nreturn Outcome.Completed();\n"));
        using var ana = await served.AdministratorAsync("ana");
        var from = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(7), TimeSpan.Zero);
        var calendar = await ana.GetAsync($"/api/calendar?from={Utc(from)}&until={Utc(from.AddDays(7))}");
        var planned = calendar.GetProperty("planned").EnumerateArray().ToList();
        Assert.Equal(5, planned.Count);
        Assert.All(planned, each => Assert.Equal(("tidy", "always", 6, 30), (each.GetProperty("schedule").GetString(), each.GetProperty("maintenance").GetString(), each.GetProperty("due").GetDateTimeOffset().Hour, each.GetProperty("due").GetDateTimeOffset().Minute)));
        Assert.True(calendar.GetProperty("whole").GetBoolean());
        await ana.RefusedAsync(HttpMethod.Get, $"/api/calendar?from={Utc(from)}&until={Utc(from.AddDays(32))}", null, 400, "SOAR6007");
    }

    [Fact]
    public async Task Shifts_follow_each_other_without_a_gap_and_those_of_the_same_people_are_one()
    {
        await using var served = await Served.StartAsync(
            "roles: { night: [boris], shift-lead: [ana, boris] }\nrota: { shift-lead: { weekly: [{ from: '08:00', until: '20:00', who: [ana] }, { from: '20:00', until: '08:00', who: [boris] }] } }\n");
        using var ana = await served.AdministratorAsync("ana");
        var shifts = (await ana.GetAsync("/api/rota/shifts?from=2026-11-30T00:00:00Z&until=2026-12-14T00:00:00Z")).GetProperty("shifts").EnumerateArray().ToList();
        var night = Assert.Single(shifts, s => s.GetProperty("role").GetString() == "night");
        Assert.Equal((14, "roles"), ((At(night, "until") - At(night, "from")).TotalDays, night.GetProperty("by").GetString()));
        var lead = shifts.Where(s => s.GetProperty("role").GetString() == "shift-lead").ToList();
        Assert.Equal(29, lead.Count);
        Assert.Equal(lead.Skip(1).Select(s => At(s, "from")), lead.SkipLast(1).Select(s => At(s, "until")));
        Assert.Equal(["boris", "ana", "boris"], lead.Take(3).Select(s => s.GetProperty("who")[0].GetString()));
        await ana.RefusedAsync(HttpMethod.Get, "/api/rota/shifts?from=2026-11-30T00:00:00Z&until=2026-11-30T00:00:00Z", null, 400, "SOAR6007");
    }

    private static int Of(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static DateTimeOffset At(JsonElement shift, string name) => shift.GetProperty(name).GetDateTimeOffset();
}
