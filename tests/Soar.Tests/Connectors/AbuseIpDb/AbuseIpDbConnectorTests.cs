using System.Web;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.AbuseIpDb;
using Soar.Testing;

namespace Soar.Tests.Connectors.AbuseIpDb;

/// <summary>Requests and answers as published at https://docs.abuseipdb.com/#check-endpoint and https://docs.abuseipdb.com/#report-endpoint.</summary>
public sealed class AbuseIpDbConnectorTests
{
    private const string Published = """
        {"data":{"ipAddress":"118.25.6.39","isPublic":true,"ipVersion":4,"isWhitelisted":false,"abuseConfidenceScore":100,"countryCode":"CN","countryName":"China","usageType":"Data Center/Web Hosting/Transit",
        "isp":"Tencent Cloud Computing (Beijing) Co. Ltd","domain":"tencent.com","hostnames":[],"isTor":false,"totalReports":1,"numDistinctUsers":1,"lastReportedAt":"2018-12-20T20:55:14+00:00",
        "reports":[{"reportedAt":"2018-12-20T20:55:14+00:00","comment":"Dec 20 20:55:14 srv206 sshd[13937]: Invalid user oracle from 118.25.6.39","categories":[18,22],"reporterId":1,"reporterCountryCode":"US","reporterCountryName":"United States"}]}}
        """;

    private static readonly IpAddress Address = IpAddress.Parse("118.25.6.39");

    private static AbuseIpDbConnector Connector(LoopbackHttp server, Func<AbuseIpDbSettings, AbuseIpDbSettings>? with = null)
    {
        var settings = new AbuseIpDbSettings { Address = new Uri(server.Address, "api/v2/"), Key = new Secret("YOUR_OWN_API_KEY"), Timeout = TimeSpan.FromSeconds(5) };
        return new AbuseIpDbConnector(with?.Invoke(settings) ?? settings, Given.Services());
    }

