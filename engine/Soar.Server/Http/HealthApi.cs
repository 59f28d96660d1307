using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary><c>/health</c>: for whoever watches over the process. Says nothing but yes or no to the outside.</summary>
internal static class HealthApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", Live).ForAnybody().WithTags("health").WithSummary("Whether the process answers.");
        routes.MapGet("/health/ready", ReadyAsync).ForAnybody().WithTags("health").WithSummary("Whether the engine drives its store, and the store answers.");
    }

    internal sealed record Standing(string Status);

    private static Ok<Standing> Live() => TypedResults.Ok(new Standing("live"));

    private static async Task<Results<Ok<Standing>, JsonHttpResult<Standing>>> ReadyAsync(SoarNode node, NodeReader reader)
    {
        await reader.Runs.NextWakeAsync();
        // An error that is a minute old and did not come again is over.
        var health = node.Health();
        var failing = health.LastError is not null && node.Clock.GetUtcNow() - health.LastErrorAt < TimeSpan.FromMinutes(1);
        return failing ? TypedResults.Json(new Standing("failing"), statusCode: 503) : TypedResults.Ok(new Standing("ready"));
    }
}
