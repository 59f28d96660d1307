using Soar.Server.Testing;

namespace Soar.Server.Tests.Testing;

public sealed class TestRunnerTests
{
    [Fact]
    public async Task A_playbook_that_does_what_its_test_says_passes()
    {
        await using var bench = new Bench();
        var file = await bench.RunAsync(
            """
            var report = await Intel.Lookup(IpAddress.Parse("203.0.113.7"));
            return report.Verdict == Verdict.Malicious ? Outcome.Escalated(report.Details) : Outcome.FalsePositive();
            """,
            """
            tests:
              - name: A known address is escalated
                steps:
                  intel.lookup: { returns: { source: test, verdict: Malicious, details: listed } }
                expect: { outcome: Escalated, reason: listed, steps: [intel-lookup], effects: [] }
              - name: An unknown one is not
                steps:
                  intel.lookup: { returns: { source: test, verdict: Unknown, details: "" } }
                expect: { outcome: Escalated }
            """);

        Assert.Null(file.Problem);
        Assert.Equal("", string.Join("\n", file.Results[0].Failures));
        Assert.Equal(TestStatus.Passed, file.Results[0].Status);
        Assert.Equal("expected the outcome Escalated, but the run ended FalsePositive", Assert.Single(file.Results[1].Failures));
    }
}
