using System.Text.Json.Serialization;
using Soar.Capabilities;
using Soar.Connectors.Chat;
using Soar.Connectors.Http;

namespace Soar.Connectors.Mattermost;

/// <summary>An incoming webhook of a Mattermost server.</summary>
public sealed record MattermostSettings : WebhookSettings;

/// <summary>Posts to a Mattermost channel. Its Markdown is escaped and every mention taken apart (<see cref="MattermostText"/>).</summary>
[Connector("mattermost", "Posts messages to a Mattermost channel through its incoming webhook.", Proven = "the examples that Mattermost publishes", Rate = "10/s")]
public sealed class MattermostConnector(MattermostSettings settings, ConnectorServices services) : WebhookChat(settings, services)
{
    // Mattermost makes several posts of longer ones.
    private const int Longest = 16_383;

    private const string Prefix = "web.incoming_webhook.";

    // Longer than the name of a channel can be: no server has it.
    private static readonly string NoChannel = "soar-connection-test-" + new string('0', 64);

    private static readonly Dictionary<string, string> Remedies = new(StringComparer.Ordinal)
    {
        ["invalid"] = "It does not know the webhook; make another one and set it.",
        ["disabled"] = "Incoming webhooks are switched off on this server; an administrator can allow them.",
        ["text"] = "It wants a text.",
        ["parse"] = "It did not understand the message's form.",
        ["channel"] = "The webhook's channel is gone; make a webhook for another one and set it.",
        ["channel_locked"] = "The webhook may post to one channel only.",
        ["user"] = "The account that made the webhook is gone; have another one make it.",
        ["permissions"] = "The account that made the webhook may not post to that channel; have one make it that may.",
    };

    private protected override string Service => "Mattermost";

    public override Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var reply = await ProvokeAsync(new { text = "connection test", channel = NoChannel }, cancellation);
        return Refusal(reply)?.Code is Prefix + "channel" or Prefix + "channel_locked"
            ? new ConnectorTest(true, "Mattermost knows the webhook. Nothing was posted.")
            : new ConnectorTest(false, reply.IsSuccess ? "Something else than Mattermost answers there." : Refused(reply).Message);
    });

    private protected override object Body(string text)
    {
        var escaped = MattermostText.Escape(text);
        NoLonger(escaped.EnumerateRunes().Count(), Longest, "characters", "Mattermost makes several messages of");
        return new { text = escaped };
    }

    private protected override string Accepted(HttpReply reply) => reply.Text().Trim() is "ok" ? "ok" : throw reply.Garbage("is not Mattermost's ok");

    // {"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook.","detailed_error":"","request_id":"…","status_code":400}
    private protected override (string Code, string Remedy)? Refusal(HttpReply reply)
    {
        try
        {
            var id = reply.Json<AppError>().Id;
            var word = id.StartsWith(Prefix, StringComparison.Ordinal) ? id[Prefix.Length..].Split('.')[0] : "";
            return Remedies.TryGetValue(word, out var remedy) ? (Prefix + word, remedy) : null;
        }
        catch (ConnectorFailure)
        {
            return null;
        }
    }

    private sealed record AppError
    {
        [JsonPropertyName("id")]
        public required string Id { get; init; }
    }
}
