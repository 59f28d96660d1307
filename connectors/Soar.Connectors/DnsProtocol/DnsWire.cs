using System.Buffers.Binary;
using System.Text;

namespace Soar.Connectors.DnsProtocol;

/// <summary>Numbers of RFC 1035 and RFC 2136.</summary>
internal static class DnsNumbers
{
    public const ushort A = 1, Ns = 2, Cname = 5, Soa = 6, Ptr = 12, Mx = 15, Txt = 16, Aaaa = 28, Tsig = 250, AnyType = 255;
    public const ushort In = 1, None = 254, AnyClass = 255;
    public const int NoError = 0, FormErr = 1, ServFail = 2, NxDomain = 3, NotImp = 4, Refused = 5, YxDomain = 6, YxRrset = 7, NxRrset = 8, NotAuth = 9, NotZone = 10;

    public static string TypeName(ushort type) => type switch
    {
        A => "A", Ns => "NS", Cname => "CNAME", Soa => "SOA", Ptr => "PTR", Mx => "MX", Txt => "TXT", Aaaa => "AAAA", Tsig => "TSIG", AnyType => "ANY", _ => $"TYPE{type}",
    };

    public static string RcodeName(int rcode) => rcode switch
    {
        NoError => "NOERROR", FormErr => "FORMERR", ServFail => "SERVFAIL", NxDomain => "NXDOMAIN", NotImp => "NOTIMP", Refused => "REFUSED", YxDomain => "YXDOMAIN", YxRrset => "YXRRSET",
        NxRrset => "NXRRSET", NotAuth => "NOTAUTH", NotZone => "NOTZONE", _ => $"RCODE{rcode}",
    };
}

/// <summary>A resource record to be sent. A name is written without its last dot; the root is empty.</summary>
internal sealed record DnsRr(string Name, ushort Type, ushort Class, uint Ttl, byte[] Data)
{
    public static DnsRr Address(string name, uint ttl, IpAddress address) =>
        new(name, address.IsV6 ? DnsNumbers.Aaaa : DnsNumbers.A, DnsNumbers.In, ttl, address.ToIPAddress().GetAddressBytes());

    public static DnsRr Cname(string name, uint ttl, string target) => new(name, DnsNumbers.Cname, DnsNumbers.In, ttl, new DnsWriter().Name(target).ToArray());

    public static DnsRr Txt(string name, uint ttl, params IEnumerable<string> strings)
    {
        var data = new DnsWriter();
        foreach (var text in strings)
            data.Text(text);
        return new DnsRr(name, DnsNumbers.Txt, DnsNumbers.In, ttl, data.ToArray());
    }

    /// <summary>Prerequisite: this very record set stands (RFC 2136 §2.4.2).</summary>
    public DnsRr Stands() => this with { Ttl = 0 };

    /// <summary>Prerequisite: something stands at the name itself; a wildcard above it does not count (§2.4.4).</summary>
    public static DnsRr InUse(string name) => new(name, DnsNumbers.AnyType, DnsNumbers.AnyClass, 0, []);

    /// <summary>Prerequisite: nothing stands at the name itself (§2.4.5).</summary>
    public static DnsRr NotInUse(string name) => new(name, DnsNumbers.AnyType, DnsNumbers.None, 0, []);

    /// <summary>Change: the records of one type go (§2.5.2).</summary>
    public static DnsRr DeleteSet(string name, ushort type) => new(name, type, DnsNumbers.AnyClass, 0, []);

    /// <summary>Change: everything at the name goes (§2.5.3).</summary>
    public static DnsRr DeleteAll(string name) => new(name, DnsNumbers.AnyType, DnsNumbers.AnyClass, 0, []);
}

/// <summary>Writes what RFC 1035 calls the wire format, without compression.</summary>
internal sealed class DnsWriter
{
    private readonly List<byte> bytes = [];

    public byte[] ToArray() => [.. bytes];

    public DnsWriter U16(int value)
    {
        bytes.Add((byte)(value >> 8));
        bytes.Add((byte)value);
        return this;
    }

