using Soar.Connectors.Http;

namespace Soar.Connectors.Chat;

/// <summary>An incoming webhook: one address that posts to one channel.</summary>
public abstract record WebhookSettings : HttpTransportSettings
{
    [Setting("Address of the incoming webhook. Whoever knows it can post, so the whole address is a secret.")]
    public Secret? Webhook { get; init; }

    /// <summary>Null where it is missing or wrong; <see cref="Problems"/> says so.</summary>
    internal Uri? Target => Webhook is { } webhook && Uri.TryCreate(webhook.Reveal().Trim(), UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)) && address.UserInfo.Length == 0 && address.Fragment.Length == 0 && address.PathAndQuery.Length > 1
        ? address
        : null;

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Webhook is null)
            yield return "webhook: is missing; make an incoming webhook for the channel and write env:NAME or file:/path";
        else if (Target is null)
            yield return "webhook: what it refers to is no https address with a path";
    }
}
