using System.Net;
using System.Numerics;

namespace Soar.Connectors;

/// <summary>First and last address to networks, as registries and nft write ranges.</summary>
internal static class AddressRange
{
    /// <summary>The smallest list of networks that covers exactly first to last; empty when they do not belong together.</summary>
    public static IReadOnlyList<IpAddress> Networks(IpAddress first, IpAddress last)
    {
        if (first.IsV6 != last.IsV6 || first.IsNetwork || last.IsNetwork)
            return [];
        var bits = first.IsV6 ? 128 : 32;
        var (from, to) = (Number(first), Number(last));
        var result = new List<IpAddress>();
        while (from <= to && result.Count < 256)
        {
            var size = 0;
            while (size < bits && (from & ((BigInteger.One << (size + 1)) - 1)) == 0 && from + (BigInteger.One << (size + 1)) - 1 <= to)
                size++;
            result.Add(IpAddress.Parse($"{Address(from, bits)}/{bits - size}"));
            from += BigInteger.One << size;
        }
        return result;
    }

    private static BigInteger Number(IpAddress address) => new(address.ToIPAddress().GetAddressBytes(), isUnsigned: true, isBigEndian: true);

    private static IPAddress Address(BigInteger number, int bits)
    {
        var bytes = new byte[bits / 8];
        var raw = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        raw.CopyTo(bytes, bytes.Length - raw.Length);
        return new IPAddress(bytes);
    }
}
