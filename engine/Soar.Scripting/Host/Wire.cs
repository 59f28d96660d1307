using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Soar.Scripting.Host;

/// <summary>
/// Messages between engine and playbook host: little-endian, one after the other in frames of <c>length, messages</c>; as many messages go into a frame as are
/// there when the pipe is free. Both ends are the same program, so there is no version.
/// </summary>
internal enum Message : byte
{
    Start = 1,
    Deliver = 2,
    Drop = 3,
    Evaluate = 4,
    Called = 11,
    Cancelled = 12,
    Idle = 13,
    Ended = 14,
    Evaluated = 15,
    Noticed = 16,
}

/// <summary>Collects messages for the next frame.</summary>
internal sealed class FrameWriter
{
    private byte[] buffer = new byte[64 << 10];
    private int length = sizeof(int);

    public bool IsEmpty => length == sizeof(int);

    public int Length => length;

    /// <summary>The finished frame; valid until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Frame
    {
        get
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer, length - sizeof(int));
            return buffer.AsSpan(0, length);
        }
    }

    /// <summary>Takes back what was written after this length: a message that did not fit must not be sent in half.</summary>
    public void Truncate(int to) => length = to;

    public void Clear()
    {
        // One large run must not hold its size for ever.
        if (buffer.Length > 4 << 20) buffer = new byte[64 << 10];
        length = sizeof(int);
    }

    public void Byte(byte value) => Room(1)[0] = value;

    public void Int(int value) => BinaryPrimitives.WriteInt32LittleEndian(Room(4), value);

    public void Long(long value) => BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);

    public void Id(RunId value) => value.Value.TryWriteBytes(Room(16));

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int(value.Length);
        value.CopyTo(Room(value.Length));
    }

    public void Text(string? value)
    {
        if (value is null)
        {
            Int(-1);
            return;
        }

        var at = length;
        var room = Room(4 + Encoding.UTF8.GetMaxByteCount(value.Length));
        var n = Encoding.UTF8.GetBytes(value, room[4..]);
        BinaryPrimitives.WriteInt32LittleEndian(room, n);
        length = at + 4 + n;
    }

    private Span<byte> Room(int bytes)
    {
        var at = length;
        length = checked(length + bytes);
        if (length > buffer.Length) Array.Resize(ref buffer, (int)Math.Min(Array.MaxLength, Math.Max((long)buffer.Length * 2, length)));
        return buffer.AsSpan(at, bytes);
    }
}

/// <summary>Reads the messages of a frame. A frame that ends too early throws <see cref="InvalidDataException"/>: what wrote it is not to be trusted.</summary>
internal ref struct FrameReader(ReadOnlyMemory<byte> frame, TextCache texts)
{
    private ReadOnlyMemory<byte> rest = frame;

    public readonly bool AtEnd => rest.IsEmpty;

    public byte Byte() => Take(1).Span[0];

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    public RunId Id() => new(new Guid(Take(16).Span));

    /// <summary>A part of the frame itself: copy what outlives it.</summary>
    public ReadOnlyMemory<byte> Bytes() => Take(Int());

    public string Text() => OptionalText() ?? "";

    public string? OptionalText()
    {
        var n = Int();
        return n < 0 ? null : texts.Get(Take(n).Span);
    }

    private ReadOnlyMemory<byte> Take(int bytes)
    {
        if ((uint)bytes > (uint)rest.Length) throw new InvalidDataException("A frame between engine and playbook host ends too early.");
        var taken = rest[..bytes];
        rest = rest[bytes..];
        return taken;
    }
}

/// <summary>The same few action, instance and step names come again and again: they become one string each. Bounded, overwritten, used by one thread.</summary>
internal sealed class TextCache
{
    private readonly (byte[] Utf8, string Text)[] slots = new (byte[], string)[512];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length > 64) return Encoding.UTF8.GetString(utf8);
        var hash = utf8.Length * 31u;
        foreach (var b in utf8) hash = (hash * 16777619u) ^ b;
        ref var slot = ref slots[hash & 511];
        if (slot.Utf8 is not null && utf8.SequenceEqual(slot.Utf8)) return slot.Text;
        slot = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return slot.Text;
    }
}

/// <summary>Reads whole frames from a pipe, as many as are there at once.</summary>
internal sealed class FrameStream(Stream stream, int longest = 1 << 30)
{
    private byte[] buffer = new byte[256 << 10];
    private int start;
    private int end;

    /// <summary>The next frame, valid until the next call; null at the end of the stream.</summary>
    public ReadOnlyMemory<byte>? Next()
    {
        if (!Fill(sizeof(int))) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(start));
        if (length < 0 || length > longest) throw new InvalidDataException($"A frame of {length} bytes between engine and playbook host.");
        if (!Fill(sizeof(int) + length)) return null;
        var frame = buffer.AsMemory(start + sizeof(int), length);
        start += sizeof(int) + length;
        return frame;
    }

    /// <summary>True when a whole frame is in memory already: reading it costs no system call.</summary>
    public bool HasNext =>
        end - start >= sizeof(int) && end - start >= sizeof(int) + (long)MemoryMarshal.Read<int>(buffer.AsSpan(start));

    private bool Fill(int needed)
    {
        if (end - start >= needed) return true;
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (needed > buffer.Length) Array.Resize(ref buffer, Math.Max(needed, buffer.Length * 2));
        else if (buffer.Length > 4 << 20 && needed < 256 << 10) Array.Resize(ref buffer, Math.Max(256 << 10, end));
        while (end < needed)
        {
            var read = stream.Read(buffer, end, buffer.Length - end);
            if (read == 0) return false;
            end += read;
        }

        return true;
    }
}
