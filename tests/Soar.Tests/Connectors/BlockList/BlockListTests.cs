using System.Text;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.BlockList;
using Soar.Testing;
using Soar.Tests.Engine;

namespace Soar.Tests.Connectors.BlockList;

/// <summary>The list itself: what stands, how it is written down, and what a poller would read.</summary>
public sealed class BlockListTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly ManualClock clock = new();

    public void Dispose() => folder.Dispose();

    private string FilePath => Path.Combine(folder.Path, "connectors", "instance", "block-list.json");

    private BlockListConnector Connector(Func<BlockListSettings, BlockListSettings>? with = null)
    {
        var settings = Served.Settings();
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new BlockListConnector(settings, Given.Services(folder.Path, clock));
    }

    private Task<FirewallBlock> Block(BlockListConnector connector, string address, TimeSpan duration, string key = "aa") =>
        connector.BlockAsync(IpAddress.Parse(address), duration, Given.Context(key), CancellationToken.None);

    private static string Text(BlockedEntries entries, DateTimeOffset now, ServedFamily family = ServedFamily.All) => Encoding.ASCII.GetString(entries.Render(family, now).Body);

    private static BlockedEntries Entries(DateTimeOffset now, params (string Address, double? Hours)[] entries)
    {
        var all = BlockedEntries.None.Copy(now);
        foreach (var (address, hours) in entries)
            all.Set(IpAddress.Parse(address), new BlockedEntry(IpAddress.Parse(address), hours is { } h ? now.AddHours(h) : null, "k", now));
        return all;
    }

    [Fact]
    public void A_list_is_sorted_and_the_same_whatever_the_order_of_the_blocks()
    {
        var now = clock.GetUtcNow();
        var given = new (string, double?)[] { ("2001:db8::/32", null), ("203.0.113.9", 1), ("198.51.100.0/24", 2), ("203.0.113.10", 1), ("2001:db7::1", null), ("9.9.9.9", null) };
        const string expected = "9.9.9.9\n198.51.100.0/24\n203.0.113.9\n203.0.113.10\n2001:db7::1\n2001:db8::/32\n";
        var random = new Random(5);
        for (var i = 0; i < 20; i++)
        {
            random.Shuffle(given);
            var list = Entries(now, given);
            Assert.Equal(expected, Text(list, now));
            Assert.Equal(Entries(now, [.. given.Reverse()]).Render(ServedFamily.All, now).Tag, list.Render(ServedFamily.All, now).Tag);
            Assert.Equal(expected, Text(BlockedEntries.Read(list.Write()), now));
        }
        Assert.Equal("9.9.9.9\n198.51.100.0/24\n203.0.113.9\n203.0.113.10\n", Text(Entries(now, given), now, ServedFamily.Ipv4));
        Assert.Equal("2001:db7::1\n2001:db8::/32\n", Text(Entries(now, given), now, ServedFamily.Ipv6));
    }

    [Fact]
    public void An_entry_ends_by_time_alone_and_one_inside_a_wider_one_comes_back_when_that_ends()
    {
        var now = clock.GetUtcNow();
        var list = Entries(now, ("203.0.113.0/24", 1), ("203.0.113.66", 2), ("203.0.113.128/25", 3), ("203.0.113.200", 4));
        Assert.Equal("203.0.113.0/24\n", Text(list, now));
        Assert.Equal(now.AddHours(1), list.Render(ServedFamily.All, now).ValidUntil);
        Assert.Equal("203.0.113.66\n203.0.113.128/25\n", Text(list, now.AddHours(1)));
        Assert.Equal("203.0.113.200\n", Text(list, now.AddHours(3)));
        Assert.Equal("", Text(list, now.AddHours(4)));
        Assert.NotEqual(list.Render(ServedFamily.All, now).Tag, list.Render(ServedFamily.All, now.AddHours(1)).Tag);
    }

    [Fact]
    public async Task A_block_is_never_shortened_is_renewed_under_its_key_and_is_gone_by_time()
    {
        await using var connector = Connector();
        var first = await Block(connector, "203.0.113.66", TimeSpan.FromHours(2));
        Assert.Equal(clock.GetUtcNow().AddHours(2), first.Until);
        Assert.Contains("soar:aa", first.Evidence);
        var shorter = await Block(connector, "203.0.113.66", TimeSpan.FromHours(1), "bb");
        Assert.Equal((first.Until, true), (shorter.Until, shorter.Evidence.Contains("soar:aa", StringComparison.Ordinal)));
        var longer = await Block(connector, "203.0.113.66", TimeSpan.FromHours(3), "bb");
        Assert.Equal((clock.GetUtcNow().AddHours(3), true), (longer.Until, longer.Evidence.Contains("soar:bb", StringComparison.Ordinal)));
        Assert.Equal(longer.Until, Assert.Single(await connector.BlockedAsync(Given.Context(), CancellationToken.None)).Until);

        clock.Advance(TimeSpan.FromHours(3));
        Assert.Empty(await connector.BlockedAsync(Given.Context(), CancellationToken.None));
        Assert.Equal(ProbeAnswer.Absent, (await Probe(connector, "203.0.113.66", "bb")).Answer);
    }

    private static Task<Probe<FirewallBlock>> Probe(BlockListConnector connector, string address, string key) =>
        connector.ProbeBlockAsync(IpAddress.Parse(address), TimeSpan.FromHours(1), Given.Context(key), CancellationToken.None);

    [Fact]
    public async Task A_probe_tells_ours_from_anothers_and_from_none_and_a_release_of_nothing_is_no_error()
    {
        await using var connector = Connector();
        Assert.Equal(ProbeAnswer.Absent, (await Probe(connector, "203.0.113.66", "aa")).Answer);
        await Block(connector, "203.0.113.66", Until.Lifted);
        Assert.Equal((ProbeAnswer.Present, true), await Probe(connector, "203.0.113.66", "aa") is var ours ? (ours.Answer, ours.Ours) : default);
        Assert.Equal((ProbeAnswer.Present, false), await Probe(connector, "203.0.113.66", "bb") is var others ? (others.Answer, others.Ours) : default);
        Assert.Equal(ProbeAnswer.Absent, (await Probe(connector, "203.0.113.0/24", "aa")).Answer);
        for (var i = 0; i < 2; i++)
            await connector.UnblockAsync(IpAddress.Parse("203.0.113.66"), Given.Context(), CancellationToken.None);
        Assert.Equal(ProbeAnswer.Absent, (await Probe(connector, "203.0.113.66", "aa")).Answer);
    }

    [Fact]
    public async Task Blocks_that_come_together_all_stand_and_outlive_the_process()
    {
        await using (var connector = Connector())
        {
            await Task.WhenAll(Enumerable.Range(1, 200).Select(host => Block(connector, $"203.0.113.{host}", TimeSpan.FromHours(1), $"k{host}")));
            await Task.WhenAll(Enumerable.Range(101, 100).Select(host => connector.UnblockAsync(IpAddress.Parse($"203.0.113.{host}"), Given.Context(), CancellationToken.None)));
        }
        await using var again = Connector();
        var blocked = await again.BlockedAsync(Given.Context(), CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, 100).Select(host => $"203.0.113.{host}"), blocked.Select(block => block.Address.ToString()));
        Assert.True((await Probe(again, "203.0.113.7", "k7")).Ours);
        Assert.Equal(["block-list.json"], Directory.EnumerateFiles(Path.GetDirectoryName(FilePath)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_full_list_refuses_what_is_new_and_still_renews_and_releases()
    {
        await using var connector = Connector(settings => settings with { MaxEntries = 2 });
        await Block(connector, "203.0.113.1", TimeSpan.FromHours(1));
        await Block(connector, "203.0.113.2", TimeSpan.FromHours(1));
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => Block(connector, "203.0.113.3", TimeSpan.FromHours(1)));
        Assert.Equal((FailureKind.Permanent, "full"), (failure.Kind, failure.Reason));
        await Block(connector, "203.0.113.2", TimeSpan.FromHours(2), "bb");
        await connector.UnblockAsync(IpAddress.Parse("203.0.113.1"), Given.Context(), CancellationToken.None);
        await Block(connector, "203.0.113.3", TimeSpan.FromHours(1));
        clock.Advance(TimeSpan.FromHours(1)); // what has ended needs no room
        await Block(connector, "203.0.113.4", TimeSpan.FromHours(1));
        Assert.Equal(["203.0.113.2", "203.0.113.4"], (await connector.BlockedAsync(Given.Context(), CancellationToken.None)).Select(block => block.Address.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"version":2,"entries":[]}""")]
    [InlineData("""{"version":1,"entries":[{"address":"300.1.1.1","key":"k"}]}""")]
    [InlineData("""{"version":1,"entries":[null]}""")]
    [InlineData("""{"version":1,"entries":[{"addr""")]
    public async Task A_file_that_cannot_be_read_is_never_taken_for_an_empty_list(string text)
    {
        folder.File("connectors/instance/block-list.json", text);
        await using var connector = Connector();
        foreach (var attempt in new Func<Task>[]
        {
            () => Block(connector, "203.0.113.66", TimeSpan.FromHours(1)), () => connector.BlockedAsync(Given.Context(), CancellationToken.None), () => Probe(connector, "203.0.113.66", "aa"),
        })
        {
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(attempt);
            Assert.Equal((FailureKind.Permanent, "file"), (failure.Kind, failure.Reason));
        }
        Assert.False((await connector.TestAsync(CancellationToken.None)).Ok);
        Assert.Equal(text, File.ReadAllText(FilePath));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_surely_not_done_and_the_list_stays_as_it_was()
    {
        await using var connector = Connector();
        await Block(connector, "203.0.113.1", TimeSpan.FromHours(1));
        Directory.CreateDirectory(FilePath + ".new"); // the draft cannot be made, as on a full disk
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => Block(connector, "203.0.113.2", TimeSpan.FromHours(1)));
        Assert.Equal((FailureKind.Transient, "file"), (failure.Kind, failure.Reason));
        Directory.Delete(FilePath + ".new");
        Assert.Equal("203.0.113.1", Assert.Single(await connector.BlockedAsync(Given.Context(), CancellationToken.None)).Address.ToString());
        await Block(connector, "203.0.113.2", TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task What_must_never_be_blocked_is_refused_by_connector_and_simulator()
    {
        await using var connector = Connector(settings => settings with { Never = [IpAddress.Parse("198.51.100.1")] });
        foreach (var firewall in new[] { connector, (IFirewall)connector.Simulator })
            foreach (var (target, reason) in new[] { ("198.51.100.0/24", "never"), ("::1", "never"), ("203.0.0.0/8", "too-wide") })
                Assert.Equal(reason, (await Assert.ThrowsAsync<ConnectorFailure>(() => firewall.BlockAsync(IpAddress.Parse(target), TimeSpan.FromHours(1), Given.Context(), CancellationToken.None))).Reason);
        Assert.Empty(await connector.BlockedAsync(Given.Context(), CancellationToken.None));
    }

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        var settings = new BlockListSettings
        {
            Listen = IpAddress.Parse("0.0.0.0"), Port = 0, Key = "/nowhere", MaxEntries = 0, WidestV6 = 0,
            Lists = new Dictionary<string, ServedListSettings>
            {
                ["a/b"] = new() { Token = new Secret("0123456789abcdef") }, ["short"] = new() { Token = new Secret("short") }, ["none"] = new(), ["twin"] = new() { Token = new Secret("0123456789abcdef") },
            },
        };
        Assert.Equal(["port", "key", "listen", "lists.a/b.token", "lists.short.token", "lists.none.token", "lists", "maxEntries", "widestV6"], settings.Problems().Select(problem => problem[..problem.IndexOf(':')]));
        Assert.DoesNotContain("0123456789abcdef", string.Concat(settings.Problems()));
        Assert.Equal(["lists"], new BlockListSettings().Problems().Select(problem => problem[..problem.IndexOf(':')]));
        Assert.Contains("PEM", Assert.Single((Served.Settings() with { Certificate = "/nowhere" }).Problems()));
    }
}
