using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Soar.Connectors.Mime;
using Soar.Testing;
using Soar.Tests.Connectors.Smtp;

namespace Soar.Tests.Connectors.Mime;

/// <summary>What is hidden inside a signature or an old charset is read like everything else.</summary>
public sealed class SmimeReadingTests
{
    private const string Inner = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<a href=\"http://evil.example/\">bank.example</a>\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nPDF\r\n--b--\r\n";

    /// <summary>A mail whose content is enclosed in its signature.</summary>
    internal static byte[] Opaque(string content)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var cms = new SignedCms(new ContentInfo(Encoding.Latin1.GetBytes(content)), detached: false);
        cms.ComputeSignature(new CmsSigner(certificate));
        return Mail(cms.Encode());
    }

    private static byte[] Mail(byte[] cms, string type = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m") =>
        Encoding.ASCII.GetBytes($"From: a@b.example\r\nContent-Type: {type}\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(cms, Base64FormattingOptions.InsertLineBreaks)}\r\n");

    [Theory]
    [InlineData("application/pkcs7-mime")]
    [InlineData("application/x-pkcs7-mime; smime-type=signed-data")]
    [InlineData("application/octet-stream; name=\"SMIME.p7m\"")]
    public void Content_inside_an_opaque_signature_is_read(string type)
    {
        var read = MimeReader.Read(Opaque(Inner));
        Assert.Equal(["application/pkcs7-mime", "multipart/mixed", "text/html", "application/pdf"], read.Root.Walk().Select(part => part.MediaType));
        Assert.Equal("a.pdf", Assert.Single(read.Attachments).FileName);
        Assert.Equal("bank.example", read.Text!.Trim());
        Assert.True(Assert.Single(read.Links).Mismatch);
        Assert.Empty(read.Defects);
        var other = MimeReader.Read(Mail(MimeReader.Read(Opaque(Inner)).Root.Content.ToArray(), type));
        Assert.Equal("bank.example", other.Text!.Trim());
    }

    [Fact]
    public void What_OpenSSL_signs_as_it_streams_is_read_and_what_it_encrypts_is_named()
    {
        using var certificate = new SignerCertificate();
        using var folder = new TempFolder();
        var content = folder.File("content", Inner);
        foreach (var how in new[] { new[] { "-stream" }, ["-nosmimecap"] })
        {
            var signed = OutsidePrograms.Run("openssl", ["cms", "-sign", "-nodetach", "-binary", "-in", content, "-signer", certificate.File, "-inkey", certificate.KeyFile, "-outform", "SMIME", .. how]);
            Assert.True(signed.ExitCode == 0, signed.Errors);
            Assert.Equal("bank.example", MimeReader.Read(Encoding.ASCII.GetBytes(signed.Output)).Text!.Trim());
        }
        var encrypted = OutsidePrograms.Run("openssl", "cms", "-encrypt", "-in", content, "-outform", "SMIME", "-aes256", certificate.File);
        Assert.True(encrypted.ExitCode == 0, encrypted.Errors);
        var read = MimeReader.Read(Encoding.ASCII.GetBytes(encrypted.Output));
        Assert.Equal(MimeDefectCode.Encrypted, Assert.Single(read.Defects).Code);
        Assert.Single(read.Attachments);
    }

    [Fact]
    public void Broken_signed_content_and_too_many_layers_are_named_and_kept()
    {
        var whole = MimeReader.Read(Opaque(Inner)).Root.Content.ToArray();
        foreach (var broken in new[] { whole[..40], "no CMS"u8.ToArray() })
        {
            var read = MimeReader.Read(Mail(broken));
            Assert.Equal(MimeDefectCode.SignedContentUnreadable, Assert.Single(read.Defects).Code);
            Assert.Equal(broken, Assert.Single(read.Attachments).Content.ToArray());
        }
        var mail = "text";
        for (var layer = 0; layer < 5; layer++)
            mail = Encoding.Latin1.GetString(Opaque(mail));
        Assert.Contains(MimeReader.Read(Encoding.Latin1.GetBytes(mail)).Defects, defect => defect.Code == MimeDefectCode.TooDeep);
    }

    [Theory]
    [InlineData("utf-7", "Hi Mom -+Jjo--!", "Hi Mom -\u263A-!")]
    [InlineData("\"UTF-7\"", "+ADw-script+AD4-", "<script>")]
    [InlineData("unicode-1-1-utf-7", "A+ImIDkQ.", "A\u2262\u0391.")]
    [InlineData("utf-7", "+- +", "+ ")]
    public void UTF_7_is_read_as_its_victims_programs_do_and_named(string charset, string body, string text)
    {
        var read = MimeReader.Read(Encoding.ASCII.GetBytes($"Content-Type: text/plain; charset={charset}\r\n\r\n{body}"));
        Assert.Equal(text, read.Text);
        Assert.Equal(MimeDefectCode.CharsetObsolete, Assert.Single(read.Defects).Code);
        Assert.Equal("\u0430", MimeReader.Read("Subject: =?utf-7?Q?+BDA-?=\r\n\r\n"u8.ToArray()).Subject);
    }

    [Fact]
    public void UTF_7_that_only_the_page_itself_claims_is_not_believed()
    {
        var read = MimeReader.Read("Content-Type: text/html\r\n\r\n<meta charset=utf-7>+ADw-b+AD4-"u8.ToArray());
        Assert.Contains("+ADw-b+AD4-", read.Text);
    }
}
