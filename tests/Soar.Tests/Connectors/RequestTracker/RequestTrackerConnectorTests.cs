using Soar.Testing.Contract;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.RequestTracker;

namespace Soar.Tests.Connectors.RequestTracker;

/// <summary>What RT's answers mean, the wrong ones above all. That RT really answers like this is proven against the real server (<c>RequestTrackerLabTests</c>).</summary>
public sealed class RequestTrackerConnectorTests
{
    private const string Ticket = """{"id":7,"Subject":"Attack","Status":"new","Owner":{"id":"Nobody"},"Created":"2026-11-24T14:56:31Z","Resolved":"1970-01-01T00:00:00Z"}""";
    private const string Nothing = """{"items":[],"total":0}""";

    /// <summary>A tracker that holds ticket 7, and answers the one request that the test is about as it says.</summary>
    private static Func<HttpAsked, string?> Rt(Func<HttpAsked, bool> about, string? answer) => request =>
        about(request) ? answer
        : request.Method == "POST" && request.Target == "/rt/REST/2.0/ticket" ? LoopbackHttp.Answer(201, """{"id":"7","type":"ticket"}""")
        : request.Method == "POST" ? LoopbackHttp.Answer(201, """["Comments added"]""", headers: "Location: /REST/2.0/transaction/33")
        : request.Method == "PUT" ? LoopbackHttp.Answer(200, """["Ticket 7: Status changed from 'new' to 'open'"]""")
        : request.Target.StartsWith("/rt/REST/2.0/ticket/7", StringComparison.Ordinal) ? LoopbackHttp.Answer(200, Ticket, headers: "ETag: \"32\"")
        : request.Target.StartsWith("/rt/REST/2.0/transaction/33/attachments", StringComparison.Ordinal) ? LoopbackHttp.Answer(200, """{"items":[{"id":"1","ContentType":"application/pdf","Filename":"x.pdf"},{"id":"2","ContentType":"text/plain","Filename":""}]}""")
        : request.Target == "/rt/REST/2.0/attachment/2" ? LoopbackHttp.Answer(200, """{"id":2,"Content":"aGVsbG8KCltzb2FyOjAwMTEyMjMzNDQ1NTY2Nzc4\nODk5YWFiYmNjZGRlZWZmXQ==","ContentType":"text/plain","Filename":""}""")
        : request.Target.StartsWith("/rt/REST/2.0/transaction/33", StringComparison.Ordinal) ? LoopbackHttp.Answer(200, """{"id":33,"Type":"Comment","Creator":{"id":"soar"},"Created":"2026-11-24T15:00:00Z"}""")
        : LoopbackHttp.Answer(200, Nothing);

    private static RequestTrackerConnector Connector(Uri server)
    {
        var settings = new RequestTrackerSettings { Address = new Uri(server, "rt"), Token = new Secret("s3cret"), Queue = "Incidents", Timeout = TimeSpan.FromMilliseconds(800) };
        Assert.Empty(settings.Problems());
        return new RequestTrackerConnector(settings, Given.Services());
    }

    private static Task<Ticket> Create(RequestTrackerConnector rt) => rt.CreateAsync("Attack", "body", Given.Context(), CancellationToken.None);

    private static Task<TicketChange> Comment(RequestTrackerConnector rt) => rt.CommentAsync("7", "hello", Given.Context(), CancellationToken.None);

    private static Task<Ticket> Open(RequestTrackerConnector rt) => rt.SetStatusAsync("7", TicketStatus.Open, Given.Context(), CancellationToken.None);

