using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Soar.Engine;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Server.Tests.Crash;
using Soar.Testing;

namespace Soar.Server.Tests.Connectors;

/// <summary>The real program serves the list while it owns the store, and a list outlives its death.</summary>
public sealed class BlockListProcessTests : IDisposable
{
    private const string Token = "process-token-0123456789abcdef";
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_list_is_served_by_the_owner_of_the_store_and_outlives_a_kill()
    {
        var playbook = folder.File("block.csx", """
            Playbook("block", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "Blocks one address.");
            var block = await Firewall.Block(IpAddress.Parse("203.0.113.66"), 2.Hours);
            return Outcome.Contained(block.Evidence);
            """);
        var port = LoopbackPort.Take();
        folder.File("token", Token);
        var settings = folder.File("soar.yaml", $$"""
            approvals: []
            connectors:
              ../edge: { type: block-list, port: {{port}}, lists: { edge: { token: "file:token" } } }
            """);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        await using var soar = new SoarProcess(folder.Path, settings);
        await soar.StartAsync();
        Assert.Equal("", await client.GetStringAsync("edge"));
        var ended = await soar.TryCallAsync(Calls.Run, new RunCall(playbook, null, new Dictionary<string, JsonElement>(), RunMode.Live, "test"));
        Assert.True(ended?.GetProperty("status").GetString() == nameof(RunStatus.Completed), ended?.ToString());
        Assert.Equal("203.0.113.66\n", await client.GetStringAsync("edge"));

        await soar.KillAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("edge"));
        await soar.StartAsync();
        Assert.Equal("203.0.113.66\n", await client.GetStringAsync("edge"));
        // An instance's name cannot lead out of the store.
        Assert.Equal([Path.Combine(soar.Store, "connectors", "%2E%2E%2Fedge", "block-list.json")], Directory.GetFiles(folder.Path, "block-list.json", SearchOption.AllDirectories));
    }
}
