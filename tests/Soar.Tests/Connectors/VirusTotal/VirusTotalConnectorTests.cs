using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.VirusTotal;
using Soar.Testing;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.VirusTotal;

/// <summary>
/// Requests and answers as VirusTotal publishes them in its developer kit, github.com/VirusTotal/gti-dev-kit, examples/automatic_and_manual_enrichment (enrich_ip, enrich_domain, enrich_url and enrich_file
/// with their outputs; of their attributes those that are read). Identifiers of URLs: https://docs.virustotal.com/reference/url. Errors: https://docs.virustotal.com/reference/errors.
/// </summary>
public sealed class VirusTotalConnectorTests
{
    private const string Hash = "0078c8132fb99b4bccbb2e2429885a857d6a89534f74e23e6a12821abd2c3db2";

    private static VirusTotalConnector Connector(LoopbackHttp server, Func<VirusTotalSettings, VirusTotalSettings>? with = null)
    {
        var settings = new VirusTotalSettings { Address = new Uri(server.Address, "api/v3/"), Key = new Secret("YOUR_API_KEY"), Timeout = TimeSpan.FromSeconds(5) };
        return new VirusTotalConnector(with?.Invoke(settings) ?? settings, Given.Services());
    }

    private static async Task<(IntelReport Report, HttpAsked Request)> AskAsync(string type, string value, string published)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, published));
        await using var connector = Connector(server);
        var report = await connector.LookupObservableAsync(new Observable(type, value), Given.Context(), CancellationToken.None);
        return (report, Assert.Single(server.Requests));
    }

    public static TheoryData<string, string, string, string, Verdict, string> Published => new()
    {
        {
            "ip", "8.8.8.8", "/api/v3/ip_addresses/8.8.8.8",
            """{"data":{"id":"8.8.8.8","type":"ip_address","links":{"self":"https://www.virustotal.com/api/v3/ip_addresses/8.8.8.8"},"attributes":{"country":"US","asn":15169,"as_owner":"GOOGLE","last_analysis_date":1754552878,"reputation":556,"last_analysis_stats":{"malicious":0,"suspicious":0,"undetected":33,"harmless":61,"timeout":0}}}}""",
            Verdict.Unknown, "of 94 engines 0 call it malicious, 0 suspicious, on 2025-08-07, owner GOOGLE, reputation 556"
        },
        {
            "domain", "www.google.com", "/api/v3/domains/www.google.com",
            """{"data":{"id":"www.google.com","type":"domain","links":{"self":"https://www.virustotal.com/api/v3/domains/www.google.com"},"attributes":{"reputation":212,"last_analysis_date":1754552970,"tags":[],"registrar":"MarkMonitor Inc.","last_analysis_stats":{"malicious":0,"suspicious":0,"undetected":29,"harmless":65,"timeout":0}}}}""",
            Verdict.Unknown, "of 94 engines 0 call it malicious, 0 suspicious, on 2025-08-07, registrar MarkMonitor Inc., reputation 212"
        },
        {
            "url", "https://www.youtube.com/", "/api/v3/urls/aHR0cHM6Ly93d3cueW91dHViZS5jb20v",
            """{"data":{"id":"dbae2d0204aa489e234eb2f903a0127b17c712386428cab12b86c5f68aa75867","type":"url","attributes":{"reputation":1257,"tld":"com","last_analysis_stats":{"malicious":0,"suspicious":0,"undetected":26,"harmless":71,"timeout":0},"title":"YouTube","url":"https://www.youtube.com/"}}}""",
            Verdict.Unknown, "of 97 engines 0 call it malicious, 0 suspicious, reputation 1257"
        },
        {
            "sha256", Hash, $"/api/v3/files/{Hash}",
            $$$$"""{"data":{"id":"{{{{Hash}}}}","type":"file","attributes":{"type_tag":"peexe","last_analysis_date":1747109144,"last_analysis_stats":{"malicious":44,"suspicious":0,"undetected":29,"harmless":0,"timeout":0,"confirmed-timeout":0,"failure":0,"type-unsupported":4},"popular_threat_classification":{"suggested_threat_label":"ransomware.hive/recyl"},"type_description":"Win32 EXE","reputation":0}}}""",
            Verdict.Malicious, "of 73 engines 44 call it malicious, 0 suspicious, on 2025-05-13, threat ransomware.hive/recyl, type Win32 EXE, reputation 0"
        },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public async Task A_look_up_is_the_published_request_and_its_published_answer_is_understood(string type, string value, string target, string answer, Verdict verdict, string details)
    {
        var (report, request) = await AskAsync(type, value, answer);
        Assert.Equal(("GET", target, "YOUR_API_KEY", ""), (request.Method, request.Target, request.Headers["x-apikey"], request.Body));
        Assert.Equal(("instance", verdict, details), (report.Source, report.Verdict, report.Details));
    }

    [Fact]
    public async Task The_identifier_of_a_URL_is_the_published_one()
    {
        // base64.urlsafe_b64encode("http://www.somedomain.com/this/is/my/url".encode()).decode().strip("=")
        var (_, request) = await AskAsync("url", "http://www.somedomain.com/this/is/my/url", """{"data":{"attributes":{}}}""");
        Assert.Equal("/api/v3/urls/aHR0cDovL3d3dy5zb21lZG9tYWluLmNvbS90aGlzL2lzL215L3VybA", request.Target);
    }

    [Theory]
    [InlineData(3, 0, Verdict.Malicious)]
    [InlineData(2, 0, Verdict.Suspicious)]
    [InlineData(0, 1, Verdict.Suspicious)]
    [InlineData(0, 0, Verdict.Unknown)]
    public async Task The_engines_make_the_verdict_by_the_thresholds_and_never_benign(int malicious, int suspicious, Verdict verdict)
    {
        var (report, _) = await AskAsync("md5", new string('a', 32), $$$"""{"data":{"attributes":{"last_analysis_stats":{"malicious":{{{malicious}}},"suspicious":{{{suspicious}}},"harmless":60,"undetected":5} } } }""");
        Assert.Equal(verdict, report.Verdict);
    }

    [Fact]
    public async Task What_it_does_not_know_is_unknown_and_a_404_of_somebody_else_is_none()
    {
        await using var server = new LoopbackHttp(request => request.Target.Contains("urls", StringComparison.Ordinal)
            ? LoopbackHttp.Answer(404, """{"error": {"code": "NotFoundError", "message": "URL \"thisurlidmakesnosenseatall\" not found"}}""")
            : LoopbackHttp.Answer(404, "<html>no such page</html>", "text/html"));
        await using var connector = Connector(server);
        var report = await connector.LookupObservableAsync(new Observable("url", "http://evil.example/"), Given.Context(), CancellationToken.None);
        Assert.Equal((Verdict.Unknown, "VirusTotal does not know it"), (report.Verdict, report.Details));
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.LookupAsync(IpAddress.Parse("8.8.8.8"), Given.Context(), CancellationToken.None));
        Assert.Equal((FailureKind.Permanent, "404"), (failure.Kind, failure.Reason));
    }

    [Theory]
    [InlineData(429, "QuotaExceededError", FailureKind.Transient, 60)]
    [InlineData(429, "TooManyRequestsError", FailureKind.Transient, 0)]
    [InlineData(400, "NotAvailableYet", FailureKind.Transient, 0)]
    [InlineData(400, "InvalidArgumentError", FailureKind.Permanent, 0)]
    [InlineData(401, "WrongCredentialsError", FailureKind.Permanent, 0)]
    [InlineData(403, "ForbiddenError", FailureKind.Permanent, 0)]
    [InlineData(424, "FailedDependencyError", FailureKind.Transient, 0)]
    [InlineData(503, "TransientError", FailureKind.Transient, 0)]
    [InlineData(504, "DeadlineExceededError", FailureKind.Transient, 0)]
    public async Task The_published_errors_mean_what_they_say(int status, string code, FailureKind kind, int seconds)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(status, $$$"""{"error":{"code":"{{{code}}}","message":"words of VirusTotal"}}"""));
        await using var connector = Connector(server);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.LookupAsync(IpAddress.Parse("8.8.8.8"), Given.Context(), CancellationToken.None));
        Assert.Equal((kind, seconds == 0 ? null : TimeSpan.FromSeconds(seconds)), (failure.Kind, failure.RetryAfter));
        Assert.Contains(code, failure.Message);
    }

    [Fact]
    public async Task What_it_knows_nothing_of_and_what_is_ours_is_never_told_to_it()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(500, ""));
        await using var connector = Connector(server);
        foreach (var (type, value) in new[] { ("ip", "10.1.2.3"), ("ip", "8.8.8.0/24"), ("url", "http://intranet/"), ("url", "https://192.168.1.1/login"), ("email", "a@b.example"), ("file", "invoice.exe") })
            Assert.Equal(Verdict.Unknown, (await connector.LookupObservableAsync(new Observable(type, value), Given.Context(), CancellationToken.None)).Verdict);
        Assert.Empty(server.Requests);
    }
}
