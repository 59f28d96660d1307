using Soar.Capabilities;
using Soar.Connectors.Processes;
using Soar.Connectors.Ssh;

namespace Soar.Connectors.Nftables;

/// <summary>The three things that are ever done with a firewall; each answers with <c>nft -j list table</c>.</summary>
internal interface INftCommands : IAsyncDisposable
{
    /// <summary>The place, for messages.</summary>
    string Where { get; }

    Task<string> BlockAsync(IpAddress address, long? seconds, string key, CancellationToken cancellation);
    Task<string> UnblockAsync(IpAddress address, CancellationToken cancellation);
    Task<string> ListAsync(CancellationToken cancellation);
}

/// <summary>nft on this machine. Its input is built from typed values only.</summary>
internal sealed class LocalNft(NftablesSettings settings, TimeProvider clock) : INftCommands
{
    public string Where => "nft on this machine";

    public async Task<string> BlockAsync(IpAddress address, long? seconds, string key, CancellationToken cancellation)
    {
        var set = $"{settings.Table} {NftTable.SetFor(address)}";
        var timeout = seconds is null ? "" : $" timeout {seconds}s";
        // add, delete, add in one transaction: works whether it is there or not, and always renews the time-out (older kernels keep the old one on a mere add)
        await ChangeAsync($"add element {set} {{ {address} }}\ndelete element {set} {{ {address} }}\nadd element {set} {{ {address}{timeout} comment \"soar:{key}\" }}\n", cancellation);
        return await ListAsync(cancellation);
    }

    public async Task<string> UnblockAsync(IpAddress address, CancellationToken cancellation)
    {
        var set = $"{settings.Table} {NftTable.SetFor(address)}";
        await ChangeAsync($"add element {set} {{ {address} }}\ndelete element {set} {{ {address} }}\n", cancellation);
        return await ListAsync(cancellation);
    }

    public async Task<string> ListAsync(CancellationToken cancellation) => NftFailures.Require(
        await RunAsync([.. settings.Command, "-j", "list", "table", .. settings.Table.Split(' ')], null, cancellation), Where, changed: false);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task ChangeAsync(string script, CancellationToken cancellation) =>
        NftFailures.Require(await RunAsync([.. settings.Command, "-f", "-"], script, cancellation), Where, changed: true);

    private Task<ToolResult> RunAsync(IReadOnlyList<string> command, string? input, CancellationToken cancellation) =>
        ToolProcess.RunAsync(command, input, settings.Timeout, clock, cancellation);
}

/// <summary>The forced command <c>soar-nft</c> on a gateway. One connection is kept open for a while, so that a wave of blocks does not pay the handshake each time.</summary>
internal sealed class SshNft(NftablesSettings settings, SshAccess ssh, TimeProvider clock) : INftCommands
{
    private readonly DirectoryInfo sockets = Directory.CreateTempSubdirectory("soar-ssh-");

    public string Where => ssh.Where;

    public Task<string> BlockAsync(IpAddress address, long? seconds, string key, CancellationToken cancellation) =>
        CallAsync(changed: true, cancellation, "block", address.ToString(), seconds?.ToString() ?? "forever", key);

    public Task<string> UnblockAsync(IpAddress address, CancellationToken cancellation) => CallAsync(changed: true, cancellation, "unblock", address.ToString());

    public Task<string> ListAsync(CancellationToken cancellation) => CallAsync(changed: false, cancellation, "list");

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(ControlPath))
            await ToolProcess.RunAsync(["ssh", "-F", "none", "-o", $"ControlPath={ControlPath}", "-O", "exit", ssh.Host], null, TimeSpan.FromSeconds(2), clock, CancellationToken.None);
        sockets.Delete(recursive: true);
    }

    private string ControlPath => Path.Combine(sockets.FullName, "s");

    // The remote side sees the words joined by blanks; soar-nft takes them apart again and checks each. None can hold a blank: address, number, hexadecimal key.
    private async Task<string> CallAsync(bool changed, CancellationToken cancellation, params string[] words)
    {
        var shared = ssh.Arguments("-o", "ControlMaster=auto", "-o", $"ControlPath={ControlPath}", "-o", "ControlPersist=20");
        return NftFailures.Require(await ToolProcess.RunAsync(["ssh", .. shared, .. words], null, settings.Timeout, clock, cancellation), Where, changed);
    }
}

/// <summary>What nft and ssh say when they fail, and what that means for the effect.</summary>
internal static class NftFailures
{
    public static string Require(ToolResult result, string where, bool changed)
    {
        var words = SshWords.Line(result.Errors);
        switch (result.ExitCode)
        {
            case 0:
                return result.Output;
            case null:
                throw changed
                    ? ConnectorFailure.Unknown($"{where} {words}. The change may have been made.", reason: "timeout")
                    : ConnectorFailure.Transient($"{where} {words}.", reason: "timeout");
            case 255 when SshWords.NeverAllowed(words):
                throw ConnectorFailure.Permanent($"{where} does not let us in: {words}. Check key, user, knownHosts and the gateway's authorized_keys.", reason: "denied");
            case 255 when SshWords.NeverConnected(words):
                throw ConnectorFailure.Transient($"{where} cannot be reached: {words}. Nothing was changed.", reason: "unreachable");
            case 255:
                throw changed
                    ? ConnectorFailure.Unknown($"The connection to {where} broke: {words}. The change may have been made.", reason: "connection")
                    : ConnectorFailure.Transient($"The connection to {where} broke: {words}.", reason: "connection");
            case >= 128: // ended by a signal: it may have committed before
                throw changed
                    ? ConnectorFailure.Unknown($"{where}: nft was killed (exit {result.ExitCode}) {words}. The change may have been made.", reason: "killed")
                    : ConnectorFailure.Transient($"{where}: nft was killed (exit {result.ExitCode}) {words}.", reason: "killed");
            case 64:
                throw ConnectorFailure.Permanent($"{where} refused the command: {words}. Is the forced command the soar-nft of this version?", reason: "refused");
            case 127:
                throw ConnectorFailure.Permanent($"{where} does not know the command: {words}. Make soar-nft the forced command of our key in authorized_keys.", reason: "no-forced-command");
            default:
                // nft's transactions are all or nothing: a non-zero exit has changed nothing
                if (words.Contains("busy", StringComparison.OrdinalIgnoreCase) || words.Contains("Interrupted", StringComparison.Ordinal) || words.Contains("temporarily", StringComparison.Ordinal))
                    throw ConnectorFailure.Transient($"{where}: {words}. Nothing was changed.", reason: "busy");
                throw ConnectorFailure.Permanent($"{where}: nft refused (exit {result.ExitCode}): {words}. Nothing was changed. {Remedy(words)}", reason: "nft");
        }
    }

    private static string Remedy(string words) => words switch
    {
        _ when words.Contains("Operation not permitted", StringComparison.Ordinal) => "It needs root, CAP_NET_ADMIN, or command: [sudo, -n, nft].",
        _ when words.Contains("No such file or directory", StringComparison.Ordinal) => "Load the table with nft -f soar.nft, or set table to its name.",
        _ when words.Contains("overlaps", StringComparison.Ordinal) => "Another blocked network overlaps it: unblock that one first, or block a network that does not.",
        _ => "",
    };
}
