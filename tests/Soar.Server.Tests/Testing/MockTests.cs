namespace Soar.Server.Tests.Testing;

/// <summary>What mocks do to a run, and what is said of those that do nothing.</summary>
public sealed class MockTests
{
    private const string Lookup = "var report = await Intel.Lookup(IpAddress.Parse(\"203.0.113.7\"));\nreturn Outcome.Completed(report.Details);";
    private const string Report =
        """
        var owner = await Isp.Owner(IpAddress.Parse("203.0.113.7"));
        var sent = await Isp.Report(owner, IpAddress.Parse("203.0.113.7"), template: "intrusion");
        return Outcome.Completed(sent.Response);
        """;
    private const string Owner = "isp.owner: { returns: { address: 203.0.113.7, name: N, handle: H, network: 203.0.113.0/24, registry: r } }";

    [Fact]
    public async Task A_step_without_an_answer_and_without_a_simulator_fails_the_test_by_name()
    {
        await using var bench = new Bench();
        var failures = await bench.FailuresAsync(Lookup, "expect: { failed: no answer }");
        Assert.Equal("step intel-lookup (intel.lookup at test) has no answer, and no connector of this deployment simulates intel: add to 'steps:' for example\n      intel.lookup: { returns: … }", failures);
    }

    [Fact]
    public async Task The_deployments_simulator_answers_what_the_test_does_not()
    {
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(Lookup, "expect: { outcome: Completed, reason: simulated }", capability => capability == "Intel" ? new Simulated() : null));
    }

    [Fact]
    public async Task A_mock_that_no_step_fits_fails_the_test_by_name()
    {
        await using var bench = new Bench();
        Assert.Equal("line 5: no step fitted 'isp.owner'. Known: intel.lookup, intel-lookup.", await bench.FailuresAsync(Lookup,
            """
            steps:
              intel.lookup: { returns: { source: s, verdict: Unknown, details: d } }
              isp.owner: { fails: "404" }
            expect: { outcome: Completed }
            """));
    }

    [Fact]
    public async Task A_mock_of_the_whole_file_must_fit_in_one_of_its_tests()
    {
        await using var bench = new Bench();
        var file = await bench.RunAsync(Lookup,
            """
            steps:
              intel.lookup: { returns: { source: s, verdict: Unknown, details: d } }
              isp.owner: { fails: "404" }
            tests:
              - { name: One, expect: { outcome: Completed } }
            """);
        Assert.Empty(Assert.Single(file.Results).Failures);
        Assert.Equal("line 3: no step of any test fitted 'isp.owner'", file.Problem);
    }

    [Theory]
    [InlineData("{ source: s, verdict: Unknown, detials: d }", "the result of intel.lookup.detials is no field of IntelReport. Did you mean 'details'?")]
    [InlineData("{ source: s, verdict: Unknown }", "the result of intel.lookup.details is missing: a IntelReport has one.")]
    [InlineData("{ source: s, verdict: Evil, details: d }", "the result of intel.lookup.verdict is 'Evil' but must be one of Unknown, Benign, Suspicious, Malicious.")]
    [InlineData("[1]", "the result of intel.lookup is a list where a IntelReport is expected.")]
    public async Task A_mocked_result_must_be_one_of_the_action(string result, string message)
    {
        await using var bench = new Bench();
        var failures = await bench.FailuresAsync(Lookup, $"steps:\n  intel.lookup: {{ returns: {result} }}\nexpect: {{ outcome: Completed }}");
        Assert.Contains(":4: " + message, failures);
    }

    [Fact]
    public async Task Texts_that_look_like_numbers_stay_texts_where_the_action_has_a_text()
    {
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(Lookup, "steps:\n  intel.lookup: { returns: { source: 1, verdict: Unknown, details: 2.50 } }\nexpect: { reason: \"2.50\" }"));
    }

    [Fact]
    public async Task The_most_specific_mock_wins()
    {
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(
            """
            var all = await ForEach(Intel.All, source => source.Lookup(IpAddress.Parse("203.0.113.7")));
            // Once more
            var again = await Intel.Lookup(IpAddress.Parse("203.0.113.8"));
            return Outcome.Completed(string.Join(" ", all.Select(one => one.Details)) + " " + again.Details);
            """,
            """
            instances: { Intel: [a, b, c] }
            steps:
              once-more: { returns: { source: s, verdict: Unknown, details: by-id } }
              for-each[2]/intel.lookup: { returns: { source: s, verdict: Unknown, details: by-path } }
              intel.lookup[b]: { returns: { source: s, verdict: Unknown, details: by-instance } }
              intel.lookup: { returns: { source: s, verdict: Unknown, details: by-action } }
            expect: { reason: "by-action by-instance by-path by-id" }
            """));
    }

    [Fact]
    public async Task A_list_answers_one_attempt_after_the_other()
    {
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(Lookup,
            """
            steps:
              intel.lookup:
                - { transient: "429", retryAfter: 10m }
                - { times-out: true }
                - { returns: { source: s, verdict: Unknown, details: third }, after: 20s }
            expect: { reason: third, duration: 10m52s }
            """));
    }

    [Fact]
    public async Task A_step_that_fails_for_good_says_so_in_the_mocks_words()
    {
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(Lookup, "steps:\n  intel.lookup: { fails: \"404\", message: \"no such list\" }\nexpect: { failed: no such list }"));
    }

    [Fact]
    public async Task An_unknown_outcome_is_settled_by_the_mocks_probe_else_by_a_person()
    {
        await using var bench = new Bench();
        var answered = await bench.FailuresAsync(Report,
            $$"""
            steps:
              {{Owner}}
              isp.report: [ { unknown: "cut", probe: absent }, { returns: { to: a@b.example, messageId: m, response: second } } ]
            expect: { reason: second, effects: [ { action: isp.report } ] }
            """);
        var asked = await bench.FailuresAsync(Report,
            $$"""
            steps:
              {{Owner}}
              isp.report: [ { unknown: "cut", probe: cannot-tell }, { returns: { to: a@b.example, messageId: m, response: second } } ]
            people: { unknown-outcome: { not-done: "not in their queue" } }
            expect: { reason: second, questions: ["Was isp.report at test done?"] }
            """);
        var nobody = await bench.FailuresAsync(Report,
            $$"""
            steps:
              {{Owner}}
              isp.report: { unknown: "cut" }
            expect: { outcome: Completed }
            """);

        Assert.Equal("", answered);
        Assert.Equal("", asked);
        Assert.Contains("unknown-outcome is asked \"Was isp.report at test done? cut", nobody);
        Assert.EndsWith("and nobody answers: add to 'people:'\n      unknown-outcome: { done: \"…\" }", nobody);
    }

    [Fact]
    public async Task A_crash_happens_once_and_the_run_comes_back_from_its_journal()
    {
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(Report,
            $$"""
            steps:
              {{Owner}}
              isp.report: { crash: after-dispatch, probe: absent, returns: { to: a@b.example, messageId: m, response: "after the crash" } }
            expect: { reason: after the crash, effects: [ { action: isp.report } ] }
            """));
    }

    private sealed class Simulated : Soar.Capabilities.IIntel
    {
        public Task<Soar.Capabilities.IntelReport> LookupAsync(IpAddress address, Soar.Capabilities.ActionContext context, CancellationToken cancellation) =>
            Task.FromResult(new Soar.Capabilities.IntelReport("s", Verdict.Unknown, "simulated"));

        public Task<Soar.Capabilities.IntelReport> LookupObservableAsync(Observable observable, Soar.Capabilities.ActionContext context, CancellationToken cancellation) => throw new NotSupportedException();
    }

    private const string Await = """
        try
        {
            var changes = await Tickets.AwaitChange("7", "").Timeout(2.Days);
            return Outcome.Completed($"{changes.Changes.Count} changes");
        }
        catch (StepTimedOut)
        {
            return Outcome.Escalated("nobody answered");
        }
        """;

    [Theory]
    [InlineData("{ returns: { ticket: { key: \"7\", subject: s, status: Open, statusName: open, created: \"2026-01-01T00:00:00Z\", link: l }, changes: [] }, after: 5h }", "outcome: Completed, duration: 5h")]
    [InlineData("[ { transient: \"503\" }, { returns: { ticket: { key: \"7\", subject: s, status: Open, statusName: open, created: \"2026-01-01T00:00:00Z\", link: l }, changes: [] }, after: 30h } ]", "outcome: Completed")]
    [InlineData("[ { returns: { ticket: { key: \"7\", subject: s, status: Open, statusName: open, created: \"2026-01-01T00:00:00Z\", link: l }, changes: [] }, after: 47h }, { fails: \"404\" } ]", "outcome: Completed, duration: 47h")]
    [InlineData("{ times-out: true }", "outcome: Escalated, duration: 2d")]
    [InlineData("{ returns: { ticket: { key: \"7\", subject: s, status: Open, statusName: open, created: \"2026-01-01T00:00:00Z\", link: l }, changes: [] }, after: 49h }", "outcome: Escalated, duration: 2d")]
    [InlineData("[ { transient: \"503\" }, { transient: \"503\" }, { transient: \"503\" }, { transient: \"503\" }, { times-out: true } ]", "outcome: Escalated, duration: 2d")]
    public async Task A_step_that_waits_has_nothing_to_tell_until_its_time_and_an_outage_does_not_end_the_wait(string answer, string expect)
    {
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(Await, $"steps:\n  tickets.awaitchange: {answer}\nexpect: {{ {expect} }}"));
    }
}
