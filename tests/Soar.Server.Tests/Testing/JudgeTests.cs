namespace Soar.Server.Tests.Testing;

/// <summary>Every kind of expectation: once where it holds, once where it does not.</summary>
public sealed class JudgeTests
{
    private const string Block =
        """
        var blocks = Firewall.All.Select(edge => edge.Block(IpAddress.Parse("203.0.113.66"), 2.Hours)).ToList();
        // May we?
        var decision = await Ask("lead", "Block 203.0.113.66?", blocks, within: 1.Hours);
        if (!decision.Approved)
            return Outcome.Escalated(decision.Reason);
        // Block it
        await All(blocks, parallel: 1);
        await Note("blocked");
        return Outcome.Contained("done");
        """;

    private const string Given =
        """
        instances: { Firewall: [edge-1, edge-2] }
        people: { lead: { approve: "go", after: 5m } }
        steps: { firewall.block: { returns: { address: 203.0.113.66, evidence: e } } }

        """;

    [Theory]
    [InlineData("outcome: Contained")]
    [InlineData("outcome: contained")]
    [InlineData("reason: DONE")]
    [InlineData("duration: 5m")]
    [InlineData("steps: [may-we, block-it, firewall.block, firewall.block, case.note]")]
    [InlineData("steps: [\"*[0]/firewall-block\", \"block-it[1]/firewall-block\"]")]
    [InlineData("never: [isp.report, mail.*]")]
    [InlineData("questions: [\"block 203.0.113.66\"]")]
    [InlineData("effects: [ { action: firewall.block, instance: edge-1 }, { action: firewall.block, instance: edge-2, arguments: { duration: 2h } } ]")]
    [InlineData("effects: [ { action: firewall.block, times: 2 }, { action: case.note, arguments: { text: blocked } } ]")]
    [InlineData("effects-include: [ { action: firewall.block, instance: edge-2 } ]")]
    public Task What_is_so_holds(string expect) => SaysAsync(Given + $"expect: {{ {expect} }}", "");

    [Theory]
    [InlineData("outcome: Escalated", "expected the outcome Escalated, but the run ended Contained: done")]
    [InlineData("failed: no", "expected the run to fail with \"no\", but it ended Contained: done")]
    [InlineData("cancelled: true", "expected the run to be cancelled, but it ended Contained: done")]
    [InlineData("reason: else", "expected a reason with \"else\", but the run ended Contained: done")]
    [InlineData("duration: 6m", "expected it to take 6 minutes, but it took 5 minutes")]
    [InlineData("steps: [case.note, may-we]", "line 6: step 'may-we' came before 'case.note', but must come after it")]
    [InlineData("steps: [block-itt]", "line 6: step 'block-itt' never came.")]
    [InlineData("never: [case.note]", "line 6: 'case.note' must never happen, but it did: note (case.note) → done")]
    [InlineData("never: [mail.sned]", "line 6: 'mail.sned' can never happen, so that saying so proves nothing: no step or action has this name. Did you mean 'mail.send'?")]
    [InlineData("never: [block-itt]", "line 6: 'block-itt' can never happen, so that saying so proves nothing: no step or action has this name. Did you mean 'block-it'?")]
    [InlineData("never: [\"firewal.*\"]", "line 6: 'firewal.*' can never happen")]
    [InlineData("questions: [\"Destroy\"]", "line 6: nobody was asked \"Destroy\". Asked was \"Block 203.0.113.66?\" (lead)")]
    [InlineData("effects-include: [ { action: firewall.block, times: 3 } ]", "line 6: expected firewall.block 3 times, but it was dispatched 2 times")]
    [InlineData("effects-include: [ { action: firewall.blok } ]", "line 6: 'firewall.blok' is no action. Did you mean 'firewall.block'?")]
    [InlineData("effects: [ { action: firewall.block, times: 2, arguments: { time: 2h } } ]", "firewall.block has no argument 'time'.")]
    [InlineData("effects: [ { action: firewall.block, instance: edge-1 } ]", "an effect was dispatched that the test does not expect: firewall.block at edge-2 with {\"address\":\"203.0.113.66\",\"duration\":\"02:00:00\"}")]
    [InlineData("effects: [ { action: firewall.block, times: 2 }, { action: case.note, arguments: { text: other } } ]", "line 6: expected case.note with text \"other\", but it was dispatched never. Dispatched was case.note at soar with {\"text\":\"blocked\"}")]
    public Task What_is_not_so_fails_in_words(string expect, string message) => SaysAsync(Given + $"expect: {{ {expect} }}", message);

