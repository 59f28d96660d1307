using System.Security.Cryptography;

namespace Soar.Connectors.DnsProtocol;

/// <summary>Hashes that a TSIG key may be made for.</summary>
public enum TsigAlgorithm
{
    HmacSha256, HmacSha384, HmacSha512,
}

/// <summary>The answer is not what the holder of our key says. <see cref="Refused"/>: the server tells why it did not take our signature; else the answer itself cannot be believed.</summary>
internal sealed class TsigException(string message, bool refused) : Exception(message)
{
    public bool Refused { get; } = refused;
}

/// <summary>Transaction signatures (RFC 8945): requests are signed with a shared key, and an answer counts only when it is signed with the same one over our request.</summary>
internal sealed class Tsig(string keyName, byte[] secret, TsigAlgorithm algorithm, TimeProvider clock)
{
    private const int Fudge = 300;

    private string AlgorithmName => algorithm switch { TsigAlgorithm.HmacSha384 => "hmac-sha384", TsigAlgorithm.HmacSha512 => "hmac-sha512", _ => "hmac-sha256" };

    /// <summary>The request with its signature, and the signature's MAC, which the answer's signature covers.</summary>
    public (byte[] Message, byte[] Mac) Sign(byte[] request)
    {
        var time = clock.GetUtcNow().ToUnixTimeSeconds();
        var mac = Hash([.. request, .. Variables(time, Fudge, error: 0, other: [])]);
        var data = new DnsWriter().Name(AlgorithmName).U48(time).U16(Fudge).U16(mac.Length).Bytes(mac).Bytes(request.AsSpan(0, 2)).U16(0).U16(0).ToArray();
        var signature = new DnsWriter().Record(new DnsRr(keyName, DnsNumbers.Tsig, DnsNumbers.AnyClass, 0, data)).ToArray();
        byte[] signed = [.. request, .. signature];
        AddToAdditional(signed, 1);
        return (signed, mac);
    }

    /// <summary>Throws <see cref="TsigException"/> unless the answer is signed with our key, over this request, now.</summary>
    public void Verify(byte[] answer, DnsMessage read, byte[] requestMac)
    {
        if (read.Additional.LastOrDefault() is not { Type: DnsNumbers.Tsig, Class: DnsNumbers.AnyClass } signature)
            throw new TsigException($"its answer ({DnsNumbers.RcodeName(read.Rcode)}) is not signed", refused: false);
        var data = new DnsReader(signature.Data);
        var signedWith = data.Name();
        var (time, fudge) = (data.U48(), data.U16());
        var mac = data.Take(data.U16()).ToArray();
        var original = data.Take(2).ToArray();
        int error = data.U16();
        var other = data.Take(data.U16()).ToArray();

        if (error is 16 or 17)
            throw new TsigException(error == 17 ? $"it does not know the key '{keyName}' with {AlgorithmName}" : $"it has another secret for the key '{keyName}'", refused: true);
        if (!string.Equals(signature.Name, keyName, StringComparison.OrdinalIgnoreCase) || !string.Equals(signedWith, AlgorithmName, StringComparison.OrdinalIgnoreCase))
            throw new TsigException($"its answer is signed with another key ({signature.Name}, {signedWith})", refused: false);
        byte[] unsigned = [.. original, .. answer.AsSpan(2, signature.At - 2)];
        AddToAdditional(unsigned, -1);
        var expected = Hash([.. new DnsWriter().U16(requestMac.Length).Bytes(requestMac).ToArray(), .. unsigned, .. Variables(time, fudge, error, other)]);
        if (!CryptographicOperations.FixedTimeEquals(expected, mac))
            throw new TsigException("its answer's signature is wrong: somebody may have changed it", refused: false);
        if (error == 18)
            throw new TsigException($"its clock and ours differ{(other.Length == 6 ? $" by {Math.Abs(new DnsReader(other).U48() - time)} s" : "")}; set both by NTP", refused: true);
        if (error != 0)
            throw new TsigException($"it refused our signature (error {error})", refused: true);
        if (Math.Abs(clock.GetUtcNow().ToUnixTimeSeconds() - time) > fudge)
            throw new TsigException("its answer was signed at another time: it may be an old one, or the clocks differ", refused: false);
    }

    private byte[] Variables(long time, int fudge, int error, byte[] other) =>
        new DnsWriter().Name(keyName).U16(DnsNumbers.AnyClass).U32(0).Name(AlgorithmName).U48(time).U16(fudge).U16(error).U16(other.Length).Bytes(other).ToArray();

    private byte[] Hash(byte[] bytes) => algorithm switch
    {
        TsigAlgorithm.HmacSha384 => HMACSHA384.HashData(secret, bytes),
        TsigAlgorithm.HmacSha512 => HMACSHA512.HashData(secret, bytes),
        _ => HMACSHA256.HashData(secret, bytes),
    };

    private static void AddToAdditional(byte[] message, int count)
    {
        var records = ((message[10] << 8) | message[11]) + count;
        (message[10], message[11]) = ((byte)(records >> 8), (byte)records);
    }
}
