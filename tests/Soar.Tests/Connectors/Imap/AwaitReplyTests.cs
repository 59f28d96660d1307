using Soar.Capabilities;
using Soar.Connectors.Imap;
using Soar.Testing;

namespace Soar.Tests.Connectors.Imap;

public sealed class AwaitReplyTests
{
    private const string Ours = "soar.00@cert.example";
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The headers come in the summary, and once more as the whole mail.
    private static (string, string?)[] Mail(int uid, string headers, string body = "yes")
    {
        var whole = System.Text.Encoding.UTF8.GetBytes($"{headers.ReplaceLineEndings("\r\n")}\r\n\r\n{body.ReplaceLineEndings("\r\n")}\r\n");
        return
        [
            ("UID SEARCH", $"* SEARCH {uid}\r\nTAG OK done"), ($"UID FETCH {uid} (UID FLAGS", ScriptedImap.Fetch(uid, headers) + "\r\nTAG OK done"),
            ($"UID FETCH {uid} (UID BODY.PEEK[])", $"* 1 FETCH (UID {uid} BODY[] {{{whole.Length}}}\r\n{System.Text.Encoding.UTF8.GetString(whole)})\r\nTAG OK done"), ("IDLE", "TAG BAD not here"),
        ];
    }

    private static async Task<MailReply> Await(ScriptedImap server, bool automatic = false, MailRef? after = null)
    {
        await using var connector = new ImapConnector(server.Settings(), Given.Services());
        return await connector.AwaitReplyAsync(Ours, automatic, after, Given.Context(artifacts: new HeldArtifacts()), Token);
    }

    private static async Task<ConnectorFailure> Fails(ScriptedImap server, bool automatic = false, MailRef? after = null) => await Assert.ThrowsAsync<ConnectorFailure>(() => Await(server, automatic, after));

    [Theory]
    [InlineData("In-Reply-To: <soar.00@cert.example>", "In-Reply-To")]
    [InlineData("In-Reply-To: <other@isp.example>\nReferences: <soar.00@cert.example> <other@isp.example>", "References")]
    public async Task An_answer_in_the_thread_ends_the_wait(string thread, string by)
    {
        await using var server = new ScriptedImap(Mail(5, $"Message-ID: <r@isp.example>\nFrom: Desk <abuse@isp.example>\nSubject: Re: report\n{thread}"));
        var reply = await Await(server);
        Assert.Equal(("INBOX;UIDVALIDITY=7/;UID=5 <r@isp.example>", by, false, "Re: report"), (reply.Place.ToString(), reply.MatchedBy, reply.Automatic, reply.Mail.Subject));
        Assert.Equal("yes", reply.Mail.Body.Trim());
        Assert.Contains($"UID SEARCH UID 1:* OR OR HEADER \"In-Reply-To\" \"{Ours}\" HEADER \"References\" \"{Ours}\" (HEADER \"Content-Type\" \"multipart/report\" TEXT \"{Ours}\")", server.Heard);
    }

    [Theory]
    [InlineData("Message-ID: <soar.00@cert.example>\nIn-Reply-To: <soar.00@cert.example>")] // our own mail, as a copy
    [InlineData("Message-ID: <r@isp.example>\nIn-Reply-To: <xsoar.00@cert.example>")] // the server finds parts
    [InlineData("Message-ID: <r@isp.example>\nIn-Reply-To: <soar.00@cert.example>\nAuto-Submitted: auto-replied")]
    [InlineData("Message-ID: <r@isp.example>\nIn-Reply-To: <soar.00@cert.example>\nX-Autoreply: yes")]
    public async Task What_is_no_answer_or_a_machine_s_is_passed_over(string headers)
    {
        await using var server = new ScriptedImap(Mail(5, headers));
        var failure = await Fails(server);
        Assert.Equal((FailureKind.NotYet, TimeSpan.FromMinutes(1)), (failure.Kind, failure.RetryAfter));
    }

    [Fact]
    public async Task A_machine_s_answer_is_taken_where_it_is_wanted_and_the_next_one_after_it_is_another()
    {
        var headers = "Message-ID: <r@isp.example>\nIn-Reply-To: <soar.00@cert.example>\nAuto-Submitted: auto-replied";
        await using var server = new ScriptedImap(Mail(5, headers));
        var reply = await Await(server, automatic: true);
        Assert.True(reply.Automatic);
        Assert.Equal(FailureKind.NotYet, (await Fails(server, automatic: true, after: reply.Place)).Kind);
    }

    private const string Report = "Message-ID: <d@mx.isp.example>\nFrom: MAILER-DAEMON@mx.isp.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\nAuto-Submitted: auto-replied\nMIME-Version: 1.0";

    private static string Body(string action, string id) =>
        $"--b\nContent-Type: text/plain\n\nsorry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.isp.example\n\nFinal-Recipient: rfc822; abuse@isp.example\nAction: {action}\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{id}>\n\n--b--";

