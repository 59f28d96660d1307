using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Soar.Tests.Connectors.DnsProtocol;

/// <summary>A request as it came: kind (query or update), first name of its first section, and all of it without the signature.</summary>
internal sealed record DnsAsked(bool Update, string Name, ushort Type, int Changes, bool Signed, byte[] Message);

/// <summary>How it is answered; what is null or false makes a broken server of it.</summary>
internal sealed record DnsReply
{
    public int Rcode { get; init; }
    public byte[] AnswerRecords { get; init; } = [];
    public int Answers { get; init; }
    public bool Authoritative { get; init; } = true;
    public bool Signed { get; init; } = true;
    public bool Spoiled { get; init; }
    public int TsigError { get; init; }
    public byte[]? Raw { get; init; }
    public bool Hang { get; init; }
    public bool Close { get; init; }

    /// <summary>Half of the answer, then the end.</summary>
    public bool Cut { get; init; }
}

/// <summary>A DNS server over TCP for the tests, with its own signing, written apart from the connector's so that each proves the other.</summary>
internal sealed class FakePrimary : IAsyncDisposable
{
    public const string KeyName = "soar";
    public static readonly byte[] Secret = Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef");

    private readonly LoopbackTcp server;
    private readonly Func<DnsAsked, DnsReply> answer;

    public FakePrimary(Func<DnsAsked, DnsReply> answer)
    {
        this.answer = answer;
        server = new LoopbackTcp(ServeAsync);
    }

    public int Port => server.Port;
    public ConcurrentQueue<DnsAsked> Asked { get; } = [];

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task ServeAsync(System.Net.Sockets.NetworkStream stream, CancellationToken cancellation)
    {
        var head = new byte[2];
        while (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, cancellation) == 2)
        {
            var request = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
            await stream.ReadExactlyAsync(request, cancellation);
            var (asked, mac) = Read(request);
            Asked.Enqueue(asked);
            var reply = answer(asked);
            if (reply.Hang)
                await LoopbackTcp.Silence(cancellation);
            if (reply.Close)
                return;
            var bytes = reply.Raw ?? Write(asked, reply, mac);
            var framed = new byte[2 + bytes.Length];
            BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)bytes.Length);
            bytes.CopyTo(framed, 2);
            await stream.WriteAsync(reply.Cut ? framed.AsMemory(0, framed.Length / 2) : framed, cancellation);
            if (reply.Cut)
                return;
        }
    }

    // The signature is the last record: its owner is the key's name, so it begins where those bytes stand last.
    private static (DnsAsked Asked, byte[] Mac) Read(byte[] request)
    {
        var owner = Name(KeyName);
        var at = request.AsSpan().LastIndexOf(owner.Concat(new byte[] { 0, 250, 0, 255 }).ToArray());
        byte[] mac = [];
        var message = request;
        if (at > 0 && request[11] > 0)
        {
            var algorithm = Name("hmac-sha256");
            var macAt = at + owner.Length + 10 + algorithm.Length + 8;
            mac = request[(macAt + 2)..(macAt + 2 + BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(macAt)))];
            message = request[..at];
            message[11]--;
            var time = request[(at + owner.Length + 10 + algorithm.Length)..][..6];
            Assert.Equal(Hash([.. message, .. Variables(time, 0, [])]), mac); // what the connector signed is right
        }
        var name = new StringBuilder();
        var position = 12;
        for (; message[position] != 0; position += message[position] + 1)
            name.Append(name.Length > 0 ? "." : "").Append(Encoding.ASCII.GetString(message, position + 1, message[position]));
        return (new DnsAsked((message[2] >> 3 & 0xF) == 5, name.ToString(), BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(position + 1)), BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(8)), mac.Length > 0, message), mac);
    }

    private static byte[] Write(DnsAsked asked, DnsReply reply, byte[] requestMac)
    {
        var opcode = asked.Message[2] & 0x78;
        List<byte> message = [asked.Message[0], asked.Message[1], (byte)(0x80 | opcode | (reply.Authoritative ? 4 : 0)), (byte)reply.Rcode, 0, 0, 0, (byte)reply.Answers, 0, 0, 0, 0, .. reply.AnswerRecords];
        if (!reply.Signed)
            return [.. message];
        var time = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        var mac = reply.TsigError is 16 or 17 ? [] : Hash([0, (byte)requestMac.Length, .. requestMac, .. message, .. Variables(time[2..], reply.TsigError, [])]);
        if (reply.Spoiled)
            mac[3] ^= 1;
        byte[] data = [.. Name("hmac-sha256"), .. time[2..], 1, 44, 0, (byte)mac.Length, .. mac, asked.Message[0], asked.Message[1], 0, (byte)reply.TsigError, 0, 0];
        message[11] = 1;
        message.AddRange([.. Name(KeyName), 0, 250, 0, 255, 0, 0, 0, 0, 0, (byte)data.Length, .. data]);
        return [.. message];
    }

    private static byte[] Variables(byte[] time, int error, byte[] other) => [.. Name(KeyName), 0, 255, 0, 0, 0, 0, .. Name("hmac-sha256"), .. time, 1, 44, 0, (byte)error, 0, (byte)other.Length, .. other];

    private static byte[] Hash(byte[] bytes) => HMACSHA256.HashData(Secret, bytes);

    internal static byte[] Name(string name) => [.. name.Split('.').SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)), 0];
}
