using Soar.Capabilities;
using Soar.Connectors.DnsProtocol;

namespace Soar.Connectors.Unbound;

/// <summary>Sinkholes names by local zones of an Unbound resolver. They live in its memory: a restart of Unbound forgets them.</summary>
[Connector("unbound", "Sinkholes names at an Unbound resolver by unbound-control.", Proven = "Unbound 1.17")]
public sealed class UnboundConnector(UnboundSettings settings, ConnectorServices services) : IConnector, IDns
{
    private static readonly TimeSpan EffectWithin = TimeSpan.FromSeconds(2);

    private readonly UnboundControl control = new(settings, services.Clock);
    private readonly DnsResolver resolver = new(settings.Asked, settings.Timeout, services.Clock);
    private readonly SemaphoreSlim gate = new(1, 1); // look and change belong together

    public object Simulator { get; } = new UnboundSimulator(settings);

    public async Task<DnsSinkhole> SinkholeAsync(DomainName name, TimeSpan duration, bool subdomains = false, ActionContext context = null!, CancellationToken cancellation = default)
    {
        SinkholeRules.Allowed(name, subdomains, duration, settings.Never);
        var zone = await AloneAsync(async () =>
        {
            var standing = await control.LookAsync(name, cancellation);
            // What somebody else made stays as it is; what is ours is widened, never narrowed.
            if (standing.Stands && (!standing.Marked || (standing.Covers(subdomains) && standing.IsOurs(context.Key))))
                return standing;
            await control.ChangeAsync(Plan(standing, subdomains, context.Key), cancellation);
            return await ReadBackAsync(name, subdomains, cancellation);
        }, cancellation);
        var (type, expected) = SinkholeRules.Proof(settings.Sinkhole);
        var (seen, evidence) = await resolver.WatchAsync(name, type, zone.Answer == Empty ? answer => answer is { Status: "NOERROR", Records.Count: 0 } : expected, EffectWithin, cancellation);
        return Result(zone, seen, $"{zone.Evidence}; {evidence}");
    }

    public async Task ReleaseAsync(DomainName name, ActionContext context, CancellationToken cancellation) => await AloneAsync(async () =>
    {
        var standing = await control.LookAsync(name, cancellation);
        if (!standing.Stands && !standing.Marked)
            return standing;
        if (!standing.Marked)
            throw ConnectorFailure.Permanent($"{name} was sinkholed by somebody else ({standing.Evidence}); whoever did it must release it.", reason: "not-ours");
        // The mark last: if anything breaks in between, what is left is still known as ours.
        await control.ChangeAsync([["local_zone_remove", $"{name}."], ["local_data_remove", UnboundControl.MarkOf(name)]], cancellation);
        return standing;
    }, cancellation);

    public Task<DnsAnswer> ResolveAsync(DomainName name, DnsRecordType type = DnsRecordType.A, ActionContext context = null!, CancellationToken cancellation = default) =>
        resolver.ResolveAsync(name, type, cancellation);

