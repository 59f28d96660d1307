using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary>Finds who calls and holds it against the route's <see cref="Rule"/>, before anything of the request's body is read. What states no rule is denied.</summary>
internal sealed class Doorkeeper(SoarNode node, IAntiforgery antiforgery)
{
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        // No route, or the framework's own answers for a wrong method or media type: there is nothing to guard.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }

        var rule = endpoint.Metadata.GetMetadata<Rule>();
        if (rule is not (Rule.Anybody or Rule.OwnSecret))
        {
            var caller = await CallerAsync(context) ?? throw new SoarException("SOAR6001", "Nobody is logged in: the request shows no session and no token, or one that is over. POST /api/login, or send 'Authorization: Bearer' with a token.");
            if (rule is not (Rule.AnyUser or Rule.Needs) || (rule is Rule.Needs needs && !caller.May.Contains(needs.Permission)))
                throw new SoarException("SOAR6002", $"{caller.Name} may not do this{(rule is Rule.Needs missing ? $": it needs {missing.Permission}, which {(caller.Session is null ? "the token was not made for, or its owner does not have" : "none of their roles has")}" : "")}.");
            await Admit(context, caller);
        }

        await next(context);
    }

    /// <summary>From here on the request is this caller's. A change that a browser's cookie alone would carry needs the antiforgery token too: no other site knows it.</summary>
    private async Task Admit(HttpContext context, Caller caller)
    {
        Become(context, caller);
        if (caller.Session is null || HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) return;
        try
        {
            await antiforgery.ValidateRequestAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            throw new SoarException("SOAR6006", $"The header {Cookies.AntiforgeryHeader} is missing, or is not this session's. GET /api/me gives its value ('antiforgery'); get it again after the server was started anew.");
        }
    }

    public static void Become(HttpContext context, Caller caller)
    {
        context.Features.Set(caller);
        // The antiforgery token is bound to "sub": this session's, nobody else's.
        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", caller.Session ?? caller.Name)], "soar"));
    }

    private async Task<Caller?> CallerAsync(HttpContext context)
    {
        var origin = Origin(context);
        if (context.Request.Headers.Authorization.ToString() is { Length: > 0 } header)
        {
            if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || await node.Logins.OfTokenAsync(header[7..].Trim()) is not var (owner, token)) return null;
            var scopes = Of(owner).Where(p => token.Scopes.Contains(p.ToString(), StringComparer.Ordinal)).ToHashSet();
            return new Caller(owner, scopes, token.Sight is { } narrowed ? SightOf(owner).Within(narrowed) : SightOf(owner), null, new Actor(owner.Name, $"{origin} token {token.Name}")) { Source = token.Source };
        }

        if (Cookies.Session(context) is not { } value || await node.Logins.OfSessionAsync(value, used: context.GetEndpoint()?.Metadata.GetMetadata<Unasked>() is null) is not var (user, session)) return null;
        return new Caller(user, Of(user), SightOf(user), session, new Actor(user.Name, origin));
    }

    private IReadOnlySet<Permission> Of(Storage.User user) => Access.Of(user, node.Tools.Settings.Roles);

    private Grant SightOf(User user) => Sight.Of(user, node.Tools.Settings);

    /// <summary>The other side's address, as the audit names it.</summary>
    public static string Origin(HttpContext context) => context.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : "unknown address";
}
