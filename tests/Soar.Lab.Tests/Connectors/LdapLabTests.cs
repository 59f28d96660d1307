using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Ldap;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>A real slapd with ppolicy: a disabled account cannot log in, an enabled one can, and what was before is what is after.</summary>
public sealed class LdapLabTests : IClassFixture<OpenLdap>
{
    private const string AliceDn = "uid=alice,ou=people,dc=cert,dc=example";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly OpenLdap server;

    public LdapLabTests(OpenLdap server)
    {
        OpenLdap.Require();
        this.server = server;
        Renew();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ActionContext Context(string key = "aa") => new() { Run = default, Step = "disable", Key = new IdempotencyKey(key), Attempt = 1, Artifacts = null! };

    private LdapConnector Connector(Func<LdapSettings, LdapSettings>? with = null)
    {
        var settings = new LdapSettings
        {
            Host = "127.0.0.1", Port = server.Port, CaFile = server.CaFile, User = OpenLdap.Soar, Password = new Secret("soar-secret"), Base = OpenLdap.Base, DefaultPolicy = OpenLdap.Policy, Never = ["Root"], PageSize = 20,
        };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new LdapConnector(settings, new ConnectorServices("ldap", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    // A fresh account for every test: no lock, no note, the first password.
    private void Renew() => server.Modify($"""
        dn: {AliceDn}
        changetype: delete

        dn: {AliceDn}
        changetype: add
        objectClass: inetOrgPerson
        cn: Alice Adams
        sn: Adams
        mail: alice@cert.example
        description: head of finance
        userPassword: alicepw
        """);

    [Fact]
    public async Task A_disabled_account_cannot_log_in_and_an_enabled_one_can_again()
    {
        await using var identity = Connector();
        Assert.True(server.Login(AliceDn, "alicepw").Works);
        var before = server.Show(AliceDn);

        var disabled = await identity.DisableAsync("alice", Hour, Context(), Token);
        Assert.Equal(("alice", AliceDn, "enabled"), (disabled.Account, disabled.Entry, disabled.Before));
        Assert.Contains("pwdAccountLockedTime: 000001010000Z", disabled.Evidence);
        Assert.Contains("soar:aa", disabled.Evidence);
        Assert.Equal((false, true), server.Login(AliceDn, "alicepw") is var login ? (login.Works, login.Words.Contains("Invalid credentials (49); Account locked")) : default);
        Assert.True((await identity.FindAsync("alice", Context(), Token))[0].Disabled);
        Assert.Contains("head of finance", server.Show(AliceDn));

        await identity.EnableAsync("ALICE", Context("bb"), Token);
        Assert.True(server.Login(AliceDn, "alicepw").Works);
        Assert.Equal(Stable(before), Stable(server.Show(AliceDn)));
        await identity.EnableAsync("alice", Context("bb"), Token); // once more is no error
    }

    // All but what every write changes.
    private static IEnumerable<string> Stable(string entry) => entry.Split('\n').Where(line => !line.StartsWith("entryCSN", StringComparison.Ordinal) && !line.StartsWith("modif", StringComparison.Ordinal) && !line.StartsWith("pwdLastSuccess", StringComparison.Ordinal));

    [Fact]
    public async Task A_lock_after_wrong_passwords_is_what_it_was_after_the_lease()
    {
        for (var i = 0; i < 3; i++)
            server.Login(AliceDn, "wrong");
        var since = server.Show(AliceDn).Split('\n').Single(line => line.StartsWith("pwdAccountLockedTime", StringComparison.Ordinal));
        await using var identity = Connector();
        Assert.Equal(ProbeAnswer.Absent, (await identity.ProbeDisableAsync("alice", Hour, Context(), Token)).Answer); // that lock ends by itself: it is not disabled
        Assert.StartsWith("locked since 2", (await identity.DisableAsync("alice", Hour, Context(), Token)).Before);
        Assert.Contains("000001010000Z", server.Show(AliceDn));
        await identity.EnableAsync("alice", Context(), Token);
        Assert.Contains(since, server.Show(AliceDn));
        Assert.DoesNotContain("soar:", server.Show(AliceDn));
    }

    [Fact]
    public async Task What_was_disabled_before_us_or_taken_over_stays_disabled()
    {
        await using var identity = Connector();
        var found = await identity.ProbeDisableAsync("leaver", Hour, Context(), Token);
        Assert.Equal((ProbeAnswer.Present, false, "disabled"), (found.Answer, found.Ours, found.Result!.Before));
        Assert.Equal("disabled", (await identity.DisableAsync("leaver", Hour, Context(), Token)).Before);
        Assert.DoesNotContain("soar:", server.Show("uid=leaver,ou=people,dc=cert,dc=example"));
        Assert.Equal((FailureKind.Permanent, "not-ours"), await Fails(() => identity.EnableAsync("leaver", Context(), Token)));

        await identity.DisableAsync("alice", Hour, Context(), Token);
        server.Modify($"dn: {AliceDn}\nchangetype: modify\nreplace: description\ndescription: dismissed");
        Assert.Equal((FailureKind.Permanent, "not-ours"), await Fails(() => identity.EnableAsync("alice", Context(), Token)));
        Assert.False(server.Login(AliceDn, "alicepw").Works);
    }

    [Fact]
    public async Task A_probe_tells_ours_a_repeat_changes_nothing_and_another_case_takes_over()
    {
        await using var identity = Connector();
        Assert.Equal(ProbeAnswer.Absent, (await identity.ProbeDisableAsync("alice", Hour, Context(), Token)).Answer);
        await identity.DisableAsync("alice", Hour, Context(), Token);
        var first = server.Show(AliceDn);
        Assert.Equal((ProbeAnswer.Present, true), await identity.ProbeDisableAsync("alice", Hour, Context(), Token) is var ours ? (ours.Answer, ours.Ours) : default);
        Assert.Equal((ProbeAnswer.Present, false), await identity.ProbeDisableAsync("alice", Hour, Context("bb"), Token) is var other ? (other.Answer, other.Ours) : default);
        Assert.Equal("enabled", (await identity.DisableAsync("alice", Hour, Context(), Token)).Before);
        Assert.Equal(Stable(first), Stable(server.Show(AliceDn)));

        Assert.Equal("enabled", (await identity.DisableAsync("alice", Hour, Context("bb"), Token)).Before);
        Assert.Equal((true, false), server.Show(AliceDn) is var second ? (second.Contains("soar:bb"), second.Contains("soar:aa")) : default);
        await identity.EnableAsync("alice", Context(), Token);
        Assert.True(server.Login(AliceDn, "alicepw").Works);
    }

    [Fact]
    public async Task An_account_that_an_administrator_enabled_meanwhile_stays_enabled_and_only_loses_our_note()
    {
        await using var identity = Connector();
        await identity.DisableAsync("alice", Hour, Context(), Token);
        server.Modify($"dn: {AliceDn}\nchangetype: modify\ndelete: pwdAccountLockedTime");
        Assert.Equal(ProbeAnswer.Absent, (await identity.ProbeDisableAsync("alice", Hour, Context(), Token)).Answer);
        await identity.DisableAsync("alice", Hour, Context("bb"), Token); // disabled anew, and the old note makes way
        Assert.Equal((true, false), server.Show(AliceDn) is var shown ? (shown.Contains("soar:bb"), shown.Contains("soar:aa")) : default);
        server.Modify($"dn: {AliceDn}\nchangetype: modify\ndelete: pwdAccountLockedTime");
        await identity.EnableAsync("alice", Context(), Token);
        Assert.DoesNotContain("soar:", server.Show(AliceDn));
        Assert.True(server.Login(AliceDn, "alicepw").Works);
    }

    [Fact]
    public async Task A_forced_change_lets_the_old_password_do_nothing_but_choose_a_new_one()
    {
        await using var identity = Connector();
        Assert.Equal(ProbeAnswer.Absent, (await identity.ProbeForcePasswordChangeAsync("alice", Context(), Token)).Answer);
        var account = await identity.ForcePasswordChangeAsync("alice", Context(), Token);
        Assert.Equal(("Alice Adams", true, false), (account.DisplayName, account.MustChangePassword, account.Disabled));
        Assert.Equal(ProbeAnswer.Present, (await identity.ProbeForcePasswordChangeAsync("alice", Context(), Token)).Answer);
        var search = server.Client("ldapsearch", null, "-D", AliceDn, "-w", "alicepw", "-LLL", "-b", OpenLdap.Base, "(uid=alice)");
        Assert.NotEqual(0, search.ExitCode);
        var change = server.Client("ldapmodify", $"dn: {AliceDn}\nchangetype: modify\nreplace: userPassword\nuserPassword: brand-new\n", "-D", AliceDn, "-w", "alicepw");
        Assert.Equal(0, change.ExitCode);
        Assert.Equal(0, server.Client("ldapsearch", null, "-D", AliceDn, "-w", "brand-new", "-LLL", "-b", OpenLdap.Base, "(uid=alice)").ExitCode);
        Assert.False((await identity.FindAsync("alice@cert.example", Context(), Token))[0].MustChangePassword);
    }

    [Fact]
    public async Task Where_the_policy_would_ignore_it_nothing_is_pretended()
    {
        await using var identity = Connector();
        Assert.Equal((FailureKind.Permanent, "policy"), await Fails(() => identity.DisableAsync("lax", Hour, Context(), Token)));
        Assert.Equal((FailureKind.Permanent, "policy"), await Fails(() => identity.ForcePasswordChangeAsync("lax", Context(), Token)));
        await using var unset = Connector(settings => settings with { DefaultPolicy = null });
        Assert.Equal((FailureKind.Permanent, "policy"), await Fails(() => unset.DisableAsync("alice", Hour, Context(), Token)));
        await using var lax = Connector(settings => settings with { DefaultPolicy = "cn=lax,ou=policies,dc=cert,dc=example" });
        Assert.Contains("pwdLockout", (await lax.TestAsync(Token)).Message);
        // Why: such a policy takes the lock, and lets the account in.
        server.Modify("dn: uid=lax,ou=people,dc=cert,dc=example\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z");
        Assert.True(server.Login("uid=lax,ou=people,dc=cert,dc=example", "laxpw").Works);
        server.Modify("dn: uid=lax,ou=people,dc=cert,dc=example\nchangetype: modify\ndelete: pwdAccountLockedTime");
    }

    [Fact]
    public async Task Values_are_values_whatever_they_look_like()
    {
        await using var identity = Connector();
        Assert.Equal(["*"], (await identity.FindAsync("*", Context(), Token)).Select(account => account.Name)); // the one who is named so
        foreach (var text in new[] { "alice)(uid=*", "*)(objectClass=*", "(|(uid=*))", "al*", "\\2a", "a\0lice", "" })
            Assert.Empty(await identity.FindAsync(text, Context(), Token));
        Assert.Equal("404", (await Assert.ThrowsAsync<ConnectorFailure>(() => identity.DisableAsync("alice)(uid=*", Hour, Context(), Token))).Reason);

        const string Odd = "cn=Smith\\2C \\22John\\22 \\2B x\\3Dy #1,ou=people,dc=cert,dc=example";
        var disabled = await identity.DisableAsync("*", Hour, Context(), Token);
        Assert.False(server.Login(disabled.Entry, "oddpw").Works);
        Assert.False(server.Login(Odd, "oddpw").Works);
        await identity.EnableAsync("*", Context(), Token);
        Assert.True(server.Login(Odd, "oddpw").Works);
    }

    [Fact]
    public async Task Accounts_are_found_by_login_mail_and_the_beginning_of_a_name_page_by_page()
    {
        await using var identity = Connector();
        foreach (var text in new[] { "alice", "ALICE@cert.example", "Alice A", "adams" })
            Assert.Equal(["alice"], (await identity.FindAsync(text, Context(), Token)).Select(account => account.Name));
        Assert.Equal(130, (await identity.FindAsync("Crowd", Context(), Token)).Count); // the server gives 20 a page and 100 at most at once
        await using var narrow = Connector(settings => settings with { MostResults = 100 });
        Assert.Equal("too-many", (await Assert.ThrowsAsync<ConnectorFailure>(() => narrow.FindAsync("Crowd", Context(), Token))).Reason);
        await using var greedy = Connector(settings => settings with { PageSize = 200 });
        Assert.Contains("pageSize", (await Assert.ThrowsAsync<ConnectorFailure>(() => greedy.FindAsync("Crowd", Context(), Token))).Message);
        Assert.Empty(await identity.FindAsync("nobody", Context(), Token));
    }

    [Fact]
    public async Task Groups_are_told_with_those_that_lead_there_through_others_even_in_a_circle()
    {
        await using var identity = Connector();
        Assert.Equal([("files", true), ("remote", false), ("vpn", true)], (await identity.GroupsAsync("alice", Context(), Token)).Select(group => (group.Name, group.Direct)));
        Assert.Empty(await identity.GroupsAsync("lax", Context(), Token));
    }

    [Fact]
    public async Task What_is_never_to_be_touched_is_not()
    {
        await using var identity = Connector(settings => settings with { Never = ["ALICE"] });
        Assert.Equal((FailureKind.Permanent, "never"), await Fails(() => identity.DisableAsync("alice", Hour, Context(), Token)));
        Assert.Equal((FailureKind.Permanent, "never"), await Fails(() => identity.ForcePasswordChangeAsync("Alice", Context(), Token)));
        Assert.Equal("login-name", (await Assert.ThrowsAsync<ConnectorFailure>(() => identity.DisableAsync(" alice", Hour, Context(), Token))).Reason); // LDAP itself would overlook the blank
        await using var ourself = Connector(settings => settings with { User = AliceDn, Password = new Secret("alicepw") });
        Assert.Equal((FailureKind.Permanent, "never"), await Fails(() => ourself.DisableAsync("alice", Hour, Context(), Token)));
        Assert.True(server.Login(AliceDn, "alicepw").Works);
    }

    [Fact]
    public async Task A_wrong_password_missing_rights_an_unknown_CA_and_a_server_that_is_away_or_hangs_are_told_apart()
    {
        async Task<(FailureKind, string)> Told(Func<LdapSettings, LdapSettings> with, bool testFails = true)
        {
            await using var identity = Connector(with);
            Assert.Equal(!testFails, (await identity.TestAsync(Token)).Ok);
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => identity.DisableAsync("alice", Hour, Context(), Token));
            Assert.DoesNotContain("secret", failure.ToString());
            return (failure.Kind, failure.Reason);
        }

        Assert.Equal((FailureKind.Permanent, "401"), await Told(settings => settings with { Password = new Secret("wrong-secret") }));
        Assert.Equal((FailureKind.Permanent, "no-password"), await Told(settings => settings with { Password = new Secret("") }));
        Assert.Equal((FailureKind.Permanent, "403"), await Told(settings => settings with { User = "cn=reader,dc=cert,dc=example", Password = new Secret("reader-secret") }, testFails: false));
        Assert.Equal((FailureKind.Permanent, "certificate"), await Told(settings => settings with { CaFile = null }));
        Assert.Equal((FailureKind.Permanent, "certificate"), await Told(settings => settings with { Host = "localhost" })); // another name than the certificate's
        Assert.Equal((FailureKind.Permanent, "404"), await Told(settings => settings with { Base = "dc=elsewhere" }));
        Assert.Equal((FailureKind.Permanent, "schema"), await Told(settings => settings with { MarkAttribute = "nonsense" }, testFails: false));
        Assert.Equal((FailureKind.Transient, "unreachable"), await Told(settings => settings with { Port = LoopbackPort.Take() }));
        server.Signal("-STOP");
        try
        {
            Assert.Equal((FailureKind.Transient, "timeout"), await Told(settings => settings with { Timeout = TimeSpan.FromSeconds(1) }));
        }
        finally
        {
            server.Signal("-CONT");
        }
        Assert.True(server.Login(AliceDn, "alicepw").Works);
        await using var right = Connector();
        var test = await right.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
    }

    private static async Task<(FailureKind, string)> Fails(Func<Task> work) => await Assert.ThrowsAsync<ConnectorFailure>(work) is var failure ? (failure.Kind, failure.Reason) : default;
}