    private static async Task<ConnectorFailure> Fails(Func<HttpAsked, bool> about, string? answer, Func<RequestTrackerConnector, Task> act)
    {
        await using var server = new LoopbackHttp(Rt(about, answer));
        await using var connector = Connector(server.Address);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => act(connector));
        Assert.DoesNotContain("s3cret", failure.ToString());
        return failure;
    }

    [Fact]
    public async Task A_new_ticket_carries_the_key_as_a_link_the_token_and_the_names_as_RT_wants_them()
    {
        await using var server = new LoopbackHttp(Rt(_ => false, null));
        await using var connector = Connector(server.Address);
        var made = await Create(connector);
        Assert.Equal(("7", TicketStatus.New, new Uri(server.Address, "rt/Ticket/Display.html?id=7").ToString()), (made.Key, made.Status, made.Link));
        Assert.Equal(
            ["GET /rt/REST/2.0/tickets?query=RefersTo%20%3D%20%27soar%3A00112233445566778899aabbccddeeff%27&orderby=id&order=ASC&per_page=1", "POST /rt/REST/2.0/ticket", "GET /rt/REST/2.0/ticket/7"],
            server.Requests.Select(request => $"{request.Method} {request.Target}"));
        Assert.All(server.Requests, request => Assert.Equal("token s3cret", request.Headers["Authorization"]));
        Assert.Equal("""{"Queue":"Incidents","Subject":"Attack","Content":"body","ContentType":"text/plain","RefersTo":"soar:00112233445566778899aabbccddeeff"}""", server.Requests[1].Body);
    }

    [Theory]
    [InlineData(400, FailureKind.Permanent)]
    [InlineData(401, FailureKind.Permanent)]
    [InlineData(403, FailureKind.Permanent)]
    [InlineData(404, FailureKind.Permanent)]
    [InlineData(409, FailureKind.Permanent)]
    [InlineData(429, FailureKind.Transient)]
    [InlineData(500, FailureKind.Unknown)]
    [InlineData(502, FailureKind.Unknown)]
    [InlineData(503, FailureKind.Transient)]
    public async Task A_refusal_keeps_its_meaning_and_RTs_words(int status, FailureKind kind)
    {
        var answer = LoopbackHttp.Answer(status, """{"message":"RT's own words"}""");
        foreach (var act in new Func<RequestTrackerConnector, Task>[] { Create, Comment })
        {
            var failure = await Fails(request => request.Method == "POST", answer, act);
            Assert.Equal((kind, $"{status}"), (failure.Kind, failure.Reason));
            Assert.Contains("RT's own words", failure.Message);
        }

        Assert.Equal(kind, (await Fails(request => request.Method == "PUT", answer, Open)).Kind);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("hang")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\ncut")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n<ht>")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n[]")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")]
    public async Task What_may_have_arrived_is_unknown(string? answer)
    {
        Assert.Equal(FailureKind.Unknown, (await Fails(request => request.Method == "POST", answer, Create)).Kind);
        Assert.Equal(FailureKind.Unknown, (await Fails(request => request.Method == "POST", answer, Comment)).Kind);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<ht>")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")]
    public async Task What_is_only_read_before_anything_is_written_is_surely_not_done(string? answer)
    {
        var failure = await Fails(request => request.Target.Contains("/tickets?", StringComparison.Ordinal), answer, Create);
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Equal(FailureKind.Transient, (await Fails(request => request.Method == "GET", answer, Comment)).Kind);
    }

    [Fact]
    public async Task A_ticket_that_was_made_and_cannot_be_read_back_is_unknown()
    {
        var failure = await Fails(request => request is { Method: "GET", Target: "/rt/REST/2.0/ticket/7" }, LoopbackHttp.Answer(500, "{}"), Create);
        Assert.Equal(FailureKind.Unknown, failure.Kind);
    }

    [Fact]
    public async Task A_comment_whose_answer_does_not_say_where_it_is_is_unknown()
    {
        var failure = await Fails(request => request.Method == "POST", LoopbackHttp.Answer(201, "[]"), Comment);
        Assert.Equal((FailureKind.Unknown, "garbage"), (failure.Kind, failure.Reason));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("\"33-gzip\"")]
    public async Task A_ticket_whose_version_something_in_between_took_away_is_told_instead_of_waited_for(string? etag)
    {
        var failure = await Fails(request => request.Method == "GET", LoopbackHttp.Answer(200, Ticket, headers: etag is null ? "X: y" : $"ETag: {etag}"), rt => rt.AwaitChangeAsync("7", "0", Given.Context(), CancellationToken.None));
        Assert.Equal((FailureKind.Permanent, "etag"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task A_status_goes_out_with_the_version_it_was_seen_at_and_a_change_meanwhile_is_transient()
    {
        await using var server = new LoopbackHttp(Rt(request => request.Method == "PUT", LoopbackHttp.Answer(412, "{}")));
        await using var connector = Connector(server.Address);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => Open(connector));
        Assert.Equal((FailureKind.Transient, "412"), (failure.Kind, failure.Reason));
        Assert.Equal(("\"32\"", """{"Status":"open"}"""), (server.Requests[1].Headers["If-Match"], server.Requests[1].Body));
    }

    [Fact]
    public async Task A_status_that_is_not_set_although_RT_says_200_is_permanent()
    {
        var failure = await Fails(request => request.Method == "PUT", LoopbackHttp.Answer(200, """["Permission Denied"]"""), Open);
        Assert.Equal((FailureKind.Permanent, "status"), (failure.Kind, failure.Reason));
        Assert.Contains("Permission Denied", failure.Message);
        Assert.Equal("status", (await Fails(_ => false, null, rt => rt.SetStatusAsync("7", TicketStatus.Other, Given.Context(), CancellationToken.None))).Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SOC-1")]
    [InlineData("7 OR id > 0")]
    [InlineData("../queue/1")]
    [InlineData("99999999999999999999")]
    public async Task What_is_no_number_never_reaches_RT(string ticket)
    {
        await using var server = new LoopbackHttp(_ => null);
        await using var connector = Connector(server.Address);
        foreach (var act in new Func<Task>[]
        {
            () => connector.FindAsync(ticket, Given.Context(), CancellationToken.None), () => connector.CommentAsync(ticket, "x", Given.Context(), CancellationToken.None),
            () => connector.SetStatusAsync(ticket, TicketStatus.Open, Given.Context(), CancellationToken.None), () => connector.AwaitChangeAsync(ticket, "", Given.Context(), CancellationToken.None),
            () => connector.ChangesAsync("7", ticket.Length == 0 ? "x" : ticket, Given.Context(), CancellationToken.None),
        })
            Assert.Equal(FailureKind.Permanent, (await Assert.ThrowsAsync<ConnectorFailure>(act)).Kind);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Values_of_an_entry_that_are_no_texts_are_told_as_they_stand_and_only_the_tickets_own_entries_are_asked_for()
    {
        const string Entries = """{"items":[{"id":"30","Type":"Set","Field":"Content","Creator":{"type":"user","id":"ana"},"Created":"2026-11-24T15:00:00Z","OldValue":{"id":"4","type":"queue"},"NewValue":{"Panes":null}}]}""";
        await using var server = new LoopbackHttp(Rt(request => request.Target.Contains("/transactions?", StringComparison.Ordinal), LoopbackHttp.Answer(200, Entries)));
        await using var connector = Connector(server.Address);
        var change = Assert.Single((await connector.ChangesAsync("7", "", Given.Context(), CancellationToken.None)).Changes);
        Assert.Equal(("ana", """Set Content: 4 → {"Panes":null}"""), (change.By, change.Text));
        Assert.All(server.Requests.Where(request => request.Target.Contains("TicketId", StringComparison.Ordinal)), request => Assert.Contains("query=ObjectType%20%3D%20%27RT%3A%3ATicket%27%20AND%20TicketId%20%3D%207%20", request.Target));
    }

    [Theory]
    [InlineData("""{"items":[{"id":"33","Creator":{"id":"soar"},"Created":"2026-11-24T15:00:00Z"}]}""", "no 'Type'")]
    [InlineData("""{"items":[null]}""", "an object with 'Type'")]
    [InlineData("""{"entries":[]}""", "no 'items'")]
    public async Task A_list_that_lacks_what_RT_always_sends_is_asked_for_again_and_says_what_it_lacks(string answer, string lacks)
    {
        var failure = await Fails(request => request.Target.Contains("/transactions?", StringComparison.Ordinal), LoopbackHttp.Answer(200, answer), rt => rt.AwaitChangeAsync("7", "", Given.Context(), CancellationToken.None));
        Assert.Equal((FailureKind.Transient, "garbage"), (failure.Kind, failure.Reason));
        Assert.Contains(lacks, failure.Message);
    }

    [Fact]
    public async Task An_old_comment_of_another_run_is_not_even_read_when_a_key_is_looked_for()
    {
        var old = """{"items":[{"id":"33","Type":"Comment","Creator":{"id":"soar"},"Created":"2024-01-01T00:00:00Z"}]}""";
        await using var server = new LoopbackHttp(Rt(request => request.Target.Contains("/transactions?", StringComparison.Ordinal), LoopbackHttp.Answer(200, old)));
        await using var connector = Connector(server.Address);
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeCommentAsync("7", "hello", Given.Context(), CancellationToken.None)).Answer);
        Assert.DoesNotContain(server.Requests, request => request.Target.Contains("attachments", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_name_every_problem_at_once()
    {
        var problems = new RequestTrackerSettings
        {
            Address = new Uri("http://rt.example/"), Statuses = new Dictionary<string, string> { ["done"] = "x", ["open"] = "" }, LookEvery = TimeSpan.FromSeconds(1),
        }.Problems();
        Assert.Equal(["token", "queue", "statuses", "statuses", "lookEvery"], problems.Select(problem => problem[..problem.IndexOf(':')]));
        Assert.Contains(new RequestTrackerSettings { Address = new Uri("http://rt.example/"), Token = new Secret("x"), Queue = "q" }.Problems(), problem => problem.StartsWith("address: a credential", StringComparison.Ordinal));
    }
}
