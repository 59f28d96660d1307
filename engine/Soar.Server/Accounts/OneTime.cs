using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Soar.Server.Accounts;

/// <summary>Random values that let somebody in: 256 bits each, shown once, kept as their SHA-256.</summary>
internal static class OneTime
{
    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string value) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    /// <summary>Whether this is the value of that hash, in a time that tells nothing.</summary>
    public static bool Is(string value, string hash) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(value)), Encoding.ASCII.GetBytes(hash));
}