    [Fact]
    public async Task A_mail_that_came_back_ends_the_wait_by_name()
    {
        await using var server = new ScriptedImap(Mail(5, Report, Body("failed", Ours)));
        var failure = await Fails(server);
        Assert.Equal((FailureKind.Permanent, "undelivered"), (failure.Kind, failure.Reason));
        Assert.Contains("550 5.1.1 no such user", failure.Message);
    }

    [Theory]
    [InlineData("delayed", Ours)]
    [InlineData("failed", "soar.01@cert.example")]
    public async Task A_report_of_a_delay_or_of_another_mail_does_not(string action, string id)
    {
        await using var server = new ScriptedImap(Mail(5, Report, Body(action, id)));
        Assert.Equal(FailureKind.NotYet, (await Fails(server)).Kind);
    }

    [Fact]
    public async Task Only_what_came_since_is_looked_at_and_the_server_is_asked_only_when_something_came()
    {
        await using var server = new ScriptedImap(("UID SEARCH", "* SEARCH\r\nTAG OK done"), ("UID SEARCH", "* SEARCH 6\r\nTAG OK done"), ("IDLE", "+ idling"),
            ("UID FETCH 6 (UID FLAGS", ScriptedImap.Fetch(6, $"Message-ID: <r@isp.example>\nIn-Reply-To: <{Ours}>") + "\r\nTAG OK done"), ("UID FETCH 6 (UID BODY.PEEK[])", "* 1 FETCH (UID 6 BODY[] {3}\r\na\r\n)\r\nTAG OK done"));
        var settings = server.Settings();
        await using var account = new ImapAccount(settings, TimeProvider.System);
        await using var watch = new MailWatch(account.Server, settings.Folder, TimeProvider.System, _ => { });
        var replies = new ReplyFinder(settings, account, watch, new MailTaker(settings, null), TimeProvider.System);
        var wanted = new ReplyWanted(Ours, null, null, Automatic: false, After: null);
        Task<MailReply> Look() => replies.AwaitAsync(wanted, Given.Context(artifacts: new HeldArtifacts()), Token);
        int Searches() => server.Heard.Count(line => line.StartsWith("UID SEARCH", StringComparison.Ordinal));

        await watch.WhenAfterAsync(0, Token); // it listens
        Assert.Equal(FailureKind.NotYet, (await Assert.ThrowsAsync<ConnectorFailure>(Look)).Kind);
        for (var again = 0; again < 10; again++)
            Assert.Equal(FailureKind.NotYet, (await Assert.ThrowsAsync<ConnectorFailure>(Look)).Kind);
        Assert.Equal(1, Searches());

        var heard = watch.Count;
        await server.TellAsync("* 2 EXISTS");
        await watch.WhenAfterAsync(heard, Token);
        Assert.Equal("INBOX;UIDVALIDITY=7/;UID=6 <r@isp.example>", (await Look()).Place.ToString());
        Assert.Contains(server.Heard, line => line.StartsWith("UID SEARCH UID 6:*", StringComparison.Ordinal));
        Assert.Equal(2, Searches());
    }

    [Fact]
    public async Task A_watch_that_is_cut_listens_again_and_counts_that_as_news()
    {
        await using var server = new ScriptedImap(("IDLE", "+ idling\r\n* BYE restarting"), ("IDLE", "+ idling"));
        var problems = new List<string>();
        await using var watch = new MailWatch(server.Settings().Server(), "INBOX", TimeProvider.System, problems.Add);
        await watch.WhenAfterAsync(0, Token);
        await watch.WhenAfterAsync(1, Token);
        Assert.True(watch.Listening);
        Assert.Contains("restarting", Assert.Single(problems));
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task IDLE_is_ended_and_begun_again_before_the_server_hangs_up()
    {
        var clock = new Soar.Tests.Engine.ManualClock();
        await using var server = new ScriptedImap(("IDLE", "+ idling"), ("DONE", "TAG OK done"));
        await using var watch = new MailWatch(server.Settings().Server(), "INBOX", clock, _ => { });
        await watch.WhenAfterAsync(0, Token);
        Assert.True(MailWatch.Renewal < TimeSpan.FromMinutes(29));
        clock.Advance(MailWatch.Renewal);
        await server.WhenHeardAsync(heard => heard.Count(line => line == "IDLE") == 2, Token);
        Assert.Contains("DONE", server.Heard);
        Assert.True(watch.Listening);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task What_is_no_Message_ID_is_refused_instead_of_awaited()
    {
        await using var server = new ScriptedImap();
        await using var connector = new ImapConnector(server.Settings(), Given.Services());
        Assert.Equal("message-id", (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.AwaitReplyAsync("a b", context: Given.Context(), cancellation: Token))).Reason);
    }
}
