using System.Net;
using Soar.Runs;
using Soar.Server.Tests.Http;
using Soar.Storage;

namespace Soar.Server.Tests.Rotas;

/// <summary>Who hears of a question, again and by which way; and that whoever is off duty is told so.</summary>
public sealed class NotifierTests
{
    private const string Asks = "var d = await Ask(\"shift-lead\", \"Go on?\", within: 5.Hours);\nreturn Outcome.Completed($\"{d.Kind} by {d.By}\");\n";

    /// <summary>The time of day, so much ahead.</summary>
    private sealed class AheadClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }

    [Fact]
    public async Task Only_who_is_on_duty_is_told_and_may_answer_and_the_other_is_told_why()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var served = await Served.StartAsync($$"""
            roles: { shift-lead: [ana, boris] }
            rota: { shift-lead: { overrides: [{ from: "{{now.AddHours(-1):O}}", until: "{{now.AddHours(3):O}}", who: [boris] }] } }
            people: { ana: { mail: ana@soc.example }, boris: { mail: boris@soc.example } }
            notify: { mail: mailer, chat: team, address: "https://soar.example" }
            connectors: { mailer: { type: smtp, simulated: true }, team: { type: mattermost, simulated: true } }
            """, ("asks", Asks));
        using var ana = await served.AdministratorAsync("ana");
        using var boris = await served.UserAsync(ana, "boris");
        var clock = new AheadClock();
        await using var notifier = served.Node.Notify(clock);
        var question = await AskedAsync(served, ana);

        Assert.Equal(["boris 0 Mail", "team 0 Chat"], await ToldAsync(served, question, 2));
        var why = await ana.RefusedAsync(HttpMethod.Post, $"/api/questions/{question}/answer", new { answer = "approve" }, 403, "SOAR2034");
        Assert.Contains("ana holds shift-lead but is not on duty; boris is", why);
        Assert.Empty((await ana.GetAsync("/api/questions?mine=true")).GetProperty("questions").EnumerateArray());
        var duty = Assert.Single((await ana.GetAsync("/api/rota")).GetProperty("roles").EnumerateArray());
        Assert.Equal(("override", "boris"), (duty.GetProperty("by").GetString(), Assert.Single(duty.GetProperty("who").EnumerateArray()).GetString()));

        // The shift changes while it waits: the next one is told then.
        clock.Ahead = TimeSpan.FromHours(3.1);
        Assert.Contains("ana", string.Join(' ', await ToldAsync(served, question, 4)));
        await boris.PostAsync($"/api/questions/{question}/answer", new { answer = "approve" }, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Whoever_has_not_answered_is_reminded_with_a_link_of_its_own_and_once_somebody_sees_to_it_only_they_are()
    {
        await using var served = await Served.StartAsync("""
            roles: { shift-lead: [ana, boris] }
            people: { ana: { mail: ana@soc.example }, boris: { mail: boris@soc.example } }
            notify: { mail: mailer, remindEvery: 30m, address: "https://soar.example" }
            connectors: { mailer: { type: smtp, simulated: true } }
            """, ("asks", Asks));
        using var ana = await served.AdministratorAsync("ana");
        var clock = new AheadClock();
        await using var notifier = served.Node.Notify(clock);
        var question = await AskedAsync(served, ana);
        Assert.Equal(["ana 0 Mail", "boris 0 Mail"], await ToldAsync(served, question, 2));
        clock.Ahead = TimeSpan.FromMinutes(31);
        Assert.Equal(["ana 0 Mail", "ana 1 Mail", "boris 0 Mail", "boris 1 Mail"], await ToldAsync(served, question, 4));
        await ana.PostAsync($"/api/questions/{question}/claim", new { }, HttpStatusCode.OK);
        clock.Ahead = TimeSpan.FromMinutes(62);
        Assert.Equal(["ana 0 Mail", "ana 1 Mail", "ana 2 Mail", "boris 0 Mail", "boris 1 Mail"], await ToldAsync(served, question, 5));
    }

    private static async Task<Guid> AskedAsync(Served served, Browser by)
    {
        await by.PostAsync("/api/runs", new { playbook = "asks" }, HttpStatusCode.Created);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await tick.WaitForNextTickAsync(patience.Token))
            if ((await by.GetAsync("/api/questions")).GetProperty("questions").EnumerateArray().ToList() is [var question]) return Guid.Parse(question.GetProperty("id").GetString()!);
        throw new InvalidOperationException("The tick ended.");
    }

    /// <summary>Everybody who was told so far, once so many were.</summary>
    private static async Task<IReadOnlyList<string>> ToldAsync(Served served, Guid question, int count)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await tick.WaitForNextTickAsync(patience.Token))
        {
            var notices = await served.Node.Reader.Notices.ListAsync(new QuestionId(question));
            if (notices.Count(n => n.State == NoticeState.Sent) >= count) return [.. notices.Select(n => $"{n.Person} {n.Round} {n.Channel}").Order(StringComparer.Ordinal)];
        }

        throw new InvalidOperationException("The tick ended.");
    }
}
