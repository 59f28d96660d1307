using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Imap;
using Soar.Testing;

namespace Soar.Tests.Connectors.Imap;

public sealed class ImapConnectorTests
{
    private static readonly MailRef Mail = new("INBOX", 7, 5, "a@b.example");
    private static readonly HeldArtifacts Artifacts = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
    private static ActionContext Context => Given.Context(artifacts: Artifacts);

    private static (string, string?) There(int uid = 5, string id = "a@b.example") => ("UID FETCH", ScriptedImap.Fetch(uid, $"Message-ID: <{id}>\nFrom: Ana <ana@b.example>\nSubject: hello") + "\r\nTAG OK done");

    private static ImapConnector Connector(ScriptedImap server, Func<ImapSettings, ImapSettings>? with = null)
    {
        var settings = server.Settings(with);
        Assert.Empty(settings.Problems());
        return new ImapConnector(settings, Given.Services());
    }

    private static async Task<ConnectorFailure> Fails(ScriptedImap server, Func<ImapConnector, Task> act, Func<ImapSettings, ImapSettings>? with = null)
    {
        await using var connector = Connector(server, with);
        return await Assert.ThrowsAsync<ConnectorFailure>(() => act(connector));
    }

    [Fact]
    public async Task A_server_without_TLS_or_with_a_stranger_s_certificate_never_gets_the_password()
    {
        await using var plain = new ScriptedImap(startTls: true, ("CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done"));
        Assert.Equal((FailureKind.Permanent, "no-tls"), await Fails(plain, imap => imap.SearchAsync()) is var refused ? (refused.Kind, refused.Reason) : default);
        await using var greeted = new ScriptedImap(startTls: true, ("greeting", "* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome"));
        Assert.Equal("no-tls", (await Fails(greeted, imap => imap.SearchAsync())).Reason);
        await using var injected = new ScriptedImap(startTls: true, ("STARTTLS", "TAG OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN"));
        Assert.Contains((await Fails(injected, imap => imap.SearchAsync())).Reason, new[] { "tls-injection", "unreachable", "certificate" });
        await using var stranger = new ScriptedImap();
        Assert.Equal((FailureKind.Permanent, "certificate"), await Fails(stranger, imap => imap.SearchAsync(), settings => settings with { CaFile = null }) is var unknown ? (unknown.Kind, unknown.Reason) : default);
        Assert.All(new[] { plain, greeted, injected, stranger }, server => Assert.DoesNotContain(server.Heard, line => line.StartsWith("AUTHENTICATE", StringComparison.Ordinal) || line.StartsWith("LOGIN", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("IMAP4rev1 AUTH=PLAIN SASL-IR", "AUTHENTICATE PLAIN AHNvYwBodW50ZXIy")]
    [InlineData("IMAP4rev1 AUTH=PLAIN", "AUTHENTICATE PLAIN")]
    [InlineData("IMAP4rev1", "LOGIN \"soc\" \"hunter2\"")]
    public async Task The_login_is_made_as_the_server_takes_it(string offered, string login)
    {
        await using var server = new ScriptedImap(("greeting", $"* OK [CAPABILITY {offered}] ready"), ("AUTHENTICATE PLAIN", offered.Contains("SASL-IR") ? "TAG OK in" : "+ "), ("AHNvYwBodW50ZXIy", "TAG OK in"), ("LOGIN", "TAG OK in"),
            ("CAPABILITY", "* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK done"));
        await using var connector = Connector(server);
        var test = await connector.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
        Assert.Contains("takes the login of soc; INBOX holds 1 mails. It offers IDLE. The folder 'Quarantine' is not there yet", test.Message);
        Assert.Contains(login, server.Heard);
    }

    [Theory]
    [InlineData("TAG NO [AUTHENTICATIONFAILED] Authentication failed: hunter2", FailureKind.Permanent, "authenticationfailed")]
    [InlineData("TAG NO [UNAVAILABLE] LDAP is down", FailureKind.Transient, "unavailable")]
    [InlineData("TAG NO [LIMIT] too many connections", FailureKind.Transient, "limit")]
    [InlineData("TAG BAD what", FailureKind.Permanent, "bad")]
    [InlineData("* BYE shutting down", FailureKind.Transient, "connection")]
    [InlineData("", FailureKind.Transient, "connection")]
    [InlineData("hello", FailureKind.Transient, "garbage")]
    public async Task A_login_that_is_refused_says_whether_later_is_better(string answer, FailureKind kind, string reason)
    {
        await using var server = new ScriptedImap(("AUTHENTICATE", answer));
        var failure = await Fails(server, imap => imap.SearchAsync());
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task A_server_that_takes_no_password_or_is_no_IMAP_server_is_told_apart()
    {
        await using var disabled = new ScriptedImap(("CAPABILITY", "* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK done"));
        Assert.Equal("no-auth", (await Fails(disabled, imap => imap.SearchAsync())).Reason);
        await using var web = new ScriptedImap(("greeting", "HTTP/1.1 400 Bad Request"));
        Assert.Equal((FailureKind.Transient, "garbage"), await Fails(web, imap => imap.SearchAsync()) is var failure ? (failure.Kind, failure.Reason) : default);
        await using var full = new ScriptedImap(("greeting", "* BYE too many connections"));
        Assert.Equal((FailureKind.Transient, "bye"), await Fails(full, imap => imap.SearchAsync()) is var bye ? (bye.Kind, bye.Reason) : default);
    }

    [Fact]
    public async Task A_search_finds_the_newest_and_tells_how_many_there_are()
    {
        await using var server = new ScriptedImap(("UID SEARCH", "* SEARCH 3 9 5\r\nTAG OK done"),
            ("UID FETCH", ScriptedImap.Fetch(9, "Message-ID: <n@b.example>\nFrom: B\u00f6b <bob@b.example>\nSubject: new", flags: "\\Seen") + "\r\n* 2 FETCH (FLAGS (\\Seen) UID 9)\r\n" + ScriptedImap.Fetch(5, "Subject: old") + "\r\nTAG OK done"));
        await using var connector = Connector(server);
        var found = await connector.SearchAsync(from: "б\"", subject: "a\r\nb", unseen: true, limit: 2, context: Context, cancellation: Token);
        Assert.Equal(3, found.Total);
        Assert.Equal(["INBOX;UIDVALIDITY=7/;UID=9 <n@b.example>", "INBOX;UIDVALIDITY=7/;UID=5"], found.Mails.Select(mail => mail.Mail.ToString()));
        Assert.Equal(("bob@b.example", "new", true, 100L), (found.Mails[0].FromAddress!.Value, found.Mails[0].Subject, found.Mails[0].Seen, found.Mails[0].Size));
        Assert.Contains("UID SEARCH CHARSET UTF-8 FROM {3+}б\" SUBJECT {4+}a\r\nb UNSEEN", server.Heard);
        Assert.Contains(server.Heard, line => line.StartsWith("UID FETCH 5,9 (", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_answers_to_one_command_together_are_bounded()
    {
        // each of them alone is small enough
        var folder = "* LIST () \"/\" \"" + new string('x', 6 * 1024 * 1024) + "\"\r\n";
        await using var folders = new ScriptedImap(("UID FETCH", "TAG OK nothing"), ("LIST", string.Concat(Enumerable.Repeat(folder, 4)) + "TAG OK done"));
        var flooded = await Fails(folders, imap => imap.ReadAsync(Mail, Context, Token));
        Assert.Equal((FailureKind.Transient, "garbage"), (flooded.Kind, flooded.Reason));
        Assert.Contains("more than 16 MiB in answer to one command", flooded.Message);
    }

    [Fact]
    public async Task Times_are_compared_to_the_second_though_the_server_knows_days_only()
    {
        await using var server = new ScriptedImap(("UID SEARCH", "* SEARCH 1 2 3\r\nTAG OK done"), ("UID FETCH", string.Join("\r\n", new[] { "11:59:59", "12:00:00", "12:00:01" }
            .Select((time, index) => ScriptedImap.Fetch(index + 1, $"Subject: {time}", received: $"17-Jul-2026 {time} +0000"))) + "\r\nTAG OK done"));
        await using var connector = Connector(server);
        var noon = new DateTimeOffset(2026, 7, 17, 14, 0, 0, TimeSpan.FromHours(2));
        var found = await connector.SearchAsync(since: noon, before: noon.AddSeconds(1), context: Context, cancellation: Token);
        Assert.Equal(("12:00:00", 1), (Assert.Single(found.Mails).Subject, found.Total));
        Assert.Contains("UID SEARCH SINCE 16-Jul-2026 BEFORE 19-Jul-2026 ALL", server.Heard);
    }

    [Fact]
    public async Task A_mail_is_read_as_it_is_without_being_marked()
    {
        var raw = "From: ana@b.example\r\nSubject: hello\r\nIn-Reply-To: <q@c.example>\r\n\r\nbody \xFF\r\n";
        var bytes = System.Text.Encoding.UTF8.GetBytes(raw);
        await using var server = new ScriptedImap(There(), ("UID FETCH 5 (UID BODY.PEEK[])", $"* 1 FETCH (UID 5 BODY[] {{{bytes.Length}}}\r\n{raw})\r\nTAG OK done"));
        await using var connector = Connector(server);
        var read = await connector.ReadAsync(Mail, Context, Token);
        Assert.Equal((Mail, "hello", "message/rfc822", "mail-5.eml"), (read.Place, read.Mail.Subject, read.Raw.MediaType, read.Raw.Name));
        Assert.Equal(bytes, Artifacts.Bytes(read.Raw));
        Assert.Contains("EXAMINE \"INBOX\"", server.Heard);
        Assert.DoesNotContain(server.Heard, line => line.StartsWith("SELECT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mail_that_is_too_large_is_refused_also_when_the_server_said_otherwise()
    {
        await using var honest = new ScriptedImap(("UID FETCH", ScriptedImap.Fetch(5, "Message-ID: <a@b.example>", size: 50_000) + "\r\nTAG OK done"));
        Assert.Equal("too-large", (await Fails(honest, imap => imap.ReadAsync(Mail, Context, Token), settings => settings with { MaxBytes = 10_000 })).Reason);
        Assert.DoesNotContain("UID FETCH 5 (UID BODY.PEEK[])", honest.Heard);
        await using var liar = new ScriptedImap(There(), ("UID FETCH 5 (UID BODY.PEEK[])", $"* 1 FETCH (UID 5 BODY[] {{50000}}\r\n{new string('x', 50_000)})\r\nTAG OK done"));
        Assert.Equal("too-large", (await Fails(liar, imap => imap.ReadAsync(Mail, Context, Token), settings => settings with { MaxBytes = 10_000 })).Reason);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_of_a_mail_is_transient()
    {
        await using var server = new ScriptedImap(There(), ("UID FETCH 5 (UID BODY.PEEK[])", "* 1 FETCH (UID 5 BODY[] {5000}\r\nhalf a mailCLOSE"));
        var failure = await Fails(server, imap => imap.ReadAsync(Mail, Context, Token));
        Assert.Equal((FailureKind.Transient, "connection"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task A_store_that_fails_is_told_from_a_connection_that_fails()
    {
        await using var server = new ScriptedImap(There(), ("UID FETCH 5 (UID BODY.PEEK[])", "* 1 FETCH (UID 5 BODY[] {3}\r\nabc)\r\nTAG OK done"));
        await using var connector = Connector(server);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.ReadAsync(Mail, Given.Context(artifacts: new FullDisk()), Token));
        Assert.Equal((FailureKind.Transient, "artifact"), (failure.Kind, failure.Reason));
        Assert.Contains("No space left", failure.Message);
    }

    [Fact]
    public async Task A_mail_that_was_moved_is_found_again_by_its_Message_ID()
    {
        await using var server = new ScriptedImap(("LIST", "* LIST () \"/\" INBOX\r\n* LIST (\\Noselect) \"/\" Nothing\r\n* LIST (\\All) \"/\" \"All Mail\"\r\n* LIST () \"/\" \"&BBoEMARABDAEPQRCBDgEPQ-\"\r\nTAG OK done"),
            ("EXAMINE \"&BBoEMARABDAEPQRCBDgEPQ-\"", ScriptedImap.Folder(count: 1, validity: 20)), ("EXAMINE \"INBOX\"", ScriptedImap.Folder(count: 0)),
            ("UID SEARCH", "* SEARCH 8 9\r\nTAG OK done"), ("UID FETCH 5 ", "TAG OK nothing"), ("UID FETCH 8,9", ScriptedImap.Fetch(8, "Message-ID: <xa@b.example>") + "\r\n" + ScriptedImap.Fetch(9, "Message-ID: <a@b.example>") + "\r\nTAG OK done"),
            ("UID FETCH 9 (UID FLAGS", ScriptedImap.Fetch(9, "Message-ID: <a@b.example>") + "\r\nTAG OK done"), ("UID FETCH 9 (UID BODY.PEEK[])", "* 1 FETCH (UID 9 BODY[] {3}\r\nabc)\r\nTAG OK done"));
        await using var connector = Connector(server);
        var read = await connector.ReadAsync(Mail, Context, Token);
        Assert.Equal("Карантин;UIDVALIDITY=20/;UID=9 <a@b.example>", read.Place.ToString());
        Assert.DoesNotContain(server.Heard, line => line.Contains("Nothing") || line.Contains("All Mail"));
    }

    [Fact]
    public async Task A_mail_that_is_gone_or_of_which_several_have_the_Message_ID_is_said()
    {
        await using var gone = new ScriptedImap(("UID FETCH", "TAG OK nothing"), ("UID SEARCH", "* SEARCH\r\nTAG OK done"));
        Assert.Equal((FailureKind.Permanent, "gone"), await Fails(gone, imap => imap.ReadAsync(Mail, Context, Token)) is var lost ? (lost.Kind, lost.Reason) : default);
        Assert.Equal("gone", (await Fails(gone, imap => imap.ReadAsync(new MailRef("INBOX", 8, 5, null), Context, Token))).Reason);
        await using var two = new ScriptedImap(("UID FETCH 5 ", "TAG OK nothing"), ("UID SEARCH", "* SEARCH 8 9\r\nTAG OK done"),
            ("UID FETCH 8,9", ScriptedImap.Fetch(8, "Message-ID: <a@b.example>") + "\r\n" + ScriptedImap.Fetch(9, "Message-ID: <a@b.example>") + "\r\nTAG OK done"));
        var failure = await Fails(two, imap => imap.ReadAsync(Mail, Context, Token));
        Assert.Equal("ambiguous", failure.Reason);
        Assert.Contains("UID=8", failure.Message);
    }

    [Fact]
    public async Task New_UIDs_of_a_folder_are_never_taken_for_the_old_ones()
    {
        // UIDVALIDITY is 7 now: UID 5 is another mail
        await using var server = new ScriptedImap(There(id: "other@b.example"), ("UID SEARCH", "* SEARCH\r\nTAG OK done"), ("UID EXPUNGE", "TAG OK done"), ("UID STORE", "TAG OK done"));
        await using var connector = Connector(server);
        var deleted = await connector.DeleteAsync(new MailRef("INBOX", 6, 5, "a@b.example"), Context, Token);
        Assert.False(deleted.WasThere);
        Assert.DoesNotContain(server.Heard, line => line.StartsWith("UID STORE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Quarantine_makes_its_folder_and_says_where_the_mail_lies()
    {
        await using var server = new ScriptedImap(There(), ("UID MOVE", "TAG NO [TRYCREATE] none"), ("UID MOVE", "* OK [COPYUID 30 5 2] Moved UIDs.\r\n* 1 EXPUNGE\r\nTAG OK Moved"), ("CREATE", "TAG OK made"));
        await using var connector = Connector(server);
        var moved = await connector.QuarantineAsync(Mail, TimeSpan.FromHours(1), Context, Token);
        Assert.Equal(new MailRef("Quarantine", 30, 2, "a@b.example"), moved.Mail);
        Assert.Equal(["UID MOVE 5 \"Quarantine\"", "CREATE \"Quarantine\"", "UID MOVE 5 \"Quarantine\""], server.Heard.Where(line => line.Contains("Quarantine", StringComparison.Ordinal) && !line.StartsWith("EXAMINE", StringComparison.Ordinal)));
        await using var strict = new ScriptedImap(There(), ("UID MOVE", "TAG NO [TRYCREATE] none"));
        Assert.Equal("no-folder", (await Fails(strict, imap => imap.MoveAsync(Mail, "Nowhere", Context, Token))).Reason);
        Assert.DoesNotContain(strict.Heard, line => line.StartsWith("CREATE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_MOVE_a_mail_is_copied_marked_and_expunged_alone()
    {
        await using var server = new ScriptedImap(("AUTHENTICATE", "TAG OK [CAPABILITY IMAP4rev1 UIDPLUS] in"), There(), ("UID SEARCH", "* SEARCH\r\nTAG OK done"), ("UID COPY", "TAG OK [COPYUID 30 5 2] copied"), ("UID STORE", "TAG OK done"), ("UID EXPUNGE", "TAG OK gone"));
        await using var connector = Connector(server);
        Assert.Equal("Work;UIDVALIDITY=30/;UID=2 <a@b.example>", (await connector.MoveAsync(Mail, "Work", Context, Token)).Mail.ToString());
        Assert.Equal(["UID COPY 5 \"Work\"", "UID STORE 5 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 5"], server.Heard.Where(line => line.StartsWith("UID COPY", StringComparison.Ordinal) || line.StartsWith("UID STORE", StringComparison.Ordinal) || line.Contains("EXPUNGE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_MOVE_a_copy_that_an_earlier_attempt_left_is_not_made_again()
    {
        await using var server = new ScriptedImap(("AUTHENTICATE", "TAG OK [CAPABILITY IMAP4rev1 UIDPLUS] in"), There(), ("UID SEARCH", "* SEARCH 2\r\nTAG OK done"), ("UID FETCH 2 ", ScriptedImap.Fetch(2, "Message-ID: <a@b.example>") + "\r\nTAG OK done"), ("UID STORE", "TAG OK done"), ("UID EXPUNGE", "TAG OK gone"));
        await using var connector = Connector(server);
        Assert.Equal("Work", (await connector.MoveAsync(Mail, "Work", Context, Token)).Mail.Folder);
        Assert.DoesNotContain(server.Heard, line => line.StartsWith("UID COPY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_UIDPLUS_nothing_is_expunged_where_others_marked_mails()
    {
        var bare = ("AUTHENTICATE", (string?)"TAG OK [CAPABILITY IMAP4rev1] in");
        await using var marked = new ScriptedImap(bare, There(), ("UID STORE", "TAG OK done"), ("UID SEARCH DELETED", "* SEARCH 3 5\r\nTAG OK done"), ("EXPUNGE", "TAG OK done"));
        Assert.Equal((FailureKind.Permanent, "no-uidplus"), await Fails(marked, imap => imap.DeleteAsync(Mail, Context, Token)) is var failure ? (failure.Kind, failure.Reason) : default);
        Assert.DoesNotContain("EXPUNGE", marked.Heard);
        await using var alone = new ScriptedImap(bare, There(), ("UID STORE", "TAG OK done"), ("UID SEARCH DELETED", "* SEARCH 5\r\nTAG OK done"), ("EXPUNGE", "TAG OK gone"));
        await using var connector = Connector(alone);
        Assert.Equal(new DeletedMail(WasThere: true, "gone"), await connector.DeleteAsync(Mail, Context, Token));
    }

    [Fact]
    public async Task Delete_never_takes_another_mail_of_the_same_Message_ID()
    {
        await using var server = new ScriptedImap(("UID FETCH 5 ", "TAG OK nothing"), ("UID SEARCH", "* SEARCH 8\r\nTAG OK done"), ("UID FETCH 8 ", ScriptedImap.Fetch(8, "Message-ID: <a@b.example>") + "\r\nTAG OK done"));
        var failure = await Fails(server, imap => imap.DeleteAsync(Mail, Context, Token));
        Assert.Equal((FailureKind.Permanent, "moved"), (failure.Kind, failure.Reason));
        Assert.DoesNotContain(server.Heard, line => line.Contains("STORE", StringComparison.Ordinal));
        await using var connector = Connector(server);
        Assert.Equal(ProbeAnswer.CannotTell, (await connector.ProbeDeleteAsync(Mail, Context, Token)).Answer);
    }

    [Theory]
    [InlineData("UID MOVE", null, FailureKind.Unknown, "timeout")]
    [InlineData("UID MOVE", "", FailureKind.Unknown, "connection")]
    [InlineData("UID MOVE", "garbage", FailureKind.Unknown, "garbage")]
    [InlineData("UID MOVE", "* BYE now", FailureKind.Unknown, "connection")]
    [InlineData("UID MOVE", "TAG NO [NOPERM] not yours", FailureKind.Permanent, "noperm")]
    [InlineData("UID MOVE", "TAG NO [INUSE] later", FailureKind.Transient, "inuse")]
    [InlineData("UID FETCH", null, FailureKind.Transient, "timeout")]
    [InlineData("UID FETCH", "", FailureKind.Transient, "connection")]
    [InlineData("SELECT", "garbage", FailureKind.Transient, "garbage")]
    public async Task A_change_is_unknown_from_the_moment_it_is_sent_until_the_server_answers(string command, string? answer, FailureKind kind, string reason)
    {
        await using var server = new ScriptedImap(new[] { There(), ("UID SEARCH", (string?)"* SEARCH\r\nTAG OK done") }.Where(line => line.Item1 != command).Append((command, answer)).ToArray());
        var failure = await Fails(server, imap => imap.MoveAsync(Mail, "Work", Context, Token), settings => settings with { Timeout = TimeSpan.FromMilliseconds(500) });
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
    }

    [Theory]
    [InlineData("UID MOVE", FailureKind.Unknown)]
    [InlineData("UID FETCH", FailureKind.Transient)]
    public async Task A_cancelled_change_says_whether_it_may_have_happened(string silentAt, FailureKind kind)
    {
        await using var server = new ScriptedImap(new[] { There() }.Where(line => line.Item1 != silentAt).Append((silentAt, null)).ToArray());
        await using var connector = Connector(server);
        using var cancel = new CancellationTokenSource();
        var moving = connector.MoveAsync(Mail, "Work", Context, cancel.Token);
        await server.WhenHeardAsync(heard => heard.Any(line => line.StartsWith(silentAt, StringComparison.Ordinal)), Token);
        await cancel.CancelAsync();
        Assert.Equal(kind, (await Assert.ThrowsAsync<ConnectorFailure>(() => moving.WaitAsync(TimeSpan.FromSeconds(1), Token))).Kind);
    }

    [Fact]
    public async Task A_connection_is_used_again_and_made_anew_when_it_was_cut()
    {
        await using var server = new ScriptedImap(("UID SEARCH", "* SEARCH\r\nTAG OK done"), ("NOOP", "TAG OK done"), ("NOOP", ""));
        await using var connector = Connector(server);
        await connector.SearchAsync(context: Context, cancellation: Token);
        await connector.SearchAsync(context: Context, cancellation: Token);
        Assert.Equal(1, server.Connections);
        await connector.SearchAsync(context: Context, cancellation: Token); // the second NOOP finds the line cut
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task A_probe_finds_what_was_moved_and_does_not_find_what_was_not()
    {
        await using var still = new ScriptedImap(There());
        await using (var connector = Connector(still))
            Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeQuarantineAsync(Mail, TimeSpan.FromHours(1), Context, Token)).Answer);
        await using var moved = new ScriptedImap(("UID FETCH 5 ", "TAG OK nothing"), ("UID SEARCH", "* SEARCH 2\r\nTAG OK done"), ("UID FETCH 2 ", ScriptedImap.Fetch(2, "Message-ID: <a@b.example>") + "\r\nTAG OK done"), ("EXAMINE \"Quarantine\"", ScriptedImap.Folder(count: 1, validity: 30)));
        await using (var connector = Connector(moved))
        {
            var found = await connector.ProbeQuarantineAsync(Mail, TimeSpan.FromHours(1), Context, Token);
            Assert.Equal((ProbeAnswer.Present, new MailRef("Quarantine", 30, 2, "a@b.example")), (found.Answer, found.Result!.Mail));
            // moved by an earlier attempt: not again
            Assert.Equal("It lay there already.", (await connector.QuarantineAsync(Mail, TimeSpan.FromHours(1), Context, Token)).Evidence);
            // without a Message-ID nothing tells where it went
            Assert.Equal(ProbeAnswer.CannotTell, (await connector.ProbeMoveAsync(new MailRef("INBOX", 7, 5, null), "Work", Context, Token)).Answer);
        }
    }

    [Fact]
    public async Task What_is_released_goes_back_where_it_lay_and_what_is_not_in_quarantine_is_left_alone()
    {
        await using var server = new ScriptedImap(("UID FETCH 5 ", "TAG OK nothing"), ("UID FETCH 2 ", ScriptedImap.Fetch(2, "Message-ID: <a@b.example>") + "\r\nTAG OK done"), ("SELECT \"Quarantine\"", ScriptedImap.Folder(count: 1, validity: 30)),
            ("UID MOVE", "* OK [COPYUID 7 2 12] Moved\r\nTAG OK done"));
        await using (var connector = Connector(server))
            await connector.ReleaseAsync(Mail, new MovedMail(new MailRef("Quarantine", 30, 2, "a@b.example"), ""), Context, Token);
        Assert.Contains("UID MOVE 2 \"INBOX\"", server.Heard);
        await using var home = new ScriptedImap(There());
        await using (var connector = Connector(home))
            await connector.ReleaseAsync(Mail, null, Context, Token);
        Assert.DoesNotContain(home.Heard, line => line.StartsWith("UID MOVE", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        var settings = new ImapSettings { Host = "a b", Port = 70_000, CaFile = "/nowhere", Folder = "inbox", Quarantine = "INBOX", MaxBytes = 1, LookEvery = TimeSpan.Zero, Connections = 0 };
        Assert.Equal(["host", "port", "user", "password", "caFile", "quarantine", "maxBytes", "lookEvery", "connections"], settings.Problems().Select(problem => problem[..problem.IndexOf(':')]));
    }

    [Theory]
    [InlineData("INBOX;UIDVALIDITY=385759045/;UID=20 <id@host>", "INBOX", 385759045u, 20u, "id@host")]
    [InlineData("Archive/2026;UIDVALIDITY=1/;UID=4294967295", "Archive/2026", 1u, 4294967295u, null)]
    [InlineData("a%3Bb %2525;UIDVALIDITY=1/;UID=2 <x;UIDVALIDITY=9/;UID=9>", "a;b %25", 1u, 2u, "x;UIDVALIDITY=9/;UID=9")]
    public void A_mail_s_name_is_one_text_and_reads_back_as_it_was(string text, string folder, uint validity, uint uid, string? id)
    {
        var mail = MailRef.Parse(text);
        Assert.Equal((folder, validity, uid, id), (mail.Folder, mail.UidValidity, mail.Uid, mail.MessageId));
        Assert.Equal(text, mail.ToString());
        Assert.Equal(mail, System.Text.Json.JsonSerializer.Deserialize<MailRef>(System.Text.Json.JsonSerializer.Serialize(mail, SoarJson.Options), SoarJson.Options));
    }

    [Theory]
    [InlineData("")]
    [InlineData("INBOX")]
    [InlineData(";UIDVALIDITY=1/;UID=2")]
    [InlineData("INBOX;UIDVALIDITY=1/;UID=x")]
    [InlineData("INBOX;UIDVALIDITY=1/;UID=2 id")]
    [InlineData("INBOX;UIDVALIDITY=99999999999/;UID=2")]
    public void A_text_that_is_no_mail_is_refused(string text) => Assert.False(MailRef.TryParse(text, null, out _));

    private sealed class FullDisk : IArtifacts
    {
        public Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation) => throw new SoarException("SOAR3006", "No space left on device.");
        public Stream Open(Artifact artifact) => throw new NotSupportedException();
    }
}
