using Soar.Lab.Tests.Range;
using Soar.Runs;
using Soar.Testing;

namespace Soar.Lab.Tests.EndToEnd;

/// <summary>A ticket in the real Request Tracker by the real program, which is killed again and again: one ticket, one comment, one answer that was waited for.</summary>
public sealed class TicketTests : IClassFixture<RequestTrackerServer>, IDisposable
{
    private const string Playbook = """
        Playbook("ask-the-network-team", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "Ask the network team and close their ticket.");
        var subject = Input<string>("subject", "What the ticket is called");
        var ticket = await Tickets.Create(subject, "Please find out what this machine is.");
        await Tickets.Comment(ticket.Key, "Opened by a playbook.");

        // Wait for the network team
        var news = await Tickets.AwaitChange(ticket.Key, since: ticket.Version).Timeout(10.Minutes);
        await Tickets.SetStatus(ticket.Key, TicketStatus.Resolved);
        return Outcome.Completed(news.Changes.First(change => !change.Automatic).Text);
        """;

    private readonly RequestTrackerServer rt;
    private readonly TempFolder folder = new();
    private readonly SoarProgram soar;

    public TicketTests(RequestTrackerServer rt)
    {
        RequestTrackerServer.Require();
        this.rt = rt;
        folder.File("playbooks/ask-the-network-team.csx", Playbook);
        folder.File("token", rt.TokenOf("soar"));
        soar = new SoarProgram(folder, $$"""
            playbooks: playbooks
            connectors:
              desk: { type: request-tracker, address: "{{rt.Address}}", token: "file:token", queue: General, lookEvery: 5s }
            """);
    }

    public void Dispose()
    {
        soar.End();
        folder.Dispose();
    }

    [Fact]
    public async Task Killed_at_random_instants_it_is_one_ticket_and_the_answer_that_came_while_nobody_ran_is_heard()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var subject = $"Attack {seed}";
        using (var first = soar.Serve()) // makes the store
            SoarProgram.Kill(first);
        var (waits, kills) = (false, 0);
        for (; !waits; kills++)
        {
            // Killed before the run was on disk it is as if it had never been asked for.
            using var killed = await soar.NewestRunAsync() is null ? soar.Start("run", "ask-the-network-team", "--input", $"subject={subject}") : soar.Serve();
            await SoarProgram.EndsWithinAsync(killed, TimeSpan.FromMilliseconds(kills < 6 ? random.Next(50, 2_500) : 8_000));
            SoarProgram.Kill(killed);
            if (await soar.NewestRunAsync() is not { } run)
                continue;
            Assert.True(run.Status is RunStatus.Running or RunStatus.Waiting, $"seed {seed}: {run.Status} {run.Result}");
            waits = await soar.ReadAsync(async store => (await store.ReadJournalAsync(run.Id)).Any(record => record.Kind == JournalKind.NotYet));
        }

        var key = (await rt.AsAsync("ana", HttpMethod.Get, $"tickets?query={Uri.EscapeDataString($"Subject = '{subject}'")}")).GetProperty("items")[0].GetProperty("id").ToString();
        await rt.AsAsync("ana", HttpMethod.Post, $"ticket/{key}/comment", new { Content = "It is the printer.", ContentType = "text/plain" });

        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: killed {kills} times before it waited");
        using var last = soar.Serve();
        var ended = await soar.UntilEndedAsync();
        SoarProgram.Kill(last);
        Assert.True(ended.Status == RunStatus.Completed, $"seed {seed}: {ended.Status} {ended.Result}");
        Assert.Contains("It is the printer.", ended.Result);
        Assert.Equal(1, await rt.CountAsync($"Subject = '{subject}'"));
        Assert.Equal("resolved", (await rt.AsAsync("ana", HttpMethod.Get, $"ticket/{key}")).GetProperty("Status").GetString());
        var comments = await rt.AsAsync("ana", HttpMethod.Get, $"transactions?query={Uri.EscapeDataString($"ObjectType = 'RT::Ticket' AND TicketId = {key} AND Type = 'Comment'")}&fields=Creator");
        Assert.Equal(["soar", "ana"], comments.GetProperty("items").EnumerateArray().Select(comment => comment.GetProperty("Creator").GetProperty("id").GetString()));
        Assert.Single(await soar.ReadAsync(store => store.ReadJournalAsync(ended.Id)), record => record.Kind == JournalKind.NotYet);
    }
}
