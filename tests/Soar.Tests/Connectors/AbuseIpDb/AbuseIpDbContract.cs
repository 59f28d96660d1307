using System.Text.Json;
using System.Web;
using Soar.Capabilities;
using Soar.Connectors.AbuseIpDb;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.AbuseIpDb;

public sealed class AbuseIpDbContract : ConnectorSuite<AbuseIpDbConnector, AbuseIpDbSettings, HttpOtherSide>
{
    protected override HttpOtherSide Double()
    {
        var reports = new List<(string Ip, string Comment)>();
        return new HttpOtherSide(request => Answer(reports, request), () => string.Join(",", reports));
    }

    protected override AbuseIpDbSettings Settings(HttpOtherSide other) => new() { Address = other.Address, Key = Canary, Timeout = other.Patience };

    protected override IEnumerable<(AbuseIpDbSettings Settings, string Field)> Wrong(AbuseIpDbSettings good) =>
    [
        (good with { Address = null }, "address"), (good with { Key = null }, "key"), (good with { Days = 0 }, "days"), (good with { Malicious = 101 }, "malicious"), (good with { Suspicious = 90 }, "suspicious"),
        (good with { Categories = [] }, "categories"),
    ];

    protected override string? Resends(ActionDescriptor action) => "looking first costs a question of the day's allowance, and AbuseIPDB refuses a second report within 15 minutes itself";

    private static HttpTold Answer(List<(string Ip, string Comment)> reports, HttpAsked request)
    {
        if (request.Path == "/check")
            return Json(new { data = new { ipAddress = request.Query("ipAddress"), abuseConfidenceScore = 10, reports = reports.Where(report => report.Ip == request.Query("ipAddress")).Select(report => new { reportedAt = "2018-12-20T20:55:14+00:00", comment = report.Comment, reporterId = 1 }) } });
        var form = HttpUtility.ParseQueryString(request.Body);
        if (reports.Exists(report => report.Ip == form["ip"]))
            return new HttpTold(429, """{"errors":[{"detail":"You can only report the same IP address (`127.0.0.1`) once in 15 minutes.","status":429,"source":{"parameter":"ip"}}]}""");
        reports.Add((form["ip"]!, form["comment"]!));
        return Json(new { data = new { ipAddress = form["ip"], abuseConfidenceScore = 52 } });
    }

    private static HttpTold Json(object body) => new(200, JsonSerializer.Serialize(body));
}
