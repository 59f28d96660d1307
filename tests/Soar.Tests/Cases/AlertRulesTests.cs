using System.Text.Json;
using Soar.Alerts;
using Soar.Cases.Alerts;

namespace Soar.Tests.Cases;

/// <summary>When an alert repeats another, and which rule suppresses it: what is missing in an alert never makes it like another, and never fits.</summary>
public sealed class AlertRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static readonly SameAlerts Default = new(TimeSpan.FromMinutes(10), []);

    private static Alert Alert(string id = "1") => new()
    {
        Id = id, Detector = "suricata", Title = "SQL injection", RuleId = "1:9000002", Category = "intrusion", Severity = 80, Time = Noon,
        Source = new Endpoint(IpAddress.Parse("203.0.113.66"), 4242), Destination = new Endpoint(IpAddress.Parse("198.51.100.7"), 80, "www.Ministry.example"),
        Observables = [new Observable("domain", "evil.example"), new Observable("url", "http://evil.example/a")], Payload = JsonDocument.Parse("""{"alert":{"signature":"SQL","rev":3},"flow":[1]}""").RootElement,
    };

    private static AlertField Field(string name) => AlertField.Find(name, out _)!;

    private static bool Holds(string field, params string[] wanted) => Holds(Alert(), (field, wanted));

    private static bool Holds(Alert alert, params (string Field, string[] Wanted)[] when)
    {
        var problems = new List<string>();
        var condition = AlertCondition.Parse(when.ToDictionary(w => w.Field, w => (IReadOnlyList<string>)w.Wanted), problems);
        Assert.Empty(problems);
        return condition.Holds("sensor", alert);
    }

    [Fact]
    public void What_differs_only_by_id_time_port_and_payload_is_the_same()
    {
        var first = Default.Fingerprint("sensor", Alert());
        Assert.Equal(64, first!.Length);
        Assert.Equal(first, Default.Fingerprint("sensor", Alert("2") with { Time = Noon.AddMinutes(3), Source = new Endpoint(IpAddress.Parse("203.0.113.66"), 5000), Payload = null }));
        Assert.Equal(first, Default.Fingerprint("sensor", Alert() with { Observables = [.. Alert().Observables.Reverse()], Destination = new Endpoint(IpAddress.Parse("198.51.100.7"), 443, "WWW.ministry.example") }));
    }

    [Fact]
    public void What_is_about_another_or_says_something_else_is_not_the_same()
    {
        var alert = Alert();
        var others = new[]
        {
            alert with { RuleId = "1:9000003" }, alert with { Title = "SQL injection 2" }, alert with { Category = "recon" }, alert with { Severity = 90 }, alert with { Detector = "snort" }, alert with { Tlp = Tlp.Red },
            alert with { Source = null }, alert with { Source = new Endpoint(IpAddress.Parse("203.0.113.67")) }, alert with { Destination = new Endpoint(IpAddress.Parse("198.51.100.7"), 80, "mail.ministry.example") },
            alert with { Source = alert.Source! with { User = "ana" } }, alert with { Observables = [new Observable("domain", "evil.example")] }, alert with { Raw = new Artifact(new string('a', 64), 1, "m.eml", "message/rfc822") },
            alert with { Observables = [new Observable("domain", "evil.example http://evil.example/a")] },
        };
        var prints = others.Select(other => Default.Fingerprint("sensor", other)).Append(Default.Fingerprint("sensor", alert)).Append(Default.Fingerprint("sensor-2", alert)).ToList();
        Assert.DoesNotContain(null, prints);
        Assert.Equal(prints.Count, prints.Distinct().Count());
    }

    [Fact]
    public void What_is_about_nothing_in_particular_repeats_nothing()
    {
        var vague = Alert() with { Source = null, Destination = null, Observables = [] };
        Assert.Null(Default.Fingerprint("mailbox", vague));
        Assert.Null(new SameAlerts(TimeSpan.FromHours(1), [Field("title"), Field("source.ip")]).Fingerprint("mailbox", vague));
        Assert.NotNull(new SameAlerts(TimeSpan.FromHours(1), [Field("title")]).Fingerprint("mailbox", vague));
        Assert.Equal(
            new SameAlerts(TimeSpan.FromHours(1), [Field("rule"), Field("source.ip")]).Fingerprint("s", Alert()),
            new SameAlerts(TimeSpan.FromHours(1), [Field("rule"), Field("source.ip")]).Fingerprint("s", Alert() with { Title = "other", Severity = 1, Observables = [] }));
    }

    [Theory]
    [InlineData(true, "source.ip", "203.0.113.0/24")]
    [InlineData(true, "source.ip", "10.0.0.0/8", "203.0.113.66")]
    [InlineData(false, "source.ip", "203.0.113.6")]
    [InlineData(false, "source.ip", "10.0.0.0/8")]
    [InlineData(true, "severity", ">=80")]
    [InlineData(false, "severity", "> 80")]
    [InlineData(true, "severity", "<81")]
    [InlineData(true, "severity", "80")]
    [InlineData(true, "title", "sql*")]
    [InlineData(true, "title", "*INJECT*")]
    [InlineData(false, "title", "inject")]
    [InlineData(true, "observables", "evil.example")]
    [InlineData(true, "observables.url", "http://evil.example/*")]
    [InlineData(false, "observables.sha256", "*")]
    [InlineData(true, "payload.alert.signature", "SQL")]
    [InlineData(true, "payload.alert.rev", ">2")]
    [InlineData(false, "payload.alert", "*")]
    [InlineData(false, "payload.nothing.here", "*")]
    [InlineData(true, "instance", "sensor")]
    [InlineData(false, "source.user", "*")]
    public void A_field_fits_by_value_network_comparison_or_pattern_and_a_missing_one_never(bool holds, string field, params string[] wanted) => Assert.Equal(holds, Holds(field, wanted));

    [Fact]
    public void All_fields_of_a_condition_must_fit()
    {
        Assert.True(Holds(Alert(), ("source.ip", ["203.0.113.66"]), ("category", ["recon", "intrusion"])));
        Assert.False(Holds(Alert(), ("source.ip", ["203.0.113.66"]), ("category", ["recon"])));
        Assert.False(Holds(Alert() with { Severity = 0 }, ("severity", ["<40"]))); // unset is not low
    }

    [Theory]
    [InlineData("sorce.ip", "1.2.3.4", "Did you mean 'source.ip'?")]
    [InlineData("title", ">=3", "is no number")]
    [InlineData("title", " ", "empty value")]
    [InlineData("payload..x", "y", "is no field")]
    public void What_is_wrong_with_a_condition_is_said(string field, string wanted, string words)
    {
        var problems = new List<string>();
        AlertCondition.Parse(new Dictionary<string, IReadOnlyList<string>> { [field] = [wanted] }, problems);
        Assert.Contains(words, Assert.Single(problems));
    }

    [Fact]
    public void A_route_sets_what_all_other_rules_see_keeps_what_the_detector_said_and_loosens_no_TLP()
    {
        AlertCondition When(string field, string wanted) => AlertCondition.Parse(new Dictionary<string, IReadOnlyList<string>> { [field] = [wanted] }, []);
        var rules = AlertRules.None with
        {
            Routes = [new AlertRoute("mail server", When("destination.ip", "198.51.100.7"), 95, Tlp.Green), new AlertRoute("everything", When("category", "*"), 1, Tlp.Red)],
            Suppressions = [new Suppression("low", When("severity", "<50"), null, "")],
        };
        var routed = rules.Apply("sensor", new IncomingAlert(Alert() with { Severity = 10, Tlp = Tlp.Amber }, Noon), Noon);
        Assert.Equal((95, Tlp.Amber, null, Noon), (routed.Alert.Severity, routed.Alert.Tlp, routed.Handling.SuppressedBy, routed.ResolvedAt));
        Assert.Equal(new AlertRouting("mail server", 10, Tlp.Amber), routed.Handling.Routing);
        Assert.Equal(Tlp.Green, rules.Apply("sensor", new IncomingAlert(Alert()), Noon).Alert.Tlp);
        var other = rules.Apply("sensor", new IncomingAlert(Alert() with { Destination = null }), Noon);
        Assert.Equal((1, Tlp.Red, "low", new AlertRouting("everything", 80, null)), (other.Alert.Severity, other.Alert.Tlp, other.Handling.SuppressedBy, other.Handling.Routing));
        var none = AlertRules.None.Apply("sensor", new IncomingAlert(Alert()), Noon);
        Assert.Equal((80, null, null), (none.Alert.Severity, none.Alert.Tlp, none.Handling.Routing));
    }

    [Fact]
    public void What_alerts_share_leads_them_to_one_case_whichever_side_it_stands_at()
    {
        var rule = new CaseRule("attacker", null, [Field("source.ip"), Field("destination.ip"), Field("observables")], TimeSpan.FromHours(1), "Attacks from {source.ip} on {destination.host}");
        var grouping = rule.Group("sensor", Alert())!;
        Assert.Equal(("attacker", "Attacks from 203.0.113.66 on www.Ministry.example", TimeSpan.FromHours(1)), (grouping.Rule, grouping.Title, grouping.Within));
        Assert.Equal(["ip:203.0.113.66", "ip:198.51.100.7", "domain:evil.example", "url:http://evil.example/a"], grouping.Keys);
        var answer = rule.Group("sensor", Alert() with { Source = new Endpoint(IpAddress.Parse("198.51.100.7")), Destination = null, Observables = [new Observable("ip", "203.0.113.66")] })!;
        Assert.Equal(["ip:198.51.100.7", "ip:203.0.113.66"], answer.Keys);
        Assert.Equal("SQL injection", answer.Title); // it has no destination to name
        Assert.Null(rule.Group("sensor", Alert() with { Source = null, Destination = null, Observables = [] }));
        Assert.Null((rule with { When = AlertCondition.Parse(new Dictionary<string, IReadOnlyList<string>> { ["severity"] = [">90"] }, []) }).Group("sensor", Alert()));
        Assert.Equal(CaseRule.MostKeys, rule.Group("sensor", Alert() with { Observables = [.. Enumerable.Range(0, 500).Select(n => new Observable("domain", $"{n}.example"))] })!.Keys.Count);
        Assert.InRange((rule with { Title = null }).Group("sensor", Alert() with { Title = new string('x', 5_000) })!.Title.Length, 100, 250);
    }

    [Fact]
    public void The_first_rule_that_leads_somewhere_counts_and_what_is_suppressed_has_no_case()
    {
        var rules = AlertRules.None with { Cases = [new CaseRule("user", null, [Field("source.user")], TimeSpan.FromHours(1), null), new CaseRule("address", null, [Field("source.ip")], TimeSpan.FromHours(1), null)] };
        Assert.Equal("address", rules.For("sensor", Alert(), Noon).Grouping!.Rule);
        Assert.Equal("user", rules.For("sensor", Alert() with { Source = new Endpoint(User: "ana") }, Noon).Grouping!.Rule);
        var always = AlertCondition.Parse(new Dictionary<string, IReadOnlyList<string>> { ["category"] = ["*"] }, []);
        Assert.Null((rules with { Suppressions = [new Suppression("all", always, null, "")] }).For("sensor", Alert(), Noon).Grouping);
    }

    [Fact]
    public void The_first_rule_that_holds_and_is_not_over_suppresses_and_what_is_suppressed_repeats_nothing()
    {
        var always = AlertCondition.Parse(new Dictionary<string, IReadOnlyList<string>> { ["category"] = ["intrusion"] }, []);
        var rules = AlertRules.None with { Same = Default, Suppressions = [new Suppression("old", always, Noon, "over"), new Suppression("scanner", always, Noon.AddHours(1), "our own"), new Suppression("later", always, null, "")] };
        Assert.Equal(("scanner", "our own", null), rules.For("sensor", Alert(), Noon) is var now ? (now.SuppressedBy, now.SuppressedFor, now.Fingerprint) : default);
        Assert.Equal("later", rules.For("sensor", Alert(), Noon.AddHours(1)).SuppressedBy);
        var free = rules.For("sensor", Alert() with { Category = "malware" }, Noon);
        Assert.Equal((null, TimeSpan.FromMinutes(10)), (free.SuppressedBy, free.SameWithin));
        Assert.NotNull(free.Fingerprint);
        Assert.Null((rules with { SameOf = new Dictionary<string, SameAlerts> { ["sensor"] = new(TimeSpan.Zero, []) } }).For("sensor", Alert() with { Category = "malware" }, Noon).Fingerprint);
    }
}
