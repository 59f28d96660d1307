using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Soar.Connectors;
using Soar.Connectors.Alerts;
using Soar.Connectors.Webhook;
using Soar.Testing;
using Soar.Tests.Engine;

namespace Soar.Tests.Connectors.Webhook;

/// <summary>Who may post, what is answered, and how several alerts in one request are told apart.</summary>
public sealed class WebhookTests : IDisposable
{
    private const string Token = "a-token-0123456789abcdef";
    private const string Key = "a-signing-secret-0123456789";
    private const string Body = """{"id":"a-1","title":"SQL injection"}""";

    private readonly TempFolder folder = new();
    private readonly HeldIntake intake = new();
    private readonly ManualClock clock = new();
    private readonly int port = LoopbackPort.Take();

    public void Dispose() => folder.Dispose();

    private WebhookSettings Settings => new() { Port = port, Path = "/in", Token = new Secret(Token), MaxBytes = 4_096, Map = new AlertMapSettings { Id = "$.id", Title = "$.title" } };

    private async Task<WebhookConnector> StartAsync(WebhookSettings settings)
    {
        Assert.Empty(settings.Problems());
        var connector = new WebhookConnector(settings, Given.Services(folder.Path, clock));
        await connector.StartAsync(intake, CancellationToken.None);
        return connector;
    }

