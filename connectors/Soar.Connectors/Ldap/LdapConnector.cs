using Soar.Capabilities;

namespace Soar.Connectors.Ldap;

/// <summary>
/// Accounts of an OpenLDAP directory with ppolicy. Disabled is <c>pwdAccountLockedTime: 000001010000Z</c>, which locks until somebody removes it; a lock
/// after wrong passwords, which was there before, comes back with its own time.
/// </summary>
[Connector("ldap", "Disables accounts of an OpenLDAP directory (ppolicy) over LDAPS.", Proven = "OpenLDAP 2.5")]
public sealed class LdapConnector(LdapSettings settings, ConnectorServices services) : DirectoryConnector(settings, services)
{
    private const string LockedTime = "pwdAccountLockedTime";
    private const string ForGood = "000001010000Z";
    private const string Reset = "pwdReset";
    private const string Locked = "locked since ";

    private protected override string LoginAttribute => settings.LoginAttribute;
    private protected override IReadOnlyList<string> Attributes => [settings.LoginAttribute, "cn", "displayName", "mail", settings.MarkAttribute, LockedTime, Reset, "pwdPolicySubentry"];
    private protected override LdapFilter Accounts => LdapFilter.Is("objectClass", settings.AccountClass);
    private protected override LdapChange ForcingChange => LdapChange.Replace(Reset, "TRUE");

    private protected override LdapFilter Matching(string text) => LdapFilter.Or(
    [
        LdapFilter.Is(settings.LoginAttribute, text), LdapFilter.Is("mail", text),
        .. text.Length < 2 ? [] : new[] { LdapFilter.Begins("cn", text), LdapFilter.Begins("displayName", text), LdapFilter.Begins("sn", text) },
    ]);

    private protected override IEnumerable<LdapFilter> Holding(string dn) => [LdapFilter.Is("member", dn), LdapFilter.Is("uniqueMember", dn)];

    private protected override bool IsDisabled(LdapEntry entry) => entry.First(LockedTime) == ForGood;
    private protected override bool MustChange(LdapEntry entry) => entry.First(Reset) == "TRUE";
    private protected override bool IsOurself(LdapEntry entry) => string.Equals(entry.Dn, settings.User, StringComparison.OrdinalIgnoreCase);
    private protected override string Before(LdapEntry entry) => entry.First(LockedTime) is { } since ? Locked + since : DirectoryNote.Enabled;

    // Values are deleted by what they were seen to be, so that a change by somebody else in between fails ours.
    private protected override IEnumerable<LdapChange> Disabling(LdapEntry entry)
    {
        if (entry.First(LockedTime) is { } since)
            yield return LdapChange.Delete(LockedTime, since);
        yield return LdapChange.Add(LockedTime, ForGood);
    }

    private protected override IEnumerable<LdapChange> Enabling(LdapEntry entry, string before)
    {
        yield return LdapChange.Delete(LockedTime, ForGood);
        if (before.StartsWith(Locked, StringComparison.Ordinal))
            yield return LdapChange.Add(LockedTime, before[Locked.Length..]);
    }

    private protected override DirectoryNote? NoteOf(LdapEntry entry) => DirectoryNote.Find(entry.All(settings.MarkAttribute));

    private protected override IEnumerable<LdapChange> Renote(LdapEntry entry, DirectoryNote? old, DirectoryNote? next)
    {
        if (old is not null)
            yield return LdapChange.Delete(settings.MarkAttribute, old.Text);
        if (next is not null)
            yield return LdapChange.Add(settings.MarkAttribute, next.Text);
    }

    private protected override string Evidence(LdapEntry entry) =>
        $"{LockedTime}: {entry.First(LockedTime) ?? "none"}; {Reset}: {entry.First(Reset) ?? "none"}{(NoteOf(entry) is { } note ? $"; {settings.MarkAttribute}: {note.Text}" : "")}";

    private protected override async Task RequireEffectiveAsync(LdapClient client, LdapEntry entry, bool forDisabling, CancellationToken cancellation)
    {
        var dn = entry.First("pwdPolicySubentry") ?? settings.DefaultPolicy
            ?? throw ConnectorFailure.Permanent($"{entry.Dn} names no password policy, and defaultPolicy is not set: whether a lock would have any effect is not known. Set defaultPolicy to what ppolicy_default says.", reason: "policy");
        var policy = await client.ReadAsync(dn, ["pwdLockout", "pwdMustChange"], cancellation)
            ?? throw ConnectorFailure.Permanent($"The password policy {dn} is not there, or not for our account to read.", reason: "policy");
        var needed = forDisabling ? "pwdLockout" : "pwdMustChange";
        if (policy.First(needed) != "TRUE")
            throw ConnectorFailure.Permanent($"The password policy {dn} does not say {needed} TRUE: the directory would take the change and let {entry.Dn} go on as before. Set it.", reason: "policy");
    }

    private protected override async Task<List<LdapEntry>> OwnGroupsAsync(LdapClient client, LdapEntry entry, CancellationToken cancellation) =>
        [.. await client.SearchAsync(Base, LdapFilter.Or([.. Holding(entry.Dn), LdapFilter.Is("memberUid", entry.First(LoginAttribute)!)]), ["cn"], MostResults, cancellation)];

    private protected override async Task<string> TestMoreAsync(LdapClient client, CancellationToken cancellation)
    {
        if (settings.DefaultPolicy is not { } dn)
            return " Accounts without a policy of their own cannot be disabled: defaultPolicy is not set.";
        var policy = await client.ReadAsync(dn, ["pwdLockout", "pwdMustChange"], cancellation)
            ?? throw ConnectorFailure.Permanent($"The password policy {dn} is not there, or not for our account to read.", reason: "policy");
        if (policy.First("pwdLockout") != "TRUE")
            throw ConnectorFailure.Permanent($"The password policy {dn} does not say pwdLockout TRUE: a locked account would go on as before. Set it.", reason: "policy");
        return policy.First("pwdMustChange") == "TRUE" ? "" : $" {dn} does not say pwdMustChange TRUE: passwords cannot be made to change.";
    }
}
