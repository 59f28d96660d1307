using System.Text.Json.Nodes;
using Soar.Connectors;
using Soar.Connectors.Mattermost;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Mattermost;

public sealed class MattermostContract : ConnectorSuite<MattermostConnector, MattermostSettings, HttpOtherSide>
{
    private const string Path = "hooks/c4nary8ihybfx8tsh3bpdq1e";

    private Secret webhook = new("https://mattermost.example/" + Path);

    protected override Secret Canary => webhook;

    protected override HttpOtherSide Double()
    {
        var posted = new List<string>();
        return new HttpOtherSide(request =>
        {
            var body = JsonNode.Parse(request.Body)!;
            if (request.Path != "/" + Path)
                return new HttpTold(400, """{"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook.","detailed_error":"","request_id":"r","status_code":400}""");
            if (body["channel"] is not null)
                return new HttpTold(404, """{"id":"web.incoming_webhook.channel.app_error","message":"Couldn't find the channel.","detailed_error":"","request_id":"r","status_code":404}""");
            posted.Add(body["text"]!.GetValue<string>());
            return new HttpTold(200, "ok", "text/plain");
        }, () => string.Join("\n", posted));
    }

    protected override MattermostSettings Settings(HttpOtherSide other)
    {
        webhook = new Secret(new Uri(other.Address, Path).AbsoluteUri);
        return new MattermostSettings { Webhook = webhook, Timeout = other.Patience };
    }

    protected override IEnumerable<(MattermostSettings Settings, string Field)> Wrong(MattermostSettings good) =>
        [(good with { Webhook = null }, "webhook"), (good with { Webhook = new Secret("ftp://mattermost.example/hooks/x") }, "webhook"), (good with { CaFile = "/nowhere" }, "caFile")];
}
