using Soar.Capabilities;
using Soar.Connectors.DnsProtocol;

namespace Soar.Connectors.Rpz;

/// <summary>Sinkholes names by entries of a response policy zone, made by signed dynamic updates (RFC 2136, RFC 8945). All of one update stands, or none of it.</summary>
[Connector("rpz", "Sinkholes names in a response policy zone (RPZ) by dynamic update.", Proven = "BIND 9.18")]
public sealed class RpzConnector(RpzSettings settings, ConnectorServices services) : IConnector, IDns
{
    private readonly DnsResolver resolver = new(settings.Asked, settings.Timeout, services.Clock);
    private readonly string zone = settings.Zone?.Value ?? "";

    public object Simulator { get; } = new RpzSimulator(settings);

    public async Task<DnsSinkhole> SinkholeAsync(DomainName name, TimeSpan duration, bool subdomains = false, ActionContext context = null!, CancellationToken cancellation = default)
    {
        SinkholeRules.Allowed(name, subdomains, duration, settings.Never);
        Fits(name);
        RpzEntry entry;
        await using (var server = await OpenAsync(cancellation))
        {
            entry = await LookAsync(server, name, cancellation);
            if (entry.LetPass)
                throw ConnectorFailure.Permanent($"{name} is let pass on purpose in {zone} ({entry.Evidence}). Remove that entry first if it is wrong.", reason: "passthru");
            if (!entry.Covers(subdomains) || (entry.Marked && !entry.IsOurs(context.Key)))
            {
                var (prerequisites, changes) = Plan(entry, subdomains, context.Key);
                await server.UpdateAsync(zone, prerequisites, changes, cancellation);
                entry = await ReadBackAsync(server, name, cancellation);
                if (!entry.Covers(subdomains))
                    throw ConnectorFailure.Unknown($"{settings.Primary} took the update but does not show it ({entry.Evidence}). Look with: dig @{settings.Server} {entry.OwnAt} ANY", reason: "not-there");
            }
        }
        var (type, expected) = SinkholeRules.Proof(settings.Sinkhole);
        var (seen, evidence) = await resolver.WatchAsync(name, type, expected, settings.EffectWithin, cancellation);
        return Result(name, entry, seen, $"{entry.Evidence}; {evidence}");
    }

    public async Task ReleaseAsync(DomainName name, ActionContext context, CancellationToken cancellation)
    {
        Fits(name);
        await using var server = await OpenAsync(cancellation);
        var entry = await LookAsync(server, name, cancellation);
        if (!entry.Marked)
        {
            if (entry.Own is null && entry.Below is null)
                return;
            throw ConnectorFailure.Permanent($"{name} was sinkholed by somebody else ({entry.Evidence}); whoever did it must release it.", reason: "not-ours");
        }
        List<DnsRr> changes = [DnsRr.DeleteAll(entry.MarkAt)];
        if (entry.MadeOwn && !RpzEntry.Passes(entry.Own)) // somebody who wrote that over ours wants it to stay
            changes.Add(DnsRr.DeleteAll(entry.OwnAt));
        if (entry.MadeBelow && !RpzEntry.Passes(entry.Below))
            changes.Add(DnsRr.DeleteAll(entry.BelowAt));
        await server.UpdateAsync(zone, [MarkRecord(entry.MarkAt, entry.Mark).Stands()], changes, cancellation);
    }

    public Task<DnsAnswer> ResolveAsync(DomainName name, DnsRecordType type = DnsRecordType.A, ActionContext context = null!, CancellationToken cancellation = default) =>
        resolver.ResolveAsync(name, type, cancellation);

