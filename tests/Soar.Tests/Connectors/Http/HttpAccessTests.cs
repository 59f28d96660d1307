using Soar.Testing.Contract;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml.Linq;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Http;

namespace Soar.Tests.Connectors.Http;

/// <summary>What every HTTP connector leans on: any request, read or change, and every way it can end as the failure it is.</summary>
public sealed class HttpAccessTests
{
    private sealed record Service : HttpServiceSettings
    {
        public Secret? Token { get; init; }
    }

    private static HttpAccess Access(Uri address, double seconds = 5, int bytes = 64 * 1024) => new(new Service { Address = address, Timeout = TimeSpan.FromSeconds(seconds) }.Rules() with { MaxBytes = bytes }, Given.Services());

    private static HttpCall Call(string does, Uri address) => does switch
    {
        "reads" => HttpCall.Reads(address),
        "reads-back" => HttpCall.ReadsBack(address),
        _ => HttpCall.Changes(HttpMethod.Delete, address),
    };

    private static async Task<ConnectorFailure> Fails(string does, Func<HttpAsked, string?> answer, Action<HttpReply>? read = null, double seconds = 5)
    {
        await using var server = new LoopbackHttp(answer);
        using var access = Access(server.Address, seconds);
        return await Assert.ThrowsAsync<ConnectorFailure>(async () => (read ?? (_ => { }))(await access.SendAsync(Call(does, server.Address), CancellationToken.None)));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Any_method_goes_out_with_its_body_its_headers_and_the_instances_credential(string method)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(204, ""));
        using var access = new HttpAccess(new Service { Address = server.Address }.Rules() with { Authorise = request => request.Headers.Add("X-Key", "k") }, Given.Services());
        var call = HttpCall.Changes(new HttpMethod(method), new Uri(server.Address, "a/b")).Json(new { Name = "x", Nothing = (string?)null }).Header("If-Match", "\"7\"").Accept("application/json");
        Assert.Equal(204, (await access.SendAsync(call, CancellationToken.None)).Status);
        var request = Assert.Single(server.Requests);
        Assert.Equal((method, "/a/b", """{"name":"x"}""", "application/json", "\"7\"", "k"),
            (request.Method, request.Target, request.Body, request.Headers["Content-Type"], request.Headers["If-Match"], request.Headers["X-Key"]));
    }

    [Fact]
    public async Task Forms_and_xml_are_escaped_bodies()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, "<r><n>7</n></r>", "application/xml"));
        using var access = Access(server.Address);
        var reply = await access.SendAsync(HttpCall.Reads(HttpMethod.Post, server.Address).Form([("q", "a&b=ц")]), CancellationToken.None);
        Assert.Equal("7", reply.Xml().Element("n")!.Value);
        await access.SendAsync(HttpCall.Reads(HttpMethod.Post, server.Address).Xml(new XElement("q", "a<b")), CancellationToken.None);
        Assert.Equal(["q=a%26b%3D%D1%86", "<q>a&lt;b</q>"], server.Requests.Select(request => request.Body));
    }

    [Theory]
    [InlineData(403, "Retry-After: 30", 30)]
    [InlineData(403, "X-RateLimit-Remaining: 0", null)]
    [InlineData(403, "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 90", 90)]
    [InlineData(429, "Retry-After: 7", 7)]
    [InlineData(429, "Retry-After: 99999999", 86400)]
    [InlineData(429, "RateLimit-Remaining: 0\r\nRateLimit-Reset: 12", 12)]
    [InlineData(429, "X: y", null)]
    [InlineData(503, "Retry-After: 5", 5)]
    public async Task A_rate_limit_in_any_of_its_dresses_is_transient_with_the_wait_it_asks_for(int status, string header, int? seconds)
    {
        foreach (var does in new[] { "reads", "changes" })
        {
            var failure = await Fails(does, _ => LoopbackHttp.Answer(status, "slow down", "text/plain", header));
            Assert.Equal((FailureKind.Transient, seconds), (failure.Kind, (int?)failure.RetryAfter?.TotalSeconds));
        }
    }

    [Fact]
    public async Task A_rate_limit_that_ends_at_a_time_is_waited_for_until_then()
    {
        var at = DateTimeOffset.UtcNow.AddSeconds(100);
        foreach (var header in new[] { $"X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: {at.ToUnixTimeSeconds()}", $"Retry-After: {at:R}" })
            Assert.InRange((await Fails("reads", _ => LoopbackHttp.Answer(403, "", "text/plain", header))).RetryAfter!.Value.TotalSeconds, 80, 101);
    }

    [Theory]
    [InlineData(401, "credentials")]
    [InlineData(403, "rights")]
    [InlineData(404, "not there")]
    [InlineData(409, "another state")]
    [InlineData(307, "elsewhere.example")]
    public async Task A_refusal_that_stays_is_permanent_and_says_what_to_do(int status, string remedy)
    {
        var failure = await Fails("changes", _ => LoopbackHttp.Answer(status, "their words", "text/plain", "Location: https://elsewhere.example/x"));
        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains(remedy, failure.Message);
        Assert.Contains("their words", failure.Message);
    }

    [Fact]
    public async Task A_status_that_the_question_takes_is_an_answer()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(404, "{}"));
        using var access = Access(server.Address);
        Assert.Equal(404, (await access.SendAsync(HttpCall.Reads(server.Address).Takes(404), CancellationToken.None)).Status);
    }

    [Theory]
    [InlineData("<html>maintenance</html>")]
    [InlineData("")]
    [InlineData("{\"a\":")]
    [InlineData("{\"number\":\"x\"}")]
    public async Task An_answer_that_makes_no_sense_is_transient_for_a_read_and_unknown_for_a_change(string body)
    {
        foreach (var (does, kind) in new[] { ("reads", FailureKind.Transient), ("changes", FailureKind.Unknown), ("reads-back", FailureKind.Unknown) })
        {
            var failure = await Fails(does, _ => LoopbackHttp.Answer(200, body), reply => reply.Json<Dictionary<string, int>>());
            Assert.Equal((kind, "garbage"), (failure.Kind, failure.Reason));
        }
    }

    [Fact]
    public async Task An_answer_beyond_the_limit_is_permanent_for_a_read_and_unknown_for_a_change()
    {
        foreach (var (does, kind) in new[] { ("reads", FailureKind.Permanent), ("changes", FailureKind.Unknown) })
        {
            var failure = await Fails(does, _ => LoopbackHttp.Answer(200, $"\"{new string('x', 100_000)}\""), reply => reply.Json());
            Assert.Equal((kind, "too-large"), (failure.Kind, failure.Reason));
        }
    }

    [Theory]
    [InlineData("<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><r>&e;</r>")]
    [InlineData("<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>]><r>&a;&a;</r>")]
    [InlineData("deep")]
    [InlineData("<r>")]
    public async Task Hostile_xml_is_garbage(string body)
    {
        var xml = body == "deep" ? string.Concat(Enumerable.Repeat("<r>", 5_000)) + string.Concat(Enumerable.Repeat("</r>", 5_000)) : body;
        Assert.Equal("garbage", (await Fails("reads", _ => LoopbackHttp.Answer(200, xml, "text/xml"), reply => reply.Xml())).Reason);
    }

    [Fact]
    public async Task A_time_out_before_anything_was_sent_is_surely_not_done_and_one_after_it_is_unknown()
    {
        // It accepts the connection and never answers the TLS handshake: no byte of the request has left.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var access = Access(new Uri($"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/"), seconds: 0.5);
        var before = await Assert.ThrowsAsync<ConnectorFailure>(() => access.SendAsync(HttpCall.Changes(HttpMethod.Post, new Uri($"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/")), CancellationToken.None));
        Assert.Equal((FailureKind.Transient, "timeout"), (before.Kind, before.Reason));
        var after = await Fails("changes", _ => "hang", seconds: 0.5);
        Assert.Equal((FailureKind.Unknown, "timeout"), (after.Kind, after.Reason));
    }

    [Fact]
    public async Task A_change_that_is_told_to_stop_before_it_was_sent_is_surely_not_done()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = new Uri($"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/");
        using var access = Access(address, seconds: 30);
        using var stop = new CancellationTokenSource();
        var sending = access.SendAsync(HttpCall.Changes(HttpMethod.Post, address), stop.Token);
        using var client = await silent.AcceptTcpClientAsync();
        await stop.CancelAsync();
        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<ConnectorFailure>(() => sending.WaitAsync(TimeSpan.FromSeconds(1)))).Kind);
    }

    [Fact]
    public async Task A_change_without_a_body_is_sent_once_when_a_kept_connection_closes_under_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        var deletes = 0;
        var connections = 0;
        using var end = new CancellationTokenSource();
        var server = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(end.Token);
                connections++;
                using var reader = new StreamReader(client.GetStream());
                while (await reader.ReadLineAsync(end.Token) is { } line)
                {
                    if (line.StartsWith("DELETE", StringComparison.Ordinal))
                        deletes++;
                    if (line.Length > 0)
                        continue;
                    if (deletes > 0)
                        break; // it read the request, and closes without a word
                    await client.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), end.Token);
                }
            }
        });
        using (var access = Access(address))
        {
            await access.SendAsync(HttpCall.Reads(address), CancellationToken.None);
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => access.SendAsync(HttpCall.Changes(HttpMethod.Delete, address), CancellationToken.None));
            Assert.Equal(FailureKind.Unknown, failure.Kind);
        }
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server);
        Assert.Equal((1, 1), (deletes, connections));
    }

    [Fact]
    public async Task What_a_change_left_is_read_back_three_times_before_it_is_unknown()
    {
        var asked = 0;
        await using var server = new LoopbackHttp(_ => ++asked < 3 ? LoopbackHttp.Answer(500, "") : LoopbackHttp.Answer(200, "{}"));
        using var access = Access(server.Address);
        Assert.Equal(200, (await access.SendAsync(HttpCall.ReadsBack(server.Address), CancellationToken.None)).Status);
        Assert.Equal(3, asked);
        var failure = await Fails("reads-back", _ => LoopbackHttp.Answer(500, ""));
        Assert.Equal((FailureKind.Unknown, "500"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task A_plain_read_and_a_change_are_sent_once_because_the_engine_repeats_steps()
    {
        foreach (var does in new[] { "reads", "changes" })
        {
            var asked = 0;
            await Fails(does, _ => LoopbackHttp.Answer(500, ++asked + ""));
            Assert.Equal(1, asked);
        }
    }

    [Fact]
    public async Task A_server_that_is_down_is_left_alone_for_a_while_and_nothing_is_sent_meanwhile()
    {
        var clock = new Soar.Tests.Engine.ManualClock();
        var up = false;
        await using var server = new LoopbackHttp(_ => up ? LoopbackHttp.Answer(200, "{}") : LoopbackHttp.Answer(503, ""));
        using var access = new HttpAccess(new Service { Address = server.Address }.Rules(), Given.Services(clock: clock));
        Task<HttpReply> Ask(HttpCall call) => access.SendAsync(call, CancellationToken.None);
        for (var i = 0; i < 5; i++)
            Assert.Equal("503", (await Assert.ThrowsAsync<ConnectorFailure>(() => Ask(HttpCall.Reads(server.Address)))).Reason);
        up = true;
        foreach (var call in new[] { HttpCall.Reads(server.Address), HttpCall.Changes(HttpMethod.Post, server.Address) })
        {
            var open = await Assert.ThrowsAsync<ConnectorFailure>(() => Ask(call));
            Assert.Equal((FailureKind.Transient, "circuit-open"), (open.Kind, open.Reason));
            Assert.InRange(open.RetryAfter!.Value.TotalSeconds, 1, 15);
        }
        Assert.Equal(5, server.Requests.Count);
        clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(200, (await Ask(HttpCall.Reads(server.Address))).Status);
    }

    [Fact]
    public async Task Refusals_do_not_open_the_circuit()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(404, ""));
        using var access = Access(server.Address);
        for (var i = 0; i < 20; i++)
            Assert.Equal("404", (await Assert.ThrowsAsync<ConnectorFailure>(() => access.SendAsync(HttpCall.Reads(server.Address), CancellationToken.None))).Reason);
    }

    [Fact]
    public async Task A_second_request_waits_for_its_turn_and_a_stop_ends_the_wait()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, "{}"));
        using var access = new HttpAccess(new Service { Address = server.Address }.Rules(), Given.Services() with { Pace = new Pace(Rate.Parse("1/h"), TimeProvider.System) });
        await access.SendAsync(HttpCall.Reads(server.Address), CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var read = access.SendAsync(HttpCall.Reads(server.Address), stop.Token);
        var change = access.SendAsync(HttpCall.Changes(HttpMethod.Post, server.Address), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(TimeSpan.FromSeconds(1)));
        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<ConnectorFailure>(() => change.WaitAsync(TimeSpan.FromSeconds(1)))).Kind);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_rate_limit_holds_every_run_of_the_instance()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(429, "", "text/plain", "Retry-After: 60"));
        var pace = Pace.Unlimited(TimeProvider.System);
        using var access = new HttpAccess(new Service { Address = server.Address }.Rules(), Given.Services() with { Pace = pace });
        await Assert.ThrowsAsync<ConnectorFailure>(() => access.SendAsync(HttpCall.Reads(server.Address), CancellationToken.None));
        Assert.InRange((pace.Turn("another run")!.Value - DateTimeOffset.UtcNow).TotalSeconds, 30, 60);
    }

    [Theory]
    [InlineData("a/b?c=d&e", "/base/issue/a%2Fb%3Fc%3Dd%26e?q=a%2Fb%3Fc%3Dd%26e")]
    [InlineData("ц", "/base/issue/%D1%86?q=%D1%86")]
    public void A_value_in_an_address_adds_neither_a_segment_nor_a_parameter(string value, string expected) =>
        Assert.Equal(expected, new Service { Address = new Uri("https://x.example/base/") }.At($"issue/{value}?q={value}").PathAndQuery);

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    public void A_value_that_would_change_the_path_is_refused_there_and_not_in_the_query(string value)
    {
        var service = new Service { Address = new Uri("https://x.example") };
        Assert.Equal("path", Assert.Throws<ConnectorFailure>(() => service.At($"issue/{value}/notes")).Reason);
        Assert.Equal($"?q={value}", service.At($"issue?q={value}").Query.PadRight(3));
    }

    [Fact]
    public void Settings_of_a_service_name_every_problem_and_send_no_credential_in_clear()
    {
        var wrong = new Service { Address = new Uri("http://x.example/"), Token = new Secret("t"), CaFile = "/nowhere", ClientKey = "/nowhere", Proxy = new Uri("ftp://p/"), Timeout = TimeSpan.Zero };
        Assert.Equal(["address", "caFile", "clientKey", "clientKey", "proxy", "timeout"], wrong.Problems().Select(problem => problem[..problem.IndexOf(':')]));
        Assert.Empty(new Service { Address = new Uri("http://127.0.0.1/"), Token = new Secret("t") }.Problems());
    }
}
