using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Server.Accounts;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar users</c>: who may log in to the HTTP API. Whoever may write the store may make anybody.</summary>
internal static class UserCommands
{
    public static Command Users()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("users", "Lists who may log in to the HTTP API of 'soar serve'.") { json, Add(), SightOf(), Code(), Switch("disable", "Ends a user's sessions and lets them in no more.", disabled: true), Switch("enable", "Lets a disabled user in again.", disabled: false), WithoutTotp(), Unlink() };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var users = await reader.Accounts.ListAsync();
            var logins = (await reader.Logins.ListAsync()).ToLookup(login => login.User, login => login.Provider);
            // Nothing that lets anybody in is printed.
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(users.Select(u => new { u.Name, u.DisplayName, u.Roles, u.Sight, hasPassword = u.Password is not null, hasTotp = u.Totp is not null, providers = logins[u.Id], u.LockedUntil, u.DisabledAt, u.CreatedAt, u.CreatedBy })); return CommandContext.Done; }
            if (users.Count == 0) { context.Terminal.Line("There is no user yet. 'soar serve' prints a code that makes the first one; so does 'soar users add <name> --role administrator'."); return CommandContext.Done; }
            var table = Terminal.Table("name", "shown as", "roles", "sees", "stands", "since (UTC)", "made by");
            foreach (var user in users)
                table.AddRow(Terminal.Safe(user.Name), Terminal.Safe(user.DisplayName), Terminal.Safe(string.Join(", ", user.Roles)), Terminal.Safe(Sees(user.Sight)), Stands(user, logins[user.Id], context.Clock.GetUtcNow()), RunsCommands.Time(user.CreatedAt), Terminal.Safe(user.CreatedBy));
            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "The login name: a to z, digits and . _ @ -." };
        var role = new Option<string[]>("--role") { Description = "viewer, analyst, engineer, auditor or administrator; may be given several times.", Required = true };
        var shown = new Option<string>("--display-name") { Description = "As it is shown. Default: the login name.", DefaultValueFactory = _ => "" };
        var sight = new SightOptions();
        var command = new Command("add", "Makes a user, and prints the one-time code with which they set their password. Without --clearance and --see they see what sight: of soar.yaml gives their roles: nothing, unless it says so.") { name, role, shown };
        sight.AddTo(command);
        CommandContext.Handle(command, (context, cancellation) =>
            OfferAsync(context, Calls.AddUser, new AddUserCall(context.Parsed.GetRequiredValue(name), context.Parsed.GetValue(shown)!, context.Parsed.GetRequiredValue(role), context.User, sight.Given(context)), cancellation));
        return command;
    }

    private static Command SightOf()
    {
        var name = new Argument<string>("name") { Description = "The login name." };
        var sight = new SightOptions();
        var command = new Command("sight", "Says what a user sees, all of it anew: the highest TLP, and folders of playbooks. Ends their sessions.") { name };
        sight.AddTo(command);
        CommandContext.Handle(command, (context, cancellation) =>
        {
            var given = sight.Given(context) ?? throw new SoarException("SOAR5001", "Say what they see: --clearance amber --see '*' --run enrichment. What is not named they do not see.");
            return DoneAsync(context, Calls.ChangeUser, new ChangeUserCall(context.Parsed.GetRequiredValue(name), null, null, null, context.User, given), $"{context.Parsed.GetValue(name)} sees {Sees(given)}.", cancellation);
        });
        return command;
    }

    private static string Sees(Storage.Grant? sight) => sight is null ? "as the roles" : string.Join("; ", new[]
    {
        sight.Clearance.Words(), sight.See.Count == 0 ? null : $"sees {string.Join(", ", sight.See)}", sight.Run.Count == 0 ? null : $"runs {string.Join(", ", sight.Run)}", sight.Edit.Count == 0 ? null : $"edits {string.Join(", ", sight.Edit)}",
    }.OfType<string>());

    private static Command Code()
    {
        var name = new Argument<string>("name") { Description = "The login name." };
        var command = new Command("code", "Prints a new one-time code with which a user sets a new password.") { name };
        CommandContext.Handle(command, (context, cancellation) => OfferAsync(context, Calls.OfferCode, new OfferCodeCall(context.Parsed.GetRequiredValue(name), context.User), cancellation));
        return command;
    }

    private static Command Switch(string verb, string description, bool disabled)
    {
        var name = new Argument<string>("name") { Description = "The login name." };
        var command = new Command(verb, description) { name };
        CommandContext.Handle(command, (context, cancellation) =>
            DoneAsync(context, Calls.ChangeUser, new ChangeUserCall(context.Parsed.GetRequiredValue(name), null, null, disabled, context.User), $"{context.Parsed.GetValue(name)} is {verb}d.", cancellation));
        return command;
    }

    private static Command WithoutTotp()
    {
        var name = new Argument<string>("name") { Description = "The login name." };
        var command = new Command("forget-totp", "Takes a lost authenticator app away from a user: the password alone lets them in.") { name };
        CommandContext.Handle(command, (context, cancellation) =>
            DoneAsync(context, Calls.RemoveTotp, new RemoveTotpCall(context.Parsed.GetRequiredValue(name), context.User), $"{context.Parsed.GetValue(name)} logs in without an authenticator app.", cancellation));
        return command;
    }

    private static Command Unlink()
    {
        var name = new Argument<string>("name") { Description = "The login name." };
        var provider = new Argument<string>("provider") { Description = "The identity provider's name in soar.yaml." };
        var command = new Command("unlink", "Takes a user's log-in by an identity provider away, and ends the sessions that came by it.") { name, provider };
        CommandContext.Handle(command, (context, cancellation) => DoneAsync(
            context, Calls.RemoveLogin, new RemoveLoginCall(context.Parsed.GetRequiredValue(name), context.Parsed.GetRequiredValue(provider), context.User),
            $"{context.Parsed.GetValue(name)} is not linked to {context.Parsed.GetValue(provider)} any more.", cancellation));
        return command;
    }

    private static async Task<int> OfferAsync(CommandContext context, string call, object arguments, CancellationToken cancellation)
    {
        await using var node = await NodeConnection.OpenAsync(context, cancellation);
        var offered = (await node.CallAsync(call, arguments, cancellation)).Deserialize<OfferedCode>(SoarJson.Options)!;
        context.Terminal.Line($"[green]✔[/] {Terminal.Safe(offered.Name)} sets a password with this code, once, until {offered.Until.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC (POST /api/password, or /password#CODE in the console):");
        context.Terminal.Line(Terminal.Safe(offered.Code));
        return CommandContext.Done;
    }

    private static async Task<int> DoneAsync(CommandContext context, string call, object arguments, string done, CancellationToken cancellation)
    {
        await using var node = await NodeConnection.OpenAsync(context, cancellation);
        await node.CallAsync(call, arguments, cancellation);
        context.Terminal.Line($"[green]✔[/] {Terminal.Safe(done)}");
        return CommandContext.Done;
    }

    private static string Stands(Storage.User user, IEnumerable<string> providers, DateTimeOffset now) => user switch
    {
        { DisabledAt: not null } => "[red]disabled[/]",
        _ when providers.Any() => $"[green]may log in[/], by {Terminal.Safe(string.Join(", ", providers))}{(user.Password is null ? "" : " or with a password")}",
        { LockedUntil: { } until } when until > now => "[yellow]locked[/]",
        { Password: null } => "[yellow]no password yet[/]",
        { Totp: not null } => "[green]may log in[/], with an authenticator app",
        _ => "[green]may log in[/]",
    };
}
