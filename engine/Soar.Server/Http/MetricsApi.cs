using OpenTelemetry.Metrics;
using Soar.Server.Accounts;
using Soar.Server.Observe;

namespace Soar.Server.Http;

/// <summary><c>/metrics</c>: numbers for monitoring, in Prometheus' text format.</summary>
internal static class MetricsApi
{
    public static void Map(WebApplication routes, Telemetry telemetry)
    {
        var exporter = ((IApplicationBuilder)routes).New();
        exporter.UseOpenTelemetryPrometheusScrapingEndpoint(telemetry.Metrics, _ => true, path: null, configureBranchedPipeline: null, optionsName: null);
        var write = exporter.Build();
        Delegate answer = write.Invoke;
        routes.MapGet("/metrics", answer).Needs(Permission.ReadMetrics).WithTags("health").Produces<string>(200, "text/plain")
            .WithSummary("What the server did since its start, in Prometheus' text format: steps and runs ended, retries, unknown outcomes, alerts that wait.");
    }
}
