using System.Text.Json;

namespace Soar.Server.Tests.Fuzz;

/// <summary>A route and a method of the API's document.</summary>
/// <param name="Parameters">Name, <c>path</c> or <c>query</c>, whether it must be there, and schema.</param>
/// <param name="Body">Null where it takes none.</param>
/// <param name="ContentTypes">What it takes as its body.</param>
internal sealed record Operation(HttpMethod Method, string Path, IReadOnlyList<(string Name, string In, bool Required, JsonElement Schema)> Parameters, JsonElement? Body, IReadOnlyList<string> ContentTypes)
{
    /// <summary>All that the document names.</summary>
    public static List<Operation> All(JsonElement document) =>
    [
        .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => Of(path.Name, method.Name, method.Value))),
    ];

    private static Operation Of(string path, string method, JsonElement operation)
    {
        var parameters = operation.TryGetProperty("parameters", out var given)
            ? given.EnumerateArray().Select(p => (p.GetProperty("name").GetString()!, p.GetProperty("in").GetString()!, p.TryGetProperty("required", out var must) && must.GetBoolean(), p.GetProperty("schema"))).ToList()
            : [];
        var content = operation.TryGetProperty("requestBody", out var body) ? body.GetProperty("content").EnumerateObject().ToList() : [];
        return new Operation(
            HttpMethod.Parse(method.ToUpperInvariant()), path, parameters, content.Count == 0 ? null : content[0].Value.GetProperty("schema"), [.. content.Select(one => one.Name)]);
    }

    public override string ToString() => $"{Method} {Path}";
}