    [Fact]
    public async Task A_look_up_and_its_sightings_are_the_published_requests()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, Published));
        await using var connector = Connector(server);
        var report = await connector.LookupAsync(Address, Given.Context(), CancellationToken.None);
        Assert.Equal((Verdict.Malicious, "confidence of abuse 100, 1 reports by 1 users in 90 days, Data Center/Web Hosting/Transit, Tencent Cloud Computing (Beijing) Co. Ltd"), (report.Verdict, report.Details));
        var seen = Assert.Single(await connector.SightingsAsync(new Observable("ip", "118.25.6.39"), Given.Context(), CancellationToken.None));
        Assert.Equal((new DateTimeOffset(2018, 12, 20, 20, 55, 14, TimeSpan.Zero), "reporter 1 (US)"), (seen.At, seen.By));
        // curl -G https://api.abuseipdb.com/api/v2/check --data-urlencode "ipAddress=118.25.6.39" -d maxAgeInDays=90 [-d verbose] -H "Key: YOUR_OWN_API_KEY" -H "Accept: application/json"
        Assert.Equal(["/api/v2/check?ipAddress=118.25.6.39&maxAgeInDays=90", "/api/v2/check?ipAddress=118.25.6.39&maxAgeInDays=90&verbose"], server.Requests.Select(request => request.Target));
        Assert.All(server.Requests, request => Assert.Equal(("GET", "YOUR_OWN_API_KEY", "application/json", ""), (request.Method, request.Headers["Key"], request.Headers["Accept"], request.Body)));
    }

    [Fact]
    public async Task A_report_is_the_published_request_with_our_reference()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, """{"data":{"ipAddress":"127.0.0.1","abuseConfidenceScore":52}}"""));
        await using var connector = Connector(server, settings => settings with { Categories = [18, 22] });
        var made = await connector.SightAsync(new Observable("ip", "2a00:1450::1"), SightingKind.Seen, new DateTimeOffset(2023, 10, 18, 11, 25, 11, TimeSpan.FromHours(-4)), Given.Context(), CancellationToken.None);
        Assert.Equal(("(ref 001122334455)", "reported; its confidence of abuse is now 52"), (made.Id, made.Details));
        await connector.SubmitAsync(new Observable("ip", "118.25.6.39"), Verdict.Malicious, "SSH login attempts with user root.", Given.Context(), CancellationToken.None);
        // curl https://api.abuseipdb.com/api/v2/report --data-urlencode "ip=127.0.0.1" -d categories=18,22 --data-urlencode "comment=SSH login attempts with user root." --data-urlencode "timestamp=2023-10-18T11:25:11-04:00"
        Assert.All(server.Requests, request => Assert.Equal(("POST", "/api/v2/report", "application/x-www-form-urlencoded", "YOUR_OWN_API_KEY", "application/json"), (request.Method, request.Target, request.Headers["Content-Type"], request.Headers["Key"], request.Headers["Accept"])));
        var (sighted, submitted) = (HttpUtility.ParseQueryString(server.Requests[0].Body), HttpUtility.ParseQueryString(server.Requests[1].Body));
        Assert.Equal("ip,categories,comment,timestamp", string.Join(",", submitted.AllKeys));
        Assert.Equal(("2a00:1450::1", "18,22", "2023-10-18T11:25:11-04:00"), (sighted["ip"], sighted["categories"], sighted["timestamp"]));
        Assert.Equal("SSH login attempts with user root. (ref 001122334455)", submitted["comment"]);
    }

    [Fact]
    public async Task A_report_within_a_quarter_of_an_hour_is_done_and_a_used_up_allowance_is_not()
    {
        await using var twice = new LoopbackHttp(_ => LoopbackHttp.Answer(429, """{"errors":[{"detail":"You can only report the same IP address (`127.0.0.1`) once in 15 minutes.","status":429,"source":{"parameter":"ip"}}]}"""));
        await using (var connector = Connector(twice))
            Assert.Contains("already", (await connector.SubmitAsync(new Observable("ip", "118.25.6.39"), Verdict.Malicious, "x", Given.Context(), CancellationToken.None)).Details);
        await using var empty = new LoopbackHttp(_ => LoopbackHttp.Answer(429, """{"errors":[{"detail":"Daily rate limit of 1000 requests exceeded for this endpoint. See headers for additional details.","status":429}]}""", "application/json", "Retry-After: 29241", "X-RateLimit-Limit: 1000", "X-RateLimit-Remaining: 0"));
        foreach (var ask in new Func<AbuseIpDbConnector, Task>[]
        {
            connector => connector.SubmitAsync(new Observable("ip", "118.25.6.39"), Verdict.Malicious, "x", Given.Context(), CancellationToken.None),
            connector => connector.LookupAsync(Address, Given.Context(), CancellationToken.None),
        })
        {
            await using var connector = Connector(empty); // each of its own: the wait holds for the whole instance
            Assert.Equal((FailureKind.Transient, TimeSpan.FromSeconds(29241)), await Assert.ThrowsAsync<ConnectorFailure>(() => ask(connector)) is var failure ? (failure.Kind, failure.RetryAfter) : default);
        }
    }

    [Fact]
    public async Task A_repeated_attempt_looks_for_its_reference_first()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, Published.Replace("from 118.25.6.39\"", "x (ref 001122334455)\"", StringComparison.Ordinal)));
        await using var connector = Connector(server);
        var made = await connector.SubmitAsync(new Observable("ip", "118.25.6.39"), Verdict.Malicious, "x", Given.Context() with { Attempt = 2 }, CancellationToken.None);
        Assert.Equal("reported", made.Details);
        Assert.Equal("GET", Assert.Single(server.Requests).Method);
    }

    [Theory]
    [InlineData(74, Verdict.Suspicious)]
    [InlineData(25, Verdict.Suspicious)]
    [InlineData(24, Verdict.Unknown)]
    [InlineData(0, Verdict.Unknown)]
    public async Task The_score_makes_the_verdict_and_none_is_never_benign(int score, Verdict verdict)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, Published.Replace("\"abuseConfidenceScore\":100", $"\"abuseConfidenceScore\":{score}", StringComparison.Ordinal)));
        await using var connector = Connector(server);
        Assert.Equal(verdict, (await connector.LookupAsync(Address, Given.Context(), CancellationToken.None)).Verdict);
    }

    [Fact]
    public async Task What_it_does_not_know_and_what_is_ours_is_never_told_to_it()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(500, ""));
        await using var connector = Connector(server);
        foreach (var (type, value) in new[] { ("ip", "10.1.2.3"), ("ip", "fd00::1"), ("ip", "118.25.6.0/24"), ("domain", "evil.example"), ("sha256", new string('a', 64)) })
        {
            Assert.Equal(Verdict.Unknown, (await connector.LookupObservableAsync(new Observable(type, value), Given.Context(), CancellationToken.None)).Verdict);
            foreach (var intel in new[] { connector, (IIntel)connector.Simulator })
                Assert.Equal("unsupported", (await Assert.ThrowsAsync<ConnectorFailure>(() => intel.SubmitAsync(new Observable(type, value), Verdict.Malicious, "", Given.Context(), CancellationToken.None))).Reason);
        }
        Assert.Empty(server.Requests);
    }
}
