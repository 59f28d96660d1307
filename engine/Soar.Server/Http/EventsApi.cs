using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Engine;
using Soar.Server.Accounts;

namespace Soar.Server.Http;

/// <summary><c>/api/events</c>: what happens, as it happens (server-sent events).</summary>
internal static class EventsApi
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/events", Watch).Needs(Permission.ReadRuns).WithMetadata(new Unasked()).WithTags("events")
        .WithSummary("What happens in runs, questions included, as server-sent events: 'ready' first, then 'run' each, 'beat' when nothing does. With Last-Event-ID it goes on where it was; 'reset' says that something was missed: read everything anew.");

    private static ServerSentEventsResult<RunEvent?> Watch(HttpContext context, Sight sight, Feed feed, CancellationToken cancellation) =>
        TypedResults.ServerSentEvents(feed.ReadAsync(context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 and < 100 } id ? id : null, sight, cancellation));
}
