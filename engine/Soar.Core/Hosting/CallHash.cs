using System.Buffers.Binary;
using System.Text;

namespace Soar.Hosting;

/// <summary>What identifies a call: SHA-256 over action, instance and canonical arguments. The journal keeps its first 64 bits, approvals all of it.</summary>
public static class CallHash
{
    /// <summary>First 64 bits, for comparison on replay.</summary>
    public static ulong Short(string action, string instance, ReadOnlySpan<byte> arguments)
    {
        Span<byte> hash = stackalloc byte[32];
        Compute(action, instance, arguments, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    /// <summary>64 lower-case hex digits, for what a decision authorises.</summary>
    public static string Full(string action, string instance, ReadOnlySpan<byte> arguments)
    {
        Span<byte> hash = stackalloc byte[32];
        Compute(action, instance, arguments, hash);
        return Convert.ToHexStringLower(hash);
    }

    private static void Compute(string action, string instance, ReadOnlySpan<byte> arguments, Span<byte> hash)
    {
        var length = Encoding.UTF8.GetMaxByteCount(action.Length + instance.Length) + 2 + arguments.Length;
        var buffer = length <= 1024 ? stackalloc byte[length] : new byte[length];
        var n = Encoding.UTF8.GetBytes(action, buffer);
        buffer[n++] = 0;
        n += Encoding.UTF8.GetBytes(instance, buffer[n..]);
        buffer[n++] = 0;
        arguments.CopyTo(buffer[n..]);
        Digest.Of(buffer[..(n + arguments.Length)], hash);
    }
}
