using Soar.Testing.Contract;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Http;

namespace Soar.Tests.Connectors.Http;

public sealed class HttpConnectorTests
{
    private static readonly JsonElement Body = JsonSerializer.SerializeToElement(new { a = 1 });

    private static HttpConnector Connector(Uri address, Func<HttpSettings, HttpSettings>? with = null)
    {
        var settings = new HttpSettings { Address = address, Timeout = TimeSpan.FromSeconds(5) };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new HttpConnector(settings, Given.Services());
    }

    private static async Task<ConnectorFailure> Fails(Func<HttpAsked, string?> answer, bool post = false)
    {
        await using var server = new LoopbackHttp(answer);
        await using var connector = Connector(server.Address, settings => settings with { Token = new Secret("s3cret"), Timeout = TimeSpan.FromMilliseconds(800) });
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => post
            ? connector.PostAsync("x?key=s3cret", Body, Given.Context(), CancellationToken.None)
            : connector.GetAsync("x?key=s3cret", Given.Context(), CancellationToken.None));
        Assert.DoesNotContain("s3cret", failure.ToString());
        return failure;
    }

    [Fact]
    public async Task A_get_gives_status_headers_body_and_json()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, """{"é":[1]}""", "application/json; charset=utf-8", "X-Total: 7"));
        await using var connector = Connector(new Uri(server.Address, "api/"), settings => settings with { KeyHeader = "X-Api-Key", Key = new Secret("k") });
        var answer = await connector.GetAsync("items?page=2", Given.Context(), CancellationToken.None);
        Assert.Equal((200, "7", """{"é":[1]}"""), (answer.Status, answer.Headers["X-Total"], answer.Body));
        Assert.Equal(1, answer.Json!.Value.GetProperty("é")[0].GetInt32());
        Assert.Equal(("/api/items?page=2", "k"), (server.Requests[0].Target, server.Requests[0].Headers["X-Api-Key"]));
    }

    [Fact]
    public async Task A_post_carries_json_credential_and_idempotency_key()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(201, "ok", "text/plain"));
        await using var connector = Connector(server.Address, settings => settings with { User = "u", Password = new Secret("p") });
        var answer = await connector.PostAsync("/x", Body, Given.Context(), CancellationToken.None);
        Assert.Equal((201, "ok", false), (answer.Status, answer.Body, answer.Json.HasValue));
        var request = Assert.Single(server.Requests);
        Assert.Equal(("POST", """{"a":1}""", "00112233445566778899aabbccddeeff", "Basic dTpw"), (request.Method, request.Body, request.Headers["Idempotency-Key"], request.Headers["Authorization"]));
    }

    [Theory]
    [InlineData("PUT", "<a é=\"1\"/>", "application/xml", "application/xml; charset=utf-8")]
    [InlineData("PATCH", "[]", "application/json-patch+json", "application/json-patch+json")]
    [InlineData("POST", "plain", "text/plain; charset=UTF-8", "text/plain; charset=UTF-8")]
    [InlineData("DELETE", null, null, null)]
    [InlineData("PUT", "", "text/plain", "text/plain; charset=utf-8")]
    public async Task Any_method_carries_its_body_headers_credential_and_idempotency_key(string method, string? body, string? mediaType, string? sent)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, "<done/>", "application/xml"));
        await using var connector = Connector(new Uri(server.Address, "api/"), settings => settings with { Token = new Secret("s3cret-token") });
        var answer = await connector.SendAsync(method, "items/7", body, mediaType, new Dictionary<string, string> { ["If-Match"] = "\"v1\"", ["Accept"] = "application/xml" }, null, Given.Context(), CancellationToken.None);
        Assert.Equal((200, "<done/>", false), (answer.Status, answer.Body, answer.Json.HasValue));
        var request = Assert.Single(server.Requests);
        Assert.Equal((method, "/api/items/7", body ?? "", "\"v1\"", "application/xml"), (request.Method, request.Target, request.Body, request.Headers["If-Match"], request.Headers["Accept"]));
        Assert.Equal((sent, "Bearer s3cret-token", "00112233445566778899aabbccddeeff"), (request.Headers.GetValueOrDefault("Content-Type"), request.Headers["Authorization"], request.Headers["Idempotency-Key"]));
    }

    [Fact]
    public async Task A_form_is_escaped_and_reads_carry_no_key_and_break_as_reads()
    {
        await using var server = new LoopbackHttp(request => request.Method == "HEAD" ? "HTTP/1.1 200 X\r\nContent-Length: 7\r\nETag: \"e\"\r\nConnection: close\r\n\r\n" : request.Method == "GET" ? LoopbackHttp.Answer(500, "") : LoopbackHttp.Answer(204, ""));
        await using var connector = Connector(server.Address);
        await connector.SendAsync("POST", "x", form: new Dictionary<string, string> { ["a"] = "1&b=2", ["é"] = "x y" }, context: Given.Context(), cancellation: CancellationToken.None);
        Assert.Equal(("application/x-www-form-urlencoded", "a=1%26b%3D2&%C3%A9=x+y"), (server.Requests[0].Headers["Content-Type"], server.Requests[0].Body));
        await connector.SendAsync("PUT", "x", "body", "text/plain", new Dictionary<string, string> { ["Content-Language"] = "mk" }, context: Given.Context(), cancellation: CancellationToken.None);
        Assert.Equal("mk", server.Requests[1].Headers["Content-Language"]);
        var head = await connector.SendAsync("HEAD", "x", context: Given.Context(), cancellation: CancellationToken.None);
        Assert.Equal((200, "\"e\"", ""), (head.Status, head.Headers["ETag"], head.Body));
        Assert.Equal(FailureKind.Transient, (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.SendAsync("GET", "x", context: Given.Context(), cancellation: CancellationToken.None))).Kind);
        Assert.All(server.Requests.Skip(2), request => Assert.DoesNotContain("Idempotency-Key", request.Headers.Keys));
    }

    [Theory]
    [InlineData("Authorization", "Bearer other", "headers")]
    [InlineData("cookie", "session=1", "headers")]
    [InlineData("HOST", "evil.example", "headers")]
    [InlineData("Content-Length", "5", "headers")]
    [InlineData("Transfer-Encoding", "chunked", "headers")]
    [InlineData("Content-Type", "text/html", "headers")]
    [InlineData("Idempotency-Key", "mine", "headers")]
    [InlineData("x-api-key", "another", "headers")]
    [InlineData("X-Good", "a\r\nHost: evil.example", "headers")]
    [InlineData("X-Good:", "a", "headers")]
    [InlineData("Expires", "0", "headers")]
    [InlineData("method", "TRACE", "method")]
    [InlineData("method", "put", "method")]
    [InlineData("method", "PUT / HTTP/1.1\r\nX: y", "method")]
    [InlineData("mediaType", "no type", "mediaType")]
    [InlineData("mediaType", "text/plain; charset=koi8-r", "mediaType")]
    [InlineData("path", "../admin", "path")]
    public async Task A_header_method_type_or_path_that_is_not_the_playbooks_to_choose_is_refused_by_name(string name, string value, string reason)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, "{}"));
        await using var connector = Connector(new Uri(server.Address, "api/"), settings => settings with { KeyHeader = "X-Api-Key", Key = new Secret("k3y-k3y") });
        var headers = new Dictionary<string, string> { [reason == "headers" ? name : "X-Good"] = reason == "headers" ? value : "a" };
        foreach (var http in new[] { connector, (IHttp)connector.Simulator })
        {
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => http.SendAsync(name == "method" ? value : "PUT", name == "path" ? value : "x", "body", name == "mediaType" ? value : "text/plain", headers, null,
                Given.Context(), CancellationToken.None));
            Assert.Equal((FailureKind.Permanent, reason), (failure.Kind, failure.Reason));
            Assert.True(reason != "headers" || value.Contains('\n', StringComparison.Ordinal) || failure.Message.Contains(name, StringComparison.Ordinal), failure.Message);
        }
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_body_without_its_type_and_one_where_none_belongs_are_refused()
    {
        await using var connector = Connector(new Uri("http://127.0.0.1:1/"));
        var form = new Dictionary<string, string> { ["a"] = "1" };
        foreach (var (send, reason) in new (Func<Task>, string)[]
        {
            (() => connector.SendAsync("PUT", "x", "body", context: Given.Context()), "mediaType"), (() => connector.SendAsync("PUT", "x", null, "text/plain", context: Given.Context()), "mediaType"),
            (() => connector.SendAsync("DELETE", "x", headers: new Dictionary<string, string> { ["Content-Language"] = "mk" }, context: Given.Context()), "headers"),
            (() => connector.SendAsync("HEAD", "x", "body", "text/plain", context: Given.Context()), "body"), (() => connector.SendAsync("GET", "x", form: form, context: Given.Context()), "body"),
            (() => connector.SendAsync("POST", "x", "body", "text/plain", form: form, context: Given.Context()), "form"),
        })
            Assert.Equal(reason, (await Assert.ThrowsAsync<ConnectorFailure>(send)).Reason);
    }

    [Theory]
    [InlineData(400, FailureKind.Permanent, FailureKind.Permanent)]
    [InlineData(401, FailureKind.Permanent, FailureKind.Permanent)]
    [InlineData(404, FailureKind.Permanent, FailureKind.Permanent)]
    [InlineData(408, FailureKind.Transient, FailureKind.Transient)]
    [InlineData(429, FailureKind.Transient, FailureKind.Transient)]
    [InlineData(500, FailureKind.Transient, FailureKind.Unknown)]
    [InlineData(502, FailureKind.Transient, FailureKind.Unknown)]
    [InlineData(503, FailureKind.Transient, FailureKind.Transient)]
    [InlineData(504, FailureKind.Transient, FailureKind.Unknown)]
    [InlineData(302, FailureKind.Permanent, FailureKind.Permanent)]
    public async Task Each_status_has_its_outcome_for_a_read_and_for_an_effect(int status, FailureKind read, FailureKind effect)
    {
        var location = status == 302 ? "Location: http://198.51.100.1/" : "X: y";
        Assert.Equal(read, (await Fails(_ => LoopbackHttp.Answer(status, "words", "text/plain", location))).Kind);
        Assert.Equal(effect, (await Fails(_ => LoopbackHttp.Answer(status, "words", "text/plain", location), post: true)).Kind);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("hang")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut")]
    [InlineData("no http at all")]
    public async Task A_request_that_may_have_arrived_is_unknown_for_an_effect_and_transient_for_a_read(string? answer)
    {
        Assert.Equal(FailureKind.Transient, (await Fails(_ => answer)).Kind);
        Assert.Equal(FailureKind.Unknown, (await Fails(_ => answer, post: true)).Kind);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_transient_for_an_effect_too()
    {
        Uri gone;
        await using (var server = new LoopbackHttp(_ => null))
            gone = server.Address;
        await using var connector = Connector(gone);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.PostAsync("x", Body, Given.Context(), CancellationToken.None));
        Assert.Equal((FailureKind.Transient, "connection"), (failure.Kind, failure.Reason));
        Assert.False((await connector.TestAsync(CancellationToken.None)).Ok);
    }

    [Theory]
    [InlineData("http://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("@evil.example/")]
    [InlineData("../admin")]
    [InlineData("a/../../admin")]
    [InlineData("%2e%2e/admin")]
    [InlineData("..\\admin")]
    [InlineData("x\r\nHost: evil.example")]
    [InlineData(":80@evil.example/")]
    public async Task A_path_cannot_leave_the_base_address(string path)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, "{}"));
        await using var connector = Connector(new Uri(server.Address, "api"));
        // what is not refused must have been sent below the base address
        try
        {
            await connector.GetAsync(path, Given.Context(), CancellationToken.None);
        }
        catch (ConnectorFailure failure)
        {
            Assert.Equal("path", failure.Reason);
        }
        Assert.All(server.Requests, request => Assert.StartsWith("/api/", request.Target));
    }

    [Fact]
    public async Task A_redirect_within_the_host_is_followed_and_one_elsewhere_is_not()
    {
        await using var server = new LoopbackHttp(request => request.Target == "/a" ? LoopbackHttp.Answer(307, "", "text/plain", "Location: /b") : LoopbackHttp.Answer(200, "{}"));
        await using var connector = Connector(server.Address);
        Assert.Equal(200, (await connector.GetAsync("a", Given.Context(), CancellationToken.None)).Status);
        var failure = await Fails(_ => LoopbackHttp.Answer(302, "", "text/plain", "Location: http://127.0.0.9/"));
        Assert.Equal("undeclared-host", failure.Reason);
    }

    [Fact]
    public async Task A_credential_does_not_travel_to_another_port_by_redirect()
    {
        await using var other = new LoopbackHttp(_ => LoopbackHttp.Answer(200, "{}"));
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(302, "", "text/plain", $"Location: {other.Address}"));
        await using var connector = Connector(server.Address, settings => settings with { Token = new Secret("s3cret") });
        await connector.GetAsync("a", Given.Context(), CancellationToken.None);
        Assert.Contains("Authorization", server.Requests[0].Headers.Keys);
        Assert.DoesNotContain("Authorization", other.Requests[0].Headers.Keys);
    }

    [Fact]
    public async Task A_name_that_resolves_to_an_internal_address_is_refused_unless_it_is_allowed()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, "{}"));
        var byName = new UriBuilder(server.Address) { Host = "localhost" }.Uri;
        await using (var strict = Connector(byName))
            Assert.Equal("private-address", (await Assert.ThrowsAsync<ConnectorFailure>(() => strict.GetAsync("", Given.Context(), CancellationToken.None))).Reason);
        Assert.Empty(server.Requests);
        await using var allowed = Connector(byName, settings => settings with { AllowPrivate = true });
        Assert.Equal(200, (await allowed.GetAsync("", Given.Context(), CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_body_beyond_256_KiB_fails_a_get_and_is_cut_for_a_post()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, new string('x', 300_000)));
        await using var connector = Connector(server.Address);
        Assert.Equal("too-large", (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.GetAsync("", Given.Context(), CancellationToken.None))).Reason);
        var answer = await connector.PostAsync("", Body, Given.Context(), CancellationToken.None);
        Assert.Equal((256 * 1024, false), (answer.Body.Length, answer.Json.HasValue));
    }

    [Theory]
    [InlineData("169.254.169.254", true)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("::10.0.0.1", true)]
    [InlineData("64:ff9b::10.0.0.1", true)]
    [InlineData("2002:a00:1::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("64:ff9b::8.8.8.8", false)]
    [InlineData("2a00:1450::1", false)]
    [InlineData("8.8.8.8", false)]
    public void An_internal_address_is_known_in_every_wrapping(string address, bool hidden) => Assert.Equal(hidden, PinnedConnection.Internal(System.Net.IPAddress.Parse(address)));

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        var problems = new HttpSettings { Address = new Uri("http://api.example/"), Token = new Secret("x"), User = "u", KeyHeader = "a b", Key = new Secret("y"), CaFile = "/nowhere" }.Problems().ToList();
        Assert.Equal(["address", "caFile", "password", "keyHeader", "token"], problems.Select(problem => problem[..problem.IndexOf(':')]));
    }
}
