using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Imap;
using Soar.Connectors.Smtp;
using Soar.Lab.Tests.Range;
using Soar.Testing;

namespace Soar.Lab.Tests.Connectors;

/// <summary>Real Dovecot behind real Postfix: what is said to be read, moved, put back and deleted is so on the server.</summary>
public sealed class ImapLabTests : IClassFixture<MailServers>
{
    private static readonly EmailAddress Provider = EmailAddress.Parse("abuse@isp.example");
    private static int users;
    private static int keys;
    private readonly MailServers servers;
    private readonly HeldArtifacts artifacts = new();

    // Each test has a mailbox of its own.
    private readonly EmailAddress soc = EmailAddress.Parse($"soc{Interlocked.Increment(ref users)}@cert.example");

    public ImapLabTests(MailServers servers)
    {
        MailServers.Require();
        this.servers = servers;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ActionContext Context => new() { Run = default, Step = "step", Key = new IdempotencyKey($"{Interlocked.Increment(ref keys):x32}"), Attempt = 1, Artifacts = artifacts };

    private ImapSettings Settings(MailServers at, ImapTls tls = ImapTls.Implicit) => new()
    {
        Host = "localhost", Port = tls == ImapTls.Implicit ? at.Imaps : at.Imap, Tls = tls, CaFile = at.CaFile, User = soc.Value, Password = new Secret("secret"), Quarantine = "Карантин & co",
    };

    private ImapConnector Connector(MailServers? at = null, Func<ImapSettings, ImapSettings>? with = null)
    {
        var settings = Settings(at ?? servers);
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new ImapConnector(settings, new ConnectorServices("mailbox", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    private static SmtpConnector Sender(MailServers at, EmailAddress from) => new(
        new SmtpSettings { Host = "localhost", Port = at.StartTls, CaFile = at.CaFile, From = from, User = from.Value, Password = new Secret("secret") },
        new ConnectorServices("mail", TimeProvider.System, NullLogger.Instance, null!, "."));

    private async Task<SentMail> SendAsync(string subject, MailServers? at = null)
    {
        var to = at ?? servers;
        await using var sender = new SmtpConnector(new SmtpSettings { Host = "localhost", Port = to.Plain, Tls = SmtpTls.None, From = Provider }, new ConnectorServices("mail", TimeProvider.System, NullLogger.Instance, null!, "."));
        return await sender.SendAsync(soc, subject, "text", null, null, Context, Token);
    }

    /// <summary>Waits for a delivery by looking, as often as the server answers.</summary>
    private async Task<FoundMail> FindAsync(ImapConnector mailbox, string messageId, string? folder = null)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(20))
            if ((await mailbox.SearchAsync(folder, messageId: messageId, context: Context, cancellation: Token)).Mails is [var found])
                return found;
        throw new TimeoutException($"<{messageId}> was not delivered");
    }

    private async Task<int> CountAsync(ImapConnector mailbox, string? folder = null) => (await mailbox.SearchAsync(folder, context: Context, cancellation: Token)).Total;

    [Theory]
    [InlineData(ImapTls.Implicit)]
    [InlineData(ImapTls.StartTls)]
    public async Task A_delivered_mail_is_found_and_read_byte_for_byte_and_stays_unread(ImapTls tls)
    {
        await using var mailbox = Connector(with: _ => Settings(servers, tls));
        var test = await mailbox.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
        Assert.Contains("IDLE, MOVE, UIDPLUS", test.Message);
        var sent = await SendAsync("Здраво, \"свет\" (tls)");
        var found = await FindAsync(mailbox, sent.MessageId);
        Assert.Equal(("Здраво, \"свет\" (tls)", Provider, false), (found.Subject, found.FromAddress, found.Seen));
        var read = await mailbox.ReadAsync(found.Mail, Context, Token);
        Assert.Equal(found.Mail, read.Place);
        Assert.Equal((found.Subject, "text"), (read.Mail.Subject, read.Mail.Body.Trim()));
        var file = Directory.EnumerateFiles(Path.Combine(servers.Mailboxes, soc.Value), "*", SearchOption.AllDirectories).Single(path => path.Contains("/cur/") || path.Contains("/new/"));
        Assert.Equal(Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file, Token)).ReplaceLineEndings("\r\n"), Encoding.UTF8.GetString(artifacts.Bytes(read.Raw)));
        Assert.False((await FindAsync(mailbox, sent.MessageId)).Seen);
        foreach (var (search, hits) in new (Task<MailSearch>, int)[]
        {
            (mailbox.SearchAsync(subject: "свет\" (", context: Context, cancellation: Token), 1), (mailbox.SearchAsync(from: "ABUSE@isp", to: soc.Value, unseen: true, context: Context, cancellation: Token), 1),
            (mailbox.SearchAsync(subject: "nothing\r\nx", context: Context, cancellation: Token), 0), (mailbox.SearchAsync(since: DateTimeOffset.UtcNow.AddMinutes(-5), before: DateTimeOffset.UtcNow.AddMinutes(5), context: Context, cancellation: Token), 1),
            (mailbox.SearchAsync(since: DateTimeOffset.UtcNow.AddMinutes(5), context: Context, cancellation: Token), 0), (mailbox.SearchAsync(text: "text", context: Context, cancellation: Token), 1),
        })
            Assert.Equal(hits, (await search).Total);
    }

