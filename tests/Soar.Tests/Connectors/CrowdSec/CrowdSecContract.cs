using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Soar.Connectors.CrowdSec;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.CrowdSec;

/// <summary>CrowdSec itself is proven in the lab; the double keeps alerts and decisions as its local API does.</summary>
public sealed class CrowdSecContract : ConnectorSuite<CrowdSecConnector, CrowdSecSettings, HttpOtherSide>
{
    protected override HttpOtherSide Double()
    {
        var lapi = new Lapi();
        return new HttpOtherSide(lapi.Answer, lapi.State, request => request.Method == "DELETE" || (request.Method == "POST" && request.Path == "/v1/alerts"));
    }

    protected override CrowdSecSettings Settings(HttpOtherSide other) => new() { Address = other.Address, BouncerKey = Canary, Password = Canary, Timeout = other.Patience };

    protected override IEnumerable<(CrowdSecSettings Settings, string Field)> Wrong(CrowdSecSettings good) =>
    [
        (good with { Address = null }, "address"), (good with { BouncerKey = null }, "bouncerKey"), (good with { Machine = "" }, "machine"), (good with { Password = null }, "password"),
        (good with { WidestV4 = 0 }, "widestV4"), (good with { WidestV6 = 0 }, "widestV6"),
    ];

    private sealed class Lapi
    {
        private readonly List<JsonNode> alerts = [];
        private readonly List<JsonNode> decisions = [];

        public string State() => string.Join("\n", decisions.Select(decision => $"{decision["value"]} {decision["scenario"]}").Concat(alerts.Where(alert => alert["decisions"]!.AsArray().Count == 0).Select(alert => $"{alert["scenario"]} {alert["scenario_hash"]}")));

        public HttpTold Answer(HttpAsked request)
        {
            switch (request.Method, request.Path)
            {
                case ("POST", "/v1/watchers/login"):
                    return Json(new { code = 200, expire = "2036-01-01T00:00:00Z", token = "session" });
                case ("POST", "/v1/alerts"):
                    var alert = JsonNode.Parse(request.Body)![0]!;
                    alert["id"] = alerts.Count + 1;
                    alerts.Add(alert);
                    foreach (var decision in alert["decisions"]!.AsArray())
                    {
                        var kept = decision!.DeepClone();
                        kept["id"] = decisions.Count + 1;
                        decisions.Add(kept);
                    }
                    return new HttpTold(201, $"[\"{alert["id"]}\"]");
                case ("GET", "/v1/alerts"):
                    return List(alerts.Where(one => one["source"]!["value"]!.GetValue<string>() == request.Query("value")));
                case ("GET", "/v1/decisions"):
                    var value = request.Query("value") ?? request.Query("ip") ?? request.Query("range");
                    return List(decisions.Where(decision => value is null || decision["value"]!.GetValue<string>() == value));
                case ("DELETE", _):
                    decisions.RemoveAll(decision => decision["id"]!.GetValue<int>().ToString(CultureInfo.InvariantCulture) == request.Path.Split('/')[^1]);
                    return Json(new { nbDeleted = "1" });
                default:
                    return new HttpTold(404, "{}");
            }
        }

        private static HttpTold Json(object body) => new(200, JsonSerializer.Serialize(body));

        // The real one says null for none.
        private static HttpTold List(IEnumerable<JsonNode> items) => items.ToList() is { Count: > 0 } some ? new(200, $"[{string.Join(",", some.Select(item => item.ToJsonString()))}]") : new(200, "null");
    }
}