    public async Task<Probe<DnsSinkhole>> ProbeSinkholeAsync(DomainName name, TimeSpan duration, bool subdomains = false, ActionContext context = null!, CancellationToken cancellation = default)
    {
        await using var server = await OpenAsync(cancellation);
        var entry = await RpzEntry.ReadAsync(server, name.Value, zone, cancellation);
        return entry.Covers(subdomains) && !entry.LetPass ? Probe.Present(Result(name, entry, seen: false, entry.Evidence), entry.IsOurs(context.Key)) : Probe.Absent<DnsSinkhole>();
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        await using var server = await OpenAsync(cancellation);
        var soa = await server.QueryAsync(zone, DnsNumbers.Soa, recursion: false, cancellation);
        server.Require(soa, $"the question for {zone}");
        if (!soa.Authoritative || soa.Answers.FirstOrDefault(record => record.Type == DnsNumbers.Soa) is not { } start)
            return new ConnectorTest(false, $"{settings.Primary} does not hold the zone {zone}. Set server to its primary.");
        // To delete what does not stand changes nothing, and is refused to a key that may not.
        var nowhere = RpzEntry.MarkOf("soar-connection-test.invalid", zone);
        await server.UpdateAsync(zone, [DnsRr.NotInUse(nowhere)], [DnsRr.DeleteSet(nowhere, DnsNumbers.Txt)], cancellation);
        await resolver.ResolveAsync(DomainName.Parse("localhost"), DnsRecordType.A, cancellation);
        return new ConnectorTest(true, $"{settings.Primary} holds {zone} (serial {start.Text.Split(' ')[2]}) and takes updates of the key {settings.KeyName}; {resolver.Server} resolves.");
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // What stands is never touched; what is missing is added. The mark says what of it is ours, and is the last one's who asked.
    private (List<DnsRr> Prerequisites, List<DnsRr> Changes) Plan(RpzEntry entry, bool subdomains, IdempotencyKey key)
    {
        var (addOwn, addBelow) = (entry.Own is null, subdomains && entry.Below is null);
        List<DnsRr> prerequisites = [entry.Marked ? MarkRecord(entry.MarkAt, entry.Mark).Stands() : DnsRr.NotInUse(entry.MarkAt)];
        List<DnsRr> changes = [];
        if (entry.Marked)
            changes.Add(DnsRr.DeleteAll(entry.MarkAt));
        if (addOwn)
            Add(entry.OwnAt);
        if (addBelow)
            Add(entry.BelowAt);
        List<string> mark = [$"soar:{key}"];
        if (addOwn || entry.MadeOwn)
            mark.Add("name");
        if (addBelow || entry.MadeBelow)
            mark.Add("subdomains");
        changes.Add(MarkRecord(entry.MarkAt, mark));
        return (prerequisites, changes);

        void Add(string owner)
        {
            prerequisites.Add(DnsRr.NotInUse(owner));
            changes.AddRange(settings.Sinkhole.Count == 0 ? [DnsRr.Cname(owner, Ttl, "")] : settings.Sinkhole.Select(address => DnsRr.Address(owner, Ttl, address)));
        }
    }

    private uint Ttl => (uint)settings.Ttl.TotalSeconds;

    private DnsRr MarkRecord(string owner, IEnumerable<string> mark) => DnsRr.Txt(owner, Ttl, mark);

    private void Fits(DomainName name)
    {
        if (RpzEntry.MarkOf(name.Value, zone).Length > 253)
            throw ConnectorFailure.Permanent($"{name} is too long for an entry of {zone}: together they pass DNS's 253 characters. Sinkhole a domain above it with subdomains, or use a zone with a shorter name.", reason: "too-long");
    }

    private Task<DnsConversation> OpenAsync(CancellationToken cancellation) =>
        DnsConversation.OpenAsync(settings.Primary, new Tsig(settings.KeyName?.Value ?? "", settings.Decoded() ?? [], settings.KeyAlgorithm, services.Clock), settings.Timeout, services.Clock, cancellation);

    // Before the update nothing can have been changed, so being ended there is surely not done.
    private async Task<RpzEntry> LookAsync(DnsConversation server, DomainName name, CancellationToken cancellation)
    {
        try
        {
            return await RpzEntry.ReadAsync(server, name.Value, zone, cancellation);
        }
        catch (OperationCanceledException e)
        {
            throw ConnectorFailure.Transient($"The attempt was ended while looking at {settings.Primary}; nothing was changed.", inner: e, reason: "cancelled");
        }
    }

    // After it, a look that fails says nothing about the update, which was taken.
    private async Task<RpzEntry> ReadBackAsync(DnsConversation server, DomainName name, CancellationToken cancellation)
    {
        try
        {
            return await RpzEntry.ReadAsync(server, name.Value, zone, cancellation);
        }
        catch (Exception e) when (e is ConnectorFailure or OperationCanceledException)
        {
            throw ConnectorFailure.Unknown($"{settings.Primary} took the update, but reading it back failed: {e.Message}", e, "not-read-back");
        }
    }

    private static DnsSinkhole Result(DomainName name, RpzEntry entry, bool seen, string evidence) =>
        new(name, entry.Own == "CNAME ." ? "NXDOMAIN" : entry.Own ?? "", entry.Below is not null, seen, evidence);
}

/// <summary>Refuses what the connector refuses; touches nothing.</summary>
internal sealed class RpzSimulator(RpzSettings settings) : IDns
{
    public Task<DnsSinkhole> SinkholeAsync(DomainName name, TimeSpan duration, bool subdomains = false, ActionContext context = null!, CancellationToken cancellation = default)
    {
        SinkholeRules.Allowed(name, subdomains, duration, settings.Never);
        return Task.FromResult(new DnsSinkhole(name, settings.Sinkhole.Count == 0 ? "NXDOMAIN" : string.Join(", ", settings.Sinkhole), subdomains, Effective: true, "simulated"));
    }

    public Task ReleaseAsync(DomainName name, ActionContext context, CancellationToken cancellation) => Task.CompletedTask;

    public Task<DnsAnswer> ResolveAsync(DomainName name, DnsRecordType type = DnsRecordType.A, ActionContext context = null!, CancellationToken cancellation = default) =>
        Task.FromResult(new DnsAnswer(name, type, "NXDOMAIN", []));

    public Task<Probe<DnsSinkhole>> ProbeSinkholeAsync(DomainName name, TimeSpan duration, bool subdomains = false, ActionContext context = null!, CancellationToken cancellation = default) =>
        Task.FromResult(Probe.Absent<DnsSinkhole>());
}
