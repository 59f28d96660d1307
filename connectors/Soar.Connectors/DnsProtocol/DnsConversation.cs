using System.Buffers.Binary;
using System.Security.Cryptography;
using Soar.Capabilities;
using Soar.Connectors.Sockets;

namespace Soar.Connectors.DnsProtocol;

/// <summary>
/// Several requests over one TCP connection to a DNS server (RFC 7766), signed where there is a key. TCP only: answers have any size and cannot be forged
/// by somebody who merely guesses.
/// </summary>
internal sealed class DnsConversation : IAsyncDisposable
{
    private readonly LinkTarget server;
    private readonly Link link;
    private readonly Tsig? key;
    private readonly TimeSpan limit;

    private DnsConversation(LinkTarget server, Link link, Tsig? key, TimeSpan limit)
    {
        this.server = server;
        this.link = link;
        this.key = key;
        this.limit = limit;
    }

    public static async Task<DnsConversation> OpenAsync(LinkTarget server, Tsig? key, TimeSpan limit, TimeProvider clock, CancellationToken cancellation) =>
        new(server, await Link.ConnectAsync(server, limit, clock, cancellation), key, limit);

    public ValueTask DisposeAsync() => link.DisposeAsync();

    public Task<DnsMessage> QueryAsync(string name, ushort type, bool recursion, CancellationToken cancellation)
    {
        var request = DnsWriter.Query(NewId(), name, type, recursion);
        return link.AskAsync((stream, token) => ExchangeAsync(stream, request, effect: false, token), limit, cancellation);
    }

    /// <summary>Whether something stands at the very name, without any wildcard's help: an update of prerequisites alone, which changes nothing.</summary>
    public async Task<bool> InUseAsync(string zone, string name, CancellationToken cancellation)
    {
        var request = DnsWriter.Update(NewId(), zone, [DnsRr.InUse(name)], []);
        var answer = await link.AskAsync((stream, token) => ExchangeAsync(stream, request, effect: false, token), limit, cancellation);
        if (answer.Rcode == DnsNumbers.NxDomain)
            return false;
        Require(answer, $"a look into {zone}");
        return true;
    }

    /// <summary>Makes the changes all together if every prerequisite holds, else none.</summary>
    public async Task UpdateAsync(string zone, IReadOnlyList<DnsRr> prerequisites, IReadOnlyList<DnsRr> changes, CancellationToken cancellation)
    {
        var request = DnsWriter.Update(NewId(), zone, prerequisites, changes);
        Require(await link.ChangeAsync((stream, token) => ExchangeAsync(stream, request, effect: true, token), limit, cancellation), $"the update of {zone}");
    }

    /// <summary>What a refusing answer means. A server that answers an update so has changed nothing (RFC 2136 §3).</summary>
    public void Require(DnsMessage answer, string what)
    {
        var words = $"{server} answered {DnsNumbers.RcodeName(answer.Rcode)} to {what}.";
        var reason = DnsNumbers.RcodeName(answer.Rcode).ToLowerInvariant();
        switch (answer.Rcode)
        {
            case DnsNumbers.NoError:
                return;
            case DnsNumbers.ServFail:
                throw ConnectorFailure.Transient($"{words} Nothing was changed; its log tells why.", reason: reason);
            case DnsNumbers.NxDomain or DnsNumbers.YxDomain or DnsNumbers.YxRrset or DnsNumbers.NxRrset:
                throw ConnectorFailure.Transient($"{words} Somebody changed the entry meanwhile; nothing was changed.", reason: "moved");
            case DnsNumbers.Refused:
                throw ConnectorFailure.Permanent($"{words} Grant our key the right to it (allow-query, allow-update or update-policy).", reason: reason);
            case DnsNumbers.NotAuth or DnsNumbers.NotZone:
                throw ConnectorFailure.Permanent($"{words} It is not the zone's primary: check server and zone.", reason: reason);
            default:
                throw ConnectorFailure.Permanent(words, reason: reason);
        }
    }

    private async Task<DnsMessage> ExchangeAsync(Stream stream, byte[] request, bool effect, CancellationToken cancellation)
    {
        var (message, mac) = key?.Sign(request) ?? (request, []);
        var framed = new byte[2 + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancellation);
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancellation);
        var raw = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(raw, cancellation);
        var answer = DnsMessage.Parse(raw);
        if (!answer.IsAnswer || answer.Id != ((request[0] << 8) | request[1]) || answer.Opcode != ((request[2] >> 3) & 0xF))
            throw new InvalidDataException("it belongs to another request");
        try
        {
            key?.Verify(raw, answer, mac);
        }
        catch (TsigException e)
        {
            throw effect && !e.Refused
                ? ConnectorFailure.Unknown($"{server} cannot be believed: {e.Message}. The change may have been made.", e, "tsig")
                : ConnectorFailure.Permanent($"{server} and we do not agree on the key: {e.Message}. Check keyName, keySecret and keyAlgorithm.", e, "tsig");
        }
        return answer;
    }

    private static ushort NewId() => (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
}
