using System.Text.Json;
using Soar.Alerts;
using Soar.Connectors.Alerts;

namespace Soar.Connectors.Webhook;

/// <summary>
/// Alerts from any product that posts JSON. The sender has its answer when they are on disk: it may send again whatever it is not sure of, since an alert is known by its id.
/// </summary>
[Connector("webhook", "Takes alerts that any product posts as JSON, signed or with a token, by a mapping of fields.", Proven = "curl 7.88 and openssl 3.0")]
public sealed class WebhookConnector : IConnector, IAlertSource
{
    private readonly WebhookSettings settings;
    private readonly ConnectorServices services;
    private readonly AlertMap map;
    private readonly JsonPath? each;
    private readonly WebSource source;

    public WebhookConnector(WebhookSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
        map = new AlertMap(settings.Map);
        each = settings.Each is null ? null : JsonPath.Parse(settings.Each, out _);
        source = new WebSource(settings, services, posted => settings.Signature.Refuse(posted.Request.Headers, posted.Body, services.Clock), Read);
    }

    /// <summary>It has no actions to simulate.</summary>
    public object Simulator => this;

    public Task StartAsync(IAlertIntake intake, CancellationToken cancellation) => source.StartAsync(intake, cancellation);

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => source.TestAsync(cancellation);

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private void Read(Posted posted, Hearing hearing)
    {
        // One document, or one a line (NDJSON).
        if (posted.Request.ContentType?.Contains("ndjson", StringComparison.OrdinalIgnoreCase) != true)
        {
            using var json = AlertJson.Parse(posted.Body);
            Take(json.RootElement, hearing);
            return;
        }
        ReadOnlyMemory<byte> left = posted.Body;
        while (!left.IsEmpty)
        {
            var end = left.Span.IndexOf((byte)'\n');
            var line = (end < 0 ? left : left[..end]).Trim(" \t\r"u8);
            left = end < 0 ? default : left[(end + 1)..];
            if (line.IsEmpty)
                continue;
            try
            {
                using var json = AlertJson.Parse(line);
                Take(json.RootElement, hearing);
            }
            catch (JsonException e)
            {
                hearing.Unreadable(line.Span, $"It is not JSON: {e.Message}");
            }
        }
    }

    private void Take(JsonElement root, Hearing hearing)
    {
        var found = each is null ? [root] : each.Find(root).ToList();
        if (found.Count == 0)
            hearing.Unreadable(root.GetRawText(), $"There is nothing at {settings.Each}, where the alerts must be.");
        foreach (var item in found.SelectMany(value => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : Enumerable.Repeat(value, 1)))
        {
            if (item.ValueKind != JsonValueKind.Object)
                hearing.Unreadable(item.GetRawText(), "An alert must be a JSON object.");
            else if (map.Read(item, new AlertDefaults("webhook", services.Clock.GetUtcNow()), out var problem) is { } alert)
                hearing.Alert(alert);
            else
                hearing.Unreadable(item.GetRawText(), $"By the mapping it is no alert: {problem}.");
        }
    }
}
