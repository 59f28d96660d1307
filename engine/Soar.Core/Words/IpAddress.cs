using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Soar;

/// <summary>
/// An IPv4 or IPv6 address, or a whole network in CIDR form; always canonical (no leading zeros, host bits cleared,
/// IPv4-mapped IPv6 folded to IPv4, no zone id). Text form and JSON form are the same string.
/// </summary>
[JsonConverter(typeof(IpAddressJson))]
public sealed class IpAddress : IEquatable<IpAddress>, IParsable<IpAddress>
{
    private readonly IPAddress address;

    private IpAddress(IPAddress address, int prefixLength)
    {
        this.address = address;
        PrefixLength = prefixLength;
    }

    /// <summary>Length of the prefix in bits: 32 or 128 for a single address.</summary>
    public int PrefixLength { get; }

    public bool IsV6 => address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>True for more than one address.</summary>
    public bool IsNetwork => PrefixLength != (IsV6 ? 128 : 32);

    /// <summary>True when every address of <paramref name="other"/> lies in this address or network.</summary>
    public bool Contains(IpAddress other) =>
        other.IsV6 == IsV6 && other.PrefixLength >= PrefixLength && new IPNetwork(address, PrefixLength).Contains(other.address);

    /// <summary>True for private, loopback, link-local, multicast, unspecified and other special ranges (RFC 6890) that are never a provider's customer.</summary>
    public bool IsSpecial => SpecialRanges.Any(range => range.Contains(this) || Contains(range));

    public static IpAddress Parse(string s) => Parse(s, null);

    public static IpAddress Parse(string s, IFormatProvider? provider) => TryParse(s, provider, out var result)
        ? result
        : throw new FormatException($"'{s}' is not an IP address or network. Write 203.0.113.7, 203.0.113.0/24 or 2001:db8::1.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out IpAddress result)
    {
        result = null;
        if (s is null) return false;
        var text = s.Trim();
        var slash = text.IndexOf('/');
        var host = slash < 0 ? text : text[..slash];
        if (host.Contains('%') || !IPAddress.TryParse(host, out var parsed)) return false;
        // IPAddress.TryParse takes "1", "0x7f.1" and "010.1.1.1"; we take dotted quads in canonical form only.
        if (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != host) return false;
        var mapped = parsed.IsIPv4MappedToIPv6;
        if (mapped) parsed = parsed.MapToIPv4();
        var max = parsed.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
        var length = max;
        if (slash >= 0)
        {
            if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length)) return false;
            if (mapped) length -= 96;
            if (length < 0 || length > max) return false;
        }

        result = new IpAddress(Mask(parsed, length), length);
        return true;
    }

    public IPAddress ToIPAddress() => address;

    public override string ToString() => IsNetwork ? $"{address}/{PrefixLength}" : address.ToString();
    public bool Equals(IpAddress? other) => other is not null && PrefixLength == other.PrefixLength && address.Equals(other.address);
    public override bool Equals(object? obj) => Equals(obj as IpAddress);
    public override int GetHashCode() => HashCode.Combine(address, PrefixLength);
    public static bool operator ==(IpAddress? a, IpAddress? b) => a is null ? b is null : a.Equals(b);
    public static bool operator !=(IpAddress? a, IpAddress? b) => !(a == b);

    private static IPAddress Mask(IPAddress value, int length)
    {
        var bytes = value.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var bits = Math.Clamp(length - i * 8, 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - bits));
        }

        return new IPAddress(bytes);
    }

    private static readonly IpAddress[] SpecialRanges =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
            "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
        }.Select(range => Parse(range)),
    ];

    private sealed class IpAddressJson : JsonConverter<IpAddress>
    {
        public override IpAddress? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), null, out var value) ? value : throw new JsonException($"'{reader.GetString()}' is not an IP address or network.");
        public override void Write(Utf8JsonWriter writer, IpAddress value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
        public override IpAddress ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader, typeToConvert, options)!;
        public override void WriteAsPropertyName(Utf8JsonWriter writer, IpAddress value, JsonSerializerOptions options) => writer.WritePropertyName(value.ToString());
    }
}
