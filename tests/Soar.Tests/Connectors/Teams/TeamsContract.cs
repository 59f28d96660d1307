using Soar.Connectors;
using Soar.Connectors.Teams;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Teams;

public sealed class TeamsContract : ConnectorSuite<TeamsConnector, TeamsSettings, HttpOtherSide>
{
    private const string Path = "workflows/c4nary0123456789/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=c4nary9876543210";

    private Secret webhook = new("https://prod-1.westeurope.logic.azure.example/" + Path);

    protected override Secret Canary => webhook;

    protected override HttpOtherSide Double()
    {
        var started = new List<string>();
        return new HttpOtherSide(request =>
        {
            if (request.Method != "POST")
                return new HttpTold(404);
            started.Add(request.Body);
            return new HttpTold(202, Headers: "x-ms-workflow-run-id: 08584000000000000000000000000CU00");
        }, () => string.Join("\n", started));
    }

    protected override TeamsSettings Settings(HttpOtherSide other)
    {
        webhook = new Secret(new Uri(other.Address, Path).AbsoluteUri);
        return new TeamsSettings { Webhook = webhook, Timeout = other.Patience };
    }

    protected override IEnumerable<(TeamsSettings Settings, string Field)> Wrong(TeamsSettings good) =>
        [(good with { Webhook = null }, "webhook"), (good with { Webhook = new Secret("https://user:password@flow.example/x") }, "webhook"), (good with { Proxy = new Uri("ftp://x/") }, "proxy")];
}
