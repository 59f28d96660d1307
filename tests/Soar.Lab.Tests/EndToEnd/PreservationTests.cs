using Soar.Connectors.Mime;
using Soar.Lab.Tests.Range;
using Soar.Testing;

namespace Soar.Lab.Tests.EndToEnd;

/// <summary>
/// The shipped playbook asks a 24/7 point to preserve data: the package arrives in its mailbox through real Postfix and Dovecot as it was made, and a stranger with sha256sum and openssl
/// sees that it is whole and whose it is.
/// </summary>
public sealed class PreservationTests : IClassFixture<MailServers>, IDisposable
{
    private const string Desk = "point247@isp.example";

    private readonly MailServers mail;
    private readonly TempFolder folder = new();
    private readonly SoarProgram soar;

    public PreservationTests(MailServers mail)
    {
        MailServers.Require();
        Tools.Require("sha256sum", "pdftotext");
        Assert.SkipUnless(File.Exists("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"), "fonts-dejavu-core is not installed");
        this.mail = mail;
        Tools.Must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Cybercrime Unit", "-addext", "keyUsage=digitalSignature,keyCertSign", "-keyout", In("sign.key"), "-out", In("sign.pem"));
        folder.File("password", "secret");
        folder.File("contacts.csv", $"kind,country,organisation,domains,mail,phone,hours,languages,key,source,checked\n24/7,XA,24/7 point of Exampleland,,{Desk},+000 1 000 247,24/7,en,,invented,2026-01-15\n");
        soar = new SoarProgram(folder, $$"""
            playbooks: {{SoarProgram.ShippedPlaybooks}}
            connectors:
              mail: { type: smtp, host: localhost, port: {{mail.StartTls}}, caFile: {{mail.CaFile}}, user: soc@cert.example, password: "file:password", from: soc@cert.example }
              forms: { type: preservation, organisation: "Ministry of the Interior of Samplia", certificate: {{In("sign.pem")}}, key: {{In("sign.key")}} }
            """);
    }

    public void Dispose()
    {
        soar.End();
        folder.Dispose();
    }

    [Fact]
    public async Task The_request_arrives_with_the_hashes_of_its_manifest_and_a_signature_that_verifies()
    {
        var imported = soar.Run("lists", "import", "contacts", In("contacts.csv"));
        Assert.True(imported.ExitCode == 0, imported.Output + imported.Errors);
        var run = soar.Run(
        [
            "run", "preserve-data", "--answer", "approve",
            .. new[]
            {
                "custodian=XA", "abroad=true", "address=203.0.113.66", "port=51234", "seen=2026-02-28T21:14:05Z", "authority=Ministry of the Interior of Samplia, Cybercrime Unit", "offence=False bomb threat (Criminal Code, Article 379)",
                "facts=На 28 февруари беше испратена закана до 700 јавни згради.", "data=Subscriber data of 203.0.113.66, port 51234", "relationship=The mail was sent from this connection.",
                "necessity=Connection data is deleted after 14 days.", "intent=A request for mutual assistance will follow.", "officer=Duty officer, +000 2 000 112",
            }.SelectMany(input => new[] { "--input", input }),
        ]);
        Assert.Contains("waits", run.Output); // sent, and now it waits for the confirmation

        var received = MimeReader.Read((await mail.AllDeliveredAsync(Desk, 1, TimeSpan.FromSeconds(20))).Single());
        Assert.StartsWith("Expedited preservation of data: R-", received.Subject);
        Assert.Empty(received.Defects);
        var files = Directory.CreateDirectory(In("received")).FullName;
        foreach (var attachment in received.Attachments)
            await File.WriteAllBytesAsync(Path.Combine(files, attachment.FileName!), attachment.Content.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(["form.html", "form.pdf", "manifest.p7s", "manifest.txt", "request.json"], received.Attachments.Select(attachment => attachment.FileName).Order(StringComparer.Ordinal));

        // What a clerk at the other end does, who has nothing of ours but the certificate.
        var hashed = In(files, "sha256sum", "--check", "--strict", "manifest.txt");
        Assert.True(hashed.ExitCode == 0, hashed.Output + hashed.Errors);
        Assert.Equal(["form.html: OK", "form.pdf: OK", "request.json: OK"], hashed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        string[] verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "manifest.p7s", "-content", "manifest.txt", "-CAfile", In("sign.pem"), "-purpose", "any", "-out", "/dev/null"];
        var verified = In(files, verify);
        Assert.True(verified.ExitCode == 0, verified.Errors);
        Assert.Contains("На 28 февруари", Tools.Must("pdftotext", Path.Combine(files, "form.pdf"), "-"));

        // One letter more, and both tell.
        await File.AppendAllTextAsync(Path.Combine(files, "form.html"), "x", TestContext.Current.CancellationToken);
        Assert.NotEqual(0, In(files, "sha256sum", "--check", "--strict", "manifest.txt").ExitCode);
        await File.AppendAllTextAsync(Path.Combine(files, "manifest.txt"), " ", TestContext.Current.CancellationToken);
        Assert.NotEqual(0, In(files, verify).ExitCode);
    }

    private string In(string name) => Path.Combine(folder.Path, name);

    private static Tools.Result In(string where, params string[] command) => Tools.Run("env", ["-C", where, .. command]);
}
