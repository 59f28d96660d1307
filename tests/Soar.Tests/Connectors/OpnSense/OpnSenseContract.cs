using System.Text.Json;
using System.Text.Json.Nodes;
using Soar.Capabilities;
using Soar.Connectors.OpnSense;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.OpnSense;

public sealed class OpnSenseContract : ConnectorSuite<OpnSenseConnector, OpnSenseSettings, HttpOtherSide>
{
    protected override HttpOtherSide Double()
    {
        var alias = new List<string>();
        return new HttpOtherSide(request => Answer(alias, request), () => string.Join(",", alias));
    }

    protected override OpnSenseSettings Settings(HttpOtherSide other) => new() { Address = other.Address, Key = Canary, Secret = Canary, Timeout = other.Patience };

    protected override IEnumerable<(OpnSenseSettings Settings, string Field)> Wrong(OpnSenseSettings good) =>
    [
        (good with { Address = null }, "address"), (good with { Key = null }, "key"), (good with { Secret = null }, "secret"), (good with { Alias = "a b" }, "alias"),
        (good with { WidestV4 = 0 }, "widestV4"), (good with { WidestV6 = 0 }, "widestV6"),
    ];

    protected override bool KeepsKey(ActionDescriptor action) => false; // an alias holds addresses and nothing else

    protected override string? Resends(ActionDescriptor action) => "add and delete are the same done twice, and nothing is taken out on the way to a block";

    private static HttpTold Answer(List<string> alias, HttpAsked request)
    {
        string Sent() => JsonNode.Parse(request.Body)!["address"]!.GetValue<string>();
        switch (request.Path)
        {
            case "/api/firewall/alias_util/aliases":
                return new HttpTold(200, """["soar_blocked"]""");
            case "/api/firewall/alias_util/list/soar_blocked":
                return new HttpTold(200, JsonSerializer.Serialize(new { total = alias.Count, rowCount = alias.Count, current = 1, rows = alias.Select(ip => new { ip }) }));
            case "/api/firewall/alias_util/add/soar_blocked":
                if (!alias.Contains(Sent()))
                    alias.Add(Sent());
                return new HttpTold(200, """{"status":"done"}""");
            case "/api/firewall/alias_util/delete/soar_blocked":
                alias.Remove(Sent());
                return new HttpTold(200, """{"status":"done"}""");
            case "/api/diagnostics/firewall/kill_states":
                return new HttpTold(200, """{"result":"ok","dropped_states":0}""");
            default:
                return new HttpTold(404, "{}");
        }
    }
}
