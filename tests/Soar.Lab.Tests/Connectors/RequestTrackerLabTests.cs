using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.RequestTracker;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>Real Request Tracker 5 with a user who has the rights that the manual lists and no more: what counts is what RT holds afterwards.</summary>
public sealed class RequestTrackerLabTests : IClassFixture<RequestTrackerServer>
{
    private static int keys = 0x100;
    private readonly RequestTrackerServer rt;

    public RequestTrackerLabTests(RequestTrackerServer rt)
    {
        RequestTrackerServer.Require();
        this.rt = rt;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ActionContext Context() => new()
    {
        Run = new RunId(Guid.CreateVersion7()), Step = "step", Key = new IdempotencyKey($"{Interlocked.Increment(ref keys):x32}"), Attempt = 1, Artifacts = null!,
    };

    private RequestTrackerConnector Connector(Func<RequestTrackerSettings, RequestTrackerSettings>? with = null)
    {
        var settings = new RequestTrackerSettings { Address = rt.Address, Token = new Secret(rt.TokenOf("soar")), Queue = "General", LookEvery = TimeSpan.FromMinutes(2) };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new RequestTrackerConnector(settings, new ConnectorServices("rt", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    private static Task<ConnectorFailure> Fails(Func<Task> action) => Assert.ThrowsAsync<ConnectorFailure>(action);

    [Fact]
    public async Task A_ticket_is_created_read_back_and_found_by_its_number()
    {
        await using var connector = Connector();
        var test = await connector.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
        Assert.Contains("Request Tracker 5.", test.Message);

        var made = await connector.CreateAsync("Напад од 203.0.113.66\r\nX-Evil: 1 " + new string('ш', 300), "Прв ред\n\nlast line 'quoted' \"too\"", Context(), Token);
        Assert.StartsWith("Напад од 203.0.113.66 X-Evil: 1 шш", made.Subject);
        Assert.EndsWith("шш…", made.Subject);
        Assert.InRange(Encoding.UTF8.GetByteCount(made.Subject), 198, 200); // RT's own limit, which it keeps in silence
        Assert.Equal((TicketStatus.New, "new", false, null as string), (made.Status, made.StatusName, made.Closed, made.Owner));
        Assert.Equal($"{rt.Address}Ticket/Display.html?id={made.Key}", made.Link);
        Assert.InRange(made.Created, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));

        var found = await connector.FindAsync(made.Key, Context(), Token);
        Assert.Equal(made with { Version = found.Version }, found);
        var first = Assert.Single((await connector.ChangesAsync(made.Key, "", Context(), Token)).Changes, change => change.Kind == TicketChangeKind.Reply);
        Assert.Equal(("Прв ред\n\nlast line 'quoted' \"too\"", true, "soar"), (first.Text, first.Automatic, first.By));
    }

    [Fact]
    public async Task Creating_again_under_the_same_key_gives_the_same_ticket_and_the_probe_tells_it_from_others()
    {
        await using var connector = Connector();
        var context = Context();
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCreateAsync("Once", "body", context, Token)).Answer);
        var first = await connector.CreateAsync("Once", "body", context, Token);
        var again = await connector.CreateAsync("Once", "body", context, Token);
        Assert.Equal(first, again);
        Assert.Equal(1, await rt.CountAsync("Subject = 'Once'"));
        var probe = await connector.ProbeCreateAsync("Once", "body", context, Token);
        Assert.Equal((ProbeAnswer.Present, true, first), (probe.Answer, probe.Ours, probe.Result));
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCreateAsync("Once", "body", Context(), Token)).Answer);
    }

    [Fact]
    public async Task A_connection_that_is_cut_when_RT_has_the_request_is_unknown_and_the_repeat_finds_the_ticket()
    {
        var context = Context();
        await using var proxy = new CutProxy(rt.Port, Encoding.ASCII.GetBytes($"\"RefersTo\":\"soar:{context.Key}\""), deliver: true);
        await using var connector = Connector(settings => settings with { Address = new Uri($"http://127.0.0.1:{proxy.Port}/") });
        var failure = await Fails(() => connector.CreateAsync("Cut", "body", context, Token));
        Assert.Equal(FailureKind.Unknown, failure.Kind);
        var repeated = await connector.CreateAsync("Cut", "body", context, Token);
        Assert.Equal("Cut", repeated.Subject);
        Assert.Equal(1, await rt.CountAsync("Subject = 'Cut'"));
    }

    [Fact]
    public async Task A_connection_that_is_cut_before_RT_has_the_request_leaves_nothing_and_the_repeat_creates_it()
    {
        var context = Context();
        await using var proxy = new CutProxy(rt.Port, Encoding.ASCII.GetBytes($"\"RefersTo\":\"soar:{context.Key}\""), deliver: false);
        await using var connector = Connector(settings => settings with { Address = new Uri($"http://127.0.0.1:{proxy.Port}/") });
        Assert.Equal(FailureKind.Unknown, (await Fails(() => connector.CreateAsync("Lost", "body", context, Token))).Kind);
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCreateAsync("Lost", "body", context, Token)).Answer);
        await connector.CreateAsync("Lost", "body", context, Token);
        Assert.Equal(1, await rt.CountAsync("Subject = 'Lost'"));
    }

    [Fact]
    public async Task A_comment_stays_inside_and_a_reply_is_mailed_to_the_requestor_once_each_however_often_they_are_repeated()
    {
        await using var connector = Connector(settings => settings with { Requestor = EmailAddress.Parse("abuse@isp.example") });
        var ticket = await connector.CreateAsync("Report", "body", Context(), Token);
        var (comment, reply) = (Context(), Context());
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCommentAsync(ticket.Key, "inside", comment, Token)).Answer);
        for (var i = 0; i < 3; i++)
        {
            var written = await connector.CommentAsync(ticket.Key, "Blocked at the gateway; inside words", comment, Token);
            Assert.Equal((TicketChangeKind.Comment, "Blocked at the gateway; inside words", "soar", true), (written.Kind, written.Text, written.By, written.Automatic));
            var replied = await connector.ReplyAsync(ticket.Key, "Dear provider, outside words", reply, Token);
            Assert.Equal((TicketChangeKind.Reply, "Dear provider, outside words"), (replied.Kind, replied.Text));
        }

        Assert.Equal(ProbeAnswer.Present, (await connector.ProbeCommentAsync(ticket.Key, "x", comment, Token)).Answer);
        Assert.Equal(ProbeAnswer.Present, (await connector.ProbeReplyAsync(ticket.Key, "x", reply, Token)).Answer);
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeReplyAsync(ticket.Key, "x", comment, Token)).Answer);
        var changes = (await connector.ChangesAsync(ticket.Key, ticket.Version, Context(), Token)).Changes;
        Assert.Single(changes, change => change.Text.Contains("inside words"));
        Assert.Single(changes, change => change.Text.Contains("outside words"));
        var mailed = Assert.Single(rt.Mails(), mail => mail.Contains("outside words"));
        Assert.Contains("abuse@isp.example", mailed);
        Assert.Contains($"soar:{reply.Key}", mailed);
        Assert.DoesNotContain(rt.Mails(), mail => mail.Contains("inside words") && mail.Contains("abuse@isp.example"));
    }

    [Fact]
    public async Task A_status_is_set_read_back_and_left_alone_when_it_is_set_already()
    {
        await using var connector = Connector();
        var ticket = await connector.CreateAsync("Status", "body", Context(), Token);
        foreach (var (status, word, closed) in new[] { (TicketStatus.Open, "open", false), (TicketStatus.Waiting, "stalled", false), (TicketStatus.Resolved, "resolved", true), (TicketStatus.Rejected, "rejected", true) })
        {
            var context = Context();
            Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeSetStatusAsync(ticket.Key, status, context, Token)).Answer);
            var set = await connector.SetStatusAsync(ticket.Key, status, context, Token);
            Assert.Equal((status, word, closed), (set.Status, set.StatusName, set.Closed));
            Assert.Equal(ProbeAnswer.Present, (await connector.ProbeSetStatusAsync(ticket.Key, status, context, Token)).Answer);
        }

        await connector.SetStatusAsync(ticket.Key, TicketStatus.Rejected, Context(), Token);
        var changes = (await connector.ChangesAsync(ticket.Key, ticket.Version, Context(), Token)).Changes.Where(change => change.Kind == TicketChangeKind.Status).ToList();
        Assert.Equal(["new → open", "open → stalled", "stalled → resolved", "resolved → rejected"], changes.Select(change => change.Text));
    }

    [Fact]
    public async Task A_status_that_RT_answers_200_to_and_does_not_set_fails_with_what_RT_said()
    {
        await using var connector = Connector(settings => settings with { Statuses = new Dictionary<string, string> { ["waiting"] = "on the shelf" } });
        var ticket = await connector.CreateAsync("Shelf", "body", Context(), Token);
        var failure = await Fails(() => connector.SetStatusAsync(ticket.Key, TicketStatus.Waiting, Context(), Token));
        Assert.Equal((FailureKind.Permanent, "status"), (failure.Kind, failure.Reason));
        Assert.Contains("isn't a valid status", failure.Message);
    }

    [Fact]
    public async Task A_ticket_that_somebody_changes_at_the_same_moment_is_not_overwritten()
    {
        await using var direct = Connector();
        var ticket = await direct.CreateAsync("Both at once", "body", Context(), Token);
        await using var between = new BeforeChange(rt.Port, () => rt.AsAsync("ana", HttpMethod.Put, $"ticket/{ticket.Key}", new { Status = "rejected" }));
        await using var connector = Connector(settings => settings with { Address = between.Address });
        var failure = await Fails(() => connector.SetStatusAsync(ticket.Key, TicketStatus.Open, Context(), Token));
        Assert.Equal((FailureKind.Transient, "412"), (failure.Kind, failure.Reason));
        Assert.Equal("rejected", (await direct.FindAsync(ticket.Key, Context(), Token)).StatusName);
        Assert.Equal(TicketStatus.Open, (await connector.SetStatusAsync(ticket.Key, TicketStatus.Open, Context(), Token)).Status);
    }

    [Fact]
    public async Task A_wait_ends_with_what_a_person_wrote_and_not_with_what_Soar_or_a_rule_of_RT_did()
    {
        await using var connector = Connector(settings => settings with { Requestor = EmailAddress.Parse("abuse@isp.example") });
        var ticket = await connector.CreateAsync("Wait", "body", Context(), Token);
        await connector.ReplyAsync(ticket.Key, "Please look at this", Context(), Token); // RT opens it by a rule of its own
        await connector.CommentAsync(ticket.Key, "asked", Context(), Token);
        await connector.SetStatusAsync(ticket.Key, TicketStatus.Waiting, Context(), Token);
        var waits = await Fails(() => connector.AwaitChangeAsync(ticket.Key, ticket.Version, Context(), Token));
        Assert.Equal((FailureKind.NotYet, TimeSpan.FromMinutes(2)), (waits.Kind, waits.RetryAfter));

        await rt.AsAsync("ana", HttpMethod.Post, $"ticket/{ticket.Key}/comment", new { Content = "Ги прашав: they will", ContentType = "text/plain" });
        var news = await connector.AwaitChangeAsync(ticket.Key, ticket.Version, Context(), Token);
        var change = Assert.Single(news.Changes, change => !change.Automatic);
        Assert.Equal((TicketChangeKind.Comment, "ana", "Ги прашав: they will"), (change.Kind, change.By, change.Text));
        Assert.Equal("stalled", news.Ticket.StatusName);

        // From there on it is news no more.
        Assert.Equal(FailureKind.NotYet, (await Fails(() => connector.AwaitChangeAsync(ticket.Key, news.Ticket.Version, Context(), Token))).Kind);
        await rt.AsAsync("ana", HttpMethod.Put, $"ticket/{ticket.Key}", new { Status = "resolved", Owner = "ana" });
        var closed = await connector.AwaitChangeAsync(ticket.Key, news.Ticket.Version, Context(), Token);
        Assert.Contains(closed.Changes, change => change is { Kind: TicketChangeKind.Status, Text: "stalled → resolved", By: "ana" });
        Assert.Equal((true, "ana"), (closed.Ticket.Closed, closed.Ticket.Owner));
    }

    [Fact]
    public async Task A_comment_with_a_large_file_and_one_in_HTML_are_read_as_text()
    {
        await using var connector = Connector();
        var ticket = await connector.CreateAsync("With a file", "body", Context(), Token);
        var file = new { FileName = "dump.pcap", FileType = "application/octet-stream", FileContent = Convert.ToBase64String(new byte[9_000_000]) };
        await rt.AsAsync("ana", HttpMethod.Post, $"ticket/{ticket.Key}/comment", new { Content = "See the file", ContentType = "text/plain", Attachments = new[] { file } });
        await rt.AsAsync("ana", HttpMethod.Post, $"ticket/{ticket.Key}/comment", new { Content = "<p>It is <b>blocked</b></p><script>x</script>", ContentType = "text/html" });
        await rt.AsAsync("ana", HttpMethod.Post, $"ticket/{ticket.Key}/comment", new { Content = "Déjà vu", ContentType = "text/plain" });
        var news = await connector.AwaitChangeAsync(ticket.Key, ticket.Version, Context(), Token);
        Assert.Equal(["See the file", "It is blocked", "Déjà vu"], news.Changes.Where(change => !change.Automatic).Select(change => change.Text));
    }

    [Fact]
    public async Task What_happens_right_after_a_ticket_was_created_is_not_missed()
    {
        await using var connector = Connector();
        var ticket = await connector.CreateAsync("At once", "body", Context(), Token);
        await rt.AsAsync("ana", HttpMethod.Post, $"ticket/{ticket.Key}/comment", new { Content = "mine", ContentType = "text/plain" });
        var set = await connector.SetStatusAsync(ticket.Key, TicketStatus.Open, Context(), Token);
        await rt.AsAsync("ana", HttpMethod.Post, $"ticket/{ticket.Key}/comment", new { Content = "more", ContentType = "text/plain" });
        Assert.Contains((await connector.AwaitChangeAsync(ticket.Key, ticket.Version, Context(), Token)).Changes, change => change.Text == "mine");
        var later = (await connector.AwaitChangeAsync(ticket.Key, set.Version, Context(), Token)).Changes;
        Assert.Equal(["new → open", "more"], later.Select(change => change.Text));
    }

    [Fact]
    public async Task What_happened_to_other_things_of_the_same_number_is_nothing_that_happened_to_the_ticket()
    {
        await using var connector = Connector();
        // RT's own dashboards and searches have the low numbers and a history each.
        Ticket ticket;
        do
        {
            ticket = await connector.CreateAsync("Numbered", "body", Context(), Token);
            var changes = (await connector.ChangesAsync(ticket.Key, "", Context(), Token)).Changes;
            Assert.All(changes, change => Assert.Equal(("soar", true), (change.By, change.Automatic)));
        }
        while (int.Parse(ticket.Key) < 12);
    }

    [Fact]
    public async Task A_search_takes_its_words_literally()
    {
        await using var connector = Connector();
        foreach (var subject in new[] { "Zebra's \\ first", "Zebra's \\ second", "Zebras third" })
            await connector.CreateAsync(subject, "body", Context(), Token);
        var found = await connector.SearchAsync("Zebra's \\", Context(), Token);
        Assert.Equal(["Zebra's \\ second", "Zebra's \\ first"], found.Select(ticket => ticket.Subject));
        Assert.Equal((TicketStatus.New, "", false), (found[0].Status, found[0].Version, found[0].Closed));
        Assert.Empty(await connector.SearchAsync("x' OR id > 0 OR Subject LIKE 'y", Context(), Token));
    }

    [Fact]
    public async Task What_is_not_there_or_not_allowed_is_permanent_and_says_which()
    {
        await using (var connector = Connector())
        {
            Assert.Equal("404", (await Fails(() => connector.FindAsync("999999", Context(), Token))).Reason);
            Assert.Equal("404", (await Fails(() => connector.CommentAsync("999999", "x", Context(), Token))).Reason);
            Assert.Equal("404", (await Fails(() => connector.AwaitChangeAsync("999999", "", Context(), Token))).Reason);
            Assert.Equal("key", (await Fails(() => connector.FindAsync("1/../2", Context(), Token))).Reason);
        }

        await using (var connector = Connector(settings => settings with { Queue = "Nowhere" }))
        {
            var failure = await Fails(() => connector.CreateAsync("x", "y", Context(), Token));
            Assert.Equal((FailureKind.Permanent, "403"), (failure.Kind, failure.Reason));
            Assert.Contains("'Nowhere'", failure.Message);
            var test = await connector.TestAsync(Token);
            Assert.False(test.Ok);
            Assert.Contains("no queue 'Nowhere'", test.Message);
        }

        await using (var connector = Connector(settings => settings with { Token = new Secret(rt.TokenOf("reader")) }))
        {
            Assert.False((await connector.TestAsync(Token)).Ok);
            Assert.Equal((FailureKind.Permanent, "403"), await KindOf(() => connector.CreateAsync("x", "y", Context(), Token)));
            await using var writer = Connector();
            var ticket = await writer.CreateAsync("For reading", "body", Context(), Token);
            Assert.Equal("For reading", (await connector.FindAsync(ticket.Key, Context(), Token)).Subject);
            Assert.Equal(FailureKind.Permanent, (await KindOf(() => connector.CommentAsync(ticket.Key, "x", Context(), Token))).Kind);
            Assert.Equal(FailureKind.Permanent, (await KindOf(() => connector.SetStatusAsync(ticket.Key, TicketStatus.Open, Context(), Token))).Kind);
        }

        await using (var connector = Connector(settings => settings with { Token = new Secret("1-14-hunter2hunter2") }))
        {
            var failure = await Fails(() => connector.CreateAsync("x", "y", Context(), Token));
            Assert.Equal((FailureKind.Permanent, "401"), (failure.Kind, failure.Reason));
            Assert.DoesNotContain("hunter2", failure.ToString());
            Assert.False((await connector.TestAsync(Token)).Ok);
        }
    }

    private static async Task<(FailureKind Kind, string Reason)> KindOf(Func<Task> action)
    {
        var failure = await Fails(action);
        return (failure.Kind, failure.Reason);
    }

    /// <summary>Passes requests on to RT, and has somebody do something just before the first PUT.</summary>
    private sealed class BeforeChange : IAsyncDisposable
    {
        private readonly System.Net.HttpListener listener = new();
        private readonly HttpClient http = new();
        private readonly Task work;

        public BeforeChange(int port, Func<Task> act)
        {
            Address = new Uri($"http://127.0.0.1:{LoopbackPort.Take()}/");
            listener.Prefixes.Add(Address.ToString());
            listener.Start();
            work = ServeAsync(port, act);
        }

        public Uri Address { get; }

        public async ValueTask DisposeAsync()
        {
            listener.Close();
            await work;
            http.Dispose();
        }

        private async Task ServeAsync(int port, Func<Task> act)
        {
            var acted = false;
            while (listener.IsListening)
            {
                try
                {
                    var context = await listener.GetContextAsync();
                    if (context.Request.HttpMethod == "PUT" && !acted)
                    {
                        acted = true;
                        await act();
                    }
                    using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), new Uri($"http://127.0.0.1:{port}{context.Request.RawUrl}"));
                    foreach (var name in new[] { "Authorization", "If-Match" })
                        if (context.Request.Headers[name] is { } value)
                            request.Headers.TryAddWithoutValidation(name, value);
                    if (context.Request.HasEntityBody)
                        request.Content = new StreamContent(context.Request.InputStream) { Headers = { ContentType = new("application/json") } };
                    using var answer = await http.SendAsync(request);
                    context.Response.StatusCode = (int)answer.StatusCode;
                    if (answer.Headers.ETag is { } tag)
                        context.Response.Headers["ETag"] = tag.ToString();
                    context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
                    await answer.Content.CopyToAsync(context.Response.OutputStream);
                    context.Response.Close();
                }
                catch (Exception e) when (e is System.Net.HttpListenerException or ObjectDisposedException)
                {
                    // the test is over
                }
            }
        }
    }
}