    [Fact]
    public async Task A_large_mail_is_streamed_whole()
    {
        var body = string.Concat(Enumerable.Range(0, 300_000).Select(line => $"line {line} of a very long mail that nobody wants to read twice {line * 7919 % 1_000_003}\r\n"));
        servers.Doveadm($"From: a@b.example\r\nMessage-ID: <large@b.example>\r\nSubject: large\r\n\r\n{body}", "save", "-u", soc.Value);
        await using var mailbox = Connector();
        var found = await FindAsync(mailbox, "large@b.example");
        Assert.True(found.Size > 20_000_000);
        var read = await mailbox.ReadAsync(found.Mail, Context, Token);
        Assert.Equal(found.Size, read.Raw.Size);
        Assert.EndsWith(body, Encoding.ASCII.GetString(artifacts.Bytes(read.Raw)));
        await using var small = Connector(with: settings => settings with { MaxBytes = 10_000_000 });
        Assert.Equal("too-large", (await Assert.ThrowsAsync<ConnectorFailure>(() => small.ReadAsync(found.Mail, Context, Token))).Reason);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("IMAP4rev1 SASL-IR LITERAL+ UIDPLUS")]
    [InlineData("IMAP4rev1")]
    public async Task Quarantine_takes_a_mail_away_and_release_puts_it_back_however_often_they_are_repeated(string? offered)
    {
        using var poorer = offered is null ? null : MailServers.Offering(offered);
        var at = poorer ?? servers;
        await using var mailbox = Connector(at);
        foreach (var subject in new[] { "stays", "phish" })
            at.Doveadm($"From: a@b.example\r\nMessage-ID: <{subject}@b.example>\r\nSubject: {subject}\r\n\r\nx\r\n", "save", "-u", soc.Value);
        var other = await FindAsync(mailbox, "stays@b.example");
        var mail = (await FindAsync(mailbox, "phish@b.example")).Mail;
        Assert.Equal(ProbeAnswer.Absent, (await mailbox.ProbeQuarantineAsync(mail, TimeSpan.FromHours(1), Context, Token)).Answer);
        MovedMail? held = null;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await using var again = Connector(at); // another session each time
            held = await again.QuarantineAsync(mail, TimeSpan.FromHours(1), Context, Token);
            Assert.Equal((1, 1), (await CountAsync(again), await CountAsync(again, "Карантин & co")));
            Assert.Equal("Карантин & co", held.Mail.Folder);
        }
        var probe = await mailbox.ProbeQuarantineAsync(mail, TimeSpan.FromHours(1), Context, Token);
        Assert.Equal((ProbeAnswer.Present, held!.Mail), (probe.Answer, probe.Result!.Mail));
        Assert.Equal("phish", (await mailbox.ReadAsync(mail, Context, Token)).Mail.Subject); // found where it went

