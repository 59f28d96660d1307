using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Soar.Server.Accounts;

/// <summary>Time-based one-time passwords (RFC 6238: HMAC-SHA-1, 30 seconds, six digits), as every authenticator app makes them.</summary>
internal static class Totp
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static string NewSecret() => Base32(RandomNumberGenerator.GetBytes(20));

    /// <summary>20 bytes, as <see cref="NewSecret"/> makes them.</summary>
    public static bool IsSecret(string text) => text.Length == 32 && text.All(sign => Alphabet.Contains(sign, StringComparison.Ordinal));

    public static long StepAt(DateTimeOffset at) => at.ToUnixTimeSeconds() / 30;

    /// <summary>The step that this code belongs to: now, or one before or after it for clocks that differ; null = it is wrong, or was used (steps up to <paramref name="usedStep"/> are).</summary>
    public static long? Match(string secret, string code, DateTimeOffset now, long usedStep)
    {
        var given = Encoding.UTF8.GetBytes(code.Replace(" ", "", StringComparison.Ordinal));
        long? found = null;
        for (var step = StepAt(now) - 1; step <= StepAt(now) + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(Code(FromBase32(secret), step, digits: 6))) && step > usedStep) found ??= step;
        }

        return found;
    }

    /// <summary>RFC 4226 section 5.3 over the step's number.</summary>
    public static string Code(byte[] key, long step, int digits)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[20];
#pragma warning disable CA5350 // RFC 6238's default, the one that authenticator apps speak; HMAC does not need collision resistance
        HMACSHA1.HashData(key, counter, mac);
#pragma warning restore CA5350
        var at = mac[^1] & 0x0F;
        var number = BinaryPrimitives.ReadInt32BigEndian(mac[at..]) & int.MaxValue;
        return (number % (long)Math.Pow(10, digits)).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>RFC 4648 section 6, without padding.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var (bits, held) = (0, 0);
        foreach (var one in bytes)
        {
            (bits, held) = ((bits << 8) | one, held + 8);
            for (; held >= 5; held -= 5) text.Append(Alphabet[(bits >> (held - 5)) & 31]);
            bits &= (1 << held) - 1;
        }

        if (held > 0) text.Append(Alphabet[(bits << (5 - held)) & 31]);
        return text.ToString();
    }

    private static byte[] FromBase32(string text)
    {
        var bytes = new List<byte>();
        var (bits, held) = (0, 0);
        foreach (var sign in text)
        {
            (bits, held) = ((bits << 5) | Alphabet.IndexOf(sign, StringComparison.Ordinal), held + 5);
            if (held < 8) continue;
            bytes.Add((byte)(bits >> (held - 8)));
            held -= 8;
            bits &= (1 << held) - 1;
        }

        return [.. bytes];
    }
}
