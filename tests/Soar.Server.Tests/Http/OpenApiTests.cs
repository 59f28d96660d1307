using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Http;

/// <summary>The document of the API: what is committed is what the program says, and it says all.</summary>
public sealed class OpenApiTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_committed_document_is_what_the_program_says()
    {
        await using var served = await Served.StartAsync();
        using var browser = served.Browser();
        var text = JsonSerializer.Serialize(await browser.GetAsync("/api/openapi.json"), Indented) + "\n";
        var file = Path.Combine(Deployment.Root(), "engine", "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("SOAR_APPROVE") == "1") await File.WriteAllTextAsync(file, text);

        Assert.True(File.Exists(file) && await File.ReadAllTextAsync(file) == text, "engine/docs/openapi.json is not what the program says. Look at what changed; if it is meant, run this test with SOAR_APPROVE=1.");
    }

    [Fact]
    public async Task Every_route_is_in_the_document_with_a_summary_a_tag_and_who_may_call_it()
    {
        await using var served = await Served.StartAsync();
        using var browser = served.Browser();
        var document = await browser.GetAsync("/api/openapi.json");
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString());
        var told = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value))).ToList();
        var routes = served.Server.Endpoints.OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText != "/api/openapi.json")
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText!.Replace(":guid", "").Replace(":long", "").TrimEnd('/')}"));
        Assert.Equal(routes.Order(StringComparer.Ordinal), told.Select(t => t.Item1.TrimEnd('/')).Order(StringComparer.Ordinal));
        Assert.All(told, t => Assert.True(t.Value.GetProperty("summary").GetString()!.Length > 10 && t.Value.GetProperty("tags").GetArrayLength() == 1 && t.Value.GetProperty("x-soar-needs").GetString()!.Length > 3 && t.Value.GetProperty("responses").TryGetProperty("default", out _), t.Item1));
    }
}
