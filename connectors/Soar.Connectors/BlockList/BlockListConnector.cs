using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Soar.Capabilities;
using Soar.Connectors.Firewalls;

namespace Soar.Connectors.BlockList;

/// <summary>
/// Blocks addresses by a list that firewalls poll by HTTP: any product that reads a list of addresses from a web server (external dynamic lists, threat feeds, URL tables, a cron job
/// with curl and nft). The list is a file beside the store, served by the process that owns the store.
/// </summary>
[Connector("block-list", "Serves a list of blocked addresses and networks by HTTP for firewalls to poll.", Proven = "curl 7.88 and nftables 1.0.6 on Linux 6.18")]
public sealed class BlockListConnector : IConnector, IFirewall, IServingConnector
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(5);

    private readonly BlockListSettings settings;
    private readonly ConnectorServices services;
    private readonly BlockListFile file;
    private readonly Lazy<BlockListServer> server;
    private readonly CancellationTokenSource end = new();
    private Task listening = Task.CompletedTask;

    public BlockListConnector(BlockListSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
        file = new BlockListFile(Path.Combine(services.OwnFolder, "block-list.json"), settings.MaxEntries, services.Clock);
        server = new Lazy<BlockListServer>(() => new BlockListServer(settings, file, services.Clock));
        Simulator = new FirewallSimulator(settings, services.Clock);
    }

    public object Simulator { get; }

    /// <summary>Begins to serve. Where it cannot (the port is taken), the engine starts all the same and this is tried again every few seconds.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (await TryListenAsync(cancellation) is not { } problem)
            return;
        Log.NotServed(services.Log, services.Instance, problem);
        listening = KeepTryingAsync();
    }

    public async Task<FirewallBlock> BlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        var seconds = FirewallLimits.Check(settings, address, duration);
        if (await TryListenAsync(cancellation) is { } problem)
            throw ConnectorFailure.Transient($"{address} was not blocked: the list is not served ({problem}), so no firewall would hear of it.", reason: "not-served");
        var now = services.Clock.GetUtcNow();
        DateTimeOffset? until = seconds is null ? null : now.AddSeconds(seconds.Value);
        // Never shorten what stands, whoever set it: a second case's hour must not end the first one's day.
        var entry = await file.ChangeAsync(address, standing => standing is not null && standing.Key != context.Key.Value && Outlasts(standing, until)
            ? standing
            : new BlockedEntry(address, until, context.Key.Value, standing?.Since ?? now), cancellation);
        return Result(entry!);
    }

    public Task UnblockAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => file.ChangeAsync(address, _ => null, cancellation);

    public Task<IReadOnlyList<FirewallBlock>> BlockedAsync(ActionContext context, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<FirewallBlock>>([.. file.Current.Standing(services.Clock.GetUtcNow()).Select(Result)]);

    public Task<Probe<FirewallBlock>> ProbeBlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation) => Task.FromResult(
        file.Current.Find(address, services.Clock.GetUtcNow()) is { } entry ? Probe.Present(Result(entry), entry.Key == context.Key.Value) : Probe.Absent<FirewallBlock>());

    public async Task<ConnectorTest> TestAsync(CancellationToken cancellation)
    {
        try
        {
            var count = file.Current.Standing(services.Clock.GetUtcNow()).Count;
            if (settings.Problems().FirstOrDefault() is { } problem)
                return new ConnectorTest(false, problem);
            return await ServedByAsync(cancellation) is { } absent
                ? new ConnectorTest(false, absent)
                : new ConnectorTest(true, $"{settings.Address} serves {string.Join(", ", settings.Lists.Keys)}; {count} entries. {(server.IsValueCreated ? Polled() : "")}".TrimEnd());
        }
        catch (SoarException e)
        {
            return new ConnectorTest(false, e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await listening;
        if (server.IsValueCreated)
            await server.Value.DisposeAsync();
    }

    private static bool Outlasts(BlockedEntry standing, DateTimeOffset? until) => standing.Until is null || (until is not null && standing.Until >= until);

    private FirewallBlock Result(BlockedEntry entry) => new(entry.Address, entry.Until, JsonSerializer.Serialize(new
    {
        entry = new { address = entry.Address, until = entry.Until, comment = "soar:" + entry.Key, since = entry.Since },
        polled = !server.IsValueCreated ? [] : server.Value.Polls.Where(poll => settings.Lists[poll.Key].Holds(entry.Address))
            .Select(poll => new { list = poll.Key, at = poll.Value.At, by = poll.Value.By, current = poll.Value.Tag == server.Value.Tag(poll.Key) }).ToArray(),
    }, SoarJson.Options));

    private string Polled() => server.Value.Polls is { Count: > 0 } polls
        ? string.Join("; ", polls.Select(poll => $"{poll.Key} was polled {Durations.Say(TimeSpan.FromSeconds(Math.Floor((services.Clock.GetUtcNow() - poll.Value.At).TotalSeconds)))} ago by {poll.Value.By}")) + "."
        : "Nobody has polled it since this process started.";

    private async Task<string?> TryListenAsync(CancellationToken cancellation)
    {
        try
        {
            if (!server.Value.Serves)
                await server.Value.ListenAsync(cancellation);
            return null;
        }
        catch (Exception e) when (e is IOException or SocketException or CryptographicException or UnauthorizedAccessException)
        {
            return $"{settings.Address}: {e.Message.TrimEnd('.')}";
        }
    }

    private async Task KeepTryingAsync()
    {
        try
        {
            do
                await Task.Delay(TryAgain, services.Clock, end.Token);
            while (await TryListenAsync(end.Token) is not null);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // the process ends
        }
    }

    // Asked for nothing and with no token, ours names its realm.
    private static async Task<bool> IsOursAsync(Stream stream, CancellationToken cancellation)
    {
        await stream.WriteAsync("HEAD / HTTP/1.1\r\nHost: soar\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
        var answer = new byte[4_096];
        var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, cancellation);
        return System.Text.Encoding.ASCII.GetString(answer, 0, length).Contains("realm=\"soar\"", StringComparison.Ordinal);
    }

    /// <summary>Null when the list is served, by this process or by the one that owns the store; else what is missing.</summary>
    private async Task<string?> ServedByAsync(CancellationToken cancellation)
    {
        if (server.IsValueCreated && server.Value.Serves)
            return null;
        var address = settings.Listen.ToIPAddress();
        if (address.Equals(System.Net.IPAddress.Any) || address.Equals(System.Net.IPAddress.IPv6Any))
            address = settings.Listen.IsV6 ? System.Net.IPAddress.IPv6Loopback : System.Net.IPAddress.Loopback;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), services.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var client = new TcpClient(address.AddressFamily);
            await client.ConnectAsync(address, settings.Port, both.Token);
            if (!settings.Tls)
                return await IsOursAsync(client.GetStream(), both.Token) ? null : $"Somebody else answers at {settings.Address}, so nobody polls this list. Give it another port, or end the other program.";
            using var own = settings.ReadCertificate();
            // Who answers with our key is ours, whatever name the certificate carries.
            await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, given, _, _) => given?.GetCertHashString() == own.GetCertHashString());
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.ToString() }, both.Token);
            return null;
        }
        catch (Exception e) when (e is SocketException or IOException or System.Security.Authentication.AuthenticationException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return $"Nobody serves {settings.Address} now ({e.Message.TrimEnd('.')}). 'soar serve' does; until then firewalls keep what they polled last.";
        }
    }
}
