namespace Soar.Capabilities;

/// <summary>A person's account in a directory.</summary>
public sealed record DirectoryAccount
{
    /// <summary>The login name, as actions take it: <c>uid</c>, or <c>sAMAccountName</c> without its domain.</summary>
    public required string Name { get; init; }

    /// <summary>The directory's own name of the entry (DN).</summary>
    public required string Entry { get; init; }

    /// <summary>The name as people write it; the login name where none is kept.</summary>
    public required string DisplayName { get; init; }

    public EmailAddress? Mail { get; init; }
    public bool Disabled { get; init; }

    /// <summary>The next login is one for a new password only.</summary>
    public bool MustChangePassword { get; init; }
}

/// <summary>A group that an account belongs to.</summary>
/// <param name="Direct">False when it belongs through another group.</param>
public sealed record DirectoryGroup(string Name, string Entry, bool Direct);

/// <summary>An account that cannot log in any more.</summary>
/// <param name="Account">The login name.</param>
/// <param name="Entry">The directory's own name of the entry (DN).</param>
/// <param name="Before">What stood before and is restored exactly: <c>enabled</c>, <c>locked since …</c>; <c>disabled</c> when somebody else had disabled it already, which is never lifted.</param>
/// <param name="Evidence">The attributes as read back.</param>
public sealed record DisabledAccount(string Account, string Entry, string Before, string Evidence);

[Capability("Identity", "Finds people's accounts, disables and enables them, and has their passwords changed.")]
public interface IIdentity
{
    /// <summary>
    /// Disables an account for a time: nobody logs in with it any more. Sessions and tickets that exist are not ended. An account that is disabled already
    /// is left as it is, and stays disabled when this is lifted.
    /// </summary>
    /// <param name="account">The login name, as <c>Identity.Find</c> gives it.</param>
    /// <param name="duration">How long; <c>Until.Lifted</c> for no end. The engine lifts it, since directories keep no time.</param>
    [Action(Effect.Contains, SafeToRepeat = true, Inverse = nameof(EnableAsync), Probe = nameof(ProbeDisableAsync))]
    Task<DisabledAccount> DisableAsync([Target(IgnoreCase = true)] string account, [LeaseTime] TimeSpan duration, ActionContext context, CancellationToken cancellation);

    /// <summary>
    /// Restores an account that we disabled to exactly what it was before. One that is enabled is no error; one that somebody else disabled, or whose note
    /// of ours somebody removed to take it over, fails and stays disabled.
    /// </summary>
    /// <param name="account">The login name.</param>
    [Action(Effect.Lifts, SafeToRepeat = true)]
    Task EnableAsync([Target(IgnoreCase = true)] string account, ActionContext context, CancellationToken cancellation);

    /// <summary>Lets the account do nothing at its next login but choose a new password. Fails by name where the directory's policy would ignore it.</summary>
    /// <param name="account">The login name.</param>
    [Action(Effect.Destroys, SafeToRepeat = true, Probe = nameof(ProbeForcePasswordChangeAsync), NoInverse = "The old password counts as known to others; only a new one ends it.")]
    Task<DirectoryAccount> ForcePasswordChangeAsync([Target(IgnoreCase = true)] string account, ActionContext context, CancellationToken cancellation);

    /// <summary>Finds accounts by login name, mail address, or the beginning of a name. <c>DOMAIN\user</c> and <c>user@domain</c> are understood. No hit is an empty list.</summary>
    /// <param name="text">What is looked for; signs such as <c>*</c> mean themselves.</param>
    [Action(Effect.ReadsOnly)]
    Task<IReadOnlyList<DirectoryAccount>> FindAsync(string text, ActionContext context, CancellationToken cancellation);

    /// <summary>The groups of an account, those it belongs to through other groups too.</summary>
    /// <param name="account">The login name.</param>
    [Action(Effect.ReadsOnly)]
    Task<IReadOnlyList<DirectoryGroup>> GroupsAsync(string account, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<DisabledAccount>> ProbeDisableAsync(string account, TimeSpan duration, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<DirectoryAccount>> ProbeForcePasswordChangeAsync(string account, ActionContext context, CancellationToken cancellation);
}