    public DnsWriter U32(uint value) => U16((int)(value >> 16)).U16((int)(value & 0xFFFF));

    public DnsWriter U48(long value) => U16((int)(value >> 32)).U32((uint)value);

    public DnsWriter Bytes(ReadOnlySpan<byte> value)
    {
        bytes.AddRange(value);
        return this;
    }

    /// <summary>One character string of at most 255 bytes.</summary>
    public DnsWriter Text(string text)
    {
        var data = Encoding.UTF8.GetBytes(text);
        if (data.Length > 255)
            throw new ArgumentException($"'{text}' is longer than a DNS string", nameof(text));
        bytes.Add((byte)data.Length);
        return Bytes(data);
    }

    public DnsWriter Name(string name)
    {
        var written = 1;
        foreach (var label in name.Length == 0 ? [] : name.Split('.'))
        {
            var data = Encoding.ASCII.GetBytes(label);
            written += data.Length + 1;
            if (data.Length is 0 or > 63 || written > 255)
                throw new ArgumentException($"'{name}' is no DNS name", nameof(name));
            bytes.Add((byte)data.Length);
            bytes.AddRange(data);
        }
        bytes.Add(0);
        return this;
    }

    public DnsWriter Record(DnsRr record) => Name(record.Name).U16(record.Type).U16(record.Class).U32(record.Ttl).U16(record.Data.Length).Bytes(record.Data);

    public static byte[] Query(ushort id, string name, ushort type, bool recursion) =>
        new DnsWriter().U16(id).U16(recursion ? 0x0100 : 0).U16(1).U16(0).U16(0).U16(0).Name(name).U16(type).U16(DnsNumbers.In).ToArray();

    public static byte[] Update(ushort id, string zone, IReadOnlyList<DnsRr> prerequisites, IReadOnlyList<DnsRr> changes)
    {
        var message = new DnsWriter().U16(id).U16(5 << 11).U16(1).U16(prerequisites.Count).U16(changes.Count).U16(0).Name(zone).U16(DnsNumbers.Soa).U16(DnsNumbers.In);
        foreach (var record in prerequisites.Concat(changes))
            message.Record(record);
        return message.ToArray();
    }
}

/// <summary>A resource record that was read: its data as zone files write it, and raw. <see cref="At"/> is where it begins in the message.</summary>
internal sealed record DnsSeen(string Name, ushort Type, ushort Class, uint Ttl, string Text, byte[] Data, int At);

/// <summary>A message that was read. Whatever is malformed throws <see cref="InvalidDataException"/>.</summary>
internal sealed class DnsMessage
{
    private const int MostRecords = 4_096;

    public required ushort Id { get; init; }
    public required ushort Flags { get; init; }
    public required IReadOnlyList<DnsSeen> Answers { get; init; }
    public required IReadOnlyList<DnsSeen> Authority { get; init; }
    public required IReadOnlyList<DnsSeen> Additional { get; init; }

    public int Rcode => Flags & 0xF;
    public int Opcode => (Flags >> 11) & 0xF;
    public bool IsAnswer => (Flags & 0x8000) != 0;
    public bool Authoritative => (Flags & 0x0400) != 0;

    public static DnsMessage Parse(byte[] message)
    {
        var reader = new DnsReader(message);
        var (id, flags) = (reader.U16(), reader.U16());
        int questions = reader.U16(), answers = reader.U16(), authority = reader.U16(), additional = reader.U16();
        if (questions + answers + authority + additional > MostRecords)
            throw new InvalidDataException($"more than {MostRecords} records");
        for (var i = 0; i < questions; i++)
        {
            reader.Name();
            reader.Skip(4);
        }
        return new DnsMessage { Id = id, Flags = flags, Answers = reader.Records(answers), Authority = reader.Records(authority), Additional = reader.Records(additional) };
    }
}

/// <summary>Reads the wire format with its compression, within bounds.</summary>
internal sealed class DnsReader(byte[] message, int at = 0)
{
    private int position = at;

    public int Position => position;

