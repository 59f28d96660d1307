using System.Security.Cryptography;
using System.Text;
using Soar.Server.Settings;

namespace Soar.Server.Credentials;

/// <summary>
/// Seals values and opens them: AES-256-GCM under a data key of the value's own, which is itself encrypted under the deployment's key (engine/docs/credentials.md). What a value is for (its
/// credential's name, its user) is authenticated along, so that a sealed value copied into another row opens nothing there.
/// </summary>
internal sealed class KeyRing
{
    private const string Mark = "soar1";
    private const int KeyLength = 32, IdLength = 16, NonceLength = 12, TagLength = 16;

    private readonly Dictionary<string, byte[]> keys = new(StringComparer.Ordinal);
    private readonly string? current;

    private KeyRing(IEnumerable<byte[]> old, byte[]? key)
    {
        foreach (var one in key is null ? old : old.Append(key)) keys[IdOf(one)] = one;
        current = key is null ? null : IdOf(key);
    }

    /// <summary>Of a deployment that has none: opens nothing and seals nothing.</summary>
    public static KeyRing Empty { get; } = new([], null);

    /// <summary>What the settings name; <see cref="CredentialSettings.Problems"/> has nothing against it.</summary>
    public static KeyRing Of(CredentialSettings settings) =>
        new(settings.OldKeys.Select(key => Read(key.Reveal())!), settings.Key is { } key ? Read(key.Reveal())! : null);

    /// <summary>There is a key to seal with.</summary>
    public bool Seals => current is not null;

    /// <summary>Which key seals now: the beginning of a hash of it, which tells nothing of the key.</summary>
    public string Current => current ?? throw NoKey();

    /// <summary>A new key as its file holds it.</summary>
    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyLength));

    /// <summary>32 bytes in Base64 or hexadecimal; null = the text is no key.</summary>
    public static byte[]? Read(string text)
    {
        var plain = text.Trim();
        if (plain.Length == 2 * KeyLength && plain.All(char.IsAsciiHexDigit)) return Convert.FromHexString(plain);
        var bytes = new byte[KeyLength];
        return Convert.TryFromBase64String(plain, bytes, out var length) && length == KeyLength ? bytes : null;
    }

    public static bool IsSealed(string text) => text.StartsWith(Mark + ":", StringComparison.Ordinal);

    /// <summary>The key under which this was sealed.</summary>
    public static string KeyOf(string sealedText) => sealedText.Split(':') is [_, var key, _, _] ? key : "";

    public bool IsCurrent(string sealedText) => IsSealed(sealedText) && KeyOf(sealedText) == current;

    /// <param name="purpose">What it is for: <c>credential/edge</c>.</param>
    public string Seal(string purpose, string value)
    {
        var dataKey = RandomNumberGenerator.GetBytes(KeyLength);
        try
        {
            return $"{Mark}:{Current}:{Encrypt(keys[Current], dataKey, $"{Current}/{purpose}")}:{Encrypt(dataKey, Encoding.UTF8.GetBytes(value), purpose)}";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>Throws SOAR3050 (no key at all), SOAR3051 (sealed under a key that is not here), SOAR3052 (not what was sealed).</summary>
    public string Open(string purpose, string sealedText)
    {
        if (sealedText.Split(':') is not [Mark, { Length: IdLength } key, var wrapped, var value]) throw Damaged(purpose);
        if (keys.Count == 0) throw NoKey();
        if (!keys.TryGetValue(key, out var opens))
            throw new SoarException("SOAR3051", $"{purpose} was encrypted under the key {key}, which is neither credentials.key nor one of credentials.oldKeys of soar.yaml. Put that key back, or set the value anew.");
        try
        {
            var dataKey = Decrypt(opens, wrapped, $"{key}/{purpose}");
            var plain = Decrypt(dataKey, value, purpose);
            CryptographicOperations.ZeroMemory(dataKey);
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception error) when (error is CryptographicException or FormatException)
        {
            throw Damaged(purpose);
        }
    }

    private static SoarException NoKey() => new("SOAR3050",
        "There is no key to encrypt with, so nothing secret is kept. Make one ('soar credentials key /etc/soar/credentials.key', or: openssl rand -base64 32), name it in soar.yaml (credentials: { key: file:/etc/soar/credentials.key }, or env:NAME), and keep a copy of it apart from the backups.");

    private static SoarException Damaged(string purpose) => new("SOAR3052", $"What is kept for {purpose} is not what was encrypted there: it was changed, moved or damaged. Set it anew, or restore a backup; and find out who writes to the store.");

    private static string IdOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData([.. "soar credential key\n"u8, .. key]))[..IdLength];

    private static string Encrypt(byte[] key, byte[] plain, string purpose)
    {
        var box = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceLength));
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(box.AsSpan(0, NonceLength), plain, box.AsSpan(NonceLength, plain.Length), box.AsSpan(NonceLength + plain.Length), Bound(purpose));
        return Convert.ToBase64String(box);
    }

    private static byte[] Decrypt(byte[] key, string text, string purpose)
    {
        var box = Convert.FromBase64String(text);
        if (box.Length < NonceLength + TagLength) throw new FormatException();
        var plain = new byte[box.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(box.AsSpan(0, NonceLength), box.AsSpan(NonceLength, plain.Length), box.AsSpan(NonceLength + plain.Length), plain, Bound(purpose));
        return plain;
    }

    private static byte[] Bound(string purpose) => Encoding.UTF8.GetBytes($"{Mark}\n{purpose}");
}
