using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Imap;
using Soar.Connectors.Mime;
using Soar.Connectors.Rdap;
using Soar.Connectors.Smtp;
using Soar.Lab.Tests.Range;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Lab.Tests.Connectors;

/// <summary>From an address to the report in its provider's mailbox: registry answers over real HTTP, the shipped template, real Postfix.</summary>
public sealed class RdapReportLabTests(MailServers servers) : IClassFixture<MailServers>
{
    private const string Network = """
        {"rdapConformance":["rdap_level_0"],"objectClassName":"ip network","handle":"LAB-203","startAddress":"203.0.113.0","endAddress":"203.0.113.255","name":"EXAMPLE-ISP","country":"DE",
         "entities":[{"objectClassName":"entity","roles":["registrant"],"vcardArray":["vcard",[["fn",{},"text","Example ISP"]]],
          "entities":[{"objectClassName":"entity","roles":["abuse"],"vcardArray":["vcard",[["email",{},"text","abuse@isp.example"]]]}]}]}
        """;

    [Fact]
    public async Task An_attack_is_reported_to_the_mailbox_that_the_registry_names()
    {
        MailServers.Require();
        using var registry = new TcpListener(IPAddress.Loopback, 0);
        registry.Start();
        var serving = ServeOnceAsync(registry);
        var settings = new RdapSettings
        {
            BaseAddress = new Uri($"http://127.0.0.1:{((IPEndPoint)registry.LocalEndpoint).Port}/"), Organisation = "CERT",
            Smtp = new SmtpSettings
            {
                Host = "localhost", Port = servers.StartTls, CaFile = servers.CaFile, User = "soc@cert.example", Password = new Secret("secret"), From = EmailAddress.Parse("soc@cert.example"),
            },
        };
        Assert.Empty(settings.Problems());
        var templates = new Templates(Path.Combine(Root(), "playbooks", "templates"));
        await using var connector = new RdapConnector(settings, new ConnectorServices("registry", TimeProvider.System, NullLogger.Instance, templates, "."));
        var context = new ActionContext { Run = new RunId(Guid.Parse("0199aaaa-0000-7000-8000-00000000abcd")), Step = "report", Key = new IdempotencyKey("abcd"), Attempt = 1, Artifacts = null! };
        var attacker = IpAddress.Parse("203.0.113.66");

        var owner = await connector.OwnerAsync(attacker, context, CancellationToken.None);
        var report = await connector.ReportAsync(owner, attacker, "intrusion", context: context, cancellation: CancellationToken.None);
        await serving;

        Assert.Equal(("Example ISP", "203.0.113.0/24"), (owner.Name, owner.Network));
        var mail = MimeReader.Read(await servers.DeliveredAsync("abuse@isp.example", report.MessageId, TimeSpan.FromSeconds(20)));
        Assert.Equal("Intrusion attempt from 203.0.113.66 [SOAR-00000000ABCD]", mail.Subject);
        Assert.Contains("Example ISP", mail.Text);
        Assert.Equal(["text/plain", "message/feedback-report", "application/json"], mail.Root.Parts.Select(part => part.MediaType));
        Assert.Empty(mail.Defects);
    }

    [Fact]
    public async Task A_signed_report_is_verified_in_the_provider_s_mailbox_and_its_answer_is_awaited_by_thread_and_by_reference()
    {
        MailServers.Require();
        var soc = EmailAddress.Parse("soc@cert.example");
        Tools.Must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=SOC", "-addext", "subjectAltName=email:soc@cert.example", "-addext", "extendedKeyUsage=emailProtection",
            "-keyout", Path.Combine(servers.Folder, "sign.key"), "-out", Path.Combine(servers.Folder, "sign.pem"));
        var settings = new RdapSettings
        {
            BaseAddress = new Uri("http://127.0.0.1:1/"), Organisation = "CERT",
            Smtp = new SmtpSettings
            {
                Host = "localhost", Port = servers.StartTls, CaFile = servers.CaFile, User = soc.Value, Password = new Secret("secret"), From = soc,
                SignCertificate = Path.Combine(servers.Folder, "sign.pem"), SignKey = Path.Combine(servers.Folder, "sign.key"),
            },
            Imap = new ImapSettings { Host = "localhost", Port = servers.Imaps, CaFile = servers.CaFile, User = soc.Value, Password = new Secret("secret"), LookEvery = TimeSpan.FromSeconds(1) },
        };
        Assert.Empty(settings.Problems());
        await using var connector = new RdapConnector(settings, new ConnectorServices("registry", TimeProvider.System, NullLogger.Instance, new Templates(Path.Combine(Root(), "playbooks", "templates")), "."));
        var context = Given.Context("feedface");
        var attacker = IpAddress.Parse("203.0.113.66");
        var owner = new NetworkOwner { Address = attacker, Name = "Example ISP", Handle = "H", Network = "203.0.113.0/24", AbuseContacts = [EmailAddress.Parse("abuse@isp.example")], Registry = "https://rdap.invalid/" };
        var report = await connector.ReportAsync(owner, attacker, "login-attack", AbuseKind.LoginAttack, "tcp", 51_234, ports: [22], firstSeen: DateTimeOffset.UtcNow.AddMinutes(-5), context: context);
        Assert.Equal("connection/login_attack", report.Type);

        var delivered = Path.Combine(servers.Folder, "delivered.eml");
        await File.WriteAllBytesAsync(delivered, await servers.DeliveredAsync("abuse@isp.example", report.MessageId, TimeSpan.FromSeconds(20)));
        Tools.Must("openssl", "cms", "-verify", "-in", delivered, "-CAfile", settings.Smtp.SignCertificate!, "-out", "/dev/null");
        Task<MailReply> Await(MailRef? after = null) => connector.AwaitReplyAsync(report, after: after, context: context);
        Assert.Equal(FailureKind.NotYet, (await Assert.ThrowsAsync<ConnectorFailure>(() => Await())).Kind);

        // a stranger who only knows the reference; then the desk in the thread; then its ticket system, which knows the reference only
        void Save(string from, string id, string headers) => servers.Doveadm($"From: {from}\r\nMessage-ID: <{id}>\r\n{headers}\r\n\r\nanswer\r\n", "save", "-u", soc.Value);
        Save("x@stranger.example", "1@stranger.example", $"Subject: [{report.Reference}] hello");
        Save("desk@isp.example", "2@isp.example", $"Subject: Re: report\r\nIn-Reply-To: <{report.MessageId}>");
        Save("tickets@support.isp.example", "3@isp.example", $"Subject: [Ticket 7] {report.Reference} closed");
        var first = await UntilAsync(() => Await());
        Assert.Equal(("2@isp.example", "In-Reply-To"), (first.Mail.MessageId, first.MatchedBy));
        var second = await UntilAsync(() => Await(first.Place));
        Assert.Equal(("3@isp.example", "subject"), (second.Mail.MessageId, second.MatchedBy));
    }

    private static async Task<MailReply> UntilAsync(Func<Task<MailReply>> ask)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var between = new SpinWait();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (ConnectorFailure failure) when (failure.Kind == FailureKind.NotYet && clock.Elapsed < TimeSpan.FromSeconds(20))
            {
                between.SpinOnce();
            }
        }
    }

    private static async Task ServeOnceAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // the request's headers
        }
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/rdap+json\r\nContent-Length: {Encoding.UTF8.GetByteCount(Network)}\r\nConnection: close\r\n\r\n{Network}"));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Soar.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
