using System.Text;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Smtp;

namespace Soar.Tests.Connectors.Smtp;

public sealed class SmtpClientTests
{
    private static readonly byte[] Mail = Encoding.ASCII.GetBytes("Subject: x\r\n\r\n.dot\r\nend");

    private static SmtpServer Server(ScriptedServer scripted) => new() { Host = "127.0.0.1", Port = scripted.Port, Tls = SmtpTls.None };

    private static async Task<SmtpAccepted> Send(SmtpServer server, string[]? to = null, byte[]? mail = null, string from = "soc@cert.example", CancellationToken cancellation = default)
    {
        await using var client = await SmtpClient.ConnectAsync(server, TimeProvider.System, cancellation);
        return await client.SendAsync(from, to ?? ["a@x.example"], mail ?? Mail, cancellation);
    }

    private static Task<ConnectorFailure> Fails(ScriptedServer scripted, string[]? to = null, byte[]? mail = null) =>
        Assert.ThrowsAsync<ConnectorFailure>(() => Send(Server(scripted), to, mail));

    [Fact]
    public async Task An_accepted_mail_gives_the_servers_answer_and_its_dots_are_stuffed()
    {
        await using var scripted = new ScriptedServer();
        var accepted = await Send(Server(scripted));
        Assert.Equal("250 queued as 1", accepted.Response);
        Assert.Contains("MAIL FROM:<soc@cert.example> SIZE=23", scripted.Heard);
        Assert.Contains("..dot", scripted.Heard);
        Assert.Equal(".", scripted.Heard[scripted.Heard.IndexOf("end") + 1]);
    }

    [Theory]
    [InlineData("greeting", "554 go away", FailureKind.Permanent)]
    [InlineData("greeting", "421 busy", FailureKind.Transient)]
    [InlineData("greeting", "", FailureKind.Transient)]
    [InlineData("greeting", "HTTP/1.1 400 Bad Request", FailureKind.Transient)]
    [InlineData("EHLO", "550 no", FailureKind.Permanent)]
    [InlineData("MAIL FROM", "451 later", FailureKind.Transient)]
    [InlineData("MAIL FROM", "550 sender", FailureKind.Permanent)]
    [InlineData("RCPT TO", "450 grey", FailureKind.Transient)]
    [InlineData("RCPT TO", "550 unknown user", FailureKind.Permanent)]
    [InlineData("RCPT TO", "", FailureKind.Transient)]
    [InlineData("DATA", "452 full", FailureKind.Transient)]
    [InlineData("DATA", "554 no", FailureKind.Permanent)]
    [InlineData(".", "451 try again", FailureKind.Transient)]
    [InlineData(".", "421 closing", FailureKind.Transient)]
    [InlineData(".", "554 spam", FailureKind.Permanent)]
    [InlineData(".", "", FailureKind.Unknown)]
    [InlineData(".", "garbage", FailureKind.Unknown)]
    [InlineData(".", "354 what", FailureKind.Unknown)]
    [InlineData(".", "999 what", FailureKind.Unknown)]
    public async Task Every_answer_at_every_point_has_its_exact_outcome(string command, string answer, FailureKind kind)
    {
        await using var scripted = new ScriptedServer((command, answer));
        Assert.Equal(kind, (await Fails(scripted)).Kind);
    }

