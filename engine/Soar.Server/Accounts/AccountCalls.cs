using Soar.Server.Accounts.OpenId;
using Soar.Storage;

namespace Soar.Server.Accounts;

// Arguments of the calls that change accounts (Node/Calls.cs). Values that let somebody in stand in them; none of them is put on record.

internal sealed record SetUpCall(string Code, string Name, string DisplayName, string Password);

internal sealed record SignInCall(string Name, string Password, string? Totp, string Origin);

/// <param name="LinkTo">The user who was logged in when it began, and wants it linked.</param>
internal sealed record ProviderSignInCall(Identified Found, Guid? LinkTo, string Origin);

internal sealed record RemoveLoginCall(string Name, string Provider, string By);

/// <param name="Session">The session's hash.</param>
internal sealed record SignOutCall(string Session, string By);

/// <param name="Sight">Null: what their roles give.</param>
internal sealed record AddUserCall(string Name, string DisplayName, IReadOnlyList<string> Roles, string By, Grant? Sight = null);

/// <summary>What is null stays as it is.</summary>
internal sealed record ChangeUserCall(string Name, string? DisplayName, IReadOnlyList<string>? Roles, bool? Disabled, string By, Grant? Sight = null);

internal sealed record OfferCodeCall(string Name, string By);

internal sealed record SetPasswordCall(string Code, string Password);

/// <param name="Code">What the authenticator app shows now: it has the secret.</param>
internal sealed record SetTotpCall(string Name, string Password, string Secret, string Code, string By);

internal sealed record RemoveTotpCall(string Name, string By);

internal sealed record AddTokenCall(string User, string Name, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt, string By, string? Source, Grant? Sight = null);

internal sealed record RevokeTokenCall(string User, Guid Token, string By);

/// <summary>A one-time code to set a password with, shown once.</summary>
internal sealed record OfferedCode(string Name, string Code, DateTimeOffset Until);

/// <param name="Value">What the program shows; it is not kept.</param>
internal sealed record MadeToken(Guid Id, string Value);

/// <param name="Value">The browser's, kept nowhere.</param>
/// <param name="Made">The user was made by this log-in.</param>
/// <param name="Linked">It was linked to the user just now.</param>
/// <param name="KeptAdministrator">The provider gives them another role, and they are the last administrator: they stayed what they were.</param>
internal sealed record ProviderSession(string Value, string Name, IReadOnlyList<string> Roles, bool Made, bool Linked, bool KeptAdministrator);
