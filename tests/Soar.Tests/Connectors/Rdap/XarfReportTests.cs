using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Mime;
using Soar.Connectors.Rdap;
using Soar.Connectors.Smtp;
using Soar.Testing;
using Soar.Tests.Connectors.Smtp;

namespace Soar.Tests.Connectors.Rdap;

/// <summary>Our reports against the official X-ARF schemas, RFC 5965, and Python's reader.</summary>
public sealed class XarfReportTests
{
    private static readonly JsonSchema Schemas = new();
    private static readonly HeldArtifacts Artifacts = new();
    private static readonly IpAddress Attacker = IpAddress.Parse("203.0.113.66");
    private static readonly DateTimeOffset Seen = new(2026, 11, 22, 4, 30, 0, TimeSpan.FromHours(1));

    private static readonly NetworkOwner Owner = new()
    {
        Address = Attacker, Name = "ISP", Handle = "H", Network = "203.0.113.0/24", AbuseContacts = [EmailAddress.Parse("abuse@isp.example")], Registry = "https://rdap.invalid/",
    };

    private static readonly RdapSettings Settings = new()
    {
        Organisation = "CERT", Smtp = new SmtpSettings { Host = "127.0.0.1", Port = 1, Tls = SmtpTls.None, From = EmailAddress.Parse("soc@cert.example") },
    };

    private static readonly Artifact Mail = Artifacts.Put(Encoding.ASCII.GetBytes("From: Bad <bad@evil.example>\r\nSubject: A threat\r\nMessage-ID: <t@evil.example>\r\n\r\nleave the building\r\n"), "threat.eml", "message/rfc822");
    private static readonly Artifact EightBits = Artifacts.Put(Encoding.UTF8.GetBytes("From: Bad <bad@evil.example>\nSubject: Закана\n\nбомба\n"), "threat8.eml", "message/rfc822");
    private static readonly Artifact Log = Artifacts.Put("Nov 22 04:30:00 sshd: Failed password\n"u8.ToArray(), "auth.log", "text/plain");

    private static async Task<(MimeMessage Mail, ProviderReport Report)> Made(AbuseFacts facts, IReadOnlyList<Artifact>? evidence = null, RdapSettings? settings = null)
    {
        var use = settings ?? Settings;
        facts.Check();
        var whole = await facts.WithEvidenceAsync(evidence, use.Smtp!, Given.Context(artifacts: Artifacts));
        var (mail, report) = RdapConnector.Compose(use, use.Smtp!, Given.Services(), Owner, Attacker, Owner.AbuseContacts[0], "intrusion", whole, Given.Context());
        using var signer = SmimeSigner.Load(use.Smtp!, TimeProvider.System);
        var bytes = MimeWriter.Write(mail, signer is null ? null : signer.Sign);
        return (MimeReader.Read(bytes), report);
    }

    private static JsonElement Json(MimeMessage mail) => JsonDocument.Parse(mail.Root.Walk().Single(part => part.MediaType == "application/json").Content).RootElement;

    private static string Schema => Samples.Path("schemas/xarf-v4/xarf-v4-master.json");

    [Theory]
    [InlineData("xarf-spec__connection-ddos.json", true)]
    [InlineData("xarf-spec__connection-login-attack.json", true)]
    [InlineData("xarf-spec__content-phishing.json", true)]
    [InlineData("xarf-spec__infrastructure-botnet.json", true)]
    [InlineData("xarf-spec__vulnerability-open-service.json", true)]
    [InlineData("xarf-spec__phishing_v3_sample.json", false)]
    [InlineData("xarf__invalid_ip.json", false)]
    [InlineData("xarf__invalid_missing_reporter.json", false)]
    public void The_schemas_take_the_official_samples_and_refuse_others(string file, bool valid)
    {
        var problems = Schemas.Problems(Schema, JsonDocument.Parse(Samples.Text("xarf/" + file)).RootElement);
        Assert.True(valid == (problems.Count == 0), string.Join("\n", problems));
    }

    private static readonly AbuseFacts Network = new() { Protocol = "tcp", SourcePort = 51_234, FirstSeen = Seen, LastSeen = Seen.AddMinutes(5), Ports = [22], Target = IpAddress.Parse("198.51.100.10") };

