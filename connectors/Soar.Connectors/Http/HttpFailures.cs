using System.Globalization;
using System.Security.Authentication;
using Soar.Capabilities;

namespace Soar.Connectors.Http;

/// <summary>The one place that turns what HTTP can answer, and how it can break, into the failure it is for this request.</summary>
internal static class HttpFailures
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>
    /// A status that refuses. Surely not done: 4xx, 3xx (not followed for a change), 429 and 503, which say so, 408 and 425, which came before the request was read. Everything
    /// else from 500 may have been done by a server behind the one that answers.
    /// </summary>
    public static ConnectorFailure OfStatus(HttpReply reply, string words, DateTimeOffset now)
    {
        var what = $"{HttpAccess.Show(reply.Address)} answered {reply.Status}{(words.Length > 0 ? ": " + words : "")}".TrimEnd('.') + ".";
        var reason = reply.Status.ToString(CultureInfo.InvariantCulture);
        var wait = RetryAfter(reply, now);
        var failure = reply.Status switch
        {
            // GitHub and others refuse by 403 where they mean 429.
            403 when wait is not null || RateLimited(reply) => ConnectorFailure.Transient($"{what} The rate limit is used up.", wait, reason: "429"),
            401 or 403 => ConnectorFailure.Permanent($"{what} Check this instance's credentials and their rights.", reason: reason),
            404 or 410 => ConnectorFailure.Permanent($"{what} It is not there, or this instance's credentials may not see it.", reason: reason),
            409 or 412 => ConnectorFailure.Permanent($"{what} It is in another state than this step expects; look at it there.", reason: reason),
            429 => ConnectorFailure.Transient($"{what} The rate limit is used up.", wait, reason: reason),
            408 or 425 or 503 => ConnectorFailure.Transient(what, wait, reason: reason),
            >= 300 and < 400 => ConnectorFailure.Permanent($"{what} It is not followed; set the address to {Target(reply)}.", reason: "redirects"),
            >= 500 when reply.Does == HttpDoes.Changes => ConnectorFailure.Unknown($"{what} It may have been done all the same.", reason: reason),
            >= 500 => ConnectorFailure.Transient(what, wait, reason: reason),
            _ => ConnectorFailure.Permanent(what, reason: reason),
        };
        return reply.Does == HttpDoes.ReadsBack ? AfterChange(failure) : failure;
    }

    /// <summary>What broke on the way. <paramref name="begun"/>: some of a change's request may have left.</summary>
    public static ConnectorFailure OfBreak(Exception e, Uri address, HttpDoes does, bool begun)
    {
        if (Find<ConnectorFailure>(e) is { } own)
            return does == HttpDoes.ReadsBack ? AfterChange(own) : own;
        if (e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } || Find<AuthenticationException>(e) is not null)
            return OfKind(does, begun: false, transient: false, $"The certificate of {address.Authority} is not accepted: {Words(e)}. Set caFile to the PEM file of the CA that signed it.", e, "certificate");
        var unreachable = e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.ProxyTunnelError };
        return OfKind(does, begun, transient: true, $"{(unreachable ? $"{address.Authority} cannot be reached" : $"The connection to {address.Authority} broke")}: {Words(e)}.", e, "connection");
    }

    public static ConnectorFailure OfTimeout(Exception e, Uri address, HttpDoes does, bool begun, TimeSpan limit) =>
        OfKind(does, begun, transient: true, $"{HttpAccess.Show(address)} did not answer within {Durations.Say(limit)}.", e, "timeout");

    public static ConnectorFailure OfOpenCircuit(Exception e, Uri address, HttpDoes does, TimeSpan wait)
    {
        var message = $"{address.Authority} did not answer the last requests; it is not asked again before {Durations.Say(TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds)))} are over. Nothing was sent.";
        return does == HttpDoes.ReadsBack ? ConnectorFailure.Unknown($"{message} What was asked for before it may have been done.", e, "circuit-open") : ConnectorFailure.Transient(message, wait, e, "circuit-open");
    }

    /// <summary>The wait that the other side asks for; null where it names none. GitHub: the limit's reset when nothing remains of it.</summary>
    public static TimeSpan? RetryAfter(HttpReply reply, DateTimeOffset now)
    {
        var text = reply.Header("Retry-After");
        if (Number(text) is { } seconds)
            return Bounded(TimeSpan.FromSeconds(seconds));
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return Bounded(time - now);
        if (!RateLimited(reply) || Number(reply.Header("X-RateLimit-Reset") ?? reply.Header("RateLimit-Reset")) is not { } reset)
            return null;
        // seconds from now, or a time since 1970
        return Bounded(reset < 100_000_000 ? TimeSpan.FromSeconds(reset) : DateTimeOffset.FromUnixTimeSeconds(reset) - now);
    }

    /// <summary>The pause that the other side asks of everybody who uses this instance; null where it asks for none.</summary>
    public static TimeSpan? Pause(HttpReply reply, DateTimeOffset now) => reply.Status is 403 or 429 or 503 ? RetryAfter(reply, now) : null;

    public static string Words(Exception e) => (e.InnerException is { } inner && inner is not ConnectorFailure ? inner.Message : e.Message).TrimEnd('.');

    private static ConnectorFailure OfKind(HttpDoes does, bool begun, bool transient, string message, Exception e, string reason) => does switch
    {
        HttpDoes.ReadsBack => ConnectorFailure.Unknown($"{message} What was asked for before it may have been done.", e, reason),
        HttpDoes.Changes when begun => ConnectorFailure.Unknown($"{message} The request may have been done.", e, reason),
        _ when transient => ConnectorFailure.Transient(message, inner: e, reason: reason),
        _ => ConnectorFailure.Permanent(message, e, reason),
    };

    private static ConnectorFailure AfterChange(ConnectorFailure failure) =>
        ConnectorFailure.Unknown($"{failure.Message} What was asked for before it may have been done.", failure, failure.Reason);

    private static bool RateLimited(HttpReply reply) => (reply.Header("X-RateLimit-Remaining") ?? reply.Header("RateLimit-Remaining")) == "0";

    // Its host only: what comes after it may be our own secret, sent on.
    private static string Target(HttpReply reply) => reply.Header("Location") is { } location && Uri.TryCreate(reply.Address, location, out var target) ? target.GetLeftPart(UriPartial.Authority) : "what it redirects to";

    private static TimeSpan Bounded(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 100_000_000_000 ? number : null;

    private static T? Find<T>(Exception? e)
        where T : Exception
    {
        for (; e is not null; e = e.InnerException)
            if (e is T found)
                return found;
        return null;
    }
}
