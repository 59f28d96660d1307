using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;

namespace Soar.Testing.Contract;

/// <summary>
/// A service that speaks as the connectors of <c>soar new connector --capability …</c> do: <c>POST firewall/block</c> with the arguments as JSON and the key as <c>Idempotency-Key</c>, answered as the
/// connector's own simulator answers; <c>POST firewall/block/probe</c> tells what stands.
/// </summary>
public static class Mirror
{
    public static HttpOtherSide Of<TConnector>(TConnector connector)
        where TConnector : IConnector
    {
        var catalog = new ActionCatalog(typeof(TConnector).GetInterfaces().Select(type => type.Assembly).Append(typeof(TConnector).Assembly));
        var actions = catalog.Capabilities.Where(capability => capability.Type.IsAssignableFrom(typeof(TConnector))).SelectMany(capability => capability.Actions).ToDictionary(action => $"/{action.Id.Replace('.', '/')}");
        var standing = new SortedDictionary<string, string>(StringComparer.Ordinal);
        return new HttpOtherSide(
            request => request.Method == "GET" ? new HttpTold(200, "{}") : Answer(request, actions, standing, connector.Simulator),
            () => string.Join("\n", standing),
            request => actions.TryGetValue(request.Path, out var action) && action.Effect != Effect.ReadsOnly);
    }

    private static HttpTold Answer(HttpAsked request, Dictionary<string, ActionDescriptor> actions, SortedDictionary<string, string> standing, object simulator)
    {
        var probes = request.Path.EndsWith("/probe", StringComparison.Ordinal);
        if (!actions.TryGetValue(probes ? request.Path[..^"/probe".Length] : request.Path, out var action)) return new HttpTold(404, "{}");
        using var arguments = JsonDocument.Parse(request.Body);
        var key = request.Headers.GetValueOrDefault("Idempotency-Key", "");
        var place = Place(action, arguments.RootElement, key);
        var result = System.Text.Encoding.UTF8.GetString(action.InvokeAsync(simulator, arguments.RootElement, Given.Context(), CancellationToken.None).GetAwaiter().GetResult()); // a simulator answers at once
        if (probes)
            return new HttpTold(200, standing.TryGetValue(place, out var of) ? $"{{\"present\":true,\"ours\":{(of == key ? "true" : "false")},\"result\":{result}}}" : "{\"present\":false,\"ours\":false}");
        if (action.Effect == Effect.Lifts)
            foreach (var containment in actions.Values.Where(candidate => candidate.Inverse == action)) standing.Remove(Place(containment, arguments.RootElement, key));
        else if (action.Effect != Effect.ReadsOnly)
            standing[place] = key;
        return new HttpTold(200, result);
    }

    // A containment stands for its target, anything else for its key.
    private static string Place(ActionDescriptor action, JsonElement arguments, string key)
    {
        var target = action.Effect == Effect.Contains ? action.Parameters.FirstOrDefault(parameter => parameter.IsTarget)?.Name : null;
        return $"{action.Id} {(target is not null && arguments.TryGetProperty(target, out var value) ? value.GetRawText() : key)}";
    }
}