    public static TheoryData<AbuseKind, string> Kinds => new()
    {
        { AbuseKind.PortScan, "connection/port_scan" }, { AbuseKind.LoginAttack, "connection/login_attack" }, { AbuseKind.Ddos, "connection/ddos" }, { AbuseKind.SqlInjection, "connection/sql_injection" },
        { AbuseKind.UnwantedMail, "messaging/spam" }, { AbuseKind.Phishing, "content/phishing" }, { AbuseKind.Malware, "content/malware" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task With_the_facts_that_its_schema_wants_a_report_has_its_precise_type_and_without_them_it_claims_less(AbuseKind kind, string type)
    {
        var (mail, report) = await Made(Network with { Kind = kind, Url = "https://login.evil.example/" }, [Mail, Log]);
        Assert.Equal(type, report.Type);
        Assert.Empty(Schemas.Problems(Schema, Json(mail)));
        Assert.Equal((51_234, "2026-11-22T03:30:00Z"), (Json(mail).GetProperty("source_port").GetInt32(), Json(mail).GetProperty("timestamp").GetString()));

        foreach (var less in new[] { new AbuseFacts { Kind = kind }, new AbuseFacts { Kind = kind, Protocol = "tcp", FirstSeen = Seen } })
        {
            (mail, report) = await Made(less);
            Assert.Equal("reputation/threat_intelligence", report.Type);
            Assert.Empty(Schemas.Problems(Schema, Json(mail)));
            Assert.Equal(type.Split('/')[1] switch { "spam" => "unwanted_mail", var word => word }, Json(mail).GetProperty("threat_type").GetString());
        }
    }

    [Fact]
    public async Task Without_a_kind_the_template_s_name_says_what_it_did_and_several_ports_are_claimed_in_the_text_only()
    {
        var (mail, report) = await Made(new AbuseFacts());
        Assert.Equal(("reputation/threat_intelligence", "intrusion"), (report.Type, Json(mail).GetProperty("threat_type").GetString()));
        (mail, _) = await Made(Network with { Kind = AbuseKind.PortScan, Ports = [22, 80] });
        Assert.False(Json(mail).TryGetProperty("destination_port", out _));
        Assert.Contains("Ports: 22, 80", mail.Text);
        Assert.Contains("FirstSeen: 2026-11-22 03:30:00", mail.Text);
    }

    [Fact]
    public async Task A_reported_mail_makes_it_a_feedback_report_of_a_registered_type_with_the_mail_as_third_part()
    {
        var (mail, _) = await Made(Network with { Kind = AbuseKind.Phishing, Url = "https://login.evil.example/" }, [Mail, Log]);
        Assert.Equal(("multipart/report", "feedback-report"), (mail.Root.MediaType, mail.Root.Parameters["report-type"]));
        Assert.Equal(["text/plain", "message/feedback-report", "message/rfc822", "application/json", "text/plain"], mail.Root.Parts.Select(part => part.MediaType));
        var fields = mail.Root.Parts[1].Fields[0].ToDictionary(field => field.Name, field => field.Value);
        Assert.Equal(("fraud", "Soar/0.1", "1", "203.0.113.66"), (fields["Feedback-Type"], fields["User-Agent"], fields["Version"], fields["Source-IP"]));
        Assert.Equal(("51234", "<bad@evil.example>", "https://login.evil.example/", "Sun, 22 Nov 2026 03:30:00 +0000"), (fields["Source-Port"], fields["Original-Mail-From"], fields["Reported-URI"], fields["Arrival-Date"]));
        Assert.Equal("t@evil.example", mail.Root.Parts[2].Message!.MessageId);
        Assert.Equal(Artifacts.Bytes(Mail), mail.Root.Parts[2].Content.ToArray());
        Assert.Equal(Artifacts.Bytes(Log), mail.Root.Parts[4].Content.ToArray());
        Assert.Empty(mail.Defects);
    }

    [Fact]
    public async Task A_reported_mail_that_would_not_pass_unchanged_goes_along_as_its_headers_and_as_a_file()
    {
        var (mail, _) = await Made(new AbuseFacts { Kind = AbuseKind.UnwantedMail }, [EightBits]);
        Assert.Equal(["text/plain", "message/feedback-report", "text/rfc822-headers", "application/json", "application/octet-stream"], mail.Root.Parts.Select(part => part.MediaType));
        Assert.Contains("Subject: Закана", mail.Root.Parts[2].Text);
        Assert.DoesNotContain("бомба", mail.Root.Parts[2].Text);
        Assert.Equal(Artifacts.Bytes(EightBits), mail.Root.Parts[4].Content.ToArray());
        Assert.Equal(Convert.ToBase64String(Artifacts.Bytes(EightBits)), Json(mail).GetProperty("evidence")[0].GetProperty("payload").GetString());
        Assert.Empty(Schemas.Problems(Schema, Json(mail)));
        Assert.Empty(mail.Defects);
    }

    [Fact]
    public async Task A_signed_report_is_verified_by_OpenSSL_and_Python_reads_the_same_parts()
    {
        using var certificate = new SignerCertificate();
        using var folder = new TempFolder();
        var signed = Settings with { Smtp = certificate.In(Settings.Smtp!) };
        var facts = Network with { Kind = AbuseKind.LoginAttack };
        var whole = await facts.WithEvidenceAsync([Mail, Log], signed.Smtp!, Given.Context(artifacts: Artifacts));
        var (outgoing, _) = RdapConnector.Compose(signed, signed.Smtp!, Given.Services(), Owner, Attacker, Owner.AbuseContacts[0], "intrusion", whole, Given.Context());
        using var signer = SmimeSigner.Load(signed.Smtp!, TimeProvider.System)!;
        var bytes = MimeWriter.Write(outgoing, signer.Sign);
        var file = System.IO.Path.Combine(folder.Path, "report.eml");
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        var verified = OutsidePrograms.Run("openssl", "cms", "-verify", "-in", file, "-CAfile", certificate.CaFile, "-out", "/dev/null");
        Assert.True(verified.ExitCode == 0, verified.Errors);

        const string Script = """
            import sys, json, email, hashlib
            def walk(m):
                yield m
                if m.get_content_type() == 'message/feedback-report': return
                if m.is_multipart():
                    for p in m.get_payload(): yield from walk(p)
            m = email.message_from_bytes(open(sys.argv[1], 'rb').read())
            parts = list(walk(m))
            report = [p for p in parts if p.get_content_type() == 'message/feedback-report'][0].get_payload()[0]
            print(json.dumps(dict(types=[p.get_content_type() for p in parts], fields=dict(report.items()), defects=[str(d) for p in parts for d in p.defects],
                hashes=[hashlib.sha256(p.get_payload(decode=True)).hexdigest() for p in parts if not p.is_multipart()])))
            """;
        var read = OutsidePrograms.Run("python3", "-c", Script, file);
        Assert.True(read.ExitCode == 0, read.Errors);
        var python = JsonDocument.Parse(read.Output).RootElement;
        IEnumerable<string> Texts(string name) => python.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);
        var ours = MimeReader.Read(bytes);
        var parts = ours.Root.Walk().SelectMany(part => part.Message is null ? [part] : part.Message.Root.Walk().Prepend(part)).ToList();
        Assert.Equal(parts.Select(part => part.MediaType), Texts("types"));
        Assert.Equal(["multipart/signed", "multipart/report", "text/plain", "message/feedback-report", "message/rfc822", "text/plain", "application/json", "text/plain", "application/pkcs7-signature"], Texts("types"));
        Assert.Equal(parts.Where(part => part.Parts.Count == 0 && part.Message is null && part.MediaType != "message/feedback-report").Select(part => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(part.Content.Span))), Texts("hashes"));
        Assert.Empty(Texts("defects"));
        Assert.Equal(parts[3].Fields[0].ToDictionary(field => field.Name, field => field.Value), python.GetProperty("fields").EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!));
    }

    [Fact]
    public async Task Facts_that_cannot_be_are_refused_before_anything_is_sent()
    {
        foreach (var (facts, name) in new (AbuseFacts, string)[]
        {
            (new AbuseFacts { Protocol = "http" }, "protocol"), (new AbuseFacts { Ports = [22, 0] }, "ports"), (new AbuseFacts { SourcePort = 70_000 }, "ports"), (new AbuseFacts { Url = "login.evil.example" }, "url"),
            (new AbuseFacts { FirstSeen = Seen, LastSeen = Seen.AddSeconds(-1) }, "lastSeen"), (new AbuseFacts { Target = IpAddress.Parse("198.51.100.0/24") }, "target"),
        })
        {
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => Made(facts));
            Assert.Equal((FailureKind.Permanent, "argument"), (failure.Kind, failure.Reason));
            Assert.StartsWith(name, failure.Message);
        }
        Assert.Contains("at most", (await Assert.ThrowsAsync<ConnectorFailure>(() => Made(new AbuseFacts(), [Log with { Size = 6_000_000 }]))).Message);
        Assert.Contains("at most 50", (await Assert.ThrowsAsync<ConnectorFailure>(() => Made(new AbuseFacts(), [.. Enumerable.Repeat(Log, 51)]))).Message);
    }

    [Fact]
    public async Task The_same_effect_makes_the_same_report_id_in_every_attempt()
    {
        string Id((MimeMessage Mail, ProviderReport) made) => Json(made.Mail).GetProperty("report_id").GetString()!;
        Assert.Equal(Id(await Made(new AbuseFacts())), Id(await Made(new AbuseFacts())));
        Assert.Equal('4', Id(await Made(new AbuseFacts()))[14]);
    }

    [Theory]
    [InlineData("a\r\nb", true)]
    [InlineData("a\nb\n", true)]
    [InlineData("a\rb", false)]
    [InlineData("a\r\r\nb", false)]
    [InlineData("a\0b", false)]
    [InlineData("a\r", false)]
    [InlineData("é", false)]
    public void Only_what_every_server_passes_unchanged_passes_whole(string text, bool passes)
    {
        Assert.Equal(passes, MimeWriter.PassesWhole(Encoding.UTF8.GetBytes(text)));
        Assert.False(MimeWriter.PassesWhole(Encoding.UTF8.GetBytes("x\r\n" + new string('x', 999))));
    }
}
