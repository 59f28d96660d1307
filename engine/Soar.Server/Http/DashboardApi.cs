using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Cases;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/dashboard</c>: how it goes, in one answer.</summary>
internal static class DashboardApi
{
    private const int DaysBack = 13, MostDays = 92, MostCases = 5_000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/dashboard", ShowAsync).Needs(Permission.ReadMetrics).WithTags("dashboard")
        .WithSummary("How it goes since 'from' (a day's beginning; the last 14 days in UTC unless given): alerts, runs and what failed by day, how much went without asking anybody, how long cases took, what waits and what stands. Each figure is counted up to a bound; 'whole' says whether one was met.");

    /// <param name="Cases">Of those that were opened in that time: how long they took.</param>
    internal sealed record DashboardView(Dashboard Now, CaseMetrics Cases);

    private static async Task<Ok<DashboardView>> ShowAsync(SoarNode node, Sight sight, DateTimeOffset? from)
    {
        var now = node.Clock.GetUtcNow();
        var since = from ?? new DateTimeOffset(now.UtcDateTime.Date.AddDays(-DaysBack), TimeSpan.Zero);
        if (since >= now || now - since > TimeSpan.FromDays(MostDays)) throw new SoarException("SOAR6007", $"'from' cannot be {since:O}: it is a day's beginning within the last {MostDays} days.");
        return TypedResults.Ok(new DashboardView(await node.Reader.Dashboard.ReadAsync(since, now, await sight.HorizonAsync()), await node.Reader.Cases.MetricsAsync(since, now, MostCases, await sight.HorizonAsync())));
    }
}
