using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.BlockList;
using Soar.Testing;
using Soar.Tests.Engine;

namespace Soar.Tests.Connectors.BlockList;

/// <summary>The list as firewalls see it, over real connections.</summary>
public sealed class BlockListServerTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private readonly ManualClock clock = new();
    private readonly BlockListSettings settings = Served.Settings();
    private readonly BlockListConnector connector;
    private readonly HttpClient client;

    public BlockListServerTests()
    {
        connector = new BlockListConnector(settings, Given.Services(folder.Path, clock));
        client = new HttpClient { BaseAddress = new Uri(settings.Address) };
    }

    public async ValueTask InitializeAsync() => await connector.StartAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await connector.DisposeAsync();
        folder.Dispose();
    }

    private Task BlockAsync(string address, TimeSpan? duration = null) => connector.BlockAsync(IpAddress.Parse(address), duration ?? TimeSpan.FromHours(1), Given.Context(), CancellationToken.None);

    private async Task<HttpResponseMessage> AskAsync(string path, AuthenticationHeaderValue? credential, HttpMethod? method = null, string? tag = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        request.Headers.Authorization = credential;
        if (tag is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        return await client.SendAsync(request);
    }

    private static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);

    private static AuthenticationHeaderValue Basic(string user, string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    [Fact]
    public async Task Each_list_is_plain_text_for_whoever_has_its_token()
    {
        await BlockAsync("203.0.113.66");
        await BlockAsync("2001:db8::/48");
        using var all = await AskAsync("edge", Bearer(Served.EdgeToken));
        Assert.Equal((HttpStatusCode.OK, "text/plain; charset=utf-8", "203.0.113.66\n2001:db8::/48\n"), (all.StatusCode, all.Content.Headers.ContentType!.ToString(), await all.Content.ReadAsStringAsync()));
        Assert.Contains("no-cache", all.Headers.CacheControl!.ToString());
        Assert.Empty(all.Headers.Server);
        foreach (var (path, credential, expected) in new[]
        {
            ("edge.txt", Basic("firewall-1", Served.EdgeToken), "203.0.113.66\n2001:db8::/48\n"),
            ("office-v6", Basic("", Served.OfficeToken), "2001:db8::/48\n"),
            ($"office-v6.txt?token={Served.OfficeToken}", null, "2001:db8::/48\n"),
        })
        {
            using var answer = await AskAsync(path, credential);
            Assert.Equal((HttpStatusCode.OK, expected), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task Nobody_else_learns_anything_not_even_which_lists_there_are()
    {
        await BlockAsync("203.0.113.66");
        var answers = new HashSet<string>();
        foreach (var (path, credential) in new (string, AuthenticationHeaderValue?)[]
        {
            ("edge", null), ("edge", Bearer(Served.OfficeToken)), ("edge", Bearer("")), ("edge", Bearer(Served.EdgeToken + "x")), ("edge", Basic(Served.EdgeToken, "")), ("edge", new("Basic", "!!!")),
            ("edge", new("Digest", Served.EdgeToken)), ($"edge?token={Served.EdgeToken}", null), ("", Bearer(Served.EdgeToken)), ("nowhere", Bearer(Served.EdgeToken)), ("EDGE", Bearer(Served.EdgeToken)),
            ("edge/", Bearer(Served.EdgeToken)), ("../edge/../../etc/passwd", Bearer(Served.EdgeToken)), ($"office-v6?token={Served.OfficeToken}&token=x", null),
        })
        {
            using var answer = await AskAsync(path, credential);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Basic", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
            answers.Add(await answer.Content.ReadAsStringAsync());
        }
        Assert.Single(answers);
    }

    [Fact]
    public async Task An_unchanged_list_is_304_until_something_changes_or_ends()
    {
        await BlockAsync("203.0.113.66", TimeSpan.FromHours(1));
        using var first = await AskAsync("edge", Bearer(Served.EdgeToken));
        var tag = first.Headers.ETag!.ToString();
        foreach (var known in new[] { tag, "W/" + tag, $"\"other\", {tag}", "*" })
        {
            using var same = await AskAsync("edge", Bearer(Served.EdgeToken), tag: known);
            Assert.Equal((HttpStatusCode.NotModified, tag, 0), (same.StatusCode, same.Headers.ETag!.ToString(), (await same.Content.ReadAsByteArrayAsync()).Length));
        }
        foreach (var stranger in new[] { "\"other\"", "nonsense", "" })
        {
            using var whole = await AskAsync("edge", Bearer(Served.EdgeToken), tag: stranger);
            Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        }
        await BlockAsync("203.0.113.67", TimeSpan.FromHours(2));
        using var changed = await AskAsync("edge", Bearer(Served.EdgeToken), tag: tag);
        Assert.Equal((HttpStatusCode.OK, "203.0.113.66\n203.0.113.67\n"), (changed.StatusCode, await changed.Content.ReadAsStringAsync()));
        clock.Advance(TimeSpan.FromHours(1));
        using var ended = await AskAsync("edge", Bearer(Served.EdgeToken), tag: changed.Headers.ETag!.ToString());
        Assert.Equal((HttpStatusCode.OK, "203.0.113.67\n"), (ended.StatusCode, await ended.Content.ReadAsStringAsync()));
        await connector.UnblockAsync(IpAddress.Parse("203.0.113.67"), Given.Context(), CancellationToken.None);
        await BlockAsync("203.0.113.66", TimeSpan.FromHours(1));
        using var back = await AskAsync("edge", Bearer(Served.EdgeToken), tag: tag);
        Assert.Equal(HttpStatusCode.NotModified, back.StatusCode); // the same entries are the same list
    }

    [Fact]
    public async Task HEAD_tells_what_GET_would_and_every_other_method_is_refused()
    {
        await BlockAsync("203.0.113.66");
        using var get = await AskAsync("edge", Bearer(Served.EdgeToken));
        using var head = await AskAsync("edge", Bearer(Served.EdgeToken), HttpMethod.Head);
        Assert.Equal((HttpStatusCode.OK, get.Headers.ETag, 13L), (head.StatusCode, head.Headers.ETag, head.Content.Headers.ContentLength));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Options, HttpMethod.Patch })
        {
            using var refused = await AskAsync("edge", Bearer(Served.EdgeToken), method);
            Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET, HEAD"), (refused.StatusCode, string.Join(", ", refused.Content.Headers.Allow)));
        }
    }

    [Fact]
    public async Task The_evidence_tells_who_polled_a_list_since_the_block()
    {
        await BlockAsync("203.0.113.66");
        (await AskAsync("edge", Bearer(Served.EdgeToken))).Dispose();
        (await AskAsync("office-v6", Bearer(Served.OfficeToken))).Dispose();
        var evidence = Assert.Single(await connector.BlockedAsync(Given.Context(), CancellationToken.None)).Evidence;
        Assert.Contains("\"polled\":[{\"list\":\"edge\",\"at\":\"2026-03-02T09:00:00+00:00\",\"by\":\"127.0.0.1\",\"current\":true}]", evidence);
        await BlockAsync("203.0.113.67");
        Assert.All(await connector.BlockedAsync(Given.Context(), CancellationToken.None), block => Assert.Contains("\"current\":false", block.Evidence));
        var test = await connector.TestAsync(CancellationToken.None);
        Assert.True(test.Ok);
        Assert.Contains("2 entries. edge was polled 0 seconds ago by 127.0.0.1", test.Message);
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_is_503_so_that_firewalls_keep_theirs()
    {
        var other = Served.Settings();
        folder.File("connectors/instance/block-list.json", "broken");
        await using var broken = new BlockListConnector(other, Given.Services(folder.Path, clock));
        await broken.StartAsync(CancellationToken.None);
        using var poller = new HttpClient { BaseAddress = new Uri(other.Address) };
        poller.DefaultRequestHeaders.Authorization = Bearer(Served.EdgeToken);
        using var answer = await poller.GetAsync("edge");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromMinutes(1)), (answer.StatusCode, answer.Headers.RetryAfter!.Delta));
    }

    [Fact]
    public async Task A_port_that_is_taken_fails_blocks_surely_and_is_tried_again_by_the_clock()
    {
        var other = Served.Settings();
        using (var somebody = new TcpListener(IPAddress.Loopback, other.Port))
        {
            somebody.Start();
            await using var refused = new BlockListConnector(other, Given.Services(folder.Path, clock));
            await refused.StartAsync(CancellationToken.None); // the engine starts all the same
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => refused.BlockAsync(IpAddress.Parse("203.0.113.66"), TimeSpan.FromHours(1), Given.Context(), CancellationToken.None));
            Assert.Equal((FailureKind.Transient, "not-served"), (failure.Kind, failure.Reason));
            Assert.Empty(await refused.BlockedAsync(Given.Context(), CancellationToken.None));
        }
        await using var waiting = new BlockListConnector(other, Given.Services(folder.Path, clock));
        using (var somebody = new TcpListener(IPAddress.Loopback, other.Port))
        {
            somebody.Start();
            await waiting.StartAsync(CancellationToken.None);
        }
        Assert.False((await waiting.TestAsync(CancellationToken.None)).Ok);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(SpinWait.SpinUntil(() => waiting.TestAsync(CancellationToken.None).Result.Ok, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_test_from_another_process_tells_whether_the_list_is_served()
    {
        await using var elsewhere = new BlockListConnector(settings, Given.Services(folder.Path, clock));
        Assert.True((await elsewhere.TestAsync(CancellationToken.None)).Ok);
        await connector.DisposeAsync();
        var gone = await elsewhere.TestAsync(CancellationToken.None);
        Assert.False(gone.Ok);
        Assert.Contains("soar serve", gone.Message);
    }

    [Fact]
    public async Task With_a_certificate_it_speaks_TLS_and_a_renewed_one_is_used_at_once()
    {
        await using var first = new TlsLoopback("127.0.0.1", (StreamReader _, Func<string, Task> _) => Task.CompletedTask);
        await using var second = new TlsLoopback("127.0.0.1", (StreamReader _, Func<string, Task> _) => Task.CompletedTask);
        var file = folder.File("cert.pem", File.ReadAllText(first.ServerFiles));
        var secure = Served.Settings() with { Certificate = file };
        Assert.Empty(secure.Problems());
        await using var served = new BlockListConnector(secure, Given.Services(folder.Path, clock));
        await served.StartAsync(CancellationToken.None);
        Assert.Equal("", await FetchAsync(secure, first.CaFile));
        await using (var elsewhere = new BlockListConnector(secure, Given.Services(folder.Path, clock)))
            Assert.True((await elsewhere.TestAsync(CancellationToken.None)).Ok);
        File.WriteAllText(file, File.ReadAllText(second.ServerFiles) + "\n");
        Assert.Equal("", await FetchAsync(secure, second.CaFile));
        await Assert.ThrowsAsync<HttpRequestException>(() => FetchAsync(secure, first.CaFile));
        File.WriteAllText(file, "half a cert");
        Assert.Equal("", await FetchAsync(secure, second.CaFile));
        Assert.False((await served.TestAsync(CancellationToken.None)).Ok);
    }

    private static async Task<string> FetchAsync(BlockListSettings settings, string caFile)
    {
        using var handler = new SocketsHttpHandler { SslOptions = Soar.Connectors.Tls.ServerTrust.Options("127.0.0.1", caFile) };
        using var poller = new HttpClient(handler);
        poller.DefaultRequestHeaders.Authorization = Bearer(Served.EdgeToken);
        return await poller.GetStringAsync(settings.Address + "edge");
    }
}
