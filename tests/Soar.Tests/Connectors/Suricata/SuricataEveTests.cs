using System.Text.Json;
using Soar.Connectors.Suricata;
using Soar.Testing;

namespace Soar.Tests.Connectors.Suricata;

public sealed class SuricataEveTests
{
    private static Alert Read(string json) => SuricataEve.Read(JsonDocument.Parse(json).RootElement);

    [Fact]
    public void A_web_attack_is_an_intrusion_of_high_severity_with_its_attacker_as_source()
    {
        var alert = Read("""
            {"timestamp":"2026-11-20T08:14:03.512340+0000","flow_id":7,"event_type":"alert","src_ip":"203.0.113.66","src_port":51544,"dest_ip":"198.51.100.10","dest_port":80,
             "alert":{"gid":1,"signature_id":9000002,"signature":"SQL injection","category":"Web Application Attack","severity":1},"http":{"hostname":"portal.example","url":"/?id=1"}}
            """);
        Assert.Equal("intrusion", alert.Category);
        Assert.Equal(80, alert.Severity);
        Assert.Equal(IpAddress.Parse("203.0.113.66"), alert.Source!.Ip);
        Assert.Equal(51544, alert.Source.Port);
        Assert.Equal("1:9000002", alert.RuleId);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 8, 14, 3, TimeSpan.Zero).AddTicks(5123400), alert.Time);
        Assert.Contains(new Observable("domain", "portal.example"), alert.Observables);
        Assert.Contains(new Observable("url", "http://portal.example/?id=1"), alert.Observables);
    }

    [Fact]
    public void Where_the_rule_names_the_destination_as_attacker_the_sides_are_exchanged()
    {
        var alert = Read("""
            {"timestamp":"2026-11-20T08:14:03+0000","event_type":"alert","src_ip":"198.51.100.10","dest_ip":"203.0.113.9",
             "alert":{"signature_id":1,"signature":"s","category":"A Network Trojan was detected","severity":1,"source":{"ip":"203.0.113.9"},"target":{"ip":"198.51.100.10"}}}
            """);
        Assert.Equal("203.0.113.9", alert.Source!.Ip!.ToString());
        Assert.Equal("malware", alert.Category);
    }

    [Fact]
    public void The_local_time_of_a_sensor_becomes_UTC()
    {
        var alert = Read("""{"timestamp":"2018-03-24T14:37:19.037299-0600","event_type":"alert","src_ip":"203.0.113.1","alert":{"signature_id":1,"signature":"s","category":"x","severity":2}}""");
        Assert.Equal(20, alert.Time.Hour);
        Assert.Equal(TimeSpan.Zero, alert.Time.Offset);
        Assert.Equal("other", alert.Category);
    }

    [Fact]
    public void What_is_null_or_of_another_type_is_not_there()
    {
        var alert = Read("""
            {"timestamp":"2026-11-20T08:14:03+0000","event_type":"alert","src_ip":"203.0.113.9","src_port":null,"dest_port":"80","http":null,"tls":"x",
             "alert":{"signature_id":1,"signature":"s","category":null,"severity":"1","source":null}}
            """);
        Assert.Null(alert.Source!.Port);
        Assert.Equal(30, alert.Severity);
        Assert.Equal([new Observable("ip", "203.0.113.9")], alert.Observables);
        Assert.Contains("timestamp", Assert.Throws<SoarException>(() => Read("""{"timestamp":null,"event_type":"alert","alert":{}}""")).Message);
        Assert.False(SuricataEve.IsAlert(JsonDocument.Parse("""{"event_type":5,"alert":null}""").RootElement));
    }

    [Theory]
    [InlineData("suricata-eve/samples_wrccdc-2018_alerts-only.json", 60, 10)]
    [InlineData("suricata-eve/suricata-sample-data__alerts-only.json", 44, 0)]
    public void Every_real_alert_is_read(string file, int count, int intrusions)
    {
        Assert.SkipUnless(SharedSamples.Folder is not null, SharedSamples.Absent);
        var events = JsonDocument.Parse(File.ReadAllText(SharedSamples.File(file)!)).RootElement.EnumerateArray().ToList();
        var alerts = events.Where(SuricataEve.IsAlert).Select(SuricataEve.Read).ToList();
        Assert.Equal(count, alerts.Count);
        Assert.Equal(intrusions, alerts.Count(a => a.Category == "intrusion"));
        Assert.All(alerts, a => Assert.InRange(a.Severity, 1, 100));
        Assert.All(alerts, a => Assert.NotNull(a.Source!.Ip));
    }
}
