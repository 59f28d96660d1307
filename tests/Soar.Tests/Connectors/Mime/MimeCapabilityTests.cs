using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Mime;
using Soar.Testing;

namespace Soar.Tests.Connectors.Mime;

public sealed class MimeCapabilityTests
{
    [Fact]
    public async Task A_reported_mail_is_what_playbooks_see()
    {
        var bytes = Samples.Bytes("dmarc-arf/parsedmarc__dmarc_ruf_report_linkedin.eml");
        var store = new HeldArtifacts();
        var capability = new MimeCapability(new MimeSettings { AuthenticationServers = ["mail516.prod.linkedin.com"] });
        var mail = await capability.ReadAsync(store.Put(bytes, "report.eml", "message/rfc822"), Given.Context(artifacts: store), CancellationToken.None);
        Assert.Equal("108.174.6.228", mail.Origin!.Ip!.ToString());
        Assert.Equal("dmarc-noreply@linkedin.com", mail.FromAddress!.Value);
        var inner = Assert.Single(mail.Forwarded);
        Assert.Equal("sender@example.com", inner.FromAddress!.Value);
        Assert.Equal("fail", inner.Authentication["dmarc"]);
        Assert.Contains("Alternative", inner.Body);
        // it travels as JSON between the processes
        Assert.Equal(inner.Subject, JsonSerializer.Deserialize<ParsedMail>(JsonSerializer.Serialize(mail, SoarJson.Options), SoarJson.Options)!.Forwarded[0].Subject);
    }

    [Fact]
    public void Results_that_no_server_of_ours_wrote_are_not_shown()
    {
        var mail = new MimeCapability(new MimeSettings()).Read("Authentication-Results: mx.evil.example; dkim=pass\r\nSubject: x\r\n\r\nbody"u8.ToArray());
        Assert.Empty(mail.Authentication);
    }

    [Fact]
    public async Task Attachments_are_kept_under_their_hashes_also_those_of_a_mail_that_is_attached_itself()
    {
        var store = new HeldArtifacts();
        var raw = store.Put(System.Text.Encoding.ASCII.GetBytes("""
            Subject: fwd
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: application/x-msdownload
            Content-Disposition: attachment; filename="one.exe"
            Content-Transfer-Encoding: base64

            TVo=
            --b
            Content-Type: message/rfc822

            Subject: inner
            Content-Type: application/pdf; name="../two.pdf"
            Content-Transfer-Encoding: base64

            TVo=
            --b--
            """.ReplaceLineEndings("\r\n")), "fwd.eml", "message/rfc822");
        var mail = await new MimeCapability(new MimeSettings()).ReadAsync(raw, Given.Context(artifacts: store), CancellationToken.None);
        var one = mail.Attachments[0].Artifact!;
        Assert.Equal((mail.Attachments[0].Sha256, 2L, "one.exe", "application/x-msdownload"), (one.Sha256, one.Size, one.Name, one.MediaType));
        Assert.Equal("MZ"u8.ToArray(), store.Bytes(one));
        Assert.StartsWith("Subject: inner", System.Text.Encoding.ASCII.GetString(store.Bytes(mail.Attachments[1].Artifact!)));
        var two = mail.Forwarded.Single().Attachments.Single().Artifact!; // the same bytes, under their name here
        Assert.Equal((one.Sha256, "application/pdf"), (two.Sha256, two.MediaType));
        Assert.DoesNotContain('/', two.Name);
    }

    [Fact]
    public void A_mail_says_what_an_answer_to_it_needs()
    {
        var mail = new MimeCapability(new MimeSettings()).Read("Message-ID: <3@x.example>\r\nReferences: <1@x.example> <2 2@x.example> <2@x.example>\r\nIn-Reply-To: <2@x.example>\r\nSubject: s\r\nCc: c@x.example\r\n\r\n"u8.ToArray());
        Assert.Equal(("3@x.example", "s"), (mail.Thread!.MessageId, mail.Thread.Subject));
        Assert.Equal(["1@x.example", "2@x.example"], mail.Thread.References);
        Assert.Equal("c@x.example", mail.Cc.Single().Value);
        Assert.DoesNotContain("thread", JsonSerializer.Serialize(mail, SoarJson.Options), StringComparison.OrdinalIgnoreCase);
        Assert.Null(new MimeCapability(new MimeSettings()).Read("Subject: s\r\n\r\n"u8.ToArray()).Thread);
        var many = new MimeCapability(new MimeSettings()).Read(System.Text.Encoding.ASCII.GetBytes($"Message-ID: <x@x.example>\r\nReferences: {string.Join(' ', Enumerable.Range(1, 100).Select(n => $"<{n}@x.example>"))}\r\n\r\n"));
        Assert.Equal((30, "1@x.example", "100@x.example"), (many.Thread!.References.Count, many.Thread.References[0], many.Thread.References[^1]));
    }
}
