using System.Diagnostics;
using System.Globalization;
using System.Text;
using Soar.Connectors.Imap;
using Soar.Connectors.Mime;

namespace Soar.Tests.Connectors.Imap;

/// <summary>Seeded mutations of real conversations. SOAR_FUZZ sets how many (a million for the long run), SOAR_SEED the seed.</summary>
public sealed class ImapFuzzTests
{
    private const long Constant = 2 * 1024 * 1024;

    private static readonly string[] Conversations =
    [
        "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS AUTH=PLAIN AUTH=LOGIN] Dovecot (Debian) ready.\r\n+ idling\r\ns1 OK [CAPABILITY IMAP4rev1 MOVE UIDPLUS] Logged in\r\n",
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n* OK [PERMANENTFLAGS (\\Answered \\*)] Flags permitted.\r\n* 3 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1764000000] UIDs valid\r\n* OK [UIDNEXT 4] Predicted next UID\r\ns2 OK [READ-WRITE] Select completed (0.001 + 0.000 secs).\r\n",
        "* SEARCH 1 2 3 17 4294967295\r\n* LIST (\\HasNoChildren \\Trash) \"/\" \"&BBoEMARABDAEPQRCBDgEPQ-\"\r\n* LIST (\\Noselect) NIL {5}\r\na\"b\\c\r\ns3 OK done\r\n",
        ScriptedImap.Fetch(5, "Message-ID: <a@b.example>\nFrom: =?utf-8?B?0JDQvdCw?= <ana@b.example>\nSubject: =?utf-8?Q?=D0=90?=\nReferences: <x@y> <z@y>") + "\r\n* 2 FETCH (FLAGS (\\Seen))\r\n",
        "* 1 FETCH (UID 9 BODY[] {39}\r\nFrom: a@b.example\r\nSubject: x\r\n\r\nbody\r\n FLAGS (\\Recent))\r\n* OK [COPYUID 7 1 2] Moved UIDs.\r\n* 1 EXPUNGE\r\ns4 OK Move completed\r\n",
        "* 1 FETCH (ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary\" ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) NIL NIL NIL NIL NIL NIL \"<B27397-0100000@cac.washington.edu>\") BODY ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 3028 92) \"MIXED\"))\r\n",
    ];

    private static readonly string[] Tokens =
    [
        "\r\n", "\n", "\r", "(", ")", "((((((((", "))))", "\"", "\\", "{", "}", "{5}\r\n", "{5+}\r\n", "{0}\r\n", "{99999999}\r\n", "{18446744073709551616}\r\n", "~{3}\r\n", "[", "]", "BODY[] {4}\r\n", "BODY[HEADER.FIELDS (", "NIL", "* ", "+ ", "s1 OK ", "* BYE ", "UID ", "4294967296",
        "\0", "\xFF", "&", "&2D0-", "-", " ", "[COPYUID 1 2 3]", "[UIDVALIDITY ", "INTERNALDATE \"99-Zzz-0000 99:99:99 +9999\"", "FLAGS (", "* SEARCH ", "* LIST (",
    ];

    [Fact]
    public async Task No_mutation_crashes_hangs_or_eats_memory()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("SOAR_FUZZ") ?? "20000", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "20261122", CultureInfo.InvariantCulture);
        var seeds = Conversations.Select(Encoding.Latin1.GetBytes).ToList();
        foreach (var wire in seeds)
            Assert.True(await TakeApartAsync(wire) > 0); // warm, and each of them is IMAP
        var random = new Random(seed);
        int read = 0, refused = 0;
        for (var round = 0; round < count; round++)
        {
            var wire = Mutate(seeds, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.GetTimestamp();
            try
            {
                read += await TakeApartAsync(wire);
            }
            catch (InvalidDataException)
            {
                refused++; // said to be no IMAP
            }
            catch (IOException)
            {
                // it ended in the middle
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}: {Convert.ToBase64String(wire)}", e);
            }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(Stopwatch.GetElapsedTime(clock) < TimeSpan.FromSeconds(1), $"seed {seed}, round {round}: {Stopwatch.GetElapsedTime(clock)}: {Convert.ToBase64String(wire)}");
            Assert.True(allocated < Constant + 40L * wire.Length, $"seed {seed}, round {round}: {allocated} bytes for {wire.Length}: {Convert.ToBase64String(wire)}");
        }
        Assert.True(read > count && refused > 0, $"{read} answers read, {refused} refused: the mutations test nothing");
    }

    // Everything that is made of an answer, as the client does; in memory all of it happens on this thread.
    private static async Task<int> TakeApartAsync(byte[] wire)
    {
        using var stream = new MemoryStream(wire, writable: false);
        var reader = new ImapReader(stream);
        var count = 0;
        while (stream.Position < wire.Length || reader.HasBuffered)
        {
            var response = await reader.ReadAsync(async (size, content, cancellation) =>
            {
                if (size > 1_000)
                    throw new InvalidDataException("the server's answer is too large");
                await content.CopyToAsync(Stream.Null, cancellation);
            }, CancellationToken.None);
            count++;
            if (ImapMessage.From(response) is { } message)
                _ = (message.MessageId, ReplyMatch.Of(message.Header, new ReplyWanted("x@y", "SOAR-1", "b.example", Automatic: true, After: null)));
            foreach (var value in response.Values)
                _ = Utf7.DecodeFolder(value.Raw ?? "") + value.Text;
        }
        return count;
    }

    private static byte[] Mutate(List<byte[]> seeds, Random random)
    {
        var wire = seeds[random.Next(seeds.Count)].ToList();
        for (var change = random.Next(1, 6); change > 0; change--)
        {
            var at = random.Next(wire.Count + 1);
            switch (random.Next(5))
            {
                case 0:
                    wire.InsertRange(at, Encoding.Latin1.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 1 when at < wire.Count:
                    wire[at] = (byte)random.Next(256);
                    break;
                case 2:
                    wire.RemoveRange(at, Math.Min(random.Next(1, 30), wire.Count - at));
                    break;
                case 3:
                    var other = seeds[random.Next(seeds.Count)];
                    wire.InsertRange(at, other[random.Next(other.Length)..]);
                    break;
                default:
                    wire.InsertRange(at, Enumerable.Repeat(Encoding.Latin1.GetBytes(Tokens[random.Next(Tokens.Length)]), random.Next(1, 200)).SelectMany(bytes => bytes).ToList());
                    break;
            }
        }
        return [.. wire];
    }
}
