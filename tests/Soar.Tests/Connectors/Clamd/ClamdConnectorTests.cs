using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Clamd;

namespace Soar.Tests.Connectors.Clamd;

public sealed class ClamdConnectorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ClamdConnector Connector(LoopbackTcp server, TimeSpan? timeout = null) =>
        new(new ClamdSettings { Host = "127.0.0.1", Port = server.Port, Timeout = timeout ?? TimeSpan.FromSeconds(10) }, Given.Services());

    /// <summary>Takes a command and its chunks as clamd does, then says the answer.</summary>
    private static LoopbackTcp Server(string answer, MemoryStream? received = null) => new(async (stream, token) =>
    {
        if (await CommandAsync(stream, token) == "VERSION")
        {
            await stream.WriteAsync("ClamAV 1.4.6/27400\0"u8.ToArray(), token);
            return;
        }
        await ChunksAsync(stream, received ?? new MemoryStream(), token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), token);
    });

    private static async Task<string> CommandAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, cancellation) == 1 && one[0] != 0)
            text.Append((char)one[0]);
        Assert.StartsWith("z", text.ToString());
        return text.ToString()[1..];
    }

    private static async Task ChunksAsync(NetworkStream stream, MemoryStream into, CancellationToken cancellation)
    {
        var head = new byte[4];
        while (true)
        {
            await stream.ReadExactlyAsync(head, cancellation);
            var length = BinaryPrimitives.ReadInt32BigEndian(head);
            if (length == 0)
                return;
            var chunk = new byte[length];
            await stream.ReadExactlyAsync(chunk, cancellation);
            into.Write(chunk);
        }
    }

    [Fact]
    public async Task Bytes_arrive_whole_and_the_answer_becomes_a_report()
    {
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        var store = new HeldArtifacts(bytes);
        using var received = new MemoryStream();
        await using var server = Server("stream: Win.Test.EICAR_HDB-1 FOUND\0", received);
        await using var connector = Connector(server);
        var report = await connector.ScanAsync(store.Artifact, Given.Context(artifacts: store), Token);
        Assert.Equal(bytes, received.ToArray());
        Assert.Equal(("instance", Verdict.Malicious), (report.Source, report.Verdict));
        Assert.Equal(["Win.Test.EICAR_HDB-1"], report.Signatures);
        Assert.Contains("ClamAV 1.4.6/27400", report.Details);
    }

    [Theory]
    [InlineData("stream: OK", Verdict.Unknown)]
    [InlineData("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", Verdict.Unknown)]
    [InlineData("stream: Heuristics.Encrypted.Zip FOUND", Verdict.Suspicious)]
    [InlineData("stream: PUA.Win.Tool.Packed FOUND", Verdict.Suspicious)]
    [InlineData("stream: YARA.Lab_Yara.UNOFFICIAL FOUND", Verdict.Malicious)]
    public async Task Nothing_found_is_never_benign_and_heuristics_are_no_proof(string answer, Verdict verdict)
    {
        var store = new HeldArtifacts([1, 2, 3]);
        await using var server = Server(answer + "\0");
        await using var connector = Connector(server);
        Assert.Equal(verdict, (await connector.ScanAsync(store.Artifact, Given.Context(artifacts: store), Token)).Verdict);
    }

    [Theory]
    [InlineData("INSTREAM size limit exceeded. ERROR\0", FailureKind.Permanent, "too-large")]
    [InlineData("stream: Can't allocate memory ERROR\0", FailureKind.Transient, "clamd")]
    [InlineData("HTTP/1.1 400 Bad Request\0", FailureKind.Transient, "garbage")]
    [InlineData("stream: OK", FailureKind.Transient, "connection")] // truncated: no NUL
    [InlineData("", FailureKind.Transient, "connection")]
    public async Task Every_other_answer_is_a_failure_and_never_clean(string answer, FailureKind kind, string reason)
    {
        var store = new HeldArtifacts([1, 2, 3]);
        await using var server = Server(answer);
        await using var connector = Connector(server);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.ScanAsync(store.Artifact, Given.Context(artifacts: store), Token));
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task A_clamd_that_has_had_enough_is_heard_although_we_are_still_sending()
    {
        var store = new HeldArtifacts(new byte[8 * 1024 * 1024]);
        await using var server = new LoopbackTcp(async (stream, token) =>
        {
            if (await CommandAsync(stream, token) == "VERSION")
            {
                await stream.WriteAsync("ClamAV\0"u8.ToArray(), token);
                return;
            }
            await stream.ReadExactlyAsync(new byte[100_000], token);
            await stream.WriteAsync("INSTREAM size limit exceeded. ERROR\0"u8.ToArray(), token);
            await LoopbackTcp.Silence(token); // reads no more
        });
        await using var connector = Connector(server);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.ScanAsync(store.Artifact, Given.Context(artifacts: store), Token));
        Assert.Equal((FailureKind.Permanent, "too-large"), (failure.Kind, failure.Reason));
        Assert.Contains("StreamMaxLength", failure.Message);
    }

    [Fact]
    public async Task Silence_ends_by_time_or_by_cancelling_at_once()
    {
        var store = new HeldArtifacts([1]);
        await using var server = new LoopbackTcp((_, token) => LoopbackTcp.Silence(token));
        await using (var hasty = Connector(server, TimeSpan.FromMilliseconds(200)))
            Assert.Equal("timeout", (await Assert.ThrowsAsync<ConnectorFailure>(() => hasty.ScanAsync(store.Artifact, Given.Context(artifacts: store), Token))).Reason);
        await using var patient = Connector(server, TimeSpan.FromHours(1));
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patient.ScanAsync(store.Artifact, Given.Context(artifacts: store), stop.Token)).WaitAsync(TimeSpan.FromSeconds(5), Token);
    }

    [Fact]
    public async Task Nothing_is_sent_of_an_artifact_that_is_too_large_or_gone()
    {
        await using var connector = new ClamdConnector(new ClamdSettings { Host = "127.0.0.1", Port = 1, MaxBytes = 2 }, Given.Services());
        var store = new HeldArtifacts([1, 2, 3]);
        foreach (var scanner in new[] { connector, (IScanner)connector.Simulator })
            Assert.Equal("too-large", (await Assert.ThrowsAsync<ConnectorFailure>(() => scanner.ScanAsync(store.Artifact, Given.Context(artifacts: store), Token))).Reason);
        await using var server = Server("stream: OK\0");
        await using var other = Connector(server);
        Assert.Equal("artifact", (await Assert.ThrowsAsync<ConnectorFailure>(() => other.ScanAsync(store.Artifact with { Size = 1 }, Given.Context(artifacts: store), Token))).Reason);
    }

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        Assert.Equal(["socket"], new ClamdSettings().Problems().Select(problem => problem[..problem.IndexOf(':')]));
        var settings = new ClamdSettings { Socket = "clamd.ctl", Host = "a b", Port = 0, MaxBytes = 0, ConnectTimeout = TimeSpan.Zero, Timeout = TimeSpan.Zero };
        Assert.Equal(["socket", "socket", "host", "port", "maxBytes", "connectTimeout", "timeout"], settings.Problems().Select(problem => problem[..problem.IndexOf(':')]));
        Assert.Empty(new ClamdSettings { Socket = "/run/clamav/clamd.ctl" }.Problems());
    }
}