    private async Task<(HttpStatusCode Status, string Body, HttpResponseMessage Answer)> SendAsync(
        string? body, string? authorization = "Bearer " + Token, HttpMethod? method = null, string path = "/in", string type = "application/json", params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, $"http://127.0.0.1:{port}{path}");
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer);
    }

    private static string Sign(string text, string key = Key) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task Only_who_has_the_token_is_heard_and_nobody_else_learns_anything()
    {
        await using var connector = await StartAsync(Settings);
        foreach (var (authorization, path) in new (string?, string)[]
        {
            (null, "/in"), ("Bearer wrong", "/in"), ("Bearer", "/in"), ("Basic !!!", "/in"), ("Digest x", "/in"), ("Bearer " + Token, "/other"), ("Bearer " + Token + "x", "/in"), (null, "/"),
        })
        {
            var refused = await SendAsync(Body, authorization, path: path);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
            Assert.Equal((await SendAsync(Body, null)).Body, refused.Body);
        }

        Assert.Empty(intake.Alerts);
        var taken = await SendAsync(Body);
        Assert.Equal(HttpStatusCode.OK, taken.Status);
        var alert = JsonDocument.Parse(taken.Body).RootElement.GetProperty("alerts")[0];
        Assert.Equal((1, true), (alert.GetProperty("number").GetInt32(), alert.GetProperty("new").GetBoolean()));
        Assert.False(JsonDocument.Parse((await SendAsync(Body)).Body).RootElement.GetProperty("alerts")[0].GetProperty("new").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(Body, "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("soar:" + Token)))).Status);
        var read = await SendAsync(null, method: HttpMethod.Get);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST"), (read.Status, Assert.Single(read.Answer.Content.Headers.Allow)));
    }

    [Fact]
    public async Task An_attacker_hides_no_alert_by_what_is_no_text()
    {
        await using var connector = await StartAsync(Settings);
        var halves = await SendAsync("""{"id":"h","title":"\ud800 \udc00x \ud83d\ude00 \\ud800"}""");
        Assert.Equal(HttpStatusCode.OK, halves.Status);
        Assert.Equal("\uFFFD \uFFFDx \U0001F600 \\ud800", intake.Alerts[0].Alert.Title);

        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/in") { Content = new ByteArrayContent([.. """{"id":"b","title":"a"""u8, 0xFF, .. "\"}"u8]) };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Token);
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(request)).StatusCode);
        Assert.Equal("a\uFFFD", intake.Alerts[1].Alert.Title);
    }

    [Fact]
    public async Task What_is_signed_by_who_has_the_secret_is_heard_however_the_signature_is_written()
    {
        await using var connector = await StartAsync(Settings with { Token = null, SigningSecret = new Secret(Key) });
        var signature = Sign(Body);
        foreach (var good in new[] { "sha256=" + signature, signature.ToUpperInvariant(), Convert.ToBase64String(Convert.FromHexString(signature)), "v1=" + Sign(Body, "the former secret"), "v1=" + signature })
        {
            var old = good.StartsWith("v1=" + Sign(Body, "the former secret"), StringComparison.Ordinal);
            Assert.Equal(old ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, (await SendAsync(Body, null, headers: ("X-Hub-Signature-256", good))).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(Body, null, headers: ("X-Hub-Signature-256", $"v1={Sign(Body, "another")},v1={signature}"))).Status);
        foreach (var bad in new[] { "", "sha256=", "sha256=" + signature[..^2], "sha256=" + Sign(Body + " "), Sign(Body, "another"), "zz" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(Body, null, headers: ("X-Hub-Signature-256", bad))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(Body, null)).Status);
        Assert.Single(intake.Ids);
    }

    [Fact]
    public async Task A_signed_time_outside_the_window_is_a_replay_and_another_time_breaks_the_signature()
    {
        await using var connector = await StartAsync(Settings with { Token = null, SigningSecret = new Secret(Key), SignatureHeader = "X-Signature", TimeHeader = "X-Time", Signed = "v0:{time}:{body}" });
        Task<(HttpStatusCode Status, string, HttpResponseMessage)> Send(DateTimeOffset at, DateTimeOffset? signedAt = null)
        {
            string Text(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
            return SendAsync(Body, null, headers: [("X-Time", Text(at)), ("X-Signature", "v0=" + Sign($"v0:{Text(signedAt ?? at)}:{Body}"))]);
        }

        var now = clock.GetUtcNow();
        Assert.Equal(HttpStatusCode.OK, (await Send(now)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Send(now.AddMinutes(-4.9))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(now.AddMinutes(-5.1))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(now.AddMinutes(5.1))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(now, signedAt: now.AddMinutes(-10))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(Body, null, headers: ("X-Signature", Sign($"v0::{Body}")))).Status);
        clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(now)).Status); // what was right is old now
    }

    [Fact]
    public async Task Token_and_signature_are_both_needed_where_both_are_set()
    {
        await using var connector = await StartAsync(Settings with { SigningSecret = new Secret(Key) });
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(Body)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(Body, null, headers: ("X-Hub-Signature-256", Sign(Body)))).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(Body, headers: ("X-Hub-Signature-256", Sign(Body)))).Status);
    }

    [Fact]
    public async Task Several_alerts_in_one_request_are_each_taken_or_told()
    {
        await using (await StartAsync(Settings))
        {
            var list = await SendAsync("""[{"id":"a","title":"one"},{"id":"b"},7,{"id":"c","title":"three"}]""");
            Assert.Equal(HttpStatusCode.OK, list.Status);
            Assert.Equal(2, JsonDocument.Parse(list.Body).RootElement.GetProperty("alerts").GetArrayLength());
            Assert.Equal(2, JsonDocument.Parse(list.Body).RootElement.GetProperty("unreadable").GetArrayLength());
            var lines = await SendAsync("{\"id\":\"d\",\"title\":\"four\"}\n\n{\"id\":\n{\"id\":\"e\",\"title\":\"five\"}", type: "application/x-ndjson");
            Assert.Equal(HttpStatusCode.OK, lines.Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync("")).Status);
            Assert.Equal(HttpStatusCode.OK, (await SendAsync("[]")).Status);
            Assert.Equal(["a", "c", "d", "e"], intake.Ids);
            Assert.Equal(4, intake.Unreadable.Count);
        }

        await using var inside = await StartAsync(Settings with { Each = "$.data.alerts" });
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("""{"data":{"alerts":[{"id":"f","title":"six"}]}}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(Body)).Status);
        Assert.Equal("f", intake.Ids[^1]);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_refused_before_it_is_read()
    {
        await using var connector = await StartAsync(Settings);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync("\"" + new string('x', 5_000) + "\"")).Status);
        Assert.Empty(intake.Unreadable);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(Body)).Status);
    }

    [Fact]
    public async Task By_TLS_it_is_the_same()
    {
        using var certificate = new TestCertificate("127.0.0.1");
        var settings = Settings with { Certificate = certificate.Files };
        await using var connector = await StartAsync(settings);
        using var handler = new SocketsHttpHandler { SslOptions = Soar.Connectors.Tls.ServerTrust.Options("127.0.0.1", certificate.CaFile) };
        using var client = new HttpClient(handler);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + Token);
        using var answer = await client.PostAsync($"https://127.0.0.1:{port}/in", new StringContent(Body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var elsewhere = new WebhookConnector(settings, Given.Services(folder.Path));
        Assert.True((await elsewhere.TestAsync(CancellationToken.None)).Ok);
    }
}
