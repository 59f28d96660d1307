using System.Security.Cryptography;

namespace Soar;

/// <summary>SHA-256 of short texts, as it is needed for every step: making and freeing the library's context costs more than hashing, so each thread keeps one.</summary>
internal static class Digest
{
    [ThreadStatic]
    private static IncrementalHash? context;

    /// <param name="hash">32 bytes.</param>
    public static void Of(ReadOnlySpan<byte> bytes, Span<byte> hash)
    {
        context ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        context.AppendData(bytes);
        context.GetHashAndReset(hash);
    }
}
