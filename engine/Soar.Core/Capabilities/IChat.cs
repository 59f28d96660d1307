namespace Soar.Capabilities;

/// <summary>A message that a chat service took.</summary>
/// <param name="Response">What it answered. Services that take messages through webhooks name no message.</param>
public sealed record PostedMessage(string Response);

[Capability("Chat", "Posts messages to a channel of a chat service.")]
public interface IChat
{
    /// <summary>
    /// Posts a message to the instance's channel. The whole text is shown as it is, line breaks included: nothing in it becomes formatting, a mention or a named link, whoever wrote it. Longer texts than the
    /// service shows in one message fail the step with <c>too-large</c>. A webhook cannot be asked what it posted, so an attempt whose outcome is unknown (a timeout after sending) waits for a person who looks
    /// into the channel.
    /// </summary>
    /// <param name="text">What to say.</param>
    [Action(Effect.Notifies, NoInverse = "What people have read cannot be taken back; delete the message in the channel.")]
    Task<PostedMessage> PostAsync(Text text, ActionContext context, CancellationToken cancellation);
}
