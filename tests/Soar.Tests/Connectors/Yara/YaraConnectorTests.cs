using Soar.Capabilities;
using Soar.Connectors.Processes;
using Soar.Connectors.Yara;
using Soar.Testing;

namespace Soar.Tests.Connectors.Yara;

public sealed class YaraConnectorTests
{
    private static YaraConnector Connector(YaraSettings settings, string folder) => new(settings, Given.Services(folder));

    [Theory]
    [InlineData("", Verdict.Unknown)]
    [InlineData("Lab [] /tmp/x/artifact\n", Verdict.Malicious, "Lab")]
    [InlineData("Odd [packer,suspicious] /tmp/x/artifact\n", Verdict.Suspicious, "Odd")]
    [InlineData("Odd [suspicious] /tmp/x/artifact\nLab [worm] /tmp/x/artifact\nLab [] /tmp/x/artifact\n", Verdict.Malicious, "Odd", "Lab")]
    public async Task Rules_that_match_become_a_report(string output, Verdict verdict, params string[] rules)
    {
        await using var connector = Connector(new YaraSettings { Rules = "rules" }, "/");
        var report = connector.Report(output, files: 3);
        Assert.Equal(verdict, report.Verdict);
        Assert.Equal(rules, report.Signatures);
    }

    [Theory]
    [InlineData(1, "error: rule \"B\" in /rules/c.yar(2): syntax error", FailureKind.Permanent, "yara")]
    [InlineData(1, "error scanning /tmp/x: scanning timed out", FailureKind.Transient, "timeout")]
    [InlineData(null, "took longer than 1 minute and was ended", FailureKind.Transient, "timeout")]
    [InlineData(0, "error scanning /tmp/x: could not open file", FailureKind.Permanent, "yara")] // an exit of 0 with an error is no clean scan
    public void Every_way_of_failing_has_its_outcome(int? exit, string errors, FailureKind kind, string reason)
    {
        var failure = Assert.Throws<ConnectorFailure>(() => YaraConnector.Require(new ToolResult(exit, "", errors)));
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task Missing_rules_and_a_missing_program_are_told_with_their_remedy()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "empty"));
        folder.File("rules/deep/a.yar", "rule A { condition: true }");
        var store = new HeldArtifacts([1]);
        async Task<ConnectorFailure> Fails(YaraSettings settings)
        {
            await using var connector = Connector(settings, folder.Path);
            return await Assert.ThrowsAsync<ConnectorFailure>(() => connector.ScanAsync(store.Artifact, Given.Context(artifacts: store), TestContext.Current.CancellationToken));
        }

        Assert.Equal((FailureKind.Permanent, "rules"), await Fails(new YaraSettings { Rules = "empty" }) is var none ? (none.Kind, none.Reason) : default);
        Assert.Equal((FailureKind.Permanent, "rules"), await Fails(new YaraSettings { Rules = "nowhere" }) is var away ? (away.Kind, away.Reason) : default);
        Assert.Equal((FailureKind.Permanent, "not-installed"), await Fails(new YaraSettings { Rules = "rules", Command = ["/does/not/exist"] }) is var program ? (program.Kind, program.Reason) : default);
        Assert.Equal((FailureKind.Permanent, "too-large"), await Fails(new YaraSettings { Rules = "rules", MaxBytes = 0 }) is var large ? (large.Kind, large.Reason) : default);
    }

    [Fact]
    public void Settings_name_every_problem_at_once() => Assert.Equal(
        ["rules", "command", "maxBytes", "timeout"],
        new YaraSettings { Command = [" "], MaxBytes = 0, Timeout = TimeSpan.Zero }.Problems().Select(problem => problem[..problem.IndexOf(':')]));
}
