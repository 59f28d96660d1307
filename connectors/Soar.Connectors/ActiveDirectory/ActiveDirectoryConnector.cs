using System.Buffers.Binary;
using System.Globalization;
using Soar.Capabilities;
using Soar.Connectors.Ldap;

namespace Soar.Connectors.ActiveDirectory;

/// <summary>
/// Accounts of Active Directory. Disabled is bit 2 of <c>userAccountControl</c> (ACCOUNTDISABLE); all its other bits stay as they are, also when the account
/// is enabled again. A forced change is <c>pwdLastSet: 0</c>.
/// </summary>
[Connector("active-directory", "Disables accounts of Active Directory over LDAPS.", Proven = "Samba AD 4.17")]
public sealed class ActiveDirectoryConnector(ActiveDirectorySettings settings, ConnectorServices services) : DirectoryConnector(settings, services)
{
    private const string Control = "userAccountControl";
    private const int AccountDisable = 0x2;
    private const int NeverExpires = 0x10000;

    private protected override string LoginAttribute => "sAMAccountName";
    private protected override IReadOnlyList<string> Attributes => ["sAMAccountName", "userPrincipalName", "cn", "displayName", "mail", settings.MarkAttribute, Control, "pwdLastSet", "objectSid", "primaryGroupID"];
    private protected override LdapFilter Accounts => LdapFilter.And(LdapFilter.Is("objectCategory", "person"), LdapFilter.Is("objectClass", "user"));
    private protected override LdapChange ForcingChange => LdapChange.Replace("pwdLastSet", "0");

    private protected override LdapFilter Matching(string text)
    {
        var login = text[(text.IndexOf('\\') + 1)..];
        return LdapFilter.Or(
        [
            LdapFilter.Is("sAMAccountName", login), LdapFilter.Is("userPrincipalName", text), LdapFilter.Is("mail", text),
            .. text.Length < 2 ? [] : new[] { LdapFilter.Begins("cn", text), LdapFilter.Begins("displayName", text), LdapFilter.Begins("sn", text) },
        ]);
    }

    private protected override IEnumerable<LdapFilter> Holding(string dn) => [LdapFilter.Is("member", dn)];

    // One account has one name in the ledger: the other forms are for Identity.Find.
    private protected override string Login(string account) => account.AsSpan().ContainsAny('\\', '@')
        ? throw ConnectorFailure.Permanent($"'{account}' is no login name (sAMAccountName). Identity.Find takes that form and tells the login name.", reason: "login-name")
        : account;

    private protected override bool IsDisabled(LdapEntry entry) => (Flags(entry) & AccountDisable) != 0;
    private protected override bool MustChange(LdapEntry entry) => entry.First("pwdLastSet") == "0" && (Flags(entry) & NeverExpires) == 0;

    private protected override bool IsOurself(LdapEntry entry) =>
        new[] { entry.Dn, entry.First("userPrincipalName"), entry.First("sAMAccountName") }.Contains(settings.User.Contains('\\') ? settings.User[(settings.User.IndexOf('\\') + 1)..] : settings.User, StringComparer.OrdinalIgnoreCase)
        || (settings.User.Contains('@') && string.Equals(settings.User[..settings.User.IndexOf('@')], entry.First("sAMAccountName"), StringComparison.OrdinalIgnoreCase));

    private protected override string Before(LdapEntry entry) => DirectoryNote.Enabled;

    private protected override IEnumerable<LdapChange> Disabling(LdapEntry entry) => Exchange(Control, entry.First(Control), Number(Flags(entry) | AccountDisable));

    private protected override IEnumerable<LdapChange> Enabling(LdapEntry entry, string before) => Exchange(Control, entry.First(Control), Number(Flags(entry) & ~AccountDisable));

    private protected override DirectoryNote? NoteOf(LdapEntry entry) => DirectoryNote.Find(Lines(entry));

    private protected override IEnumerable<LdapChange> Renote(LdapEntry entry, DirectoryNote? old, DirectoryNote? next)
    {
        var lines = Lines(entry).Where(line => line != old?.Text).Concat(next is null ? [] : [next.Text]).ToList();
        return old == next ? [] : Exchange(settings.MarkAttribute, entry.First(settings.MarkAttribute), lines.Count == 0 ? null : string.Join("\r\n", lines));
    }

    private protected override string Evidence(LdapEntry entry) =>
        $"{Control}: {entry.First(Control)}; pwdLastSet: {entry.First("pwdLastSet")}{(NoteOf(entry) is { } note ? $"; {settings.MarkAttribute}: {note.Text}" : "")}";

    private protected override Task RequireEffectiveAsync(LdapClient client, LdapEntry entry, bool forDisabling, CancellationToken cancellation) => forDisabling || (Flags(entry) & NeverExpires) == 0
        ? Task.CompletedTask
        : throw ConnectorFailure.Permanent($"The password of {entry.Dn} never expires (userAccountControl), so that a forced change would be ignored. Take that flag from it, or set a new password.", reason: "policy");

    private protected override async Task<List<LdapEntry>> OwnGroupsAsync(LdapClient client, LdapEntry entry, CancellationToken cancellation)
    {
        var groups = (await client.SearchAsync(Base, LdapFilter.Is("member", entry.Dn), ["cn"], MostResults, cancellation)).ToList();
        // The primary group does not name its members: its SID is the account's with another last part.
        if (entry.Bytes("objectSid") is { Length: >= 12 } sid && int.TryParse(entry.First("primaryGroupID"), NumberStyles.None, CultureInfo.InvariantCulture, out var primary))
        {
            var group = sid.ToArray();
            BinaryPrimitives.WriteInt32LittleEndian(group.AsSpan(group.Length - 4), primary);
            groups.AddRange(await client.SearchAsync(Base, LdapFilter.Is("objectSid", group), ["cn"], MostResults, cancellation));
        }
        return groups;
    }

    private protected override Task<string> TestMoreAsync(LdapClient client, CancellationToken cancellation) => Task.FromResult("");

    // Old value out, new value in, in one change: it fails when somebody else was faster.
    private static IEnumerable<LdapChange> Exchange(string attribute, string? old, string? next)
    {
        if (old is not null)
            yield return LdapChange.Delete(attribute, old);
        if (next is not null)
            yield return LdapChange.Add(attribute, next);
    }

    private IEnumerable<string> Lines(LdapEntry entry) => (entry.First(settings.MarkAttribute) ?? "").Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0);

    private static int Flags(LdapEntry entry) => int.TryParse(entry.First(Control), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var flags)
        ? flags
        : throw ConnectorFailure.Permanent($"{entry.Dn} shows no {Control}. Give our account the right to read it.", reason: "403");

    private static string Number(int flags) => flags.ToString(CultureInfo.InvariantCulture);
}
