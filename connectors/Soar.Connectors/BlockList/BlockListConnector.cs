using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Firewalls;
using Soar.Connectors.Serving;

namespace Soar.Connectors.BlockList;

/// <summary>
/// Blocks addresses by a list that firewalls poll by HTTP: any product that reads a list of addresses from a web server (external dynamic lists, threat feeds, URL tables, a cron job
/// with curl and nft). The list is a file beside the store, served by the process that owns the store.
/// </summary>
[Connector("block-list", "Serves a list of blocked addresses and networks by HTTP for firewalls to poll.", Proven = "curl 7.88 and nftables 1.0.6 on Linux 6.18")]
public sealed class BlockListConnector : IConnector, IFirewall, IServingConnector
{
    private readonly BlockListSettings settings;
    private readonly ConnectorServices services;
    private readonly BlockListFile file;
    private readonly Lazy<BlockListServer> server;
    private readonly Opening opening;

    public BlockListConnector(BlockListSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
        file = new BlockListFile(Path.Combine(services.OwnFolder, "block-list.json"), settings.MaxEntries, services.Clock);
        server = new Lazy<BlockListServer>(() => new BlockListServer(settings, file, services.Clock));
        opening = new Opening(settings.Address, cancellation => server.Value.ListenAsync(cancellation), services.Clock);
        Simulator = new FirewallSimulator(settings, services.Clock);
    }

    public object Simulator { get; }

    /// <summary>Begins to serve. Where it cannot (the port is taken), the engine starts all the same and this is tried again every few seconds.</summary>
    public Task StartAsync(CancellationToken cancellation) => opening.StartAsync(problem => Log.NotServed(services.Log, services.Instance, problem), cancellation);

    public async Task<FirewallBlock> BlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        var seconds = FirewallLimits.Check(settings, address, duration);
        if (await opening.TryAsync(cancellation) is { } problem)
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

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var count = file.Current.Standing(services.Clock.GetUtcNow()).Count;
        if (settings.Problems().FirstOrDefault() is { } problem)
            return new ConnectorTest(false, problem);
        return await ServedByAsync(cancellation) is { } absent
            ? new ConnectorTest(false, absent)
            : new ConnectorTest(true, $"{settings.Address} serves {string.Join(", ", settings.Lists.Keys)}; {count} entries. {(server.IsValueCreated ? Polled() : "")}".TrimEnd());
    });

    public async ValueTask DisposeAsync()
    {
        await opening.DisposeAsync();
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

    /// <summary>Null when the list is served, by this process or by the one that owns the store; else what is missing.</summary>
    private async Task<string?> ServedByAsync(CancellationToken cancellation) => server.IsValueCreated && server.Value.Serves
        ? null
        : await Presence.AbsentAsync(settings, web: true, services.Clock, cancellation) is { } absent ? $"{absent} Until then firewalls keep what they polled last." : null;
}
