using System.Text.Json;
using Microsoft.Extensions.Logging;
using Soar.Capabilities;

namespace Soar.Connectors.LocalIndicators;

/// <summary>Indicator files of our own.</summary>
public sealed record LocalIndicatorsSettings : IValidatedSettings
{
    [Setting("Files: CSV (columns type, value, verdict, details) or STIX 2.1 JSON. Relative to the settings file. Read again when they change.")]
    public IReadOnlyList<string> Files { get; init; } = [];

    public IEnumerable<string> Problems()
    {
        if (Files.Count == 0)
            yield return "files: is missing; name at least one CSV or STIX 2.1 file";
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

    public object Simulator { get; } = new LocalIndicatorsSimulator(services.Instance);

    public Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => Task.FromResult(Look("ip", address.ToString()));

    public Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation) => Task.FromResult(Look(observable.Type, observable.Value));

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation)
    {
        try
        {
            var set = Load();
            var skipped = set.SkippedCount == 0 ? "" : $" {set.SkippedCount} entries could not be used, such as {set.Skipped[0]}.";
            return Task.FromResult(new ConnectorTest(true, $"{set.Count} indicators from {files.Length} files.{skipped}"));
        }
        catch (SoarException e)
        {
            return Task.FromResult(new ConnectorTest(false, e.Message));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IntelReport Look(string type, string value) => Load().Find(type, value) is { } found
        ? new IntelReport(services.Instance, found.Verdict, found.Value == value ? found.Details : $"{found.Value}: {found.Details}")
        : new IntelReport(services.Instance, Verdict.Unknown, "no indicator names it");

    // A file that is broken while it is being replaced must not blind us: the last good state stays until it can be read.
    private IndicatorSet Load()
    {
        lock (gate)
        {
            var now = string.Join('|', files.Select(Stamp));
            if (loaded is not null && now == stamp)
                return loaded;
            try
            {
                var set = new IndicatorSet();
                foreach (var file in files)
                    IndicatorFiles.Read(file, set, services.Clock.GetUtcNow());
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

/// <summary>Calls the addresses reserved for documentation malicious, so that an example has something to do, and knows nothing else.</summary>
internal sealed class LocalIndicatorsSimulator(string instance) : IIntel
{
    private static readonly IpAddress[] Documentation = [IpAddress.Parse("192.0.2.0/24"), IpAddress.Parse("198.51.100.0/24"), IpAddress.Parse("203.0.113.0/24"), IpAddress.Parse("2001:db8::/32")];

    public Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => Task.FromResult(Documentation.Any(network => network.Contains(address))
        ? new IntelReport(instance, Verdict.Malicious, "simulated: an address reserved for documentation")
        : new IntelReport(instance, Verdict.Unknown, "simulated"));

    public Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation) => observable.Type == "ip" && IpAddress.TryParse(observable.Value, null, out var address)
        ? LookupAsync(address, context, cancellation)
        : Task.FromResult(new IntelReport(instance, Verdict.Unknown, "simulated"));
}
