using Soar.Connectors.DnsProtocol;

namespace Soar.Tests.Connectors.DnsProtocol;

/// <summary>Answers come from outside: what is malformed ends as such, quickly, whatever it is.</summary>
public sealed class DnsWireTests
{
    // Header (answer, 1 question, 2 answers), question www.evil.example A, CNAME to a compressed name, A for it.
    private static readonly byte[] Answer =
    [
        0x12, 0x34, 0x85, 0x80, 0, 1, 0, 2, 0, 0, 0, 0,
        3, (byte)'W', (byte)'w', (byte)'w', 4, (byte)'e', (byte)'v', (byte)'i', (byte)'l', 7, (byte)'e', (byte)'x', (byte)'a', (byte)'m', (byte)'p', (byte)'l', (byte)'e', 0, 0, 1, 0, 1,
        0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 5, 2, (byte)'a', (byte)'.', 0xC0, 16,
        0xC0, 46, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 66,
    ];

    [Fact]
    public void Compressed_names_are_read_and_a_dot_inside_a_label_is_no_dot()
    {
        var message = DnsMessage.Parse(Answer);
        Assert.Equal((0x1234, true, true, 0), (message.Id, message.IsAnswer, message.Authoritative, message.Rcode));
        Assert.Equal([("www.evil.example", "a\\046.evil.example"), ("a\\046.evil.example", "203.0.113.66")], message.Answers.Select(record => (record.Name, record.Text)));
    }

    [Fact]
    public void Names_that_point_at_themselves_or_forwards_end_at_once()
    {
        foreach (var target in new byte[] { 34, 35, 60 })
        {
            var message = Answer.ToArray();
            message[35] = target;
            Assert.Throws<InvalidDataException>(() => DnsMessage.Parse(message));
        }
    }

    [Fact]
    public void Every_truncation_and_a_hundred_thousand_mutations_are_read_or_refused_and_nothing_else()
    {
        for (var length = 0; length < Answer.Length; length++)
            Assert.Throws<InvalidDataException>(() => DnsMessage.Parse(Answer[..length]));
        var random = new Random(20_261_124);
        for (var i = 0; i < 100_000; i++)
        {
            var message = Answer.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            try
            {
                DnsMessage.Parse(message);
            }
            catch (InvalidDataException)
            {
                // refused
            }
        }
    }

    [Fact]
    public void Names_that_DNS_does_not_know_are_not_written()
    {
        Assert.Throws<ArgumentException>(() => new DnsWriter().Name("a..b"));
        Assert.Throws<ArgumentException>(() => new DnsWriter().Name(new string('a', 64)));
        Assert.Throws<ArgumentException>(() => new DnsWriter().Name(string.Join('.', Enumerable.Repeat("abcdefgh", 29))));
        Assert.Equal([0], new DnsWriter().Name("").ToArray());
    }
}