    [Fact]
    public Task A_test_that_expects_only_steps_still_wants_the_run_to_complete() =>
        SaysAsync(Given.Replace("returns: { address: 203.0.113.66, evidence: e }", "fails: refused") + "expect: { steps: [may-we] }", "expected the run to complete, but it ended failed: firewall.block failed: refused (");

    [Fact]
    public Task A_block_without_a_decision_is_refused_as_in_the_deployment() =>
        SaysAsync("await Firewall.Block(IpAddress.Parse(\"203.0.113.66\"), 2.Hours);\nreturn Outcome.Contained();", "expect: { failed: needs a decision, never: [firewall.block], effects: [] }", "");

    [Fact]
    public Task Instances_that_belong_to_no_capability_are_named() =>
        SaysAsync(Given.Replace("Firewall: [", "Firewal: [") + "expect: { outcome: Contained }", "instances: 'Firewal' is no capability that has instances. Did you mean 'Firewall'?");

    [Fact]
    public async Task Tests_do_not_see_each_other()
    {
        await using var bench = new Bench();
        var file = await bench.RunAsync("var list = await Lists[\"f\"];\nreturn Outcome.Completed($\"{list.Rows.Count} {list.Version}\");",
            """
            tests:
              - { name: One, lists: { f: { repeat: 3, row: { id: "{n}" } } }, expect: { reason: "3 1" } }
              - { name: Two, lists: { f: { repeat: 2, row: { id: "{n}" } } }, expect: { reason: "2 1" } }
              - { name: None, expect: { failed: There is no list 'f' } }
            """);
        Assert.All(file.Results, result => Assert.Empty(result.Failures));
    }

    [Fact]
    public Task A_run_that_goes_on_as_another_is_judged_by_the_last() =>
        SaysAsync("var n = Input(\"n\", 1, \"Round\");\nawait Wait(1.Hours);\nif (n < 3) return RunAgain(new { n = n + 1 });\nreturn Outcome.Completed($\"round {n}\");",
            "expect: { outcome: Completed, reason: round 3, duration: 3h, steps: [wait, wait, wait] }", "");

    [Fact]
    public async Task The_alert_comes_from_the_test_and_inputs_from_the_alert()
    {
        const string body = "On.Alert(alert => alert.Category == \"intrusion\");\nvar address = Input<IpAddress>(\"address\", \"Who\", from: alert => alert.Source?.Ip);\nreturn Outcome.Completed($\"{address}\");";
        await SaysAsync(body, "alert: { id: a, detector: d, title: t, category: intrusion, time: 2026-01-01T00:00:00Z, source: { ip: 203.0.113.9 } }\nexpect: { reason: 203.0.113.9 }", "");
        await SaysAsync(body, "alert: { id: a, detector: d, title: t, category: intrusion, time: 2026-01-01T00:00:00Z, source: { pi: 203.0.113.9 } }\nexpect: { reason: x }", ":3: alert.source.pi is no field of Endpoint. Did you mean 'ip'?");
        await SaysAsync(body, "alert: missing.json\nexpect: { reason: x }", "Paths are relative to the test file.");
        await SaysAsync(body, "expect: { reason: x }", "sample was not started: these required inputs are missing: address");
    }

    private static Task SaysAsync(string test, string message) => SaysAsync(Block, test, message);

    private static async Task SaysAsync(string body, string test, string message)
    {
        await using var bench = new Bench();
        var failures = await bench.FailuresAsync(body, test);
        if (message.Length == 0) Assert.Equal("", failures);
        else Assert.Contains(message, failures);
    }
}
