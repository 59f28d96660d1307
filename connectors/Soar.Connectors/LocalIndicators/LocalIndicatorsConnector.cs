using System.Text.Json;
using Microsoft.Extensions.Logging;
using Soar.Capabilities;
using Soar.Connectors.Intel;

namespace Soar.Connectors.LocalIndicators;

/// <summary>Indicator files of our own.</summary>
public sealed record LocalIndicatorsSettings : IValidatedSettings
{
    [Setting("Files: CSV (columns type, value, verdict, details) or STIX 2.1 JSON. Relative to the settings file. Read again when they change.")]
    public IReadOnlyList<string> Files { get; init; } = [];

    [Setting("Take what playbooks submit and sight: kept as submitted.csv and sightings.csv in connectors/<instance> beside the store, and judged by as well. Default: false.")]
    public bool Own { get; init; }

    public IEnumerable<string> Problems()
    {
        if (Files.Count == 0 && !Own)
            yield return "files: is missing; name at least one CSV or STIX 2.1 file, or set own";
    }
}

/// <summary>Judges observables by files of indicators. A value that no file names is Unknown, never benign.</summary>
[Connector("local-indicators", "Judges addresses, domains, URLs, hashes and mail addresses by indicator files (CSV, STIX 2.1).", Proven = "STIX 2.1 bundles of OASIS and MISP")]
public sealed class LocalIndicatorsConnector(LocalIndicatorsSettings settings, ConnectorServices services) : IConnector, IIntel
{
    private readonly string[] files = [.. settings.Files.Select(file => Path.GetFullPath(Path.Combine(services.BaseFolder, file)))];
    private readonly Lock gate = new();
    private IndicatorSet? loaded;
    private string stamp = "";

    private readonly OwnIndicators own = new(services.OwnFolder);

    public object Simulator { get; } = new SimulatedIntel(services.Instance, (observable, verdict) => Takes(settings, observable, verdict), (observable, _) => Takes(settings, observable, Verdict.Malicious));

    public Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => Task.FromResult(Look("ip", address.ToString()));

    public Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation) => Task.FromResult(Look(observable.Type, observable.Value));

    public Task<IntelSubmission> SubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation)
    {
        var form = Takes(settings, observable, verdict);
        own.Submit(form, verdict, comment.ToString(), services.Clock.GetUtcNow(), context.Key);
        return Task.FromResult(Submission(own.Submitted, context));
    }

    public Task<IReadOnlyList<IntelSighting>> SightingsAsync(Observable observable, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(settings.Own ? own.Sightings(IntelRules.Form(observable), services.Instance) : []);

    public Task<IntelSubmission> SightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation)
    {
        var form = Takes(settings, observable, Verdict.Malicious);
        own.Sight(form, kind, seenAt, $"run {context.Run}", context.Key);
        return Task.FromResult(Submission(own.Sighted, context));
    }

    public Task<Probe<IntelSubmission>> ProbeSubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(own.HasSubmitted(context.Key) ? Probe.Present(Submission(own.Submitted, context), ours: true) : Probe.Absent<IntelSubmission>());

    public Task<Probe<IntelSubmission>> ProbeSightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(own.HasSighted(context.Key) ? Probe.Present(Submission(own.Sighted, context), ours: true) : Probe.Absent<IntelSubmission>());

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(() =>
    {
        var set = Load();
        var skipped = set.SkippedCount == 0 ? "" : $" {set.SkippedCount} entries could not be used, such as {set.Skipped[0]}.";
        return Task.FromResult(new ConnectorTest(true, $"{set.Count} indicators from {files.Length} {(files.Length == 1 ? "file" : "files")}.{skipped}"));
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Observable Takes(LocalIndicatorsSettings settings, Observable observable, Verdict verdict)
    {
        if (!settings.Own && settings.Files.Count > 0)
            throw IntelRules.Unsupported("This instance only reads its files; set own: true to keep what playbooks submit.");
        IntelRules.Judged(verdict);
        return IntelRules.Form(observable);
    }

    private IntelSubmission Submission(string path, ActionContext context) => new(services.Instance, context.Key.Value, $"kept in {Path.GetFileName(path)}");

    private IntelReport Look(string type, string value) => Load().Find(type, value) is { } found
        ? new IntelReport(services.Instance, found.Verdict, found.Value == value ? found.Details : $"{found.Value}: {found.Details}")
        : new IntelReport(services.Instance, Verdict.Unknown, "no indicator names it");

    // A file that is broken while it is being replaced must not blind us: the last good state stays until it can be read.
    private IndicatorSet Load()
    {
        lock (gate)
        {
            var now = string.Join('|', files.Append(own.Submitted).Select(Stamp));
            if (loaded is not null && now == stamp)
                return loaded;
            try
            {
                var set = new IndicatorSet();
                foreach (var file in files)
                    IndicatorFiles.Read(file, set, services.Clock.GetUtcNow());
                if (settings.Own)
                    foreach (var (type, value, verdict, details) in own.Judgements())
                        set.Add(type, value, verdict, details);
                (loaded, stamp) = (set, now);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or SoarException)
            {
                if (loaded is null)
                    throw ConnectorFailure.Permanent($"The indicator files cannot be read: {e.Message}", e, "files");
                Log.KeptOldIndicators(services.Log, services.Instance, e.Message);
                stamp = now;
            }
            return loaded!;
        }
    }

    private static string Stamp(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? $"{file.LastWriteTimeUtc.Ticks}/{file.Length}" : "none";
    }
}
