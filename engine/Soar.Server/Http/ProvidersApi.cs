using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Soar.Server.Accounts;
using Soar.Server.Accounts.OpenId;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary>
/// <c>/api/login/{provider}</c>: coming in by an identity provider. A browser goes there, to the provider, and back to <c>…/callback</c>; whatever goes wrong on the way leads to the log-in page
/// with its SOAR code, and stands in the audit.
/// </summary>
internal static class ProvidersApi
{
    /// <summary>For the audit: what is known of somebody of whom the provider said nothing that counts.</summary>
    private const string Nobody = "somebody";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/login", List).ForAnybody().WithTags("session").WithSummary("How people log in here: with a password, and by which identity providers.");
        routes.MapGet("/api/login/{provider}", BeginAsync).ForAnybody().RequireRateLimiting(HttpServer.LoginLimit).WithTags("session").WithSummary("For browsers: leads to the identity provider, which leads back. 'to' is the page of the console that is opened then.");
        routes.MapGet("/api/login/{provider}/callback", CallbackAsync).ForAnybody().RequireRateLimiting(HttpServer.LoginLimit).WithTags("session").WithSummary("Where the identity provider leads a browser back to: begins a session, or opens the log-in page with the code of what was wrong.");
        routes.MapPost("/api/me/logins/{provider}", LinkAsync).ForAnyUser().RequireRateLimiting(HttpServer.LoginLimit).WithTags("session").WithSummary("Links a log-in of this provider to whoever is logged in: the browser goes to the address that is answered.");
        routes.MapDelete("/api/users/{name}/logins/{provider}", RemoveAsync).Needs(Permission.ManageUsers).WithTags("users").WithSummary("Takes a user's log-in by a provider away, and ends the sessions that came by it.");
    }

    /// <param name="Local">Whether passwords count. Without, an administrator's still does until one has come by a provider.</param>
    internal sealed record Ways(bool Local, IReadOnlyList<Way> Providers);

    /// <param name="Title">What the button says.</param>
    internal sealed record Way(string Name, string Title);

    internal sealed record Elsewhere(string Address);

    /// <summary>The framework's handler for each provider of the settings.</summary>
    public static void Add(IServiceCollection services, SoarNode node)
    {
        services.AddSingleton(node.Clock);
        // Without the framework's authentication service, so that its middleware is not put before everything of ours: the routes below call the handler, behind rule, limit and headers.
        var authentication = new AuthenticationBuilder(services.AddWebEncoders());
        foreach (var (name, settings) in node.Tools.Settings.Login.Providers)
        {
            // One for the server's life, which ends it.
            services.AddKeyedSingleton(name, (_, _) => new Provider(name, settings, node.Clock));
            authentication.AddOAuth<OpenIdOptions, OpenIdHandler>(name, _ => { });
            services.AddOptions<OpenIdOptions>(name).Configure<IServiceProvider>((options, all) => Configure(options, all.GetRequiredKeyedService<Provider>(name), node));
        }
    }

    private static void Configure(OpenIdOptions options, Provider provider, SoarNode node)
    {
        options.Provider = provider;
        options.Backchannel = provider.Client;
        options.TimeProvider = node.Clock;
        options.Address = node.Tools.Settings.Notify.Address;
        options.ClientId = provider.Settings.ClientId;
        options.UsePkce = true;
        // Where the handler asks its questions the provider's document says.
        options.AuthorizationEndpoint = $"{provider.Settings.Issuer}/";
        options.CallbackPath = $"/api/login/{provider.Name}/callback";
        foreach (var scope in provider.Settings.Scopes) options.Scope.Add(scope);
        // The provider leads back here from another site: Lax goes along with that, and with nothing else.
        options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.CorrelationCookie.HttpOnly = true;
        options.CorrelationCookie.Path = options.CallbackPath;
        options.Events.OnTicketReceived = async arrived =>
        {
            arrived.HandleResponse();
            var call = new ProviderSignInCall(arrived.Properties!.GetParameter<Identified>(OpenIdHandler.Found)!, arrived.Properties.Items.TryGetValue(OpenIdHandler.LinkTo, out var self) ? Guid.Parse(self!) : null, Doorkeeper.Origin(arrived.HttpContext));
            await LetInAsync(arrived.HttpContext, node, call, arrived.ReturnUri);
        };
        options.Events.OnRemoteFailure = async failed =>
        {
            // Anything else is a defect, and told as one by the edge.
            if (failed.Failure is not SoarException refusal) return;
            failed.HandleResponse();
            await RefuseAsync(failed.HttpContext, node, provider.Name, refusal);
        };
    }

    /// <summary>Where the caller logs out of the provider that they came by (RP-Initiated Logout 1.0); null where there is nothing to go to. A provider that is down keeps nobody from logging out here.</summary>
    public static async Task<string?> LogOutPageAsync(Caller caller, SoarNode node, HttpContext context, CancellationToken cancellation)
    {
        if (caller.Session is null || (await node.Reader.Accounts.SessionAsync(caller.Session))?.Session.Provider is not { } name || !node.Tools.Settings.Login.Providers.TryGetValue(name, out var settings) || !settings.LogOut) return null;
        var provider = context.RequestServices.GetRequiredKeyedService<Provider>(name);
        try
        {
            var page = (await provider.DescribedAsync(cancellation)).EndSessionEndpoint;
            return provider.IsSafe(page) ? QueryHelpers.AddQueryString(page, "client_id", settings.ClientId) : null;
        }
        catch (SoarException)
        {
            return null;
        }
    }

    private static Ok<Ways> List(SoarNode node) => TypedResults.Ok(new Ways(node.Tools.Settings.Login.Local, [.. node.Tools.Settings.Login.Providers.Select(p => new Way(p.Key, p.Value.Title ?? p.Key))]));

    private static async Task BeginAsync(string provider, string? to, HttpContext context, SoarNode node)
    {
        var handler = await HandlerAsync(provider, context, node);
        try
        {
            await handler.ChallengeAsync(new AuthenticationProperties { RedirectUri = Page(to) });
        }
        catch (SoarException down)
        {
            await RefuseAsync(context, node, provider, down);
        }
    }

    private static async Task CallbackAsync(string provider, HttpContext context, SoarNode node) => await (await HandlerAsync(provider, context, node)).HandleRequestAsync();

    /// <summary>By a POST with the antiforgery header, so that no other site can have its own log-in linked to whoever looks at it.</summary>
    private static async Task<Ok<Elsewhere>> LinkAsync(string provider, Caller caller, HttpContext context, SoarNode node)
    {
        var handler = await HandlerAsync(provider, context, node);
        if (caller.Session is null) throw new SoarException("SOAR6002", "A token cannot change how its owner logs in.");
        await handler.ChallengeAsync(new AuthenticationProperties { RedirectUri = "/", Items = { [OpenIdHandler.LinkTo] = caller.User.Id.ToString() } });
        var address = context.Response.Headers.Location.ToString();
        context.Response.Headers.Remove("Location");
        return TypedResults.Ok(new Elsewhere(address));
    }

    private static async Task<NoContent> RemoveAsync(string name, string provider, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        await UsersApi.ReachesAsync(caller, name, node);
        await node.HandleAsync(Calls.RemoveLogin, Calls.With(new RemoveLoginCall(name, provider, caller.Name)), caller.Actor, _ => Task.CompletedTask, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task LetInAsync(HttpContext context, SoarNode node, ProviderSignInCall call, string? to)
    {
        try
        {
            var session = await node.RecordedAsync(Calls.SignInBy, Calls.With(call), new Actor(null, call.Origin), node.ProviderLogins.SignInAsync(call));
            Cookies.Set(context, session.Value, node.Tools.Settings.Http.SessionLength);
            context.Response.Redirect(Page(to));
        }
        catch (SoarException refused)
        {
            Refuse(context, call.Found.Provider, refused);
        }
    }

    private static async Task RefuseAsync(HttpContext context, SoarNode node, string provider, SoarException refusal)
    {
        var call = new ProviderSignInCall(new Identified(provider, node.Tools.Settings.Login.Providers[provider].Issuer, Nobody, null, null, null, []), null, Doorkeeper.Origin(context));
        try
        {
            await node.RecordedAsync(Calls.SignInBy, Calls.With(call), new Actor(null, call.Origin), Task.FromException<ProviderSession>(refusal));
        }
        catch (SoarException recorded) when (recorded == refusal)
        {
            Refuse(context, provider, refusal);
        }
    }

    private static void Refuse(HttpContext context, string provider, SoarException refusal) =>
        context.Response.Redirect(QueryHelpers.AddQueryString("/login", new Dictionary<string, string?>(StringComparer.Ordinal) { ["refused"] = refusal.Code, ["by"] = provider }));

    private static async Task<OpenIdHandler> HandlerAsync(string provider, HttpContext context, SoarNode node)
    {
        if (!node.Tools.Settings.Login.Providers.ContainsKey(provider)) throw new NotFoundException("identity provider", provider, "GET /api/login lists them.");
        var handler = context.RequestServices.GetRequiredService<OpenIdHandler>();
        await handler.InitializeAsync(new AuthenticationScheme(provider, provider, typeof(OpenIdHandler)), context);
        return handler;
    }

    /// <summary>A page of ours and nobody else's: no address, nor what browsers take for one.</summary>
    private static string Page(string? to) => to is ['/', not ('/' or '\\'), ..] && !to.Any(char.IsControl) && !to.StartsWith("/api", StringComparison.Ordinal) && !to.Contains('\\', StringComparison.Ordinal) ? to : "/";
}
