using Soar.Server.Accounts;

namespace Soar.Server.Http;

using Endpoint = Microsoft.AspNetCore.Http.Endpoint; // inside the namespace: Soar has a word Endpoint of its own

/// <summary>Who may call a route. Every route states one; the server does not start with one that does not.</summary>
internal abstract record Rule
{
    private Rule()
    {
    }

    public sealed record Anybody : Rule;

    public sealed record AnyUser : Rule;

    /// <summary>The handler asks for a secret that belongs to this one thing; no session and no token of a user opens it.</summary>
    public sealed record OwnSecret : Rule;

    public sealed record Needs(Permission Permission) : Rule;
}

/// <summary>A request that a page makes by itself, again and again: it does not count as somebody using the session.</summary>
internal sealed record Unasked;

internal static class Rules
{
    /// <summary>For those who may do this.</summary>
    public static T Needs<T>(this T route, Permission permission)
        where T : IEndpointConventionBuilder => route.WithMetadata(new Rule.Needs(permission));

    /// <summary>For whoever is logged in, by a session or a token.</summary>
    public static T ForAnyUser<T>(this T route)
        where T : IEndpointConventionBuilder => route.WithMetadata(new Rule.AnyUser());

    /// <summary>For everybody, logged in or not.</summary>
    public static T ForAnybody<T>(this T route)
        where T : IEndpointConventionBuilder => route.WithMetadata(new Rule.Anybody());

    /// <summary>For who has the secret that the handler asks for.</summary>
    public static RouteHandlerBuilder ByOwnSecret(this RouteHandlerBuilder route) => route.WithMetadata(new Rule.OwnSecret());

    /// <summary>The routes that state no rule.</summary>
    public static IReadOnlyList<string> Unstated(IEnumerable<Endpoint> endpoints) =>
        [.. endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<Rule>() is null).Select(e => e.DisplayName ?? e.RoutePattern.RawText ?? "?")];
}
