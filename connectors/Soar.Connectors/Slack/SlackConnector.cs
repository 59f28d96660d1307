using Soar.Capabilities;
using Soar.Connectors.Chat;
using Soar.Connectors.Http;

namespace Soar.Connectors.Slack;

/// <summary>A Slack channel's incoming webhook.</summary>
public sealed record SlackSettings : WebhookSettings;

/// <summary>Posts to a Slack channel. <c>&amp;</c>, <c>&lt;</c> and <c>&gt;</c> are escaped as Slack demands, so that no mention or named link can come from data; formatting and previews are off.</summary>
[Connector("slack", "Posts messages to a Slack channel through its incoming webhook.", Proven = "the examples that Slack publishes", Outside = true, Rate = "1/s")]
public sealed class SlackConnector(SlackSettings settings, ConnectorServices services) : WebhookChat(settings, services)
{
    // Slack cuts longer ones.
    private const int Longest = 40_000;

    // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/, "Handling errors".
    private static readonly Dictionary<string, string> Remedies = new(StringComparer.Ordinal)
    {
        ["invalid_payload"] = "It did not understand the message's form.",
        ["no_text"] = "It wants a text.",
        ["user_not_found"] = "The person that the webhook posts to is gone; make another webhook and set it.",
        ["channel_not_found"] = "The webhook's channel is gone; make a webhook for another one and set it.",
        ["channel_is_archived"] = "The webhook's channel is archived; take it out of the archive, or make a webhook for another one and set it.",
        ["action_prohibited"] = "An administrator does not allow it; ask for the right to post there.",
        ["posting_to_general_channel_denied"] = "An administrator has closed the general channel for it; make a webhook for another one and set it.",
        ["no_service"] = "The webhook was removed or switched off; make another one and set it.",
        ["no_service_id"] = "The webhook's address is not whole; copy it again.",
        ["no_active_hooks"] = "The webhook was switched off; make another one and set it.",
        ["invalid_token"] = "The webhook's address is wrong or was withdrawn; copy it again or make another one.",
        ["no_team"] = "The workspace is gone; look at who owns it.",
        ["team_disabled"] = "The workspace is not active any more; look at who owns it.",
    };

    private protected override string Service => "Slack";

    public override Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        // A webhook that is one refuses a message without text; any other refusal comes first.
        var reply = await ProvokeAsync(new { text = "" }, cancellation);
        return Refusal(reply)?.Code == "no_text" ? new ConnectorTest(true, "Slack knows the webhook. Nothing was posted.") : new ConnectorTest(false, reply.IsSuccess ? "Something else than Slack answers there." : Refused(reply).Message);
    });

    private protected override object Body(string text)
    {
        var escaped = text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
        NoLonger(escaped.Length, Longest, "characters", "Slack cuts");
        // Previews would have Slack fetch what an attacker put there.
        return new Dictionary<string, object> { ["text"] = escaped, ["mrkdwn"] = false, ["unfurl_links"] = false, ["unfurl_media"] = false };
    }

    private protected override string Accepted(HttpReply reply) => reply.Text().Trim() is "ok" ? "ok" : throw reply.Garbage("is not Slack's ok");

    private protected override (string Code, string Remedy)? Refusal(HttpReply reply) => reply.Body.Length < 100 && reply.Text().Trim() is var code && Remedies.TryGetValue(code, out var remedy) ? (code, remedy) : null;
}
