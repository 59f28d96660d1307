using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Yara;
using Soar.Lab.Tests.Range;
using Soar.Testing;

namespace Soar.Lab.Tests.Connectors;

/// <summary>The real yara with rules of the lab's own.</summary>
public sealed class YaraLabTests : IDisposable
{
    private readonly TempFolder folder = new();

    public YaraLabTests()
    {
        Assert.SkipWhen(Tools.Find("yara") is null, "yara is not installed on this machine");
        folder.File("rules/eicar.yar", "rule Eicar { strings: $a = \"EICAR-STANDARD-ANTIVIRUS-TEST-FILE\" condition: $a }");
        folder.File("rules/tools/odd.yara", "rule Odd : packer suspicious { strings: $a = \"odd-lab-tool\" condition: $a }\nrule Eicar { strings: $a = \"!$H+H*\" condition: $a }");
        folder.File("rules/README.txt", "not a rule");
    }

    public void Dispose() => folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private YaraConnector Connector(TimeSpan? timeout = null) =>
        new(new YaraSettings { Rules = "rules", Timeout = timeout ?? TimeSpan.FromMinutes(1) }, new ConnectorServices("rules", TimeProvider.System, NullLogger.Instance, null!, folder.Path));

    private static Task<ScanReport> ScanAsync(YaraConnector connector, byte[] bytes)
    {
        var store = new HeldArtifacts(bytes);
        return connector.ScanAsync(store.Artifact, store.Context, Token);
    }

    [Fact]
    public async Task Rules_of_all_files_match_and_tags_decide_the_verdict()
    {
        await using var connector = Connector();
        var eicar = await ScanAsync(connector, ScannerDaemon.Eicar);
        Assert.Equal((Verdict.Malicious, "rules"), (eicar.Verdict, eicar.Source));
        Assert.Equal(["Eicar"], eicar.Signatures); // two files name a rule alike
        Assert.Equal((Verdict.Suspicious, "Odd"), await ScanAsync(connector, "xx odd-lab-tool"u8.ToArray()) is var odd ? (odd.Verdict, odd.Signatures[0]) : default);
        Assert.Equal((Verdict.Unknown, 0), await ScanAsync(connector, "hello"u8.ToArray()) is var clean ? (clean.Verdict, clean.Signatures.Count) : default);
        Assert.Equal(Verdict.Unknown, (await ScanAsync(connector, [])).Verdict);
        var test = await connector.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
        Assert.Contains("2 files", test.Message);
    }

    [Fact]
    public async Task A_new_rule_counts_at_once_and_a_broken_one_fails_by_name()
    {
        await using var connector = Connector();
        folder.File("rules/new.yar", "rule Fresh { strings: $a = \"fresh-lab\" condition: $a }");
        Assert.Equal(["Fresh"], (await ScanAsync(connector, "fresh-lab"u8.ToArray())).Signatures);
        folder.File("rules/broken.yar", "rule Broken { strings: $a = \"x condition: $a }");
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => ScanAsync(connector, "fresh-lab"u8.ToArray()));
        Assert.Equal((FailureKind.Permanent, "yara"), (failure.Kind, failure.Reason));
        Assert.Contains("broken.yar", failure.Message);
        Assert.Contains("broken.yar", (await connector.TestAsync(Token)).Message);
    }

    [Fact]
    public async Task A_rule_that_never_ends_is_ended_and_nothing_is_left_behind()
    {
        folder.File("rules/slow.yar", "rule Slow { condition: for all i in (1..100000000): (for all j in (1..100000): (i + j > 0)) }");
        await using var connector = Connector(TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => ScanAsync(connector, "hello"u8.ToArray()));
        Assert.Equal((FailureKind.Transient, "timeout"), (failure.Kind, failure.Reason));

        await using var patient = Connector(TimeSpan.FromMinutes(10));
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var store = new HeldArtifacts([1]);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patient.ScanAsync(store.Artifact, store.Context, stop.Token));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), watch.Elapsed.ToString());
    }

    [Fact]
    public async Task Sixty_four_megabytes_are_scanned_to_their_last_byte()
    {
        await using var connector = Connector();
        var bytes = new byte[64 * 1024 * 1024];
        "odd-lab-tool"u8.CopyTo(bytes.AsSpan(bytes.Length - 12));
        Assert.Equal(["Odd"], (await ScanAsync(connector, bytes)).Signatures);
    }
}
