using System.Net;
using System.Text;
using Soar.Connectors;
using Soar.Connectors.Alertmanager;
using Soar.Testing;

namespace Soar.Tests.Connectors.Alertmanager;

/// <summary>What Alertmanager says, as alerts.</summary>
public sealed class AlertmanagerTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly HeldIntake intake = new();
    private readonly int port = LoopbackPort.Take();

    public void Dispose() => folder.Dispose();

    private async Task<AlertmanagerConnector> StartAsync(Func<AlertmanagerSettings, AlertmanagerSettings>? with = null)
    {
        var settings = new AlertmanagerSettings { Port = port, Token = new Secret("a-token-0123456789abcdef") };
        var connector = new AlertmanagerConnector(with?.Invoke(settings) ?? settings, Given.Services(folder.Path));
        await connector.StartAsync(intake, CancellationToken.None);
        return connector;
    }

    private async Task<HttpStatusCode> PostAsync(string body)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer a-token-0123456789abcdef");
        using var answer = await client.PostAsync($"http://127.0.0.1:{port}/", new StringContent(body, Encoding.UTF8, "application/json"));
        return answer.StatusCode;
    }

    [Fact]
    public async Task A_firing_alert_and_its_end_are_one_alert()
    {
        await using var connector = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, await PostAsync(AlertmanagerContract.Message("ab12")));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(AlertmanagerContract.Message("ab12", "resolved", "2026-11-24T10:30:00Z")));
        var (fired, over) = (intake.Alerts[0], intake.Alerts[1]);
        Assert.Equal(fired.Alert.Id, over.Alert.Id);
        Assert.Equal((null, new DateTimeOffset(2026, 11, 24, 10, 30, 0, TimeSpan.Zero)), (fired.ResolvedAt, over.ResolvedAt!.Value));
        var alert = fired.Alert;
        Assert.Equal(("alertmanager", "/var is 98 % full", "DiskFull", "other", 90), (alert.Detector, alert.Title, alert.RuleId, alert.Category, alert.Severity));
        Assert.Equal(new Endpoint(null, 9100, "web1.example"), alert.Destination);
        Assert.Contains(new Observable("ip", "192.0.2.7"), alert.Observables);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 10, 0, 0, 123, TimeSpan.Zero), alert.Time);
    }

    [Theory]
    [InlineData("192.0.2.7:9100", "192.0.2.7", 9100, null)]
    [InlineData("[2001:db8::1]:9100", "2001:db8::1", 9100, null)]
    [InlineData("2001:db8::1", "2001:db8::1", null, null)]
    [InlineData("web1", null, null, "web1")]
    [InlineData("web1:http", null, null, "web1:http")]
    public async Task An_instance_is_an_address_or_a_host(string instance, string? ip, int? port, string? host)
    {
        await using var connector = await StartAsync();
        await PostAsync(AlertmanagerContract.Message("ab12").Replace("web1.example:9100", instance, StringComparison.Ordinal));
        Assert.Equal(new Endpoint(ip is null ? null : IpAddress.Parse(ip), port, host), intake.Alerts[0].Alert.Destination);
    }

    [Fact]
    public async Task Words_of_labels_are_ours_by_the_settings_and_what_was_left_out_is_told()
    {
        await using var connector = await StartAsync(s => s with { SeverityLabel = "prio", Severities = new Dictionary<string, int> { ["Critical"] = 95, ["p1"] = 99 }, CategoryLabel = "alertname", Category = "policy" });
        await PostAsync(AlertmanagerContract.Message("1").Replace("\"severity\"", "\"prio\"", StringComparison.Ordinal));
        await PostAsync(AlertmanagerContract.Message("2").Replace("\"severity\":\"critical\"", "\"prio\":\"P1\"", StringComparison.Ordinal));
        await PostAsync(AlertmanagerContract.Message("3").Replace("\"alertname\":\"DiskFull\",\"severity\"", "\"prio\"", StringComparison.Ordinal));
        await PostAsync(AlertmanagerContract.Message("4", more: ",\"truncatedAlerts\":3"));
        Assert.Equal([(95, "diskfull"), (99, "diskfull"), (95, "policy"), (0, "diskfull")], intake.Alerts.Select(a => (a.Alert.Severity, a.Alert.Category)));
        Assert.Contains("left 3 alerts out", Assert.Single(intake.Unreadable).Problem);
    }
}
