namespace Soar.Server.Accounts;

// Arguments of the calls that change accounts (Node/Calls.cs). Values that let somebody in stand in them; none of them is put on record.

internal sealed record SetUpCall(string Code, string Name, string DisplayName, string Password);

internal sealed record SignInCall(string Name, string Password, string? Totp, string Origin);

/// <param name="Session">The session's hash.</param>
internal sealed record SignOutCall(string Session, string By);

internal sealed record AddUserCall(string Name, string DisplayName, IReadOnlyList<string> Roles, string By);

/// <summary>What is null stays as it is.</summary>
internal sealed record ChangeUserCall(string Name, string? DisplayName, IReadOnlyList<string>? Roles, bool? Disabled, string By);

internal sealed record OfferCodeCall(string Name, string By);

internal sealed record SetPasswordCall(string Code, string Password);

/// <param name="Code">What the authenticator app shows now: it has the secret.</param>
internal sealed record SetTotpCall(string Name, string Password, string Secret, string Code, string By);

internal sealed record RemoveTotpCall(string Name, string By);

internal sealed record AddTokenCall(string User, string Name, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt, string By, string? Source);

internal sealed record RevokeTokenCall(string User, Guid Token, string By);

/// <summary>A one-time code to set a password with, shown once.</summary>
internal sealed record OfferedCode(string Name, string Code, DateTimeOffset Until);

/// <param name="Value">What the program shows; it is not kept.</param>
internal sealed record MadeToken(Guid Id, string Value);