        for (var attempt = 0; attempt < 3; attempt++)
        {
            await mailbox.ReleaseAsync(mail, attempt == 0 ? held : null, Context, Token);
            Assert.Equal((2, 0), (await CountAsync(mailbox), await CountAsync(mailbox, "Карантин & co")));
        }
        Assert.Equal(ProbeAnswer.Absent, (await mailbox.ProbeQuarantineAsync(mail, TimeSpan.FromHours(1), Context, Token)).Answer);
        Assert.Equal(other.Mail, (await mailbox.ReadAsync(other.Mail, Context, Token)).Place);
    }

    [Fact]
    public async Task Quarantine_without_Message_ID_is_released_by_where_it_was_put()
    {
        servers.Doveadm("From: a@b.example\r\nSubject: nameless\r\n\r\nx\r\n", "save", "-u", soc.Value);
        await using var mailbox = Connector();
        var mail = Assert.Single((await mailbox.SearchAsync(subject: "nameless", context: Context, cancellation: Token)).Mails).Mail;
        Assert.Null(mail.MessageId);
        var held = await mailbox.QuarantineAsync(mail, TimeSpan.FromHours(1), Context, Token);
        Assert.Equal("gone", (await Assert.ThrowsAsync<ConnectorFailure>(() => mailbox.ReadAsync(mail, Context, Token))).Reason);
        Assert.Equal(ProbeAnswer.CannotTell, (await mailbox.ProbeQuarantineAsync(mail, TimeSpan.FromHours(1), Context, Token)).Answer);
        await mailbox.ReleaseAsync(mail, held, Context, Token);
        Assert.Equal((1, 0), (await CountAsync(mailbox), await CountAsync(mailbox, "Карантин & co")));
    }

    [Fact]
    public async Task A_mail_is_found_again_after_people_moved_it_and_after_its_folder_got_new_UIDs()
    {
        await using var mailbox = Connector();
        var mail = (await FindAsync(mailbox, (await SendAsync("travels")).MessageId)).Mail;
        servers.Doveadm(null, "mailbox", "create", "-u", soc.Value, "Archive/2026", "Work");
        servers.Doveadm(null, "move", "-u", soc.Value, "Archive/2026", "mailbox", "INBOX", "header", "Message-ID", $"<{mail.MessageId}>");
        Assert.Equal("Archive/2026", (await mailbox.ReadAsync(mail, Context, Token)).Place.Folder);
        var moved = await mailbox.MoveAsync(mail, "Work", Context, Token);
        Assert.Equal("Work", moved.Mail.Folder);
        Assert.Equal(moved.Mail, (await mailbox.MoveAsync(mail, "Work", Context, Token)).Mail); // again, from the first place
        // UIDVALIDITY changes when a folder is made anew under the old name
        servers.Doveadm(null, "mailbox", "rename", "-u", soc.Value, "Work", "Old");
        servers.Doveadm(null, "mailbox", "create", "-u", soc.Value, "Work");
        servers.Doveadm("From: x@y.example\r\nMessage-ID: <impostor@y.example>\r\n\r\nx\r\n", "save", "-u", soc.Value, "-m", "Work");
        var read = await mailbox.ReadAsync(moved.Mail, Context, Token);
        Assert.Equal(("Old", "travels"), (read.Place.Folder, read.Mail.Subject));
        Assert.Equal("no-folder", (await Assert.ThrowsAsync<ConnectorFailure>(() => mailbox.MoveAsync(mail, "Nowhere", Context, Token))).Reason);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("IMAP4rev1")]
    public async Task Delete_removes_exactly_one_mail_for_good(string? offered)
    {
        using var poorer = offered is null ? null : MailServers.Offering(offered);
        var at = poorer ?? servers;
        // two of one Message-ID: one of them a copy that its sender hoped we would take for the other
        at.Doveadm(null, "mailbox", "create", "-u", soc.Value, "Archive");
        foreach (var subject in new[] { "good", "bad" })
            at.Doveadm($"From: a@b.example\r\nMessage-ID: <same@b.example>\r\nSubject: {subject}\r\n\r\nx\r\n", "save", "-u", soc.Value, "-m", subject == "good" ? "Archive" : "INBOX");
        await using var mailbox = Connector(at);
        var bad = Assert.Single((await mailbox.SearchAsync(subject: "bad", context: Context, cancellation: Token)).Mails).Mail;
        Assert.Equal(ProbeAnswer.Absent, (await mailbox.ProbeDeleteAsync(bad, Context, Token)).Answer);
        Assert.True((await mailbox.DeleteAsync(bad, Context, Token)).WasThere);
        Assert.Equal((0, 1), (await CountAsync(mailbox), await CountAsync(mailbox, "Archive")));
        Assert.Equal("moved", (await Assert.ThrowsAsync<ConnectorFailure>(() => mailbox.DeleteAsync(bad, Context, Token))).Reason);
        var good = Assert.Single((await mailbox.SearchAsync("Archive", context: Context, cancellation: Token)).Mails).Mail;
        await mailbox.DeleteAsync(good, Context, Token);
        Assert.False((await mailbox.DeleteAsync(good, Context, Token)).WasThere);
        Assert.Equal(ProbeAnswer.Present, (await mailbox.ProbeDeleteAsync(good, Context, Token)).Answer);
    }

    [Fact]
    public async Task What_others_marked_as_deleted_stays_where_the_server_cannot_remove_one_mail_alone()
    {
        using var poorer = MailServers.Offering("IMAP4rev1");
        foreach (var id in new[] { "mine", "theirs" })
            poorer.Doveadm($"From: a@b.example\r\nMessage-ID: <{id}@b.example>\r\nSubject: {id}\r\n\r\nx\r\n", "save", "-u", soc.Value);
        poorer.Doveadm(null, "flags", "add", "-u", soc.Value, "\\Deleted", "mailbox", "INBOX", "subject", "theirs");
        await using var mailbox = Connector(poorer);
        var mine = (await FindAsync(mailbox, "mine@b.example")).Mail;
        Assert.Equal((FailureKind.Permanent, "no-uidplus"), await Assert.ThrowsAsync<ConnectorFailure>(() => mailbox.DeleteAsync(mine, Context, Token)) is var failure ? (failure.Kind, failure.Reason) : default);
        Assert.Equal(2, await CountAsync(mailbox));
    }

    [Fact]
    public async Task A_wrong_password_and_a_certificate_of_strangers_are_permanent_and_the_password_is_never_shown()
    {
        await using var wrong = Connector(with: settings => settings with { Password = new Secret("hunter2") });
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => wrong.SearchAsync(context: Context, cancellation: Token));
        Assert.Equal((FailureKind.Permanent, "authenticationfailed"), (failure.Kind, failure.Reason));
        Assert.DoesNotContain("hunter2", failure.ToString());
        foreach (var tls in new[] { ImapTls.Implicit, ImapTls.StartTls })
        {
            await using var strange = Connector(with: _ => Settings(servers, tls) with { CaFile = null });
            Assert.Equal("certificate", (await Assert.ThrowsAsync<ConnectorFailure>(() => strange.SearchAsync(context: Context, cancellation: Token))).Reason);
        }
    }

    [Fact]
    public async Task IDLE_tells_of_a_new_mail_at_once()
    {
        await using var watch = new MailWatch(Settings(servers).Server(), "INBOX", TimeProvider.System, _ => { });
        await watch.WhenAfterAsync(0, Token); // it listens
        var heard = watch.Count;
        var clock = Stopwatch.StartNew();
        await SendAsync("wake up");
        await watch.WhenAfterAsync(heard, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        TestContext.Current.SendDiagnosticMessage($"heard {clock.Elapsed.TotalSeconds:0.00} s after it was sent");
        Assert.True(watch.Listening);
    }

    [Fact]
    public async Task A_server_that_was_killed_and_came_back_is_simply_connected_to_again()
    {
        using var own = new MailServers();
        var problems = new List<string>();
        await using var watch = new MailWatch(Settings(own).Server(), "INBOX", TimeProvider.System, problems.Add);
        await watch.WhenAfterAsync(0, Token);
        await using var mailbox = Connector(own);
        var mail = (await FindAsync(mailbox, (await SendAsync("before", own)).MessageId)).Mail;
        await watch.WhenAfterAsync(1, Token);
        var heard = watch.Count;

        own.KillDovecot();
        var down = await Assert.ThrowsAsync<ConnectorFailure>(() => mailbox.ReadAsync(mail, Context, Token));
        Assert.Equal((FailureKind.Transient, "unreachable"), (down.Kind, down.Reason));
        down = await Assert.ThrowsAsync<ConnectorFailure>(() => mailbox.MoveAsync(mail, "INBOX", Context, Token));
        Assert.Equal(FailureKind.Transient, down.Kind); // nothing was sent: surely not done

        own.StartDovecotAgain();
        Assert.Equal("before", (await mailbox.ReadAsync(mail, Context, Token)).Mail.Subject);
        await watch.WhenAfterAsync(heard, Token).WaitAsync(TimeSpan.FromSeconds(60), Token); // listens again, and says that something may have come
        Assert.True(watch.Listening);
        heard = watch.Count;
        await SendAsync("after", own);
        await watch.WhenAfterAsync(heard, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.NotEmpty(problems);
    }

    [Fact]
    public async Task An_answer_in_the_thread_is_awaited_past_receipts_and_strangers()
    {
        await using var mailbox = Connector(with: settings => settings with { LookEvery = TimeSpan.FromSeconds(1) });
        await using var ours = Sender(servers, soc);
        var question = await ours.SendAsync(Provider, "Keep the data of 203.0.113.66", "please", null, null, Context, Token);
        Task<MailReply> Await(MailRef? after = null) => mailbox.AwaitReplyAsync(question.MessageId, after: after, context: Context, cancellation: Token);
        Assert.Equal(FailureKind.NotYet, (await Assert.ThrowsAsync<ConnectorFailure>(() => Await())).Kind);

        // what an abuse desk's system sends first, and a mail that has nothing to do with it
        servers.Doveadm($"From: desk@isp.example\r\nMessage-ID: <receipt@isp.example>\r\nIn-Reply-To: <{question.MessageId}>\r\nAuto-Submitted: auto-replied\r\nSubject: [#1] received\r\n\r\nthanks\r\n", "save", "-u", soc.Value);
        servers.Doveadm($"From: x@y.example\r\nMessage-ID: <other@y.example>\r\nIn-Reply-To: <x{question.MessageId}>\r\nSubject: other\r\n\r\n{question.MessageId}\r\n", "save", "-u", soc.Value);
        Assert.Equal(FailureKind.NotYet, (await Assert.ThrowsAsync<ConnectorFailure>(() => Await())).Kind);

        // a person answers, in the thread
        var asked = MimeOf(await servers.DeliveredAsync(Provider.Value, question.MessageId, TimeSpan.FromSeconds(20)));
        var answer = await AnswerAsync(new MailThread(asked.MessageId!, asked.Subject!, []), "We keep it.");
        var reply = await UntilAsync(() => Await());
        Assert.Equal((answer, "In-Reply-To", "Re: Keep the data of 203.0.113.66"), (reply.Mail.MessageId, reply.MatchedBy, reply.Mail.Subject));
        Assert.Contains("We keep it.", reply.Mail.Body);
        Assert.True(reply.Automatic is false);

        // and the thread goes on: our answer to the answer, and theirs to that, which only the References connect with the question
        var again = await ours.ReplyAsync(Provider, reply.Mail.Thread!, "Thank you. Until when?", null, Context, Token);
        var asks = MimeOf(await servers.DeliveredAsync(Provider.Value, again.MessageId, TimeSpan.FromSeconds(20)));
        Assert.Equal([question.MessageId, answer], asks.References);
        await AnswerAsync(new MailThread(asks.MessageId!, asks.Subject!, asks.References), "90 days");
        var next = await UntilAsync(() => Await(after: reply.Place));
        Assert.Equal(("References", "90 days"), (next.MatchedBy, next.Mail.Body.Trim()));
        Assert.Equal("Re: Keep the data of 203.0.113.66", next.Mail.Subject);
    }

    /// <summary>As a person at the provider writes it: nothing says that a machine did.</summary>
    private async Task<string> AnswerAsync(MailThread thread, string text)
    {
        var settings = new SmtpSettings { Host = "localhost", Port = servers.Plain, Tls = SmtpTls.None, From = Provider };
        var mail = SmtpConnector.Answer(settings, soc, thread, text, Context.Key, TimeProvider.System) with { AutoSubmitted = null };
        await SmtpConnector.DeliverAsync(settings, mail, TimeProvider.System, Token);
        return mail.MessageId;
    }

    [Fact]
    public async Task A_mail_that_Postfix_sends_back_ends_the_wait()
    {
        await using var mailbox = Connector(with: settings => settings with { LookEvery = TimeSpan.FromSeconds(1) });
        await using var ours = Sender(servers, soc);
        var lost = await ours.SendAsync(EmailAddress.Parse("nobody@gone.example"), "into the void", "x", null, null, Context, Token);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => UntilAsync(() => mailbox.AwaitReplyAsync(lost.MessageId, context: Context, cancellation: Token)));
        Assert.Equal((FailureKind.Permanent, "undelivered"), (failure.Kind, failure.Reason));
        Assert.Contains("nobody@gone.example", failure.Message);
    }

    /// <summary>As the engine does: asks again while there is nothing to tell.</summary>
    private static async Task<MailReply> UntilAsync(Func<Task<MailReply>> ask)
    {
        var clock = Stopwatch.StartNew();
        var between = new SpinWait();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (ConnectorFailure failure) when (failure.Kind == FailureKind.NotYet && clock.Elapsed < TimeSpan.FromSeconds(20))
            {
                between.SpinOnce();
            }
        }
    }

    private static Soar.Connectors.Mime.MimeMessage MimeOf(byte[] mail) => Soar.Connectors.Mime.MimeReader.Read(mail);
}
