using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary>Coming in and going out: set-up of the first user, log-in, log-out, who one is.</summary>
internal static class SessionApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/setup", SetUpAsync).ForAnybody().RequireRateLimiting(HttpServer.LoginLimit).WithTags("session").WithSummary("Makes the first user, an administrator, with the code that 'soar serve' prints while there is none.");
        routes.MapPost("/api/login", LoginAsync).ForAnybody().RequireRateLimiting(HttpServer.LoginLimit).WithTags("session").WithSummary("Begins a session, which a cookie carries.");
        routes.MapPost("/api/password", SetPasswordAsync).ForAnybody().RequireRateLimiting(HttpServer.LoginLimit).WithTags("session").WithSummary("Sets a password with a one-time code of an administrator. Ends the sessions that stood.");
        routes.MapPost("/api/logout", LogoutAsync).ForAnyUser().WithTags("session").WithSummary("Ends the session. Where an identity provider began it and has a log-out page, the answer names it: the browser goes on there.");
        routes.MapGet("/api/me", Me).ForAnyUser().WithTags("session").WithSummary("Who is logged in, and what they may do.");
        routes.MapGet("/api/me/totp", OfferTotp).ForAnyUser().WithTags("session").WithSummary("A new secret for an authenticator app. It counts once PUT brings it back with the app's code.");
        routes.MapPut("/api/me/totp", SetTotpAsync).ForAnyUser().RequireRateLimiting(HttpServer.LoginLimit).WithTags("session").WithSummary("From now on logging in asks for the app's code too.");
    }

    /// <param name="Uri">For a QR code (otpauth://).</param>
    internal sealed record TotpOffer(string Secret, string Uri);

    /// <param name="Secret">The offered one.</param>
    /// <param name="Code">What the app shows for it now.</param>
    internal sealed record NewTotp(string Password, string Secret, string Code);

    internal sealed record SetUp(string Code, string Name, string Password, string DisplayName = "");

    internal sealed record Login(string Name, string Password, string? Totp = null);

    internal sealed record NewPassword(string Code, string Password);

    /// <param name="Roles">What an administrator gave.</param>
    /// <param name="Approves">The settings' roles, as which they answer questions.</param>
    /// <param name="Permissions">Everything they may do.</param>
    /// <param name="Sight">What they see: the highest TLP, and the folders of playbooks that they see, may run and may edit.</param>
    /// <param name="Antiforgery">For a session: the value of the header X-Soar-Antiforgery, which every change must bear.</param>
    internal sealed record Identity(string Name, string DisplayName, IReadOnlyList<string> Roles, IReadOnlyList<string> Approves, IReadOnlyList<Permission> Permissions, Grant Sight, string? Antiforgery);

    private static async Task<NoContent> SetUpAsync(SetUp body, SoarNode node, HttpContext context, CancellationToken cancellation)
    {
        await node.HandleAsync(Calls.SetUp, Calls.With(new SetUpCall(body.Code, body.Name, body.DisplayName, body.Password)), Anonymous(context), Unheard, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<Identity>> LoginAsync(Login body, SoarNode node, IAntiforgery antiforgery, HttpContext context, CancellationToken cancellation)
    {
        var origin = Anonymous(context);
        var session = (string)(await node.HandleAsync(Calls.SignIn, Calls.With(new SignInCall(body.Name, body.Password, body.Totp, origin.Origin)), origin, Unheard, cancellation))!;
        Cookies.Set(context, session, node.Tools.Settings.Http.SessionLength);
        var (user, hash) = (await node.Logins.OfSessionAsync(session))!.Value;
        var caller = new Caller(user, Access.Of(user, node.Tools.Settings.Roles), Sight.Of(user, node.Tools.Settings), hash, origin with { Name = user.Name });
        Doorkeeper.Become(context, caller);
        return Me(caller, node, antiforgery, context);
    }

    private static async Task<NoContent> SetPasswordAsync(NewPassword body, SoarNode node, HttpContext context, CancellationToken cancellation)
    {
        await node.HandleAsync(Calls.SetPassword, Calls.With(new SetPasswordCall(body.Code, body.Password)), Anonymous(context), Unheard, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, Ok<ProvidersApi.Elsewhere>>> LogoutAsync(Caller caller, SoarNode node, HttpContext context, CancellationToken cancellation)
    {
        var goOn = await ProvidersApi.LogOutPageAsync(caller, node, context, cancellation);
        if (caller.Session is { } session) await node.HandleAsync(Calls.SignOut, Calls.With(new SignOutCall(session, caller.Name)), caller.Actor, Unheard, cancellation);
        Cookies.Clear(context);
        return goOn is null ? TypedResults.NoContent() : TypedResults.Ok(new ProvidersApi.Elsewhere(goOn));
    }

    private static Ok<TotpOffer> OfferTotp(Caller caller)
    {
        var secret = Totp.NewSecret();
        return TypedResults.Ok(new TotpOffer(secret, $"otpauth://totp/Soar:{Uri.EscapeDataString(caller.Name)}?secret={secret}&issuer=Soar"));
    }

    private static async Task<NoContent> SetTotpAsync(NewTotp body, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        if (caller.Session is null) throw new SoarException("SOAR6002", "A token cannot change how its owner logs in.");
        await node.HandleAsync(Calls.SetTotp, Calls.With(new SetTotpCall(caller.Name, body.Password, body.Secret, body.Code, caller.Name)), caller.Actor, Unheard, cancellation);
        return TypedResults.NoContent();
    }

    private static Ok<Identity> Me(Caller caller, SoarNode node, IAntiforgery antiforgery, HttpContext context) => TypedResults.Ok(new Identity(
        caller.Name, caller.User.DisplayName, caller.User.Roles, Access.HeldBy(caller.Name, node.Tools.Settings.Roles), [.. caller.May.Order()], caller.Sight,
        caller.Session is null ? null : antiforgery.GetAndStoreTokens(context).RequestToken));

    private static Actor Anonymous(HttpContext context) => new(null, Doorkeeper.Origin(context));

    private static Task Unheard(object _) => Task.CompletedTask;
}