    public async Task<Probe<DnsSinkhole>> ProbeSinkholeAsync(DomainName name, TimeSpan duration, bool subdomains = false, ActionContext context = null!, CancellationToken cancellation = default)
    {
        var zone = await control.LookAsync(name, cancellation);
        return zone.Covers(subdomains) ? Probe.Present(Result(zone, seen: false, zone.Evidence), zone.IsOurs(context.Key)) : Probe.Absent<DnsSinkhole>();
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var version = (await control.StatusAsync(cancellation)).Split('\n')[0];
        await resolver.ResolveAsync(DomainName.Parse("localhost"), DnsRecordType.A, cancellation);
        return new ConnectorTest(true, $"Unbound ({version}) takes commands, and answers at {settings.Asked}.");
    });

    public ValueTask DisposeAsync()
    {
        gate.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A name alone cannot be NXDOMAIN at Unbound, whose zones always reach down: without a sinkhole's address it gets an empty answer.</summary>
    internal const string Empty = "NODATA";

    internal List<string[]> Plan(LocalZone standing, bool subdomains, IdempotencyKey key)
    {
        var below = subdomains || (standing.Marked && standing.Below);
        var (zone, ttl) = ($"{standing.Name}.", $"{(int)settings.Ttl.TotalSeconds}");
        var answer = settings.Sinkhole.Count > 0 ? string.Join(",", settings.Sinkhole) : below ? "NXDOMAIN" : Empty;
        List<string[]> commands = [];
        if (standing.Mark.Count > 0)
            commands.Add(["local_data_remove", UnboundControl.MarkOf(standing.Name)]);
        commands.Add(["local_data", UnboundControl.MarkOf(standing.Name), ttl, "IN", "TXT", $"\"soar:{key}\"", below ? "\"subdomains\"" : "\"name\"", $"\"{answer}\""]);
        if (below && settings.Sinkhole.Count == 0)
            return [.. commands, ["local_zone", zone, "always_nxdomain"]];
        commands.Add(["local_zone", zone, "transparent"]);
        if (settings.Sinkhole.Count == 0)
            commands.Add(["local_data", zone, ttl, "IN", "TXT", "\"sinkholed\""]);
        commands.AddRange(settings.Sinkhole.Select(address => new[] { "local_data", zone, ttl, "IN", address.IsV6 ? "AAAA" : "A", address.ToString() }));
        if (below)
            commands.Add(["local_zone", zone, "redirect"]);
        return commands;
    }

    private async Task<LocalZone> ReadBackAsync(DomainName name, bool subdomains, CancellationToken cancellation)
    {
        LocalZone zone;
        try
        {
            zone = await control.LookAsync(name, cancellation);
        }
        catch (ConnectorFailure e)
        {
            throw ConnectorFailure.Unknown($"Unbound took the sinkhole of {name}, but reading it back failed: {e.Message}", e, "not-read-back");
        }
        return zone.Covers(subdomains) ? zone
            : throw ConnectorFailure.Unknown($"Unbound took the sinkhole of {name} but does not show it ({zone.Evidence}). Look with: unbound-control list_local_zones", reason: "not-there");
    }

    private async Task<LocalZone> AloneAsync(Func<Task<LocalZone>> work, CancellationToken cancellation)
    {
        try
        {
            await gate.WaitAsync(cancellation);
        }
        catch (OperationCanceledException e)
        {
            throw ConnectorFailure.Transient("The attempt was ended while other sinkholes were being made; nothing was changed.", inner: e, reason: "cancelled");
        }
        try
        {
            return await work();
        }
        finally
        {
            gate.Release();
        }
    }

    private static DnsSinkhole Result(LocalZone zone, bool seen, string evidence) => new(zone.Name, zone.Answer, zone.Below, seen, evidence);
}

/// <summary>Refuses what the connector refuses; touches nothing.</summary>
internal sealed class UnboundSimulator(UnboundSettings settings) : IDns
{
    public Task<DnsSinkhole> SinkholeAsync(DomainName name, TimeSpan duration, bool subdomains = false, ActionContext context = null!, CancellationToken cancellation = default)
    {
        SinkholeRules.Allowed(name, subdomains, duration, settings.Never);
        var answer = settings.Sinkhole.Count > 0 ? string.Join(",", settings.Sinkhole) : subdomains ? "NXDOMAIN" : UnboundConnector.Empty;
        return Task.FromResult(new DnsSinkhole(name, answer, subdomains, Effective: true, "simulated"));
    }

    public Task ReleaseAsync(DomainName name, ActionContext context, CancellationToken cancellation) => Task.CompletedTask;

    public Task<DnsAnswer> ResolveAsync(DomainName name, DnsRecordType type = DnsRecordType.A, ActionContext context = null!, CancellationToken cancellation = default) =>
        Task.FromResult(new DnsAnswer(name, type, "NXDOMAIN", []));

    public Task<Probe<DnsSinkhole>> ProbeSinkholeAsync(DomainName name, TimeSpan duration, bool subdomains = false, ActionContext context = null!, CancellationToken cancellation = default) =>
        Task.FromResult(Probe.Absent<DnsSinkhole>());
}
