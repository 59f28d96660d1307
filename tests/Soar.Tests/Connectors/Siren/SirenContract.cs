using System.Text.Json.Nodes;
using Example.Siren;
using Soar.Capabilities;
using Soar.Testing.Contract;

namespace Example.Siren.Tests;

/// <summary>The whole contract for one connector: its settings, what is wrong with others, and a double of the controller.</summary>
public sealed class SirenContract : ConnectorSuite<SirenConnector, SirenSettings, HttpOtherSide>
{
    protected override HttpOtherSide Double()
    {
        var zones = new SortedDictionary<string, string>(StringComparer.Ordinal);
        return new HttpOtherSide(request =>
        {
            var name = request.Path["/zones".Length..].TrimStart('/');
            switch (request.Method)
            {
                case "PUT":
                    var zone = JsonNode.Parse(request.Body)!;
                    zone["name"] = name;
                    zones[name] = zone.ToJsonString();
                    return new HttpTold(200, zones[name]);
                case "DELETE":
                    return new HttpTold(zones.Remove(name) ? 204 : 404);
                default:
                    return name.Length == 0 ? new HttpTold(200, $"[{string.Join(",", zones.Values)}]") : zones.TryGetValue(name, out var found) ? new HttpTold(200, found) : new HttpTold(404);
            }
        }, () => string.Join("\n", zones.Select(zone => $"{zone.Key} {JsonNode.Parse(zone.Value)!["key"]}")));
    }

    protected override SirenSettings Settings(HttpOtherSide other) => new() { Address = other.Address, Token = Canary, Timeout = other.Patience };

    protected override IEnumerable<(SirenSettings Settings, string Field)> Wrong(SirenSettings good) =>
        [(good with { Address = null }, "address"), (good with { Token = null }, "token"), (good with { Longest = TimeSpan.Zero }, "longest"), (good with { CaFile = "/nowhere" }, "caFile")];

    // The suite counts what a repeat sends: where that could undo something for a moment, look first and leave alone what stands.
    protected override string? Resends(ActionDescriptor action) => "PUT and DELETE of a zone are the same done twice, and nothing is undone in between";

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name switch { "zone" => "b2", "duration" => TimeSpan.FromMinutes(5), _ => Values.Of(parameter) };
}
