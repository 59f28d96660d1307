using Soar.Capabilities;
using Soar.Connectors.Http;

namespace Soar.Connectors.Chat;

/// <summary>
/// What is the same for every incoming webhook. The address is the credential: requests are made for scheme and host alone, which is all that a failure can show, and get their path when they
/// leave. No webhook can be asked what it has posted, so nothing is repeated after a request may have arrived.
/// </summary>
public abstract class WebhookChat : IConnector, IChat
{
    private readonly Uri? host;
    private readonly HttpAccess http;

    private protected WebhookChat(WebhookSettings settings, ConnectorServices services)
    {
        var target = settings.Target;
        host = target is null ? null : new Uri(target.GetLeftPart(UriPartial.Authority));
        http = new HttpAccess(settings.RulesFor(target is null ? [] : [UriHost.Of(target)!]) with { Authorise = request => request.RequestUri = target }, services);
        Simulator = new SimulatedChat(text => BodyOf(text));
    }

    public object Simulator { get; }

    /// <summary>The service's name, for messages.</summary>
    private protected abstract string Service { get; }

    /// <summary>What shows the connection test that the address is a webhook, without posting anything.</summary>
    public abstract Task<ConnectorTest> TestAsync(CancellationToken cancellation);

    public async Task<PostedMessage> PostAsync(Text text, ActionContext context, CancellationToken cancellation)
    {
        var reply = await http.AnyAsync(HttpCall.Changes(HttpMethod.Post, host!).Json(BodyOf(text)), cancellation);
        return reply.IsSuccess ? new PostedMessage(Accepted(reply)) : throw Refused(reply);
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The request's body; refuses what the service would cut or split.</summary>
    private protected abstract object Body(string text);

    /// <summary>The service's own word for a message that it took; any other answer is garbage.</summary>
    private protected abstract string Accepted(HttpReply reply);

    /// <summary>The service's own word for why it refuses, and what to do; null where somebody else answers.</summary>
    private protected abstract (string Code, string Remedy)? Refusal(HttpReply reply);

    /// <summary>Sends something that the webhook refuses, and gives its answer.</summary>
    private protected Task<HttpReply> ProvokeAsync(object body, CancellationToken cancellation) => http.AnyAsync(HttpCall.Reads(HttpMethod.Post, host!).Json(body), cancellation);

    /// <summary>Asks the host without the webhook's path: nothing is set off.</summary>
    private protected Task<HttpReply> KnockAsync(CancellationToken cancellation) => http.AnyAsync(HttpCall.Reads(host!).With(static _ => { }), cancellation);

    private protected ConnectorFailure Refused(HttpReply reply)
    {
        var failure = http.Refused(reply, Refusal(reply)?.Code ?? reply.Excerpt());
        return failure.Kind == FailureKind.Permanent && Refusal(reply) is { } refusal
            ? ConnectorFailure.Permanent($"{Service} answered {reply.Status}: {refusal.Code}. {refusal.Remedy} Nothing was posted.", reason: refusal.Code)
            : failure;
    }

    private protected static void NoLonger(int length, int most, string unit, string consequence)
    {
        if (length > most)
            throw ConnectorFailure.Permanent($"The message has {length} {unit}; {consequence} more than {most}. Nothing was posted; say less, or attach it to the ticket.", reason: "too-large");
    }

    private object BodyOf(Text text)
    {
        // Lines end alike, and what would turn the direction of writing around (to disguise a name) or cannot be seen is left out.
        var shown = VisibleText.Lines(text.ToString());
        return shown.Length > 0 ? Body(shown) : throw ConnectorFailure.Permanent("The message is empty. Nothing was posted; look at where the playbook takes its text from.", reason: "empty");
    }
}

/// <summary>Takes every message that the service would take, and posts none.</summary>
internal sealed class SimulatedChat(Action<Text> check) : IChat
{
    public Task<PostedMessage> PostAsync(Text text, ActionContext context, CancellationToken cancellation)
    {
        check(text);
        return Task.FromResult(new PostedMessage("simulated"));
    }
}
