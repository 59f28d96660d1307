using System.Text.Json.Nodes;
using Soar.Connectors;
using Soar.Connectors.Slack;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Slack;

public sealed class SlackContract : ConnectorSuite<SlackConnector, SlackSettings, HttpOtherSide>
{
    private const string Path = "services/T00000000/B00000000/c4naryXXXXXXXXXXXXXXXXXX";

    private Secret webhook = new("https://hooks.slack.com/" + Path);

    protected override Secret Canary => webhook;

    protected override HttpOtherSide Double()
    {
        var posted = new List<string>();
        return new HttpOtherSide(request =>
        {
            if (request.Path != "/" + Path)
                return new HttpTold(404, "no_service", "text/html");
            var text = JsonNode.Parse(request.Body)!["text"]!.GetValue<string>();
            if (text.Length == 0)
                return new HttpTold(400, "no_text", "text/html");
            posted.Add(text);
            return new HttpTold(200, "ok", "text/html");
        }, () => string.Join("\n", posted));
    }

    protected override SlackSettings Settings(HttpOtherSide other)
    {
        webhook = new Secret(new Uri(other.Address, Path).AbsoluteUri);
        return new SlackSettings { Webhook = webhook, Timeout = other.Patience };
    }

    protected override IEnumerable<(SlackSettings Settings, string Field)> Wrong(SlackSettings good) =>
    [
        (good with { Webhook = null }, "webhook"), (good with { Webhook = new Secret("hooks.slack.com/services/x") }, "webhook"), (good with { Webhook = new Secret("http://hooks.slack.com/services/x") }, "webhook"),
        (good with { Webhook = new Secret("https://hooks.slack.com") }, "webhook"), (good with { Timeout = TimeSpan.Zero }, "timeout"),
    ];
}
