using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Tests.Connectors.Mime;

public sealed class MimeCapabilityTests
{
    [Fact]
    public async Task A_reported_mail_is_what_playbooks_see()
    {
        var bytes = Samples.Bytes("dmarc-arf/parsedmarc__dmarc_ruf_report_linkedin.eml");
        var capability = new MimeCapability(new MimeSettings { AuthenticationServers = ["mail516.prod.linkedin.com"] });
        var mail = await capability.ReadAsync(new Artifact("", bytes.Length, "report.eml", "message/rfc822"), Given.Context(artifacts: new Held(bytes)), CancellationToken.None);
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

    private sealed class Held(byte[] bytes) : IArtifacts
    {
        public Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation) => throw new InvalidOperationException("nothing is stored here");
        public Stream Open(Artifact artifact) => new MemoryStream(bytes);
    }
}
