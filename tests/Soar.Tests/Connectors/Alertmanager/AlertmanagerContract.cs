using System.Net;
using System.Text;
using Soar.Connectors.Alertmanager;
using Soar.Testing;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Alertmanager;

public sealed class AlertmanagerContract : SourceSuite<AlertmanagerConnector, AlertmanagerSettings>
{
    private readonly int port = LoopbackPort.Take();

    protected override AlertmanagerSettings Settings() => new() { Port = port, Path = "/alertmanager", Token = Canary };

    protected override async Task<bool> SendAsync(AlertmanagerSettings settings, int number)
    {
        var answer = await PostAsync(Message($"{number:x16}"));
        // It gives a message up that is refused with 429.
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable });
        Assert.True(answer.IsSuccessStatusCode || answer.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        return answer.IsSuccessStatusCode;
    }

    protected override async Task SendGarbageAsync(AlertmanagerSettings settings)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("[]")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("""{"alerts":[{"status":"firing"},5]}""")).StatusCode);
    }

    protected override IEnumerable<(AlertmanagerSettings Settings, string Field)> Wrong(AlertmanagerSettings good) =>
    [
        (good with { Port = 0 }, "port"), (good with { Key = "/nowhere" }, "key"), (good with { Token = null }, "token"), (good with { Token = new("short") }, "token"), (good with { Path = "/a b" }, "path"),
        (good with { Severities = new Dictionary<string, int> { ["bad"] = -1 } }, "severities"), (good with { SeverityLabel = "" }, "severityLabel"), (good with { CategoryLabel = " " }, "categoryLabel"), (good with { Category = "" }, "category"),
    ];

    internal static string Message(string fingerprint, string status = "firing", string endsAt = "0001-01-01T00:00:00Z", string more = "") => $$$"""
        {"version":"4","groupKey":"{}:{alertname=\"DiskFull\"}","status":"{{{status}}}","receiver":"soar"{{{more}}},"alerts":[{"status":"{{{status}}}","fingerprint":"{{{fingerprint}}}",
         "startsAt":"2026-11-24T10:00:00.123Z","endsAt":"{{{endsAt}}}","generatorURL":"http://prometheus.example/graph",
         "labels":{"alertname":"DiskFull","severity":"critical","instance":"web1.example:9100"},"annotations":{"summary":"/var is 98 % full","description":"seen from 192.0.2.7"}}]}
        """;

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/alertmanager") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Canary.Reveal());
        return await client.SendAsync(request);
    }
}
