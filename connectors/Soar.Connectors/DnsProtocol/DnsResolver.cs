using Soar.Capabilities;
using Soar.Connectors.Sockets;

namespace Soar.Connectors.DnsProtocol;

/// <summary>Asks the resolver that our users ask.</summary>
internal sealed class DnsResolver(LinkTarget server, TimeSpan limit, TimeProvider clock)
{
    public LinkTarget Server => server;

    public async Task<DnsAnswer> ResolveAsync(DomainName name, DnsRecordType type, CancellationToken cancellation)
    {
        await using var conversation = await DnsConversation.OpenAsync(server, key: null, limit, clock, cancellation);
        var answer = await conversation.QueryAsync(name.Value, Number(type), recursion: true, cancellation);
        if (answer.Rcode != DnsNumbers.NxDomain)
            conversation.Require(answer, $"the question for {name}");
        return new DnsAnswer(name, type, DnsNumbers.RcodeName(answer.Rcode), [.. answer.Answers.Select(record => new DnsRecord(record.Name, DnsNumbers.TypeName(record.Type), (int)Math.Min(record.Ttl, int.MaxValue), record.Text))]);
    }

    /// <summary>Asks again until the resolver answers as it should, at most for a while. Never fails: what was seen last is told.</summary>
    public async Task<(bool Seen, string Evidence)> WatchAsync(DomainName name, DnsRecordType type, Func<DnsAnswer, bool> expected, TimeSpan atMost, CancellationToken cancellation)
    {
        var end = clock.GetUtcNow() + atMost;
        while (true)
        {
            string seen;
            try
            {
                var answer = await ResolveAsync(name, type, cancellation);
                seen = $"{server} answers {answer.Status}{string.Concat(answer.Records.Select(record => $" {record.Type} {record.Data}"))}";
                if (expected(answer))
                    return (true, seen);
            }
            catch (ConnectorFailure failure)
            {
                seen = failure.Message;
            }
            if (clock.GetUtcNow() >= end || cancellation.IsCancellationRequested)
                return (false, $"{seen}; not what it should be after {Durations.Say(atMost)}");
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellation);
            }
            catch (OperationCanceledException)
            {
                return (false, seen);
            }
        }
    }

    private static ushort Number(DnsRecordType type) => type switch
    {
        DnsRecordType.A => DnsNumbers.A, DnsRecordType.Aaaa => DnsNumbers.Aaaa, DnsRecordType.Cname => DnsNumbers.Cname, DnsRecordType.Mx => DnsNumbers.Mx,
        DnsRecordType.Ns => DnsNumbers.Ns, DnsRecordType.Ptr => DnsNumbers.Ptr, DnsRecordType.Soa => DnsNumbers.Soa, _ => DnsNumbers.Txt,
    };
}
