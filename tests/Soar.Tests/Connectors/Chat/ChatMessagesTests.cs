using System.Text.Json.Nodes;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Mattermost;
using Soar.Connectors.Slack;
using Soar.Connectors.Teams;
using Soar.Testing;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Chat;

/// <summary>
/// Requests and answers as the services publish them. Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ and https://docs.slack.dev/messaging/formatting-message-text/ (escaping).
/// Mattermost: https://developers.mattermost.com/integrate/webhooks/incoming/. Teams: github.com/MicrosoftDocs/msteams-docs, msteams-platform/webhooks-and-connectors/how-to/connectors-using.md ("Send adaptive
/// cards using an incoming webhook"), and https://learn.microsoft.com/en-us/adaptive-cards/schema-explorer/text-run.
/// </summary>
public sealed class ChatMessagesTests
{
    private static readonly string Hostile = "<!channel> <@U012AB3CD> <https://evil.example|our portal> & *bold* @here @all [portal](https://evil.example) `x` **b** {{DATE(2017-02-14T06:00:00Z, SHORT)}}";

    private static IChat Chat(string service, Uri server) => service switch
    {
        "slack" => new SlackConnector(new SlackSettings { Webhook = new Secret(new Uri(server, "services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX").AbsoluteUri), Timeout = TimeSpan.FromSeconds(5) }, Given.Services()),
        "mattermost" => new MattermostConnector(new MattermostSettings { Webhook = new Secret(new Uri(server, "hooks/xxx-generatedkey-xxx").AbsoluteUri), Timeout = TimeSpan.FromSeconds(5) }, Given.Services()),
        _ => new TeamsConnector(new TeamsSettings { Webhook = new Secret(new Uri(server, "workflows/0123/triggers/manual/paths/invoke?sig=0123").AbsoluteUri), Timeout = TimeSpan.FromSeconds(5) }, Given.Services()),
    };

    private static async Task<(PostedMessage Posted, HttpAsked Request)> PostAsync(string service, string text, string answer)
    {
        await using var server = new LoopbackHttp(_ => answer);
        var chat = Chat(service, server.Address);
        await using var owned = (IConnector)chat;
        var posted = await chat.PostAsync(text, Given.Context(), CancellationToken.None);
        return (posted, Assert.Single(server.Requests));
    }

    private static async Task<ConnectorFailure> FailAsync(string service, string text, string? answer)
    {
        await using var server = new LoopbackHttp(_ => answer);
        var chat = Chat(service, server.Address);
        await using var owned = (IConnector)chat;
        return await Assert.ThrowsAsync<ConnectorFailure>(() => chat.PostAsync(text, Given.Context(), CancellationToken.None));
    }

