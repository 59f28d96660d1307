using System.Text.Json;
using System.Text.Json.Nodes;
using Soar.Connectors.Misp;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Misp;

public sealed class MispContract : ConnectorSuite<MispConnector, MispSettings, HttpOtherSide>
{
    protected override HttpOtherSide Double()
    {
        var (events, sightings) = (new List<string>(), new List<JsonNode>());
        return new HttpOtherSide(request => Answer(events, sightings, request), () => $"{string.Join(",", events)} {string.Join(",", sightings.Select(sighting => sighting.ToJsonString()))}",
            request => request.Path is "/events/add" or "/sightings/add");
    }

    protected override MispSettings Settings(HttpOtherSide other) => new() { Address = other.Address, Key = Canary, Timeout = other.Patience };

    protected override IEnumerable<(MispSettings Settings, string Field)> Wrong(MispSettings good) => [(good with { Address = null }, "address"), (good with { Key = null }, "key")];

    private static HttpTold Answer(List<string> events, List<JsonNode> sightings, HttpAsked request)
    {
        var body = request.Body.Length > 0 ? JsonNode.Parse(request.Body) : null;
        switch (request.Path)
        {
            case "/servers/getVersion":
                return new HttpTold(200, """{"version":"2.4.85","perm_sync":true}""");
            case "/attributes/restSearch":
                var attribute = new { id = "1", event_id = "7", type = "ip-src", to_ids = true, value = body!["value"]!.GetValue<string>(), Sighting = sightings };
                return new HttpTold(200, JsonSerializer.Serialize(new { response = new { Attribute = new[] { attribute } } }));
            case "/events/add":
                events.Add(body!["Event"]!["uuid"]!.GetValue<string>());
                return Event(events[^1]);
            case "/sightings/add":
                sightings.Add(JsonSerializer.SerializeToNode(new { id = $"{sightings.Count + 1}", date_sighting = $"{body!["timestamp"]}", source = $"{body["source"]}", type = $"{body["type"]}" })!);
                return new HttpTold(200, JsonSerializer.Serialize(new { Sighting = sightings[^1] }));
            default:
                return events.Contains(request.Path.Split('/')[^1]) ? Event(request.Path.Split('/')[^1]) : new HttpTold(404, """{"name":"Invalid event.","message":"Invalid event.","url":"/events/view"}""");
        }
    }

    private static HttpTold Event(string uuid) => new(200, JsonSerializer.Serialize(new { Event = new { id = "9", uuid, info = "Soar" } }));
}
