using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Tests.Connectors.Mime;

public sealed class MimeWriterTests
{
    private static readonly OutgoingMail Plain = new()
    {
        MessageId = "1@cert.example", Date = new DateTimeOffset(2026, 11, 22, 5, 30, 0, TimeSpan.FromHours(1)), From = new MimeAddress("SOC", "soc@cert.example"),
        To = [EmailAddress.Parse("abuse@isp.example")], Subject = "Report", Text = "Hello\n",
    };

    private static string Wire(OutgoingMail mail) => Encoding.UTF8.GetString(MimeWriter.Write(mail));

    [Fact]
    public void A_plain_mail_is_what_RFC_5322_says() => Assert.Equal(
        """
        Message-ID: <1@cert.example>
        Date: Sun, 22 Nov 2026 05:30:00 +0100
        From: "SOC" <soc@cert.example>
        To: abuse@isp.example
        Subject: Report
        Auto-Submitted: auto-generated
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Hello

        """.ReplaceLineEndings("\r\n"), Wire(Plain));

    [Fact]
    public void A_domain_beyond_ASCII_is_written_as_every_server_takes_it() =>
        Assert.Contains("To: info@xn--e1afmkfd.xn--d1alf\r\n", Wire(Plain with { To = [EmailAddress.Parse("info@пример.мкд")] }));

    [Fact]
    public void The_same_mail_is_the_same_bytes_in_every_attempt()
    {
        var mail = Plain with { Files = [new OutgoingFile("a.bin", "application/octet-stream", new byte[] { 1, 2, 3 })] };
        Assert.Equal(MimeWriter.Write(mail), MimeWriter.Write(mail));
    }

    [Theory]
    [InlineData("a\r\nBcc: x@y.example")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\u2028b")]
    public void A_line_break_in_a_header_is_refused_not_removed(string text)
    {
        foreach (var mail in new[] { Plain with { Subject = text }, Plain with { From = new MimeAddress(text, "soc@cert.example") }, Plain with { InReplyTo = text }, Plain with { MessageId = text } })
        {
            var failure = Assert.Throws<ConnectorFailure>(() => MimeWriter.Write(mail));
            Assert.Equal(FailureKind.Permanent, failure.Kind);
            Assert.DoesNotContain('\n', failure.Message);
        }
    }

    [Fact]
    public void Every_text_comes_back_unchanged_and_no_line_is_long()
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var subject = Some(random, random.Next(1, 300), lines: false).Trim();
            var text = Some(random, random.Next(1, 3_000), lines: true);
            var file = new byte[random.Next(500)];
            random.NextBytes(file);
            var name = Some(random, random.Next(1, 150), lines: false).Trim();
            var mail = Plain with { Subject = subject, Text = text, Html = round % 3 == 0 ? "<p>" + subject + "</p>" : null, Files = round % 2 == 0 ? [new OutgoingFile(name, "image/png", file)] : [] };
            var wire = MimeWriter.Write(mail);
            Assert.All(Encoding.UTF8.GetString(wire).Split("\r\n"), line => Assert.True(line.Length <= 998 && !line.Contains('\n') && !line.Contains('\r')));
            Assert.True(Ascii.IsValid(wire));
            var read = MimeReader.Read(wire);
            Assert.Equal(subject, read.Subject);
            Assert.Equal(text.TrimEnd('\n'), read.Text!.ReplaceLineEndings("\n").TrimEnd('\n'));
            Assert.Empty(read.Defects);
            if (round % 2 == 0)
            {
                Assert.Equal(file, read.Attachments.Single().Content.ToArray());
                Assert.Equal(FileNames.Safe(name, "image/png"), read.Attachments.Single().FileName);
            }
        }
    }

    private static string Some(Random random, int length, bool lines)
    {
        var runes = new[] { "a", "B", " ", ".", "=", "?", "_", "\"", "=?", "ш", "é", "漢", "😀", "From ", "x", "y", "1", "-", "\t" };
        var text = new StringBuilder();
        while (text.Length < length)
            text.Append(lines && random.Next(20) == 0 ? "\n" : runes[random.Next(lines ? runes.Length : runes.Length - 1)]);
        return text.ToString().Replace("  ", " x", StringComparison.Ordinal);
    }
}
