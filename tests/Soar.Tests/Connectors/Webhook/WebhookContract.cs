using System.Net;
using System.Security.Cryptography;
using System.Text;
using Soar.Connectors.Alerts;
using Soar.Connectors.Webhook;
using Soar.Testing;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Webhook;

public sealed class WebhookContract : SourceSuite<WebhookConnector, WebhookSettings>
{
    private readonly int port = LoopbackPort.Take();

    protected override WebhookSettings Settings() => new()
    {
        Port = port, Token = Canary, SigningSecret = Canary, Map = new AlertMapSettings { Id = "$.id", Title = "$.rule.name", Category = "intrusion", SourceIp = "$.src" },
    };

    protected override async Task<bool> SendAsync(WebhookSettings settings, int number)
    {
        var answer = await PostAsync($$$"""{"id":{{{number}}},"rule":{"name":"SQL injection"},"src":"203.0.113.66"}""");
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable });
        Assert.True(answer.IsSuccessStatusCode || answer.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        return answer.IsSuccessStatusCode;
    }

    protected override async Task SendGarbageAsync(WebhookSettings settings)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("{\"id\":1,")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("""{"id":1,"rule":{"name":""},"src":"nobody"}""")).StatusCode);
    }

    protected override IEnumerable<(WebhookSettings Settings, string Field)> Wrong(WebhookSettings good) =>
    [
        (good with { Port = 0 }, "port"), (good with { Listen = IpAddress.Parse("0.0.0.0") }, "listen"), (good with { Certificate = "/nowhere" }, "certificate"), (good with { Path = "alerts" }, "path"),
        (good with { MaxBytes = 1 }, "maxBytes"), (good with { Token = null, SigningSecret = null }, "token"), (good with { Token = new("short") }, "token"), (good with { SigningSecret = new("short") }, "signingSecret"),
        (good with { SignatureHeader = "" }, "signatureHeader"), (good with { SigningSecret = null, TimeHeader = "X-Time" }, "timeHeader"), (good with { Signed = "{time}" }, "signed"), (good with { Signed = "{time}.{body}" }, "signed"),
        (good with { Window = TimeSpan.Zero }, "window"), (good with { Each = "alerts" }, "each"), (good with { Map = new() }, "map.title"), (good with { Map = good.Map with { SourceIp = "$src" } }, "map.sourceIp"),
        (good with { Map = good.Map with { Severities = new Dictionary<string, int> { ["high"] = 101 } } }, "map.severities"),
        (good with { Map = good.Map with { Observables = new Dictionary<string, IReadOnlyList<string>> { ["colour"] = ["$.c"] } } }, "map.observables"),
    ];

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Canary.Reveal());
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Canary.Reveal()), Encoding.UTF8.GetBytes(body))));
        return await client.SendAsync(request);
    }
}
