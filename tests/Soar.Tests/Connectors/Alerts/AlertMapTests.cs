using System.Text.Json;
using Soar.Connectors.Alerts;

namespace Soar.Tests.Connectors.Alerts;

/// <summary>Messages in JSON become alerts by a mapping; what is there and cannot be is a problem by name.</summary>
public sealed class AlertMapTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static (Alert? Alert, string Problem) Read(AlertMapSettings settings, string json)
    {
        Assert.Empty(settings.MapProblems(title: true));
        var alert = new AlertMap(settings).Read(JsonDocument.Parse(json).RootElement, new AlertDefaults("webhook", Now), out var problem);
        return (alert, problem);
    }

    [Fact]
    public void Every_field_is_found_where_the_mapping_says()
    {
        var (alert, problem) = Read(
            new AlertMapSettings
            {
                Id = "$.event.id", Detector = "edr", Title = "{$.rule.name} on {$.hosts[0].name}", RuleId = "$.rule['the id']", Category = "$.rule.kind", Categories = new Dictionary<string, string> { ["Web Attack"] = "intrusion" },
                Severity = "$.level", Severities = new Dictionary<string, int> { ["High"] = 80 }, Time = "$.at", SourceIp = "$.conn.src", SourcePort = "$.conn.sport", SourceUser = "$.user",
                DestinationIp = "$.hosts[-1].ip", DestinationHost = "$.hosts[0].name", Tlp = "$.tlp",
                Observables = new Dictionary<string, IReadOnlyList<string>> { ["ip"] = ["$.hosts[*].ip", "$.conn.src"], ["sha256"] = ["$.files"] }, Search = ["$.note"],
            },
            """
            {"event":{"id":42},"rule":{"name":"Dropper","the id":"R-7","kind":"web attack"},"level":"high","at":1764000000123,"conn":{"src":"203.0.113.66","sport":"4242"},"user":"root",
             "hosts":[{"name":"web1","ip":"198.51.100.10"},{"name":"web2","ip":"198.51.100.11"}],"tlp":"TLP:AMBER+STRICT","files":["aa","bb"],"note":"beacons to hxxp://evil[.]example/x"}
            """);
        Assert.Equal("", problem);
        Assert.Equal(("42", "edr", "Dropper on web1", "R-7", "intrusion", 80), (alert!.Id, alert.Detector, alert.Title, alert.RuleId, alert.Category, alert.Severity));
        Assert.Equal((DateTimeOffset.FromUnixTimeMilliseconds(1764000000123), Tlp.AmberStrict), (alert.Time, alert.Tlp!.Value));
        Assert.Equal(new Endpoint(IpAddress.Parse("203.0.113.66"), 4242, null, "root"), alert.Source);
        Assert.Equal(new Endpoint(IpAddress.Parse("198.51.100.11"), null, "web1"), alert.Destination);
        Assert.Equal(["ip 198.51.100.10", "ip 198.51.100.11", "ip 203.0.113.66", "sha256 aa", "sha256 bb", "url http://evil.example/x"], alert.Observables.Select(o => $"{o.Type} {o.Value}"));
        Assert.Equal("Dropper", alert.Payload!.Value.GetProperty("rule").GetProperty("name").GetString());
    }

    [Fact]
    public void What_is_missing_is_left_out_and_the_same_bytes_are_the_same_alert()
    {
        var settings = new AlertMapSettings { Title = "$.title", SourceIp = "$.src", Severity = "$.level", Time = "$.at" };
        var (first, _) = Read(settings, """{"title":"x","src":"-","at":null}""");
        var (again, _) = Read(settings, """{"title":"x","src":"-","at":null}""");
        var (other, _) = Read(settings, """{"title":"x","src":"","at":""}""");
        Assert.Equal(("other", 0, Now, null, "webhook"), (first!.Category, first.Severity, first.Time, first.Source, first.Detector));
        Assert.Equal(first.Id, again!.Id);
        Assert.NotEqual(first.Id, other!.Id);
    }

    [Theory]
    [InlineData("""{"src":"203.0.113.66"}""", "title: $.title gives nothing")]
    [InlineData("""{"title":{"a":1}}""", "title: $.title gives nothing")]
    [InlineData("""{"title":"x","src":"nobody"}""", "sourceIp: 'nobody' is no address")]
    [InlineData("""{"title":"x","port":70000}""", "sourcePort: '70000' is no port")]
    [InlineData("""{"title":"x","level":"terrible"}""", "severity: 'terrible' is no number")]
    [InlineData("""{"title":"x","level":101}""", "severity: '101' is no number")]
    [InlineData("""{"title":"x","at":"yesterday"}""", "time: 'yesterday' is neither")]
    public void What_is_there_and_cannot_be_is_a_problem(string json, string expected)
    {
        var (alert, problem) = Read(new AlertMapSettings { Title = "$.title", SourceIp = "$.src", SourcePort = "$.port", Severity = "$.level", Time = "$.at" }, json);
        Assert.Null(alert);
        Assert.StartsWith(expected, problem);
    }

    [Theory]
    [InlineData("$.a.b", "1")]
    [InlineData("$['a']['b']", "1")]
    [InlineData("$[\"a\"].b", "1")]
    [InlineData("$.list[1]", "y")]
    [InlineData("$.list[-2]", "x")]
    [InlineData("$.list[*]", "x|y")]
    [InlineData("$.list", "x|y")]
    [InlineData("$.a.*", "1")]
    [InlineData("$.list[7]", "")]
    [InlineData("$.list[-7]", "")]
    [InlineData("$.nothing.at.all", "")]
    [InlineData("$['with ] and .']", "odd")]
    [InlineData("a text", "a text")]
    [InlineData("{$.a.b} of {$.list[0]}", "1 of x")]
    [InlineData("{$.a.b} of {$.nothing}", "")]
    [InlineData("$.t", "true")]
    public void A_place_finds_what_stands_there(string text, string expected)
    {
        using var json = JsonDocument.Parse("""{"a":{"b":1},"list":["x","y"],"with ] and .":"odd","t":true,"n":null}""");
        var mapped = MappedText.Parse(text, out var problem);
        Assert.Null(problem);
        Assert.Equal(expected, string.Join("|", mapped!.AllOf(json.RootElement)));
    }

    [Theory]
    [InlineData("$a")]
    [InlineData("$.a..b")]
    [InlineData("$.")]
    [InlineData("$[")]
    [InlineData("$[x]")]
    [InlineData("$['a]")]
    [InlineData("$[?(@.x)]")]
    [InlineData("text {$.a")]
    [InlineData("text {$a} b")]
    public void What_is_no_place_is_a_problem_of_the_settings(string text)
    {
        Assert.Null(MappedText.Parse(text, out var problem));
        Assert.True(problem!.Length > 10);
        Assert.Contains(new AlertMapSettings { Title = text }.MapProblems(title: true), p => p.StartsWith("title: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2026-11-24T12:00:00Z", 1795521600000)]
    [InlineData("2026-11-24T13:00:00+01:00", 1795521600000)]
    [InlineData("2026-11-24 12:00:00", 1795521600000)]
    [InlineData("1795521600", 1795521600000)]
    [InlineData("1795521600.5", 1795521600500)]
    [InlineData("1795521600000", 1795521600000)]
    [InlineData("1795521600000000", 1795521600000)]
    [InlineData("99999999999999999999", null)]
    [InlineData("soon", null)]
    public void Times_are_read_as_senders_write_them(string text, long? expected) => Assert.Equal(expected, AlertMap.ReadTime(text)?.ToUnixTimeMilliseconds());
}
