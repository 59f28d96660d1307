using System.Net;
using System.Net.Sockets;
using Soar.Capabilities;

namespace Soar.Connectors.Http;

/// <summary>Opens the connection to an address that was looked up and checked, so that DNS cannot answer differently in between.</summary>
internal static class PinnedConnection
{
    public static async ValueTask<Stream> OpenAsync(HttpRules rules, string host, int port, CancellationToken cancellation)
    {
        var literal = IPAddress.TryParse(host, out var given);
        var addresses = literal ? [given!] : await Dns.GetHostAddressesAsync(host, cancellation);
        var throughProxy = rules.Proxy is { } proxy && string.Equals(proxy.IdnHost, host, StringComparison.OrdinalIgnoreCase) && proxy.Port == port;
        var declared = rules.Hosts.Contains(host.ToLowerInvariant());
        var mayBePrivate = throughProxy || (declared && (literal || rules.AllowPrivate));
        var allowed = addresses.Where(address => mayBePrivate || !Internal(address)).ToList();
        if (allowed.Count == 0)
            throw Refused(host, addresses);
        Exception? last = null;
        foreach (var address in allowed)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw last!;
    }

    /// <summary>
    /// A host that a proxy will connect to, not we: refused when any of its addresses is internal, because which one the proxy takes is not ours to say. A name that nobody knows is a
    /// <see cref="SocketException"/>.
    /// </summary>
    public static async ValueTask RequirePublicAsync(string host, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(host, out var given) ? [given] : await Dns.GetHostAddressesAsync(host, cancellation);
        if (addresses.Length == 0 || addresses.Any(Internal))
            throw Refused(host, [.. addresses.OrderByDescending(Internal)]);
    }

    private static ConnectorFailure Refused(string host, IReadOnlyList<IPAddress> addresses) => ConnectorFailure.Permanent(addresses.Count == 0
        ? $"{host} has no address."
        : $"{host} leads to the internal address {addresses[0]}, which is not called. If that is right, set allowPrivate: true.", reason: "private-address");

    // Private, loopback, link-local (cloud metadata), multicast …, also where an IPv6 address only wraps such an IPv4 one (mapped, compatible, NAT64, 6to4).
    internal static bool Internal(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (IpAddress.Parse(new IPAddress(bytes).ToString()).IsSpecial)
            return true;
        if (bytes.Length != 16)
            return false;
        var wrapped = bytes switch
        {
            [0x20, 0x02, ..] => bytes[2..6],
            [0x00, 0x64, 0xFF, 0x9B, ..] => bytes[12..],
            _ when bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 => bytes[12..],
            _ => null,
        };
        return wrapped is not null && Internal(new IPAddress(wrapped));
    }
}
