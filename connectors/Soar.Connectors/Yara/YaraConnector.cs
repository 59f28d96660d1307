using Soar.Capabilities;
using Soar.Connectors.Processes;

namespace Soar.Connectors.Yara;

/// <summary>Scans with YARA's command line and a folder of rules. A rule with the tag <c>suspicious</c> makes Suspicious, every other one Malicious.</summary>
[Connector("yara", "Scans bytes with YARA rules.", Proven = "YARA 4.2.3")]
public sealed class YaraConnector(YaraSettings settings, ConnectorServices services) : IConnector, IScanner
{
    private readonly string folder = Path.GetFullPath(Path.Combine(services.BaseFolder, settings.Rules));

    public object Simulator { get; } = new YaraSimulator(settings, services.Instance);

    public async Task<ScanReport> ScanAsync(Artifact artifact, ActionContext context, CancellationToken cancellation)
    {
        Allowed(settings, artifact);
        var rules = Rules();
        var own = Directory.CreateTempSubdirectory("soar-yara-"); // readable by us only
        try
        {
            var file = Path.Combine(own.FullName, "artifact");
            await CopyAsync(artifact, file, context, cancellation);
            return Report(await RunAsync(rules, file, cancellation), rules.Count);
        }
        finally
        {
            own.Delete(recursive: true);
        }
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var rules = Rules();
        var version = Require(await ToolAsync(["--version"], cancellation));
        Require(await RunRawAsync(rules, "/dev/null", cancellation)); // every rule compiles
        return new ConnectorTest(true, $"YARA {version.Trim()}: the rules of {rules.Count} files in {folder} compile.");
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static void Allowed(YaraSettings settings, Artifact artifact)
    {
        if (artifact.Size > settings.MaxBytes)
            throw ConnectorFailure.Permanent($"'{artifact.Name}' has {artifact.Size} bytes; at most {settings.MaxBytes} are scanned (setting maxBytes).", reason: "too-large");
    }

    private List<string> Rules()
    {
        try
        {
            var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".yar" or ".yara").Order(StringComparer.Ordinal).ToList();
            return files.Count > 0 ? files : throw ConnectorFailure.Permanent($"{folder} holds no rules. Put .yar or .yara files there, or set rules to where they are.", reason: "rules");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ConnectorFailure.Permanent($"The rules in {folder} cannot be read: {e.Message} Set rules to the folder that holds them.", e, "rules");
        }
    }

    private static async Task CopyAsync(Artifact artifact, string file, ActionContext context, CancellationToken cancellation)
    {
        try
        {
            await using var content = StoredBytes.Open(context, artifact);
            await using var copy = File.Create(file);
            await content.CopyToAsync(copy, cancellation);
        }
        catch (IOException e)
        {
            throw ConnectorFailure.Transient($"'{artifact.Name}' cannot be written to {Path.GetTempPath()} to be scanned: {e.Message}", inner: e, reason: "disk");
        }
    }

    private async Task<string> RunAsync(IReadOnlyList<string> rules, string file, CancellationToken cancellation) => Require(await RunRawAsync(rules, file, cancellation));

    // A namespace for each file: two files may name a rule alike. The file is an absolute path, so that yara never takes a number for a process.
    private Task<ToolResult> RunRawAsync(IReadOnlyList<string> rules, string file, CancellationToken cancellation) =>
        ToolAsync(["-w", "-g", "-a", $"{(int)Math.Ceiling(settings.Timeout.TotalSeconds)}", .. rules.Select((rule, index) => $"f{index}:{rule}"), file], cancellation);

    // yara ends by itself at its time; ours is for one that does not
    private Task<ToolResult> ToolAsync(IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        ToolProcess.RunAsync([.. settings.Command, .. arguments], null, settings.Timeout + TimeSpan.FromSeconds(2), services.Clock, cancellation);

    internal static string Require(ToolResult result)
    {
        var words = result.Errors.Trim() is { Length: > 400 } many ? many[..400] + "…" : result.Errors.Trim();
        return result.ExitCode switch
        {
            0 when words.Length == 0 => result.Output,
            >= 128 => throw ConnectorFailure.Transient($"yara was killed (exit {result.ExitCode}) {words}. Look at this machine's memory.", reason: "killed"),
            null => throw ConnectorFailure.Transient($"yara {words}.", reason: "timeout"),
            _ when words.Contains("timed out", StringComparison.Ordinal) || words.Contains("timeout", StringComparison.Ordinal) =>
                throw ConnectorFailure.Transient($"yara: {words}. Raise timeout, or look for a rule that is too slow.", reason: "timeout"),
            _ => throw ConnectorFailure.Permanent($"yara ended with {result.ExitCode}: {words}. Mend or remove the rule it names.", reason: "yara"),
        };
    }

    /// <summary>One line a rule: <c>name [tag,tag] file</c>.</summary>
    internal ScanReport Report(string output, int files)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 3)).ToList();
        // What is no match must not pass for "nothing matches".
        if (lines.Find(words => words.Length < 3 || !words[1].StartsWith('[') || !words[1].EndsWith(']')) is { } other)
            throw ConnectorFailure.Transient($"yara wrote something that is no match: '{(string.Join(' ', other) is { Length: > 100 } many ? many[..100] + "…" : string.Join(' ', other))}'. Is command yara's own?", reason: "garbage");
        var matches = lines.Select(words => (Rule: words[0], Tags: words[1].Trim('[', ']').Split(','))).ToList();
        var verdict = matches.Count == 0 ? Verdict.Unknown
            : matches.TrueForAll(match => match.Tags.Contains("suspicious", StringComparer.OrdinalIgnoreCase)) ? Verdict.Suspicious : Verdict.Malicious;
        return new ScanReport(services.Instance, verdict, [.. matches.Select(match => match.Rule).Distinct(StringComparer.Ordinal)], $"YARA rules of {files} files: {(matches.Count == 0 ? "none matches" : $"{matches.Count} match")}");
    }
}

/// <summary>Refuses what is too large; knows no rule.</summary>
internal sealed class YaraSimulator(YaraSettings settings, string instance) : IScanner
{
    public Task<ScanReport> ScanAsync(Artifact artifact, ActionContext context, CancellationToken cancellation)
    {
        YaraConnector.Allowed(settings, artifact);
        return Task.FromResult(new ScanReport(instance, Verdict.Unknown, [], "simulated"));
    }
}
