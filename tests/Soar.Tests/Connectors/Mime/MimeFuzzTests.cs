using System.Diagnostics;
using System.Globalization;
using System.Text;
using Soar.Connectors.Mime;

namespace Soar.Tests.Connectors.Mime;

/// <summary>Seeded mutations of real mails. SOAR_FUZZ sets how many (a million for the long run), SOAR_SEED the seed.</summary>
public sealed class MimeFuzzTests
{
    // What a mail costs besides its size: the message's own objects.
    private const long Constant = 64 * 1024;

    // What is kept of a mail: decoded contents, texts (two bytes a character), headers, links.
    private const int MostKept = 20;

    // What reading it allocates on the way, garbage included: a million mutations found one of a kilobyte that took 110 bytes for each of the mail's, half of them the constant.
    private const int MostAllocated = 80;

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "\r\n", "\n", "\r\n\r\n", "--", "\r\n--", "=?utf-8?B?", "=?utf-8?Q?", "?=", "=\r\n", "=", "Content-Type: multipart/mixed; boundary=\"a\"\r\n", "\r\n--a\r\n", "\r\n--a--\r\n",
            "Content-Type: message/rfc822\r\n", "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n", "Content-Transfer-Encoding: x-uuencode\r\n",
            "Content-Type: text/html; charset=iso-2022-jp\r\n", "Content-Type: text/plain; charset=hz-gb-2312\r\n", "charset=utf-16", "charset=utf-32BE", "; name*0*=utf-8''%", "; name*99999999999=x", "name*1=", "\"", "(", ")", "((((", "<", ">",
            "<a href=\"", "</a>", "<script>", "<!--", "&#", "&#x110000;", "://", "www.", "http://[", "From: ", "Subject: ", "Received: from [", "Authentication-Results: ", "Date: 31 Feb 99999 99:99:99 +9999", ";", ":", ",", "\0", "Content-Type: application/pkcs7-mime\r\n", "name=smime.p7m", "charset=utf-7", "+AGEA", "MIAGCSqGSIb3DQEHAqCA", "JIAE", "begin 644 x\n", "end\n", "~{", "\x1b$B",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    [Fact]
    public void No_mutation_crashes_hangs_or_eats_memory()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("SOAR_FUZZ") ?? "20000", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "20261122", CultureInfo.InvariantCulture);
        var seeds = Samples.Mails.Select(Samples.Bytes).Append(Encoding.ASCII.GetBytes("From: a@b.example\r\nSubject: x\r\n\r\nbody"))
            .Append(SmimeReadingTests.Opaque("Content-Type: text/plain; charset=utf-7\r\n\r\nHi Mom -+Jjo--+AGEAYg-!")).ToList();
        var random = new Random(seed);
        foreach (var mail in seeds)
            MimeReader.Read(mail); // warm: code page tables and the first compilation are not the mail's cost
        for (var round = 0; round < count; round++)
        {
            var mail = Mutate(seeds, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.GetTimestamp();
            try
            {
                var message = MimeReader.Read(mail);
                foreach (var attachment in message.Attachments)
                    Assert.Equal(64, attachment.Sha256.Length);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}: {Convert.ToBase64String(mail)}", e);
            }
            var elapsed = Stopwatch.GetElapsedTime(clock);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (elapsed > TimeSpan.FromSeconds(1))
                elapsed = Fastest(mail);
            Assert.True(elapsed < TimeSpan.FromSeconds(1), $"seed {seed}, round {round}: {elapsed.TotalMilliseconds} ms for {mail.Length} bytes");
            if (allocated > MostAllocated * (long)mail.Length + Constant)
                allocated = Least(mail);
            Assert.True(allocated <= MostAllocated * (long)mail.Length + Constant, $"seed {seed}, round {round}: {allocated} bytes allocated for {mail.Length}");
            if (round % 20 == 0) AssertKept(mail, $"seed {seed}, round {round}");
        }
    }

    [Theory]
    [InlineData("Subject: ", "=?utf-8?B?")]
    [InlineData("Subject: ", "=?a?q?=")]
    [InlineData("From: ", "<")]
    [InlineData("From: ", "(")]
    [InlineData("From: ", "\"a\" <a@b>,")]
    [InlineData("From: ", "a:")]
    [InlineData("Received: ", "(from ")]
    [InlineData("Content-Type: text/plain; ", "a*0*=b;")]
    [InlineData("Content-Type: text/html\r\n\r\n", "<a href=\"")]
    [InlineData("Content-Type: text/html\r\n\r\n", "<a href='x'>")]
    [InlineData("Content-Type: text/html\r\n\r\n", "<!--")]
    [InlineData("Content-Type: text/html\r\n\r\n", "<script>")]
    [InlineData("Content-Type: text/html\r\n\r\n", "<style></")]
    [InlineData("Content-Type: text/html\r\n\r\n", "&#1;")]
    [InlineData("Content-Type: text/html\r\n\r\n", "<")]
    [InlineData("\r\n", "://")]
    [InlineData("\r\n", "www.")]
    [InlineData("\r\n", "http://a ")]
    [InlineData("", "a:\r\n")]
    [InlineData("", "a:b\r\n ")]
    [InlineData("", "References: <a@b>\r\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=a\r\n\r\n", "--a\r\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=a\r\n\r\n", "--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n")]
    [InlineData("", "Content-Type: message/rfc822\r\n\r\n")]
    [InlineData("Content-Type: message/delivery-status\r\n\r\n", "a: b\r\n\r\n")]
    [InlineData("Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=")]
    [InlineData("Content-Transfer-Encoding: quoted-printable\r\n\r\n", "= ")]
    [InlineData("Content-Transfer-Encoding: base64\r\n\r\n", "=")]
    [InlineData("Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 6 x\n", "M\n")]
    public void Two_megabytes_of_one_nasty_thing_take_less_than_a_second_and_bounded_memory(string start, string repeated)
    {
        MimeReader.Read(Encoding.ASCII.GetBytes(start + repeated));
        var mail = Encoding.ASCII.GetBytes(start + string.Concat(Enumerable.Repeat(repeated, 2_000_000 / repeated.Length)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        MimeReader.Read(mail);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var elapsed = Fastest(mail);
        Assert.True(elapsed < TimeSpan.FromSeconds(1), $"{elapsed.TotalMilliseconds} ms");
        Assert.True(allocated <= MostAllocated * (long)mail.Length + Constant, $"{allocated} bytes for {mail.Length}");
        AssertKept(mail, start + repeated);
    }

    private static void AssertKept(byte[] mail, string which)
    {
        var kept = Retained.Bytes(MimeReader.Read(mail));
        Assert.True(kept <= MostKept * (long)mail.Length + Constant, $"{which}: {kept} bytes kept of {mail.Length}");
    }

    // What was borrowed before is made anew once the collector took it back, which it does when it likes: what a mail really costs it costs three times.
    private static long Least(byte[] mail)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            MimeReader.Read(mail);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }

    // Other tests run at the same time: what is really slow is slow three times.
    private static TimeSpan Fastest(byte[] mail)
    {
        var fastest = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 3 && fastest > TimeSpan.FromSeconds(1); attempt++)
        {
            var clock = Stopwatch.GetTimestamp();
            MimeReader.Read(mail);
            var elapsed = Stopwatch.GetElapsedTime(clock);
            fastest = elapsed < fastest ? elapsed : fastest;
        }
        return fastest;
    }

    private static byte[] Mutate(List<byte[]> seeds, Random random)
    {
        var mail = new List<byte>(seeds[random.Next(seeds.Count)]);
        for (var edits = random.Next(1, 12); edits > 0; edits--)
        {
            var at = random.Next(mail.Count + 1);
            switch (random.Next(7))
            {
                case 0 when at < mail.Count:
                    mail[at] = (byte)random.Next(256);
                    break;
                case 1:
                    mail.RemoveRange(at, random.Next(mail.Count - at + 1) / 4);
                    break;
                case 2:
                    mail.InsertRange(at, mail.GetRange(at, Math.Min(random.Next(2_000), mail.Count - at)));
                    break;
                case 3:
                    var token = Tokens[random.Next(Tokens.Length)];
                    for (var times = random.Next(3) == 0 ? random.Next(60) : 1; times > 0; times--)
                        mail.InsertRange(at, token);
                    break;
                case 4:
                    var other = seeds[random.Next(seeds.Count)];
                    var from = random.Next(other.Length);
                    mail.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(4_000), other.Length - from)).ToArray());
                    break;
                case 5 when at < mail.Count:
                    mail.RemoveRange(at, mail.Count - at); // cut off
                    break;
                default:
                    mail.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                    break;
            }
        }
        return [.. mail];
    }
}
