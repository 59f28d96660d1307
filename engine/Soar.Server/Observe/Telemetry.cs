using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Soar.Engine;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Server.Settings;

namespace Soar.Server.Observe;

/// <summary>
/// What <c>soar serve</c> does, for monitoring: numbers at <c>GET /metrics</c>, and by OTLP numbers and traces. A run's trace has the run's id, so that whoever has one finds the other; it
/// holds a span for each step that ended while this process drove it. It is no record: events that come faster than they can be looked at are left out, and the journal has them.
/// </summary>
internal sealed class Telemetry : IAsyncDisposable
{
    private const string Name = "Soar";
    private static readonly TimeSpan Recount = TimeSpan.FromSeconds(15), Glance = TimeSpan.FromMilliseconds(50);

    // From a look-up in memory to a person who answers the next day.
    private static readonly InstrumentAdvice<double> Steps = new() { HistogramBucketBoundaries = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 600, 3_600, 86_400] };

    private readonly Meter meter = new(Name);
    private readonly ActivitySource spans = new(Name);
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<(RunId Run, int Ordinal), DateTimeOffset> begun = new();
    private readonly Counter<long> runsEnded, stepsEnded, stepsRetried, unknownOutcomes, asked;
    private readonly Histogram<double> stepTime;
    private readonly TracerProvider? traces;
    private readonly Task watching, counting;
    private long alertsWaiting, switchesOn;
    private int disposed;

    public Telemetry(SoarNode node)
    {
        var settings = node.Tools.Settings.Telemetry;
        runsEnded = meter.CreateCounter<long>("soar.runs.ended", description: "Runs that ended, by playbook.");
        stepsEnded = meter.CreateCounter<long>("soar.steps.ended", description: "Steps that ended, by action, instance and result: done, failed, timed out, refused, cancelled.");
        stepsRetried = meter.CreateCounter<long>("soar.steps.retried", description: "Attempts that surely came to nothing and are made again.");
        unknownOutcomes = meter.CreateCounter<long>("soar.steps.unknown", description: "Attempts of which nobody knew at first what came of them.");
        asked = meter.CreateCounter<long>("soar.questions.asked", description: "Questions put to people.");
        stepTime = meter.CreateHistogram<double>("soar.step.duration", "s", "From a step's beginning to its end, waits and retries included.");
        meter.CreateObservableGauge("soar.runs.driving", () => node.Health().Driving, description: "Runs in hand.");
        meter.CreateObservableGauge("soar.runs.kept", () => node.Health().Kept, description: "Runs that wait in memory.");
        meter.CreateObservableGauge("soar.alerts.waiting", () => Interlocked.Read(ref alertsWaiting), description: "Alerts that no playbook was asked about yet; counted every 15 seconds.");
        meter.CreateObservableGauge("soar.kill_switches.on", () => Interlocked.Read(ref switchesOn), description: "Kill switches that are on; counted every 15 seconds.");
        var resource = ResourceBuilder.CreateEmpty().AddService("soar", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3), serviceInstanceId: Environment.MachineName);
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Name).AddPrometheusExporter();
        if (settings.Otlp is not null)
        {
            metrics.AddOtlpExporter((o, reader) =>
            {
                Send(o, settings, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.Every.TotalMilliseconds;
            });
            traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).SetSampler(new AlwaysOnSampler()).AddSource(Name).AddOtlpExporter(o => Send(o, settings, "v1/traces")).Build();
        }

        Metrics = metrics.Build();
        watching = WatchAsync(node);
        counting = CountAsync(node);
    }

    public MeterProvider Metrics { get; }

    public async ValueTask DisposeAsync()
    {
        // By the server before it stops, and again by the framework.
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        await stopping.CancelAsync();
        await watching;
        await counting;
        traces?.Dispose(); // sends what is left
        Metrics.Dispose();
        meter.Dispose();
        spans.Dispose();
        stopping.Dispose();
    }

    private static void Send(OtlpExporterOptions exporter, TelemetrySettings settings, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(settings.Otlp!.TrimEnd('/') + "/" + path);
        if (settings.OtlpHeader?.Reveal().Split(':', 2) is [var name, var value]) exporter.Headers = $"{name.Trim()}={Uri.EscapeDataString(value.Trim())}";
    }

    private async Task WatchAsync(SoarNode node)
    {
        try
        {
            await foreach (var happened in node.WatchAsync(Glance, stopping.Token)) Take(happened);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task CountAsync(SoarNode node)
    {
        using var tick = new PeriodicTimer(Recount, node.Clock);
        try
        {
            do
            {
                Interlocked.Exchange(ref alertsWaiting, await node.Reader.Alerts.CountWaitingAsync());
                Interlocked.Exchange(ref switchesOn, (await node.Reader.Runs.SwitchesAsync(all: false)).Count);
            }
            while (await tick.WaitForNextTickAsync(stopping.Token));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private void Take(RunEvent happened)
    {
        var step = (happened.Run, happened.Ordinal);
        switch (happened.Kind)
        {
            case RunEventKind.StepStarted:
                begun[step] = happened.At;
                break;
            case RunEventKind.StepRetried:
                stepsRetried.Add(1, new("action", happened.Action), new("instance", happened.Instance));
                break;
            case RunEventKind.StepUnknown:
                unknownOutcomes.Add(1, new("action", happened.Action), new("instance", happened.Instance));
                break;
            case RunEventKind.Asked:
                asked.Add(1, new KeyValuePair<string, object?>("playbook", happened.Playbook));
                break;
            case RunEventKind.StepEnded:
                var result = Result(happened.Detail);
                stepsEnded.Add(1, new("action", happened.Action), new("instance", happened.Instance), new("result", result));
                var from = begun.TryRemove(step, out var at) ? at : happened.At;
                stepTime.Record((happened.At - from).TotalSeconds, new KeyValuePair<string, object?>("action", happened.Action));
                Span(happened, from, result);
                break;
            case RunEventKind.Ended:
                runsEnded.Add(1, new KeyValuePair<string, object?>("playbook", happened.Playbook));
                foreach (var left in begun.Keys.Where(open => open.Run == happened.Run)) begun.TryRemove(left, out _);
                break;
        }
    }

    private void Span(RunEvent step, DateTimeOffset from, string result)
    {
        if (traces is null) return;
        var run = step.Run.Value.ToString("N");
        var trace = new ActivityContext(ActivityTraceId.CreateFromString(run), ActivitySpanId.CreateFromString(run.AsSpan(16)), ActivityTraceFlags.Recorded, isRemote: true);
        using var span = spans.StartActivity(step.Title ?? step.Action, ActivityKind.Client, trace, startTime: from);
        if (span is null) return;
        span.SetTag("soar.run", step.Run.ToString()).SetTag("soar.playbook", step.Playbook).SetTag("soar.path", step.Path).SetTag("soar.action", step.Action).SetTag("soar.instance", step.Instance).SetTag("soar.attempts", step.Attempt);
        if (result is not ("done" or "cancelled")) span.SetStatus(ActivityStatusCode.Error, result); // the code only: messages may name what is not the collector's business
        span.SetEndTime(step.At.UtcDateTime);
    }

    // "Done", "Cancelled", or "failed (code): message".
    private static string Result(string? detail) => (detail ?? "").Split(" (", 2)[0].ToLowerInvariant();
}