    public ushort U16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));
    public uint U32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));
    public long U48() => ((long)U16() << 32) | U32();
    public void Skip(int count) => Take(count);

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || position + count > message.Length)
            throw new InvalidDataException("a DNS message that ends too early");
        position += count;
        return message.AsSpan(position - count, count);
    }

    /// <summary>A name without its last dot; what is no plain character is written <c>\DDD</c>, so that it can never pass for one that is.</summary>
    public string Name()
    {
        var name = new StringBuilder();
        var (here, jumped, length) = (position, false, 0);
        while (true)
        {
            if (here >= message.Length)
                throw new InvalidDataException("a DNS name that ends too early");
            int size = message[here++];
            if ((size & 0xC0) == 0xC0)
            {
                if (here >= message.Length)
                    throw new InvalidDataException("a DNS name that ends too early");
                var target = ((size & 0x3F) << 8) | message[here++];
                if (!jumped)
                    position = here;
                jumped = true;
                // Names point backwards only: so every jump is a step towards the beginning, and none goes on for ever.
                if (target >= here - 2)
                    throw new InvalidDataException("a DNS name that points forwards");
                here = target;
                continue;
            }
            if ((size & 0xC0) != 0 || (length += size + 1) > 255 || here + size > message.Length)
                throw new InvalidDataException("a DNS name that is too long");
            if (size == 0)
                break;
            if (name.Length > 0)
                name.Append('.');
            foreach (var character in message.AsSpan(here, size))
                name.Append(character is > 0x20 and < 0x7F and not (byte)'.' and not (byte)'\\' ? char.ToLowerInvariant((char)character).ToString() : $"\\{character:000}");
            here += size;
        }
        if (!jumped)
            position = here;
        return name.ToString();
    }

    public IReadOnlyList<DnsSeen> Records(int count)
    {
        var records = new List<DnsSeen>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
        {
            var start = position;
            var name = Name();
            var (type, kind, ttl, size) = (U16(), U16(), U32(), U16());
            var from = position;
            var data = Take(size).ToArray();
            records.Add(new DnsSeen(name, type, kind, ttl, Text(type, kind, data, from), data, start));
        }
        return records;
    }

    private string Text(ushort type, ushort kind, byte[] data, int from)
    {
        if (kind != DnsNumbers.In || data.Length == 0)
            return Convert.ToHexStringLower(data);
        var inner = new DnsReader(message, from);
        switch (type)
        {
            case DnsNumbers.A when data.Length == 4:
            case DnsNumbers.Aaaa when data.Length == 16:
                return new System.Net.IPAddress(data).ToString();
            case DnsNumbers.Cname or DnsNumbers.Ns or DnsNumbers.Ptr:
                return Dotted(inner.Name());
            case DnsNumbers.Mx:
                return $"{inner.U16()} {Dotted(inner.Name())}";
            case DnsNumbers.Soa:
                return $"{Dotted(inner.Name())} {Dotted(inner.Name())} {inner.U32()} {inner.U32()} {inner.U32()} {inner.U32()} {inner.U32()}";
            case DnsNumbers.Txt:
                return string.Join(' ', Strings(data).Select(text => $"\"{text}\""));
            default:
                return $"\\# {data.Length} {Convert.ToHexStringLower(data)}"; // RFC 3597
        }
    }

    /// <summary>The character strings of a TXT record.</summary>
    public static IReadOnlyList<string> Strings(byte[] data)
    {
        var strings = new List<string>();
        for (var at = 0; at < data.Length; at += data[at] + 1)
        {
            if (at + 1 + data[at] > data.Length)
                throw new InvalidDataException("a DNS string that ends too early");
            strings.Add(string.Concat(data.AsSpan(at + 1, data[at]).ToArray().Select(character => character is >= 0x20 and < 0x7F and not (byte)'"' and not (byte)'\\' ? ((char)character).ToString() : $"\\{character:000}")));
        }
        return strings;
    }

    private static string Dotted(string name) => name.Length == 0 ? "." : name;
}
