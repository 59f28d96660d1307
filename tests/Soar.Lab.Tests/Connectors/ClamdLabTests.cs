using System.IO.Compression;
using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Clamd;
using Soar.Testing;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>A real clamd: what its signatures know is found, what is too large is never called clean.</summary>
public sealed class ClamdLabTests : IClassFixture<ScannerDaemon>
{
    private readonly ScannerDaemon daemon;

    public ClamdLabTests(ScannerDaemon daemon)
    {
        ScannerDaemon.Require();
        this.daemon = daemon;
    }

    private ClamdConnector Connector(bool unix = false, Func<ClamdSettings, ClamdSettings>? with = null)
    {
        var settings = unix ? new ClamdSettings { Socket = daemon.Socket } : new ClamdSettings { Host = "127.0.0.1", Port = daemon.Port };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new ClamdConnector(settings, new ConnectorServices("av", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    private static Task<ScanReport> ScanAsync(ClamdConnector connector, byte[] bytes)
    {
        var store = new HeldArtifacts(bytes);
        return connector.ScanAsync(store.Artifact, store.Context, TestContext.Current.CancellationToken);
    }

    private static byte[] Zip(byte[] content)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = zip.CreateEntry("inside.com").Open())
            entry.Write(content);
        return file.ToArray();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_signatures_know_is_found_over_TCP_and_over_a_Unix_socket(bool unix)
    {
        await using var connector = Connector(unix);
        foreach (var (bytes, signature, verdict) in new[]
        {
            (ScannerDaemon.Eicar, "Eicar-Lab-Signature.UNOFFICIAL", Verdict.Malicious),
            (Zip(ScannerDaemon.Eicar), "Eicar-Lab-Signature.UNOFFICIAL", Verdict.Malicious),
            (ScannerDaemon.KnownFile, "Lab.Sample.MD5.UNOFFICIAL", Verdict.Malicious),
            ("xx yara-lab-marker"u8.ToArray(), "YARA.Lab_Yara.UNOFFICIAL", Verdict.Malicious),
            ("xx unwanted-lab-tool"u8.ToArray(), "PUA.Lab.Tool.UNOFFICIAL", Verdict.Suspicious),
        })
        {
            var report = await ScanAsync(connector, bytes);
            Assert.Equal([signature], report.Signatures);
            Assert.Equal((verdict, "av"), (report.Verdict, report.Source));
            Assert.StartsWith("ClamAV ", report.Details);
        }
        foreach (var clean in new[] { "hello"u8.ToArray(), [], [0], Zip("hello"u8.ToArray()) })
            Assert.Equal((Verdict.Unknown, 0), await ScanAsync(connector, clean) is var report ? (report.Verdict, report.Signatures.Count) : default);
        Assert.True((await connector.TestAsync(TestContext.Current.CancellationToken)).Ok);
    }

    [Fact]
    public async Task Sixty_four_megabytes_are_scanned_to_their_last_byte()
    {
        await using var connector = Connector();
        var bytes = new byte[64 * 1024 * 1024];
        new Random(7).NextBytes(bytes);
        Assert.Equal(Verdict.Unknown, (await ScanAsync(connector, bytes)).Verdict);
        "unwanted-lab-tool"u8.CopyTo(bytes.AsSpan(bytes.Length - 17));
        Assert.Equal(["PUA.Lab.Tool.UNOFFICIAL"], (await ScanAsync(connector, bytes)).Signatures);
    }

    [Fact]
    public async Task What_is_too_large_is_never_called_clean()
    {
        await using var connector = Connector();
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => ScanAsync(connector, new byte[ScannerDaemon.Limit + 2_000_000]));
        Assert.Equal((FailureKind.Permanent, "too-large"), (failure.Kind, failure.Reason));
        Assert.Contains("StreamMaxLength", failure.Message);

        var partly = await ScanAsync(connector, new byte[ScannerDaemon.LookLimit + 1_000_000]);
        Assert.Equal(Verdict.Unknown, partly.Verdict);
        Assert.Contains("Limits.Exceeded", Assert.Single(partly.Signatures));

        await using var careful = Connector(with: settings => settings with { MaxBytes = 2 });
        Assert.Equal("too-large", (await Assert.ThrowsAsync<ConnectorFailure>(() => ScanAsync(careful, [1, 2, 3]))).Reason);
    }

    [Fact]
    public async Task Many_scans_at_once_all_have_their_own_answer()
    {
        await using var connector = Connector();
        var reports = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => ScanAsync(connector, i % 2 == 0 ? ScannerDaemon.Eicar : "hello"u8.ToArray())));
        Assert.Equal(Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? Verdict.Malicious : Verdict.Unknown), reports.Select(report => report.Verdict));
    }

    [Fact]
    public async Task A_daemon_that_hangs_or_is_away_is_told_apart()
    {
        await using var away = Connector(with: settings => settings with { Port = LoopbackPort.Take() });
        Assert.Equal((FailureKind.Transient, "unreachable"), await Fails(away) is var gone ? (gone.Kind, gone.Reason) : default);
        Assert.False((await away.TestAsync(TestContext.Current.CancellationToken)).Ok);

        await using var hasty = Connector(with: settings => settings with { Timeout = TimeSpan.FromSeconds(1) });
        daemon.Signal("-STOP");
        try
        {
            Assert.Equal((FailureKind.Transient, "timeout"), await Fails(hasty) is var hanging ? (hanging.Kind, hanging.Reason) : default);
        }
        finally
        {
            daemon.Signal("-CONT");
        }
        Assert.Equal(Verdict.Malicious, (await ScanAsync(hasty, ScannerDaemon.Eicar)).Verdict);
    }

    private static Task<ConnectorFailure> Fails(ClamdConnector connector) => Assert.ThrowsAsync<ConnectorFailure>(() => ScanAsync(connector, ScannerDaemon.Eicar));
}