    [Theory]
    [InlineData("EHLO", FailureKind.Transient)]
    [InlineData("RCPT TO", FailureKind.Transient)]
    [InlineData("DATA", FailureKind.Transient)]
    [InlineData(".", FailureKind.Unknown)]
    public async Task Silence_is_transient_before_the_final_dot_and_unknown_after_it(string command, FailureKind kind)
    {
        await using var scripted = new ScriptedServer((command, null));
        var server = Server(scripted) with { CommandTimeout = TimeSpan.FromMilliseconds(300), FinalTimeout = TimeSpan.FromMilliseconds(300) };
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => Send(server));
        Assert.Equal(kind, failure.Kind);
        Assert.Contains("longer than 300 milliseconds", failure.Message);
    }

    [Theory]
    [InlineData("RCPT TO", FailureKind.Transient)]
    [InlineData(".", FailureKind.Unknown)]
    public async Task A_cancelled_attempt_says_whether_the_mail_may_have_left(string silentAt, FailureKind kind)
    {
        await using var scripted = new ScriptedServer((silentAt, null));
        using var cancel = new CancellationTokenSource();
        var sending = Send(Server(scripted), cancellation: cancel.Token);
        if (silentAt == ".")
            await scripted.Arrived.Task;
        await cancel.CancelAsync();
        Assert.Equal(kind, (await Assert.ThrowsAsync<ConnectorFailure>(() => sending)).Kind);
    }

    [Fact]
    public async Task A_server_that_has_hung_up_is_known_before_the_final_dot_is_written()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync((System.Net.IPEndPoint)listener.LocalEndpoint);
        using var server = await listener.AcceptSocketAsync();
        Assert.False(SmtpClient.HasHungUp(client.Client));
        await server.SendAsync("452 full\r\n"u8.ToArray());
        Assert.True(SpinWait.SpinUntil(() => client.Available == 10, TimeSpan.FromSeconds(10)));
        Assert.False(SmtpClient.HasHungUp(client.Client)); // it has something to say: that is its answer
        _ = client.Client.Receive(new byte[10]);
        server.Dispose();
        Assert.True(SpinWait.SpinUntil(() => SmtpClient.HasHungUp(client.Client), TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Some_refused_recipients_do_not_stop_the_others_and_are_told()
    {
        await using var scripted = new ScriptedServer(("RCPT TO:<bad@", "550 5.1.1 no such user"));
        var accepted = await Send(Server(scripted), ["good@x.example", "bad@x.example"]);
        Assert.Equal("550 5.1.1 no such user", Assert.Single(accepted.Refused).Value);
    }

    [Fact]
    public async Task When_all_are_refused_one_that_may_come_later_makes_it_transient()
    {
        await using var scripted = new ScriptedServer(("RCPT TO:<bad@", "550 no such user"), ("RCPT TO:<grey@", "450 greylisted"));
        Assert.Equal(FailureKind.Transient, (await Fails(scripted, ["grey@x.example", "bad@x.example"])).Kind);
        Assert.DoesNotContain("DATA", scripted.Heard);
    }

    [Fact]
    public async Task A_mail_larger_than_the_servers_limit_is_refused_before_it_is_sent()
    {
        await using var scripted = new ScriptedServer();
        Assert.Equal("too-large", (await Fails(scripted, mail: new byte[200_000])).Reason);
        Assert.DoesNotContain(scripted.Heard, line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Addresses_beyond_ASCII_need_SMTPUTF8()
    {
        await using var without = new ScriptedServer();
        Assert.Equal("no-smtputf8", (await Fails(without, ["пример@x.example"])).Reason);
        await using var with = new ScriptedServer(("EHLO", "250-test\r\n250-8BITMIME\r\n250 SMTPUTF8"));
        await Send(Server(with), ["пример@x.example"]);
        Assert.Contains("RCPT TO:<пример@x.example>", with.Heard);
        Assert.Contains(with.Heard, line => line.EndsWith(" SMTPUTF8", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_line_break_in_an_address_never_reaches_the_server()
    {
        await using var scripted = new ScriptedServer();
        Assert.Equal("injection", (await Fails(scripted, ["a@x.example>\r\nRCPT TO:<b@y.example"])).Reason);
        Assert.DoesNotContain(scripted.Heard, line => line.Contains("b@y.example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Starttls_that_is_not_offered_is_refused_and_nothing_is_sent_in_plain_text()
    {
        await using var scripted = new ScriptedServer();
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => Send(Server(scripted) with { Tls = SmtpTls.StartTls }));
        Assert.Equal((FailureKind.Permanent, "no-tls"), (failure.Kind, failure.Reason));
        Assert.DoesNotContain(scripted.Heard, line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Words_slipped_in_between_starttls_and_tls_are_an_attack()
    {
        await using var scripted = new ScriptedServer(("EHLO", "250-test\r\n250 STARTTLS"), ("STARTTLS", "220 go\r\n250 injected"));
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => Send(Server(scripted) with { Tls = SmtpTls.StartTls }));
        Assert.Contains(failure.Reason, new[] { "tls-injection", "connection", "certificate" });
        Assert.NotEqual(FailureKind.Unknown, failure.Kind);
    }

    [Fact]
    public async Task A_password_is_never_sent_without_TLS()
    {
        await using var scripted = new ScriptedServer(("EHLO", "250-test\r\n250 AUTH PLAIN LOGIN"));
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => Send(Server(scripted) with { User = "soc", Password = new Secret("hunter2") }));
        Assert.Equal("no-tls", failure.Reason);
        Assert.DoesNotContain(scripted.Heard, line => line.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_endless_answer_is_cut_off()
    {
        await using var scripted = new ScriptedServer(("greeting", string.Concat(Enumerable.Repeat("220-more\r\n", 10_000))));
        Assert.Equal(FailureKind.Transient, (await Fails(scripted)).Kind);
        await using var wide = new ScriptedServer(("greeting", "220 " + new string('x', 100_000)));
        Assert.Equal(FailureKind.Transient, (await Fails(wide)).Kind);
    }

    [Theory]
    [InlineData("a\nb", "a\r\nb\r\n")]
    [InlineData("a\rb", "a\r\nb\r\n")]
    [InlineData(".\r\n..\r\n", "..\r\n...\r\n")]
    [InlineData("a\n.\r\nMAIL FROM:<x>", "a\r\n..\r\nMAIL FROM:<x>\r\n")]
    [InlineData("", "")]
    public void Lone_line_ends_become_whole_ones_so_that_nothing_can_be_smuggled_behind_a_dot(string mail, string wire) =>
        Assert.Equal(wire, Encoding.ASCII.GetString(SmtpClient.Stuff(Encoding.ASCII.GetBytes(mail))));
}
