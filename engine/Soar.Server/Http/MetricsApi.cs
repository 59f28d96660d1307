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
        // It counts by playbook, whoever asks: it is for those from whom nothing is hidden.
        Delegate answer = (HttpContext context, Sight sight) => sight.Given.SeesEverything ? write(context)
            : throw new SoarException("SOAR6002", "Monitoring's numbers are of everything: they are for who sees TLP:RED and every folder. Make the scraper's token as such a user, with the scope ReadMetrics.");
        routes.MapGet("/metrics", answer).Needs(Permission.ReadMetrics).WithTags("health").Produces<string>(200, "text/plain")
            .WithSummary("What the server did since its start, in Prometheus' text format: steps and runs ended, retries, unknown outcomes, alerts that wait.");
    }
}
