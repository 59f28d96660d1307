using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.BlockList;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>The served list, polled by a real curl and loaded into a real nftables gateway between real namespaces: packets stop and pass again.</summary>
public sealed class BlockListLabTests : IClassFixture<NetworkRange>, IDisposable
{
    private const string Token = "lab-token-0123456789abcdef";
    private static readonly IpAddress Attacker = IpAddress.Parse(NetworkRange.Attacker4);

    private readonly NetworkRange range;
    private readonly string folder;
    private readonly BlockListSettings settings;

    public BlockListLabTests(NetworkRange range)
    {
        NetworkRange.Require();
        Tools.Require("flock", "awk");
        this.range = range;
        range.LoadTable();
        folder = Directory.CreateDirectory(Path.Combine(range.Folder, Path.GetRandomFileName())).FullName;
        File.WriteAllText(HeaderFile, $"Authorization: Bearer {Token}\n");
        settings = new BlockListSettings { Port = LoopbackPort.Take(), Lists = new Dictionary<string, ServedListSettings> { ["edge"] = new() { Token = new Secret(Token) } } };
        Assert.Empty(settings.Problems());
    }

    private string HeaderFile => Path.Combine(folder, "edge.header");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static ActionContext Context => new() { Run = default, Step = "block", Key = new IdempotencyKey("00aa11bb22cc33dd44ee55ff00aa11bb"), Attempt = 1, Artifacts = null! };

    private BlockListConnector Connector(BlockListSettings? other = null) => new(other ?? settings, new ConnectorServices("edge", TimeProvider.System, NullLogger.Instance, null!, folder));

    /// <summary>The shipped script, as a gateway's timer would run it.</summary>
    private Tools.Result Poll(string? url = null, params string[] environment) => Tools.Run("env",
        [$"SOAR_NFT=ip netns exec {range.Gateway} nft", .. environment, Path.Combine(AppContext.BaseDirectory, "BlockList", "soar-poll"), url ?? settings.Address + "edge", HeaderFile, Path.Combine(folder, "poll")]);

    private void Polls()
    {
        var poll = Poll();
        Assert.True(poll.ExitCode == 0, poll.Errors);
    }

    private Task<FirewallBlock> Block(BlockListConnector list, string address, TimeSpan duration) => list.BlockAsync(IpAddress.Parse(address), duration, Context, TestContext.Current.CancellationToken);

    private Task Unblock(BlockListConnector list, string address) => list.UnblockAsync(IpAddress.Parse(address), Context, TestContext.Current.CancellationToken);

    [Fact]
    public async Task What_is_on_the_list_is_stopped_once_it_is_polled_and_passes_again_once_it_is_off()
    {
        await using var list = Connector();
        await list.StartAsync(TestContext.Current.CancellationToken);
        Polls();
        Assert.True(range.Pings(NetworkRange.Victim4));
        Assert.True(range.Fetches());

        await Block(list, NetworkRange.Attacker4, TimeSpan.FromHours(1));
        Polls();
        Assert.False(range.Pings(NetworkRange.Victim4));
        Assert.False(range.Fetches());
        Assert.Contains("\"current\":true", Assert.Single(await list.BlockedAsync(Context, TestContext.Current.CancellationToken)).Evidence);

        await Unblock(list, NetworkRange.Attacker4);
        Polls();
        Assert.True(range.Pings(NetworkRange.Victim4));
        Assert.True(range.Fetches());
    }

