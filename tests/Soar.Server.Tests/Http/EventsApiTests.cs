using System.Net;
using System.Net.ServerSentEvents;

namespace Soar.Server.Tests.Http;

/// <summary>Watching runs by server-sent events.</summary>
public sealed class EventsApiTests
{
    [Fact]
    public async Task Events_come_as_they_happen_and_whoever_comes_back_misses_none()
    {
        await using var served = await Served.StartAsync("approvals: []\n", ("quick", "await Note(\"x\");\nreturn Outcome.Completed();\n"));
        using var ana = await served.AdministratorAsync("ana");
        var token = (await ana.PostAsync("/api/tokens", new { name = "watch", scopes = new[] { "ReadRuns" } }, HttpStatusCode.Created)).GetProperty("value").GetString()!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));

        string? first = null;
        await foreach (var item in WatchAsync(served, token, null, patience.Token))
        {
            if (item.EventType == "ready") first = item.EventId;
            if (item.EventType == "ready") await ana.PostAsync("/api/runs", new { playbook = "quick" }, HttpStatusCode.Created);
            if (item.Data.Contains("\"Ended\"", StringComparison.Ordinal)) break;
        }

        // Back with the id from before: all of it again, from the first event on.
        var kinds = new List<string>();
        await foreach (var item in WatchAsync(served, token, first, patience.Token))
        {
            kinds.Add(item.EventType);
            if (item.Data.Contains("\"Ended\"", StringComparison.Ordinal)) break;
        }

        Assert.Equal("ready", kinds[0]);
        Assert.True(kinds.Count(k => k == "run") >= 3, string.Join(" ", kinds));
        foreach (var foreign in new[] { "someothersserver-5", first + "9999", "nonsense" })
        {
            await foreach (var item in WatchAsync(served, token, foreign, patience.Token))
            {
                Assert.Equal("reset", item.EventType);
                break;
            }
        }
    }

    private static async IAsyncEnumerable<SseItem<string>> WatchAsync(Served served, string token, string? lastSeen, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = served.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        if (lastSeen is not null) client.DefaultRequestHeaders.Add("Last-Event-ID", lastSeen);
        await using var stream = await client.GetStreamAsync("/api/events", cancellation);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellation)) yield return item;
    }
}
