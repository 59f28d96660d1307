using Soar.Capabilities;
using Soar.Connectors.Firewalls;

namespace Soar.Connectors.Nftables;

/// <summary>
/// Blocks addresses by elements of nftables sets, each with a time-out that the kernel keeps even when Soar is gone. The element's comment carries the
/// idempotency key, so that a probe knows our block from somebody else's.
/// </summary>
[Connector("nftables", "Blocks addresses and networks at an nftables firewall, on this machine or over ssh.", Proven = "nftables 1.0.6 on Linux 6.18, OpenSSH 9.2")]
public sealed class NftablesConnector : IConnector, IFirewall
{
    private const string Mark = "soar:";

    private readonly NftablesSettings settings;
    private readonly TimeProvider clock;
    private readonly Lazy<INftCommands> commands;
    private readonly SemaphoreSlim gate = new(1, 1); // look and change belong together

    public NftablesConnector(NftablesSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        clock = services.Clock;
        commands = new Lazy<INftCommands>(() => settings.Ssh is { } ssh ? new SshNft(settings, ssh, clock) : new LocalNft(settings, clock));
        Simulator = new FirewallSimulator(settings, clock);
    }

    public object Simulator { get; }

    public async Task<FirewallBlock> BlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        var seconds = FirewallLimits.Check(settings, address, duration);
        await NothingChangedYet(gate.WaitAsync(cancellation));
        try
        {
            var before = await LookAsync(cancellation);
            // Never shorten what stands, whoever set it: a second case's hour must not end the first one's day.
            if (before.Find(address) is { } standing && !IsOurs(standing, context.Key) && Outlasts(standing, seconds))
                return Result(before, standing);
            var after = NftTable.Parse(await commands.Value.BlockAsync(address, seconds, context.Key.Value, cancellation), commands.Value.Where);
            return after.Find(address) is { } element
                ? Result(after, element)
                : throw ConnectorFailure.Unknown($"{commands.Value.Where} took the block of {address} but does not show it. Look with: nft list set {settings.Table} {NftTable.SetFor(address)}", reason: "not-there");
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task UnblockAsync(IpAddress address, ActionContext context, CancellationToken cancellation)
    {
        await NothingChangedYet(gate.WaitAsync(cancellation));
        try
        {
            var before = await LookAsync(cancellation);
            if (before.Find(address) is null)
                return;
            var after = NftTable.Parse(await commands.Value.UnblockAsync(address, cancellation), commands.Value.Where);
            if (after.Find(address) is not null)
                throw ConnectorFailure.Unknown($"{commands.Value.Where} took the release of {address} but still shows it. Look with: nft list set {settings.Table} {NftTable.SetFor(address)}", reason: "still-there");
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task<IReadOnlyList<FirewallBlock>> BlockedAsync(ActionContext context, CancellationToken cancellation)
    {
        var table = await ReadAsync(cancellation);
        return [.. table.Elements.Select(element => Result(table, element))];
    }

    public async Task<Probe<FirewallBlock>> ProbeBlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        var table = await ReadAsync(cancellation);
        return table.Find(address) is { } element ? Probe.Present(Result(table, element), IsOurs(element, context.Key)) : Probe.Absent<FirewallBlock>();
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var table = await ReadAsync(cancellation);
        var problems = table.Problems().ToList();
        return problems.Count == 0
            ? new ConnectorTest(true, $"{commands.Value.Where}: table {settings.Table} is complete, {table.Elements.Count} blocked.")
            : new ConnectorTest(false, $"{commands.Value.Where}: in table {settings.Table} {string.Join("; ", problems)}. Load soar.nft.");
    });

    public async ValueTask DisposeAsync()
    {
        if (commands.IsValueCreated)
            await commands.Value.DisposeAsync();
        gate.Dispose();
    }

    private static bool IsOurs(NftElement element, IdempotencyKey key) => element.Comment == Mark + key.Value;

    private static bool Outlasts(NftElement standing, long? seconds) =>
        standing.Expires is null || (seconds is not null && standing.Expires.Value.TotalSeconds >= seconds);

    private FirewallBlock Result(NftTable table, NftElement element) =>
        new(element.Address, element.Expires is { } left ? clock.GetUtcNow() + left : null, table.Evidence(element));

    private async Task<NftTable> LookAsync(CancellationToken cancellation)
    {
        var reading = ReadAsync(cancellation);
        await NothingChangedYet(reading);
        return await reading;
    }

    // Cancelled while others are served or while we only looked: surely not done, and said so.
    private async Task NothingChangedYet(Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException e)
        {
            throw ConnectorFailure.Transient($"{commands.Value.Where}: the attempt was ended before anything was changed; {settings.Table} may be busy with other blocks.", inner: e, reason: "cancelled");
        }
    }

    private async Task<NftTable> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return NftTable.Parse(await commands.Value.ListAsync(cancellation), commands.Value.Where);
        }
        catch (ConnectorFailure e) when (e.Kind == FailureKind.Unknown)
        {
            // Only looked: nothing can have been changed.
            throw ConnectorFailure.Transient(e.Message, inner: e, reason: e.Reason);
        }
    }
}
