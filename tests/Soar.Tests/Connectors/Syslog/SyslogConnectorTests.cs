using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Soar.Alerts;
using Soar.Connectors.Syslog;
using Soar.Testing;

namespace Soar.Tests.Connectors.Syslog;

/// <summary>Framing, rules, back pressure and TLS of the receiver.</summary>
public sealed class SyslogConnectorTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly HeldIntake intake = new();
    private readonly int port = LoopbackPort.Take();

    public void Dispose() => folder.Dispose();

    private SyslogSettings Settings => new()
    {
        Port = port, MaxMessage = 600,
        Alerts = new Dictionary<string, SyslogRuleSettings>
        {
            ["ssh"] = new() { App = "sshd", Facility = "authpriv", AtLeast = SyslogLevel.Warning, Pattern = "Failed password for (?<user>\\S+) from (?<ip>\\S+) port (?<port>\\d+)", SourceIp = "$.match.ip", SourcePort = "$.match.port", DestinationUser = "$.match.user", Category = "intrusion", Severity = "70" },
            ["firewall"] = new() { MsgId = "DENY", SourceIp = "$.data['fw@32473'].src", Title = "Denied by {$.host}", Category = "policy" },
            ["json"] = new() { App = "edr", Title = "$.json.rule", SourceIp = "$.json.src", Id = "$.json.id" },
        },
    };

    private async Task<SyslogConnector> StartAsync(SyslogSettings? settings = null)
    {
        Assert.Empty((settings ?? Settings).Problems());
        var connector = new SyslogConnector(settings ?? Settings, Given.Services(folder.Path));
        await connector.StartAsync(intake, CancellationToken.None);
        return connector;
    }

    private async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static string Failed(int n, string level = "84") => $"<{level}>1 2026-11-22T02:06:26.508897+00:00 fw1 sshd {n} - - Failed password for root from 203.0.113.66 port 4242 ssh2";

    private static ValueTask SendAsync(Stream stream, string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    [Fact]
    public async Task The_first_rule_that_fits_makes_the_alert_and_the_others_are_counted()
    {
        await using var connector = await StartAsync();
        await using (var sender = await ConnectAsync())
        {
            await SendAsync(sender, SyslogContract.Counted(Failed(1)));
            await SendAsync(sender, SyslogContract.Counted(Failed(1, "86"))); // informational: not bad enough
            await SendAsync(sender, SyslogContract.Counted("<134>1 2026-11-22T02:06:27Z fw2 kernel - DENY [fw@32473 src=\"203.0.113.9\" dst=\"198.51.100.1\"] denied"));
            await SendAsync(sender, SyslogContract.Counted("<14>1 2026-11-22T02:06:28Z pc7 edr - - - {\"id\":\"e-1\",\"rule\":\"Dropper\",\"src\":\"203.0.113.5\"}"));
            await SendAsync(sender, SyslogContract.Counted("<14>1 2026-11-22T02:06:28Z pc7 edr - - - {\"id\":\"e-2\",\"src\":\"nobody\",\"rule\":\"x\"}"));
            await SendAsync(sender, SyslogContract.Counted("<14>1 2026-11-22T02:06:29Z pc7 cron - - - (root) CMD (true)"));
        }

        await intake.UntilAsync(i => i.Alerts.Count == 3 && i.Ignored == 2 && i.Unreadable.Count == 1);
        var (ssh, firewall, edr) = (intake.Alerts[0].Alert, intake.Alerts[1].Alert, intake.Alerts[2].Alert);
        Assert.Equal(("sshd", "ssh", "intrusion", 70, "fw1"), (ssh.Detector, ssh.RuleId, ssh.Category, ssh.Severity, ssh.Destination!.Host));
        Assert.Equal((new Endpoint(IpAddress.Parse("203.0.113.66"), 4242), "root"), (ssh.Source, ssh.Destination.User));
        Assert.Equal("Failed password for root from 203.0.113.66 port 4242 ssh2", ssh.Title);
        Assert.Equal(("Denied by fw2", "203.0.113.9", 10), (firewall.Title, firewall.Source!.Ip!.ToString(), firewall.Severity));
        Assert.Equal("198.51.100.1", firewall.Payload!.Value.GetProperty("data").GetProperty("fw@32473").GetProperty("dst").GetString());
        Assert.Equal(("e-1", "Dropper"), (edr.Id, edr.Title));
        Assert.Contains("nobody", Assert.Single(intake.Unreadable).Problem);
    }

    [Theory]
    [InlineData("counted", 1)]
    [InlineData("counted", 7)]
    [InlineData("lines", 1)]
    [InlineData("lines", 7)]
    [InlineData("counted and line feed", 5)]
    public async Task Messages_are_told_apart_however_they_are_cut_into_packets(string framing, int piece)
    {
        await using var connector = await StartAsync();
        var text = string.Concat(Enumerable.Range(1, 20).Select(n => framing switch
        {
            "lines" => Failed(n) + "\n", "counted" => SyslogContract.Counted(Failed(n)), _ => SyslogContract.Counted(Failed(n)) + "\n",
        }));
        await using (var sender = await ConnectAsync())
            for (var at = 0; at < text.Length; at += piece)
                await SendAsync(sender, text[at..Math.Min(text.Length, at + piece)]);
        await intake.UntilAsync(i => i.Alerts.Count == 20);
        Assert.Equal(20, intake.Ids.Count);
        Assert.Empty(intake.Unreadable);
    }

    [Fact]
    public async Task What_is_too_long_is_skipped_and_told_and_what_ends_in_the_middle_too()
    {
        await using var connector = await StartAsync();
        await using (var sender = await ConnectAsync())
        {
            await SendAsync(sender, SyslogContract.Counted(Failed(1) + new string('x', 5_000)) + SyslogContract.Counted(Failed(2)));
            await SendAsync(sender, Failed(3) + new string('x', 50_000) + "\n" + Failed(4) + "\n");
            await SendAsync(sender, "200 " + Failed(5));
        }

        await intake.UntilAsync(i => i.Alerts.Count == 2 && i.Unreadable.Count == 3);
        Assert.Equal(["2", "4"], intake.Alerts.Select(a => a.Alert.Payload!.Value.GetProperty("procId").GetString()));
        Assert.Contains("more than maxMessage", intake.Unreadable[0].Problem);
        Assert.Contains("longer than maxMessage", intake.Unreadable[1].Problem);
        Assert.Contains("in the middle", intake.Unreadable[2].Problem);
    }

    [Fact]
    public async Task A_sender_whose_framing_cannot_be_followed_is_let_go_and_others_are_heard()
    {
        await using var connector = await StartAsync();
        await using var lost = await ConnectAsync();
        await SendAsync(lost, "12345678901234567890 <34>");
        Assert.Equal(0, await lost.ReadAsync(new byte[1]));
        await using (var sender = await ConnectAsync()) await SendAsync(sender, Failed(1) + "\n");
        await intake.UntilAsync(i => i.Alerts.Count == 1 && i.Unreadable.Count == 1);
    }

    [Fact]
    public async Task While_the_intake_is_full_nothing_is_read_so_that_TCP_holds_the_sender_back()
    {
        await using var connector = await StartAsync();
        intake.Trouble = () => new IntakeFullException(20_000, TimeSpan.FromSeconds(1));
        await using var sender = await ConnectAsync();
        sender.Socket.SendBufferSize = 16 * 1024;
        var sent = 0;
        using var stuck = new CancellationTokenSource();
        var sending = Task.Run(async () =>
        {
            for (; sent < 200_000; sent++) await sender.WriteAsync(Encoding.UTF8.GetBytes(Failed(sent) + "\n"), stuck.Token);
        });
        await intake.UntilAsync(i => i.Refused > 1); // a second later it stands
        Assert.False(sending.IsCompleted, "27 MB were taken from the sender although nobody wants them");
        await stuck.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        intake.Trouble = null;
        await intake.UntilAsync(i => i.Ids.Count > 0);
    }

    [Fact]
    public async Task Whoever_only_connects_makes_room_for_a_sender_who_speaks()
    {
        var (clock, full) = (new Soar.Tests.Engine.ManualClock(), new Said("holds back what comes: all 2 connections are taken, 2 of them by 127.0.0.1"));
        await using var connector = new SyslogConnector(Settings with { MaxConnections = 2 }, Given.Services(folder.Path, clock) with { Log = full });
        await connector.StartAsync(intake, CancellationToken.None);
        await using var first = await ConnectAsync();
        await using var second = await ConnectAsync();
        await using var sender = await ConnectAsync();
        await SendAsync(sender, Failed(1) + "\n");
        await full.Heard.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(intake.Alerts);
        clock.Advance(Soar.Connectors.Serving.StreamListener.Quiet);
        await intake.UntilAsync(i => i.Alerts.Count == 1);
        Assert.Equal(0, await first.ReadAsync(new byte[1]));
    }

    private sealed class Said(string words) : ILogger
    {
        private readonly TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Heard => heard.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains(words, StringComparison.Ordinal))
                heard.TrySetResult();
        }
    }

    [Fact]
    public async Task By_TLS_only_those_with_a_certificate_of_the_CA_and_a_name_that_is_known_are_heard()
    {
        using var server = new TestCertificate("localhost");
        using var client = new TestCertificate("fw1.example");
        using var stranger = new TestCertificate("fw1.example");
        var settings = Settings with { Certificate = server.Files, ClientCa = client.CaFile, Clients = ["fw1.example"] };
        await using (var connector = await StartAsync(settings))
        {
            Assert.True((await connector.TestAsync(CancellationToken.None)).Ok);
            await using (var elsewhere = new SyslogConnector(settings, Given.Services(folder.Path))) Assert.True((await elsewhere.TestAsync(CancellationToken.None)).Ok);
            await SendByTlsAsync(server, client, 1);
            await intake.UntilAsync(i => i.Alerts.Count == 1);
            await RefusedAsync(server, null);
            await RefusedAsync(server, stranger);
        }

        await using var picky = await StartAsync(settings with { Clients = ["fw2.example"] });
        await RefusedAsync(server, client);
        Assert.Single(intake.Alerts);
    }

    private async Task RefusedAsync(TestCertificate server, TestCertificate? client)
    {
        // TLS 1.3 tells the refusal after the client believes that it is in.
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var tls = await SendByTlsAsync(server, client, 9, close: false);
            Assert.Equal(0, await tls.ReadAsync(new byte[1]));
            throw new IOException("closed");
        });
        Assert.True(refused is IOException or System.Security.Authentication.AuthenticationException, refused.ToString());
    }

    private async Task<SslStream> SendByTlsAsync(TestCertificate server, TestCertificate? client, int n, bool close = true)
    {
        var options = Soar.Connectors.Tls.ServerTrust.Options("localhost", server.CaFile, client?.Files);
        var tls = new SslStream(await ConnectAsync());
        await tls.AuthenticateAsClientAsync(options);
        await SendAsync(tls, SyslogContract.Counted(Failed(n)));
        if (close) await tls.DisposeAsync();
        return tls;
    }
}
