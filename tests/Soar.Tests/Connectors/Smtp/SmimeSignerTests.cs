using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Mime;
using Soar.Connectors.Smtp;
using Soar.Testing;

namespace Soar.Tests.Connectors.Smtp;

public sealed class SmimeSignerTests
{
    private static readonly SmtpSettings Settings = new() { Host = "127.0.0.1", Port = 1, Tls = SmtpTls.None, From = EmailAddress.Parse("soc@cert.example") };

    private static byte[] Signed(SignerCertificate certificate, string text = "Здраво,\n.\nFrom here on: trailing blank \n")
    {
        using var signer = SmimeSigner.Load(certificate.In(Settings), TimeProvider.System)!;
        var mail = SmtpConnector.Compose(Settings, [EmailAddress.Parse("abuse@isp.example")], "Пријава", text, new IdempotencyKey("aa"), TimeProvider.System) with
        {
            Files = [new OutgoingFile("log.txt", "text/plain", "a line\n"u8.ToArray())],
        };
        return MimeWriter.Write(mail, signer.Sign);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OpenSSL_verifies_a_signed_mail_and_not_one_that_was_changed(bool elliptic)
    {
        using var certificate = new SignerCertificate(elliptic: elliptic);
        using var folder = new TempFolder();
        // as it goes over the wire: dots stuffed and taken out again, line ends made whole
        var wire = Encoding.UTF8.GetString(SmtpClient.Stuff(Signed(certificate))).Replace("\r\n..", "\r\n.", StringComparison.Ordinal);
        var content = System.IO.Path.Combine(folder.Path, "content");
        var verified = OutsidePrograms.Run("openssl", "cms", "-verify", "-in", folder.File("mail.eml", wire), "-CAfile", certificate.CaFile, "-out", content);
        Assert.True(verified.ExitCode == 0, verified.Errors);
        var inner = MimeReader.Read(File.ReadAllBytes(content));
        Assert.Equal("Здраво,\n.\nFrom here on: trailing blank", inner.Text!.ReplaceLineEndings("\n").TrimEnd());
        var changed = OutsidePrograms.Run("openssl", "cms", "-verify", "-in", folder.File("changed.eml", wire.Replace("trailing", "leading_", StringComparison.Ordinal)), "-CAfile", certificate.CaFile, "-out", content);
        Assert.NotEqual(0, changed.ExitCode);
    }

    [Fact]
    public void A_signed_mail_reads_as_the_mail_that_it_is()
    {
        using var certificate = new SignerCertificate();
        var read = MimeReader.Read(Signed(certificate));
        Assert.Equal("multipart/signed", read.Root.MediaType);
        Assert.Equal(("application/pkcs7-signature", "sha-256"), (read.Root.Parameters["protocol"], read.Root.Parameters["micalg"]));
        Assert.Equal(["multipart/mixed", "application/pkcs7-signature"], read.Root.Parts.Select(part => part.MediaType));
        Assert.Equal(["log.txt", "smime.p7s"], read.Attachments.Select(file => file.FileName));
        Assert.StartsWith("Здраво", read.Text);
        Assert.Empty(read.Defects);
    }

    [Fact]
    public async Task A_certificate_that_ran_out_or_cannot_be_read_sends_nothing_and_says_so()
    {
        using var old = new SignerCertificate(validDays: -1);
        using var good = new SignerCertificate();
        foreach (var (settings, words) in new[]
        {
            (old.In(Settings), "Renew it"),
            (Settings with { SignCertificate = good.CaFile }, "key"),
            (Settings with { SignCertificate = good.File, SignKey = good.File }, "key"),
            (Settings with { SignCertificate = "/does/not/exist.pem" }, "/does/not/exist.pem"),
        })
        {
            await using var connector = new SmtpConnector(settings, Given.Services());
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.SendAsync(EmailAddress.Parse("a@x.example"), "s", "b", null, null, Given.Context(), CancellationToken.None));
            Assert.Equal((FailureKind.Permanent, "signature"), (failure.Kind, failure.Reason)); // nobody listens: it never tried to connect
            Assert.Contains(words, failure.Message);
        }
    }

    [Theory]
    [InlineData("soc@cert.example", "is soon")]
    [InlineData("other@cert.example", "not made for soc@cert.example")]
    public async Task The_connection_test_tells_how_long_mails_are_signed_and_whether_for_the_sender(string mail, string words)
    {
        using var certificate = new SignerCertificate(mail);
        await using var scripted = new ScriptedServer();
        await using var connector = new SmtpConnector(certificate.In(Settings) with { Port = scripted.Port }, Given.Services());
        var test = await connector.TestAsync(CancellationToken.None);
        Assert.True(test.Ok, test.Message);
        Assert.Contains(words, test.Message);
    }

    [Fact]
    public void Settings_name_files_that_are_not_there_and_a_key_without_certificate() => Assert.Equal(
        ["signKey: /nowhere does not exist", "signCertificate: is missing; a key alone signs nothing"], (Settings with { SignKey = "/nowhere" }).Problems());
}
