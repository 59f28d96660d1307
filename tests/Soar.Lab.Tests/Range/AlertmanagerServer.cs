using System.Net;
using System.Text;

namespace Soar.Lab.Tests.Range;

/// <summary>A real Alertmanager that posts to Soar.</summary>
internal sealed class AlertmanagerServer : LabServer
{
    private readonly HttpClient client = new();

    /// <param name="soar">Where Soar listens, by TLS.</param>
    /// <param name="token">What Soar knows it by.</param>
    /// <param name="authorities">PEM file of the CA that Soar's certificate is from.</param>
    public AlertmanagerServer(int soar, string token, string authorities) : base("alertmanager") => Stand(() =>
    {
        var port = LoopbackPort.Take();
        client.BaseAddress = new Uri($"http://127.0.0.1:{port}/");
        File.WriteAllText(In("alertmanager.yml"), $$"""
            route: { receiver: soar, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1h }
            receivers:
              - name: soar
                webhook_configs:
                  - { url: "https://127.0.0.1:{{soar}}/", send_resolved: true, max_alerts: 0, http_config: { authorization: { credentials: {{token}} }, tls_config: { ca_file: {{authorities}} } } }

            """);
        Server = Tools.Serve(In("log"), "prometheus-alertmanager", $"--config.file={In("alertmanager.yml")}", $"--storage.path={In("data")}", $"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=");
        Tools.Until(Ready, TimeSpan.FromSeconds(20), Server, In("log"));
    });

    public static void Require() => Tools.Require("prometheus-alertmanager");

    /// <summary>Prometheus says that this alert is there, or over.</summary>
    public async Task SayAsync(string name, string instance, DateTimeOffset began, DateTimeOffset? over = null)
    {
        var ends = over is null ? "" : $",\"endsAt\":\"{over:O}\"";
        using var answer = await client.PostAsync("api/v2/alerts", new StringContent(
            $$$"""[{"labels":{"alertname":"{{{name}}}","severity":"critical","instance":"{{{instance}}}"},"annotations":{"summary":"{{{name}}} on {{{instance}}}"},"startsAt":"{{{began:O}}}"{{{ends}}}}]""", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private protected override void End()
    {
        client.Dispose();
        base.End();
    }

    private bool Ready()
    {
        try
        {
            using var answer = client.Send(new HttpRequestMessage(HttpMethod.Get, "-/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
