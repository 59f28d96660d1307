using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Settings;

public sealed class AlertSettingsTests
{
    private static SoarSettings Read(string text)
    {
        using var folder = new TempFolder();
        var registry = new ConnectorRegistry(new ActionCatalog());
        return SettingsFile.Read(folder.File("soar.yaml", text), registry, name => new ConnectorServices(name, TimeProvider.System, NullLogger.Instance, new Templates(folder.Path), folder.Path));
    }

    [Fact]
    public void Without_a_word_repeats_count_for_ten_minutes_and_nothing_is_suppressed()
    {
        var rules = Read("hosts: 1\n").Alerts.ToRules();
        Assert.Equal(TimeSpan.FromMinutes(10), rules.Same.Within);
        Assert.Empty(rules.Same.By);
        Assert.Empty(rules.Suppressions);
    }

    [Fact]
    public void Every_setting_is_read_and_a_source_may_have_its_own()
    {
        var rules = Read("""
            alerts:
              same:
                within: 1h
                by: [rule, source.ip]
                sources:
                  mailbox: { within: 0s }
                  sensor: { by: payload.flow_id }
              suppress:
                - name: own scanner
                  when: { source.ip: [10.0.9.0/24, 10.0.8.1], category: recon }
                  until: 2027-01-01T00:00Z
                  reason: change 4711
            """).Alerts.ToRules();
        Assert.Equal(["rule", "source.ip"], rules.Same.By.Select(f => f.Name));
        Assert.Equal((TimeSpan.Zero, 2), (rules.SameOf["mailbox"].Within, rules.SameOf["mailbox"].By.Count));
        Assert.Equal((TimeSpan.FromHours(1), "payload.flow_id"), (rules.SameOf["sensor"].Within, rules.SameOf["sensor"].By[0].Name));
        var rule = Assert.Single(rules.Suppressions);
        Assert.Equal(("own scanner", new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), "change 4711"), (rule.Name, rule.Until, rule.Reason));
        var alert = new Alert { Id = "1", Detector = "d", Title = "t", Category = "recon", Time = rule.Until!.Value, Source = new Endpoint(IpAddress.Parse("10.0.9.77")) };
        Assert.True(rule.When.Holds("sensor", alert));
        Assert.False(rule.When.Holds("sensor", alert with { Category = "intrusion" }));
    }

    [Fact]
    public void Rules_that_lead_alerts_to_cases_are_read_and_wrong_ones_are_told()
    {
        var rule = Assert.Single(Read("""
            alerts:
              cases:
                - { name: attacker, by: [source.ip, observables.domain], when: { severity: '>=50' }, within: 2h, title: 'From {source.ip}' }
            """).Alerts.ToRules().Cases);
        Assert.Equal(("attacker", TimeSpan.FromHours(2), "From {source.ip}"), (rule.Name, rule.Within, rule.Title));
        Assert.Equal(["source.ip", "observables.domain"], rule.By.Select(f => f.Name));
        Assert.Null(rule.Group("s", new Alert { Id = "1", Detector = "d", Title = "t", Category = "recon", Severity = 49, Time = default, Source = new Endpoint(IpAddress.Parse("10.0.9.77")) }));
        var error = Assert.Throws<SoarException>(() => Read("alerts:\n  cases:\n    - { name: a, by: [], within: 0s, title: '{nobody}' }\n    - { name: a, by: [source.pi], when: { sevrity: 3 } }\n"));
        foreach (var words in new[] { "a: by names no field", "a: within is", "{nobody} is no field", "'source.pi' is no field of an alert. Did you mean 'source.ip'?", "sevrity is no field", "two rules are called a" }) Assert.Contains(words, error.Message);
    }

    [Fact]
    public void Rules_that_weigh_alerts_are_read_and_wrong_ones_are_told()
    {
        var route = Assert.Single(Read("alerts:\n  route: [{ name: mail, when: { destination.ip: 198.51.100.25 }, severity: 90, tlp: red }]\n").Alerts.ToRules().Routes);
        Assert.Equal(("mail", 90, Tlp.Red), (route.Name, route.Severity, route.Tlp));
        var error = Assert.Throws<SoarException>(() => Read("alerts:\n  route:\n    - { name: a, when: {} }\n    - { name: b, when: { titel: x }, severity: 101 }\n"));
        foreach (var words in new[] { "a: when has no field", "a: it has neither severity nor tlp", "b: severity is 101", "titel is no field of an alert. Did you mean 'title'?" }) Assert.Contains(words, error.Message);
    }

    [Fact]
    public void Everything_wrong_is_told_at_once_with_its_line()
    {
        var error = Assert.Throws<SoarException>(() => Read("""
            alerts:
              mostWaiting: 0
              same:
                within: 2h
                by: [rul]
                sources: { mailbox: { by: [source.adress] } }
              suppress:
                - { name: scanner, when: { severity: '<40', title: '>3' } }
                - { name: scanner, when: {} }
            """));
        Assert.Equal("SOAR4002", error.Code);
        foreach (var words in new[]
        {
            ":2: alerts.mostWaiting: 0", ":5: alerts.same.by: 'rul' is no field of an alert. Did you mean 'rule'?", "alerts.same.sources.mailbox.by: 'source.adress' is no field", "scanner: when: title is no number, so '>3' compares nothing",
            "scanner: when has no field, so that every alert would be suppressed", "two rules are called scanner",
        }) Assert.Contains(words, error.Message);
    }
}
