using Soar.Capabilities;
using Soar.Connectors.Processes;

namespace Soar.Connectors.Unbound;

/// <summary>What Unbound answers itself for one name, and our mark: <c>name._soar.invalid TXT "soar:key" "name"|"subdomains" "answer"</c>, in a zone that no question of a user leads to.</summary>
internal sealed record LocalZone(DomainName Name, string? Type, IReadOnlyList<string> Mark)
{
    public bool Marked => Mark.Count == 3;
    public bool Stands => Type is not null;
    public bool Below => Type is not null && (Marked ? Mark[1] == "subdomains" : Type is not ("transparent" or "typetransparent" or "inform" or "always_transparent"));
    public string Answer => Marked ? Mark[2] : Type is "always_nxdomain" or "static" or "always_refuse" or "always_deny" ? "NXDOMAIN" : Type ?? "";
    public string Evidence => $"local-zone {Name}. {Type ?? "(none)"}; {(Marked ? $"{UnboundControl.MarkOf(Name)} TXT {string.Join(' ', Mark)}" : "not marked as Soar's")}";

    public bool IsOurs(IdempotencyKey key) => Marked && Mark[0] == $"soar:{key}";
    public bool Covers(bool subdomains) => Stands && (!subdomains || Below);
}

/// <summary>Speaks to Unbound through <c>unbound-control</c>. Every word that goes in was checked before: names, addresses, hexadecimal keys.</summary>
internal sealed class UnboundControl(UnboundSettings settings, TimeProvider clock)
{
    public const string Where = "unbound-control";

    public static string MarkOf(DomainName name) => $"{name}._soar.invalid.";

    public async Task<LocalZone> LookAsync(DomainName name, CancellationToken cancellation)
    {
        var zones = await ReadAsync("list_local_zones", cancellation);
        var data = await ReadAsync("list_local_data", cancellation);
        return Find(name, zones, data);
    }

    public Task<string> StatusAsync(CancellationToken cancellation) => ReadAsync("status", cancellation);

    /// <summary>Makes the changes one after the other. When one fails after another was made, the outcome is unknown.</summary>
    public async Task ChangeAsync(IReadOnlyList<string[]> commands, CancellationToken cancellation)
    {
        for (var i = 0; i < commands.Count; i++)
        {
            try
            {
                Require(await RunAsync(commands[i], cancellation), changed: true);
            }
            catch (ConnectorFailure failure) when (i > 0 && failure.Kind != FailureKind.Unknown)
            {
                throw ConnectorFailure.Unknown($"{failure.Message} {i} of {commands.Count} changes were made before.", failure, failure.Reason);
            }
            catch (OperationCanceledException e)
            {
                throw ConnectorFailure.Unknown($"The attempt was ended while {Where} was at work. It may have done what was asked.", e, "cancelled");
            }
        }
    }

    internal static LocalZone Find(DomainName name, string zones, string data)
    {
        // Every line of both lists begins with a name in full.
        if (Lines(zones).Concat(Lines(data)).FirstOrDefault(words => words.Length < 2 || !words[0].EndsWith('.')) is { } odd)
            throw ConnectorFailure.Transient($"{Where} lists '{(odd[0].Length > 100 ? odd[0][..100] : string.Join(' ', odd.Take(5)))}', which is neither a zone nor a record.", reason: "garbage");
        var type = Lines(zones).Where(words => Same(words[0], name.Value)).Select(words => words.ElementAtOrDefault(1)).FirstOrDefault(type => type is not null);
        var mark = Lines(data).Where(words => words.Length > 4 && words[3] == "TXT" && Same(words[0], MarkOf(name))).Select(words => words[4..].Select(word => word.Trim('"')).ToArray()).FirstOrDefault();
        return new LocalZone(name, type, mark ?? []);
    }

    internal static string Require(ToolResult result, bool changed)
    {
        var words = $"{result.Errors} {result.Output}".Trim() is { Length: > 400 } many ? many[..400] + "…" : $"{result.Errors} {result.Output}".Trim();
        if (result.ExitCode == 0)
        {
            return !changed || result.Output.Trim() == "ok" ? result.Output
                : throw ConnectorFailure.Unknown($"{Where} answered '{words}' where Unbound says ok. It may have done what was asked.", reason: "garbage");
        }
        if (result.ExitCode is null or >= 128) // over its time, or ended by a signal
        {
            var how = result.ExitCode is null ? words : $"was killed (exit {result.ExitCode}) {words}";
            throw changed
                ? ConnectorFailure.Unknown($"{Where} {how}. It may have done what was asked.", reason: result.ExitCode is null ? "timeout" : "killed")
                : ConnectorFailure.Transient($"{Where} {how}.", reason: result.ExitCode is null ? "timeout" : "killed");
        }
        if (words.Contains("connect: ", StringComparison.Ordinal) || words.Contains("is stopped", StringComparison.Ordinal))
            throw ConnectorFailure.Transient($"{Where} cannot reach Unbound: {words}. Nothing was changed.", reason: "unreachable");
        if (words.Contains("Permission denied", StringComparison.Ordinal) || words.Contains("SSL handshake failed", StringComparison.Ordinal) || words.Contains("could not", StringComparison.Ordinal))
            throw ConnectorFailure.Permanent($"{Where} may not: {words}. Give Soar's user the right to the control socket or its keys.", reason: "denied");
        throw ConnectorFailure.Permanent($"{Where} refused (exit {result.ExitCode}): {words}. Nothing was changed.", reason: "unbound");
    }

    private async Task<string> ReadAsync(string command, CancellationToken cancellation)
    {
        try
        {
            return Require(await RunAsync([command], cancellation), changed: false);
        }
        catch (OperationCanceledException e)
        {
            throw ConnectorFailure.Transient($"The attempt was ended while {Where} {command} ran; nothing was changed.", inner: e, reason: "cancelled");
        }
    }

    private Task<ToolResult> RunAsync(string[] words, CancellationToken cancellation) => ToolProcess.RunAsync([.. settings.Command, .. words], null, settings.Timeout, clock, cancellation);

    private static IEnumerable<string[]> Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 0);

    private static bool Same(string listed, string name) => string.Equals(listed.TrimEnd('.'), name.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);
}