    private static void Same(string published, string sent, params string[] ours)
    {
        var body = JsonNode.Parse(sent)!;
        foreach (var field in ours)
            Assert.True(body.AsObject().Remove(field), $"{field} was not sent");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(published), body), $"published: {published}\nsent: {sent}");
    }

    private static string TextOf(string body) => JsonNode.Parse(body)!["text"]!.GetValue<string>();

    [Fact]
    public async Task Slack_gets_its_published_request_and_its_published_answer_is_understood()
    {
        // POST https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX, Content-type: application/json, {"text": "Hello, world."} → HTTP/1.1 200 OK, ok
        var (posted, request) = await PostAsync("slack", "Hello, world.", LoopbackHttp.Answer(200, "ok", "text/html"));
        Assert.Equal(("POST", "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "application/json"), (request.Method, request.Target, request.Headers["Content-Type"]));
        Same("""{"text": "Hello, world."}""", request.Body, "mrkdwn", "unfurl_links", "unfurl_media");
        Assert.Equal("ok", posted.Response);
    }

    [Fact]
    public async Task Mattermost_gets_its_published_request_and_its_published_answer_is_understood()
    {
        var (posted, request) = await PostAsync("mattermost", "Hello, this is some text\nThis is more text. :tada:", LoopbackHttp.Answer(200, "ok", "text/plain"));
        Assert.Equal(("POST", "/hooks/xxx-generatedkey-xxx", "application/json"), (request.Method, request.Target, request.Headers["Content-Type"]));
        Same("""{"text": "Hello, this is some text\nThis is more text. :tada:"}""", request.Body);
        Assert.Equal("ok", posted.Response);
    }

    [Fact]
    public async Task Teams_gets_the_published_envelope_with_the_text_in_runs_that_know_no_Markdown()
    {
        var (posted, request) = await PostAsync("teams", "Two lines,\n**of text**", LoopbackHttp.Answer(202, "", "text/plain", "x-ms-workflow-run-id: 0858"));
        Assert.Equal(("POST", "/workflows/0123/triggers/manual/paths/invoke?sig=0123", "application/json"), (request.Method, request.Target, request.Headers["Content-Type"]));
        var sent = JsonNode.Parse(request.Body)!;
        var body = sent["attachments"]![0]!["content"]!["body"]!.AsArray();
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""[{"type":"RichTextBlock","spacing":"None","inlines":[{"type":"TextRun","text":"Two lines,"}]},{"type":"RichTextBlock","spacing":"None","inlines":[{"type":"TextRun","text":"**of text**"}]}]"""), body), body.ToJsonString());
        sent["attachments"]![0]!["content"]!["body"] = new JsonArray();
        Same("""
            {"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,
              "content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.2","body":[]}}]}
            """, sent.ToJsonString());
        Assert.Equal("202, workflow run 0858", posted.Response);
    }

    [Fact]
    public async Task What_data_says_is_never_a_mention_or_a_named_link_in_Slack()
    {
        var (_, request) = await PostAsync("slack", Hostile, LoopbackHttp.Answer(200, "ok"));
        var text = TextOf(request.Body);
        Assert.StartsWith("&lt;!channel&gt; &lt;@U012AB3CD&gt; &lt;https://evil.example|our portal&gt; &amp; *bold*", text);
        Assert.DoesNotContain('<', text);
        Assert.False(JsonNode.Parse(request.Body)!["mrkdwn"]!.GetValue<bool>());
    }

    [Fact]
    public async Task What_data_says_is_never_Markdown_in_Teams()
    {
        var (_, request) = await PostAsync("teams", Hostile, LoopbackHttp.Answer(202, ""));
        var block = Assert.Single(JsonNode.Parse(request.Body)!["attachments"]![0]!["content"]!["body"]!.AsArray())!;
        Assert.Equal("RichTextBlock", block["type"]!.GetValue<string>());
        Assert.Equal(Hostile.Replace("{{", "{\u200B{", StringComparison.Ordinal), block["inlines"]![0]!["text"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("203.0.113.7 asked www.evil.example 3 times (see RT 12)", "203.0.113.7 asked www.evil.example 3 times (see RT 12)")]
    [InlineData("invoice_2026_03.pdf, a@b.example", "invoice_2026_03.pdf, a@b.example")]
    [InlineData("@channel @all @here", "@\u200Bchannel @\u200Ball @\u200Bhere")]
    [InlineData("x.@here (@all) -@channel _@anna", "x.@\u200Bhere (@\u200Ball) -@\u200Bchannel \\_@\u200Banna")]
    [InlineData("<!channel> <https://evil.example|portal>", "&lt;!channel&gt; &lt;https://evil.example\\|portal&gt;")]
    [InlineData("[portal](https://evil.example) ![i](x)", "\\[portal\\](https://evil.example) !\\[i\\](x)")]
    [InlineData("**b** _i_ ~~s~~ `c` ~town-square #tag $x$", "\\*\\*b\\*\\* \\_i\\_ \\~\\~s\\~\\~ \\`c\\` \\~town-square \\#tag &#36;x&#36;")]
    [InlineData("# h\n> q\n- l\n+ l\n1. n\n12) n\n===\n---\n    code\n\tcode", "\\# h\n&gt; q\n\\- l\n\\+ l\n1\\. n\n12\\) n\n&#61;==\n\\---\n\u00A0\u00A0\u00A0\u00A0code\n\u00A0code")]
    [InlineData("a\\*b &lt; c", "a\\\\\\*b &amp;lt; c")]
    public async Task Text_is_escaped_for_Mattermost_where_it_would_be_something_else_and_only_there(string text, string escaped)
    {
        var (_, request) = await PostAsync("mattermost", text, LoopbackHttp.Answer(200, "ok"));
        Assert.Equal(escaped, TextOf(request.Body));
    }

    [Theory]
    [InlineData("slack")]
    [InlineData("mattermost")]
    [InlineData("teams")]
    public async Task What_cannot_be_seen_or_turns_writing_around_is_left_out_and_too_much_or_nothing_is_refused(string service)
    {
        var (_, request) = await PostAsync(service, "  report\u202Efdp.exe\u0000\u0007\r\n  next\u2066!  ", LoopbackHttp.Answer(200, service == "teams" ? "" : "ok"));
        Assert.Contains("reportfdp.exe", request.Body);
        Assert.DoesNotContain(request.Body, character => character is '\u202E' or '\u2066' or '\r' or '\0');
        Assert.DoesNotContain("\\u0000", request.Body);
        Assert.DoesNotContain("\\u20", request.Body);
        Assert.Equal("empty", (await FailAsync(service, " \n\u202E ", null)).Reason);
        var failure = await FailAsync(service, new string('x', 50_000), null);
        Assert.Equal((FailureKind.Permanent, "too-large"), (failure.Kind, failure.Reason));
    }

    [Theory]
    [InlineData("slack", 400, "invalid_payload", "invalid_payload", "form")]
    [InlineData("slack", 410, "channel_is_archived", "channel_is_archived", "archive")]
    [InlineData("slack", 404, "no_service", "no_service", "another one")]
    [InlineData("slack", 403, "action_prohibited", "action_prohibited", "administrator")]
    [InlineData("mattermost", 400, """{"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook.","status_code":400}""", "web.incoming_webhook.invalid", "another one")]
    [InlineData("mattermost", 403, """{"id":"web.incoming_webhook.permissions.app_error","message":"Inappropriate channel permissions.","status_code":403}""", "web.incoming_webhook.permissions", "account")]
    [InlineData("teams", 400, """{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"trigger is not enabled"}}""", "WorkflowTriggerIsNotEnabled", "switch it on")]
    [InlineData("teams", 401, """{"error":{"code":"DirectApiAuthorizationRequired","message":"The request must be authenticated."}}""", "DirectApiAuthorizationRequired", "copy it again")]
    public async Task A_refusal_is_permanent_with_the_service_s_word_and_a_remedy_and_never_shows_the_address(string service, int status, string answer, string reason, string remedy)
    {
        var failure = await FailAsync(service, "x", LoopbackHttp.Answer(status, answer));
        Assert.Equal((FailureKind.Permanent, reason), (failure.Kind, failure.Reason));
        Assert.Contains(remedy, failure.Message);
        Assert.EndsWith("Nothing was posted.", failure.Message);
    }

    [Theory]
    [InlineData("slack", "XXXXXXXX")]
    [InlineData("mattermost", "generatedkey")]
    [InlineData("teams", "0123")]
    public async Task However_it_fails_only_the_host_is_named(string service, string secret)
    {
        foreach (var (answer, kind) in new (string?, FailureKind)[]
        {
            (LoopbackHttp.Answer(429, "rate_limited", "text/plain", "Retry-After: 30"), FailureKind.Transient), (LoopbackHttp.Answer(500, "rollup_error"), FailureKind.Unknown), (null, FailureKind.Unknown),
            (LoopbackHttp.Answer(200, "<html>sign in</html>", "text/html"), FailureKind.Unknown), (LoopbackHttp.Answer(404, "<html>no such page</html>", "text/html"), FailureKind.Permanent),
            (LoopbackHttp.Answer(302, "", "text/html", "Location: /login"), FailureKind.Permanent),
        })
        {
            var failure = await FailAsync(service, "x", answer);
            Assert.Equal(kind, failure.Kind);
            Assert.DoesNotContain(secret, failure.ToString());
            Assert.Equal(kind == FailureKind.Transient ? TimeSpan.FromSeconds(30) : null, failure.RetryAfter);
        }
    }

    [Fact]
    public async Task The_retired_connectors_of_Teams_that_refuse_with_status_200_are_not_taken_for_a_success()
    {
        var failure = await FailAsync("teams", "x", LoopbackHttp.Answer(200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429", "text/plain"));
        Assert.Equal((FailureKind.Unknown, "garbage"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public void The_mask_knows_a_webhook_by_its_path_too()
    {
        var mask = new SecretMask(new Secret("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"));
        Assert.Equal("POST ••• failed; ••• and https://hooks.slack.com/services are not the same", mask.Text("POST /services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX failed; XXXXXXXXXXXXXXXXXXXXXXXX and https://hooks.slack.com/services are not the same"));
    }
}