    [Fact]
    public async Task Networks_IPv6_and_overlapping_entries_are_loaded_in_one_transaction()
    {
        await using var list = Connector();
        await list.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(range.PingsWithin(NetworkRange.Victim6, seconds: 5));
        foreach (var address in new[] { "203.0.113.0/24", NetworkRange.Attacker4, "203.0.113.64/26", "2001:db8:a::/64", NetworkRange.Attacker6, "2001:db8:ffff::1" })
            await Block(list, address, TimeSpan.FromHours(1));
        Polls();
        Assert.False(range.Pings(NetworkRange.Victim4));
        Assert.False(range.Pings(NetworkRange.Victim6));
        foreach (var network in new[] { "203.0.113.0/24", "2001:db8:a::/64" })
            await Unblock(list, network);
        Polls();
        Assert.False(range.Pings(NetworkRange.Victim4)); // by its own entry, and the /26
        Assert.False(range.Pings(NetworkRange.Victim6));
        foreach (var address in new[] { "203.0.113.64/26", NetworkRange.Attacker4, NetworkRange.Attacker6 })
            await Unblock(list, address);
        Polls();
        Assert.True(range.Pings(NetworkRange.Victim4));
        Assert.True(range.Pings(NetworkRange.Victim6));
        Assert.Contains("2001:db8:ffff::1", range.Listed());
    }

    [Fact]
    public async Task An_entry_ends_by_its_own_time()
    {
        await using var list = Connector();
        await list.StartAsync(TestContext.Current.CancellationToken);
        var until = (await Block(list, NetworkRange.Attacker4, TimeSpan.FromSeconds(3))).Until!.Value;
        Polls();
        Assert.False(range.Pings(NetworkRange.Victim4));
        Assert.True(SpinWait.SpinUntil(() => TimeProvider.System.GetUtcNow() >= until, TimeSpan.FromSeconds(10)));
        Polls();
        Assert.True(range.Pings(NetworkRange.Victim4));
    }

    [Fact]
    public async Task A_server_that_is_away_refuses_or_talks_nonsense_leaves_the_firewall_as_it_is()
    {
        await using (var list = Connector())
        {
            await list.StartAsync(TestContext.Current.CancellationToken);
            await Block(list, NetworkRange.Attacker4, TimeSpan.FromHours(1));
            Polls();
            Assert.Equal(22, Poll(settings.Address + "other").ExitCode); // curl's word for 401
        }
        Assert.NotEqual(0, Poll().ExitCode);
        Assert.False(range.Pings(NetworkRange.Victim4));

        // The list comes back with the next process that owns the store; nothing has changed, so nothing is loaded.
        await using var again = Connector();
        await again.StartAsync(TestContext.Current.CancellationToken);
        range.Nft("flush set inet soar blocked4");
        Polls();
        Assert.True(range.Pings(NetworkRange.Victim4)); // 304
        File.Delete(Path.Combine(folder, "poll", "tag"));
        Polls();
        Assert.False(range.Pings(NetworkRange.Victim4));
    }

    [Fact]
    public async Task A_real_curl_gets_the_list_by_TLS_with_head_and_entity_tag()
    {
        Tools.Require("openssl");
        Tools.Must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", Path.Combine(folder, "key.pem"), "-out", Path.Combine(folder, "cert.pem"));
        var secure = settings with { Certificate = Path.Combine(folder, "cert.pem"), Key = Path.Combine(folder, "key.pem") };
        Assert.Empty(secure.Problems());
        await using var list = Connector(secure);
        await list.StartAsync(TestContext.Current.CancellationToken);
        await Block(list, NetworkRange.Attacker4, Until.Lifted);
        string Curl(params string[] more) => Tools.Must("curl", ["-sS", "--cacert", secure.Certificate, .. more, secure.Address + "edge"]);
        Assert.Equal($"{Attacker}\n", Curl("-u", $"firewall:{Token}"));
        var head = Curl("-I", "-H", $"Authorization: Bearer {Token}");
        Assert.Contains("HTTP/1.1 200", head);
        var tag = head.Split('\n').First(line => line.StartsWith("ETag:", StringComparison.OrdinalIgnoreCase))[5..].Trim();
        Assert.Equal("304", Curl("-u", $":{Token}", "-H", $"If-None-Match: {tag}", "-o", "/dev/null", "-w", "%{http_code}"));
        var polled = Poll(secure.Address + "edge", $"SOAR_CA={secure.Certificate}");
        Assert.True(polled.ExitCode == 0, polled.Errors);
        Assert.False(range.Pings(NetworkRange.Victim4));
    }
}
