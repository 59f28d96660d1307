using System.Buffers.Binary;
using System.Text;

namespace Soar.Connectors.Packages;

/// <summary>
/// A TrueType font file, as far as a PDF needs it (OpenType 1.9: cmap, head, hhea, hmtx, loca, glyf): which glyph draws a character, how wide it is, and a font program that holds only the
/// glyphs that were used.
/// </summary>
internal sealed class TrueTypeFont
{
    private readonly byte[] file;
    private readonly Dictionary<string, (int Offset, int Length)> tables = [];
    private readonly int unitsPerEm;
    private readonly bool longOffsets;
    private readonly int metrics;
    private readonly int glyphs;
    private readonly Dictionary<int, int> characters = [];

    public TrueTypeFont(byte[] file)
    {
        this.file = file;
        try
        {
            if (U32(0) is not (0x00010000 or 0x74727565))
                throw new InvalidDataException("it is no TrueType font");
            for (var i = 0; i < U16(4); i++)
            {
                var at = 12 + 16 * i;
                tables[Encoding.ASCII.GetString(file, at, 4)] = ((int)U32(at + 8), (int)U32(at + 12));
            }
            unitsPerEm = U16(Table("head") + 18);
            longOffsets = U16(Table("head") + 50) != 0;
            metrics = U16(Table("hhea") + 34);
            glyphs = U16(Table("maxp") + 4);
            (Ascent, Descent) = (Scale(S16(Table("hhea") + 4)), Scale(S16(Table("hhea") + 6)));
            Box = [.. new[] { 36, 38, 40, 42 }.Select(field => Scale(S16(Table("head") + field)))];
            ReadCharacters();
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or ArgumentException)
        {
            throw new InvalidDataException("it is no whole TrueType font", e);
        }
    }

    /// <summary>In thousandths of the font's size, as everything here.</summary>
    public int Ascent { get; }

    public int Descent { get; }
    public IReadOnlyList<int> Box { get; }

    /// <summary>The glyph of a character; 0, an empty box, where the font has none.</summary>
    public int Glyph(int character) => characters.GetValueOrDefault(character);

    public int Width(int glyph) => Scale(U16(Table("hmtx") + 4 * Math.Min(glyph, metrics - 1)));

    /// <summary>The font with only these glyphs drawn; their numbers stay, so that a PDF's text needs no second table.</summary>
    public byte[] Subset(IEnumerable<int> used)
    {
        var keep = new SortedSet<int> { 0 };
        foreach (var glyph in used)
            Add(glyph, keep);
        var outlines = new MemoryStream();
        var offsets = new byte[4 * (glyphs + 1)];
        for (var glyph = 0; glyph <= glyphs; glyph++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(offsets.AsSpan(4 * glyph), (uint)outlines.Length);
            if (glyph < glyphs && keep.Contains(glyph))
            {
                var (start, length) = Outline(glyph);
                outlines.Write(file, start, length);
                outlines.Write(new byte[(4 - length % 4) % 4]);
            }
        }
        var head = Bytes("head");
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(50), 1); // long offsets
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(8), 0);
        var parts = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { ["head"] = head, ["loca"] = offsets, ["glyf"] = outlines.ToArray() };
        foreach (var name in new[] { "hhea", "hmtx", "maxp", "cvt ", "fpgm", "prep" })
            if (tables.ContainsKey(name))
                parts[name] = Bytes(name);
        return Assemble(parts);
    }

    private static byte[] Assemble(SortedDictionary<string, byte[]> parts)
    {
        var result = new MemoryStream();
        Span<byte> word = stackalloc byte[4];
        var log = (int)Math.Log2(parts.Count);
        BinaryPrimitives.WriteUInt32BigEndian(word, 0x00010000);
        result.Write(word);
        foreach (var value in new[] { parts.Count, 16 << log, log, 16 * parts.Count - (16 << log) })
        {
            BinaryPrimitives.WriteUInt16BigEndian(word, (ushort)value);
            result.Write(word[..2]);
        }
        var at = 12 + 16 * parts.Count;
        foreach (var (name, bytes) in parts)
        {
            result.Write(Encoding.ASCII.GetBytes(name));
            foreach (var value in new[] { Checksum(bytes), (uint)at, (uint)bytes.Length })
            {
                BinaryPrimitives.WriteUInt32BigEndian(word, value);
                result.Write(word);
            }
            at += (bytes.Length + 3) / 4 * 4;
        }
        foreach (var bytes in parts.Values)
        {
            result.Write(bytes);
            result.Write(new byte[(4 - bytes.Length % 4) % 4]);
        }
        return result.ToArray();
    }

    private static uint Checksum(byte[] bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i++)
            sum = unchecked(sum + ((uint)bytes[i] << (24 - 8 * (i % 4))));
        return sum;
    }

    // A glyph may be put together from others (an accented letter): they come along.
    private void Add(int glyph, SortedSet<int> keep)
    {
        if (glyph >= glyphs || !keep.Add(glyph))
            return;
        var (start, length) = Outline(glyph);
        if (length < 10 || S16(start) >= 0)
            return;
        for (var at = start + 10; ;)
        {
            var flags = U16(at);
            Add(U16(at + 2), keep);
            at += 4 + ((flags & 1) != 0 ? 4 : 2) + ((flags & 0x08) != 0 ? 2 : (flags & 0x40) != 0 ? 4 : (flags & 0x80) != 0 ? 8 : 0);
            if ((flags & 0x20) == 0)
                return;
        }
    }

    private (int Start, int Length) Outline(int glyph)
    {
        var loca = Table("loca");
        var (start, end) = longOffsets ? ((int)U32(loca + 4 * glyph), (int)U32(loca + 4 * glyph + 4)) : (2 * U16(loca + 2 * glyph), 2 * U16(loca + 2 * glyph + 2));
        return (Table("glyf") + start, end - start);
    }

    // Format 4 holds the basic plane, and every font that we take has it.
    private void ReadCharacters()
    {
        var cmap = Table("cmap");
        for (var i = 0; i < U16(cmap + 2); i++)
        {
            var at = cmap + (int)U32(cmap + 4 + 8 * i + 4);
            if (U16(cmap + 4 + 8 * i) is not (0 or 3) || U16(at) != 4)
                continue;
            var segments = U16(at + 6) / 2;
            for (var segment = 0; segment < segments; segment++)
            {
                int end = U16(at + 14 + 2 * segment), start = U16(at + 16 + 2 * (segments + segment)), delta = U16(at + 16 + 2 * (2 * segments + segment));
                var range = at + 16 + 2 * (3 * segments + segment);
                for (var character = start; character <= end && character < 0xFFFF; character++)
                {
                    var glyph = U16(range) == 0 ? character : U16(range + U16(range) + 2 * (character - start));
                    if (glyph != 0)
                        characters[character] = (glyph + delta) & 0xFFFF;
                }
            }
            return;
        }
        throw new InvalidDataException("it has no table of Unicode characters");
    }

    private int Table(string name) => tables.TryGetValue(name, out var table) ? table.Offset : throw new InvalidDataException($"it has no table '{name}'");
    private byte[] Bytes(string name) => file.AsSpan(tables[name].Offset, tables[name].Length).ToArray();
    private int Scale(int value) => (int)Math.Round(value * 1000.0 / unitsPerEm);
    private ushort U16(int at) => BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at));
    private short S16(int at) => BinaryPrimitives.ReadInt16BigEndian(file.AsSpan(at));
    private uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
}
