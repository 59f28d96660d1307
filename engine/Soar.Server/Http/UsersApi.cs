using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/users</c>: who may log in, and as what.</summary>
internal static class UsersApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/users").WithTags("users");
        users.MapGet("", ListAsync).Needs(Permission.ManageUsers).WithSummary("All users, by name.");
        users.MapPost("", AddAsync).Needs(Permission.ManageUsers).WithSummary("Makes a user without a password. The answer holds the one-time code with which they set it; it is shown this once.");
        users.MapPatch("/{name}", ChangeAsync).Needs(Permission.ManageUsers).WithSummary("Changes a user; what is left out stays. Ends their sessions.");
        users.MapPost("/{name}/code", OfferCodeAsync).Needs(Permission.ManageUsers).WithSummary("A new one-time code with which the user sets a new password.");
        users.MapDelete("/{name}/totp", RemoveTotpAsync).Needs(Permission.ManageUsers).WithSummary("Takes a lost authenticator app away.");
    }

    /// <param name="Sight">What they see; null = what the settings give their roles, which may be nothing. Nobody gives what they have not.</param>
    internal sealed record NewUser(string Name, IReadOnlyList<string> Roles, string DisplayName = "", Grant? Sight = null);

    internal sealed record UserChange(string? DisplayName = null, IReadOnlyList<string>? Roles = null, bool? Disabled = null, Grant? Sight = null);

    /// <param name="Sight">What they see.</param>
    /// <param name="OwnSight">False: their roles give it.</param>
    /// <param name="HasPassword">False until they have set one.</param>
    /// <param name="Providers">The identity providers by which they have logged in.</param>
    internal sealed record UserView(string Name, string DisplayName, IReadOnlyList<string> Roles, IReadOnlyList<string> Approves, Grant Sight, bool OwnSight, bool HasPassword, bool HasTotp, IReadOnlyList<string> Providers, DateTimeOffset? LockedUntil, DateTimeOffset? DisabledAt, DateTimeOffset CreatedAt, string CreatedBy);

    internal sealed record UserList(IReadOnlyList<UserView> Users);

    private static async Task<Ok<UserList>> ListAsync(SoarNode node, NodeReader reader)
    {
        var logins = (await reader.Logins.ListAsync()).ToLookup(login => login.User, login => login.Provider);
        return TypedResults.Ok(new UserList([.. (await reader.Accounts.ListAsync()).Select(user => View(user, [.. logins[user.Id]], node))]));
    }

    private static async Task<Created<OfferedCode>> AddAsync(NewUser body, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        Reaches(caller, Sight.Of(body.Name, body.Roles, body.Sight, node.Tools.Settings));
        var offered = (OfferedCode)(await node.HandleAsync(Calls.AddUser, Calls.With(new AddUserCall(body.Name, body.DisplayName, body.Roles, caller.Name, body.Sight)), caller.Actor, Unheard, cancellation))!;
        return TypedResults.Created($"/api/users/{offered.Name}", offered);
    }

    private static async Task<NoContent> ChangeAsync(string name, UserChange body, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        await ReachesAsync(caller, name, node);
        if ((body.Sight is not null || body.Roles is not null) && await node.Reader.Accounts.FindAsync(name.Trim().ToLowerInvariant()) is { } user)
            Reaches(caller, Sight.Of(user.Name, body.Roles ?? user.Roles, body.Sight ?? user.Sight, node.Tools.Settings));
        await node.HandleAsync(Calls.ChangeUser, Calls.With(new ChangeUserCall(name, body.DisplayName, body.Roles, body.Disabled, caller.Name, body.Sight)), caller.Actor, Unheard, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<OfferedCode>> OfferCodeAsync(string name, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        await ReachesAsync(caller, name, node);
        return TypedResults.Ok((OfferedCode)(await node.HandleAsync(Calls.OfferCode, Calls.With(new OfferCodeCall(name, caller.Name)), caller.Actor, Unheard, cancellation))!);
    }

    private static async Task<NoContent> RemoveTotpAsync(string name, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        await ReachesAsync(caller, name, node);
        await node.HandleAsync(Calls.RemoveTotp, Calls.With(new RemoveTotpCall(name, caller.Name)), caller.Actor, Unheard, cancellation);
        return TypedResults.NoContent();
    }

    /// <summary>Nobody gives what they have not, neither by itself nor by a role.</summary>
    private static void Reaches(Caller caller, Grant given)
    {
        if (!caller.Sight.Reaches(given)) throw new SoarException("SOAR6002", $"{caller.Name} cannot give a sight that reaches further than their own. Whoever sees that far gives it, or whoever owns the store: soar users sight.");
    }

    /// <summary>Whoever could set the password of somebody who sees further would see as far.</summary>
    public static async Task ReachesAsync(Caller caller, string name, SoarNode node)
    {
        if (await node.Reader.Accounts.FindAsync(name.Trim().ToLowerInvariant()) is { } user && !caller.Sight.Reaches(Sight.Of(user, node.Tools.Settings)))
            throw new SoarException("SOAR6002", $"{user.Name} sees further than {caller.Name}, who therefore cannot change the account. Whoever sees as far does it, or whoever owns the store: soar users.");
    }

    private static UserView View(User user, IReadOnlyList<string> providers, SoarNode node) => new(
        user.Name, user.DisplayName, user.Roles, Access.HeldBy(user.Name, node.Tools.Settings.Roles), Sight.Of(user, node.Tools.Settings), user.Sight is not null, user.Password is not null, user.Totp is not null, providers, user.LockedUntil, user.DisabledAt, user.CreatedAt, user.CreatedBy);

    private static Task Unheard(object _) => Task.CompletedTask;
}
