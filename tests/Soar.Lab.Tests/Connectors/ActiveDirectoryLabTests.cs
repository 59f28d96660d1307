using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.ActiveDirectory;
using Soar.Lab.Tests.Range;

namespace Soar.Lab.Tests.Connectors;

/// <summary>A real Samba domain controller: a disabled account cannot log in, an enabled one can, and all other flags stay.</summary>
public sealed class ActiveDirectoryLabTests : IClassFixture<SambaDomain>
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly SambaDomain domain;

    public ActiveDirectoryLabTests(SambaDomain domain)
    {
        SambaDomain.Require();
        this.domain = domain;
        domain.Modify($"""
            dn: CN=mallory Lab,{SambaDomain.Users}
            changetype: modify
            replace: userAccountControl
            userAccountControl: 512
            -
            replace: pwdLastSet
            pwdLastSet: -1
            -
            replace: info
            info: head of finance
            """);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ActionContext Context(string key = "aa") => new() { Run = default, Step = "disable", Key = new IdempotencyKey(key), Attempt = 1, Artifacts = null! };

    private ActiveDirectoryConnector Connector(Func<ActiveDirectorySettings, ActiveDirectorySettings>? with = null)
    {
        var settings = new ActiveDirectorySettings
        {
            Host = domain.Address, CaFile = domain.CaFile, User = "soar@cert.example", Password = new Secret(SambaDomain.SoarPassword), Base = SambaDomain.Base, Never = ["Administrator"],
        };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new ActiveDirectoryConnector(settings, new ConnectorServices("ad", TimeProvider.System, NullLogger.Instance, null!, "."));
    }

    private string[] Standing(string user) => [.. domain.Show(user).Split('\n').Where(line => line.StartsWith("userAccountControl", StringComparison.Ordinal) || line.StartsWith("info", StringComparison.Ordinal) || line.StartsWith("pwdLastSet", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task A_disabled_account_cannot_log_in_and_an_enabled_one_can_again()
    {
        await using var identity = Connector();
        Assert.True(domain.Login("mallory", SambaDomain.Password).Works);
        var before = Standing("mallory");

        var disabled = await identity.DisableAsync("mallory", Hour, Context(), Token);
        Assert.Equal(("mallory", "enabled"), (disabled.Account, disabled.Before));
        Assert.Contains("userAccountControl: 514", disabled.Evidence);
        Assert.Contains("soar:aa", disabled.Evidence);
        Assert.Equal((false, true), domain.Login("mallory", SambaDomain.Password) is var login ? (login.Works, login.Words.Contains("data 533")) : default); // ERROR_ACCOUNT_DISABLED
        Assert.True((await identity.FindAsync("mallory", Context(), Token))[0].Disabled);

        await identity.EnableAsync("Mallory", Context("bb"), Token);
        Assert.True(domain.Login("mallory", SambaDomain.Password).Works);
        Assert.Equal(before, Standing("mallory"));
        await identity.EnableAsync("mallory", Context("bb"), Token); // once more is no error
    }

    [Fact]
    public async Task Flags_that_change_in_between_stay_and_other_notes_too()
    {
        await using var identity = Connector();
        await identity.DisableAsync("mallory", Hour, Context(), Token);
        domain.Modify($"dn: CN=mallory Lab,{SambaDomain.Users}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: {514 | 0x10000}");
        await identity.EnableAsync("mallory", Context(), Token);
        Assert.Contains($"userAccountControl: {512 | 0x10000}", Standing("mallory"));
        Assert.Contains("info: head of finance", Standing("mallory"));
    }

    [Fact]
    public async Task What_was_disabled_before_us_or_taken_over_stays_disabled()
    {
        await using var identity = Connector();
        var found = await identity.ProbeDisableAsync("leaver", Hour, Context(), Token);
        Assert.Equal((ProbeAnswer.Present, false, "disabled"), (found.Answer, found.Ours, found.Result!.Before));
        Assert.Equal("disabled", (await identity.DisableAsync("leaver", Hour, Context(), Token)).Before);
        Assert.Equal((FailureKind.Permanent, "not-ours"), await Fails(() => identity.EnableAsync("leaver", Context(), Token)));

        await identity.DisableAsync("mallory", Hour, Context(), Token);
        domain.Modify($"dn: CN=mallory Lab,{SambaDomain.Users}\nchangetype: modify\nreplace: info\ninfo: dismissed");
        Assert.Equal((FailureKind.Permanent, "not-ours"), await Fails(() => identity.EnableAsync("mallory", Context(), Token)));
        Assert.False(domain.Login("mallory", SambaDomain.Password).Works);
    }

    [Fact]
    public async Task A_probe_tells_ours_a_repeat_changes_nothing_and_another_case_takes_over()
    {
        await using var identity = Connector();
        Assert.Equal(ProbeAnswer.Absent, (await identity.ProbeDisableAsync("mallory", Hour, Context(), Token)).Answer);
        await identity.DisableAsync("mallory", Hour, Context(), Token);
        var first = domain.Show("mallory").Split('\n').Single(line => line.StartsWith("uSNChanged", StringComparison.Ordinal));
        Assert.Equal((ProbeAnswer.Present, true), await identity.ProbeDisableAsync("mallory", Hour, Context(), Token) is var ours ? (ours.Answer, ours.Ours) : default);
        Assert.Equal((ProbeAnswer.Present, false), await identity.ProbeDisableAsync("mallory", Hour, Context("bb"), Token) is var other ? (other.Answer, other.Ours) : default);
        await identity.DisableAsync("mallory", Hour, Context(), Token);
        Assert.Contains(first, domain.Show("mallory")); // not even written

        Assert.Contains("soar:bb", (await identity.DisableAsync("mallory", Hour, Context("bb"), Token)).Evidence);
        await identity.EnableAsync("mallory", Context(), Token);
        Assert.True(domain.Login("mallory", SambaDomain.Password).Works);
    }

    [Fact]
    public async Task A_forced_change_lets_nobody_in_with_the_old_password()
    {
        await using var identity = Connector();
        Assert.Equal(ProbeAnswer.Absent, (await identity.ProbeForcePasswordChangeAsync("mallory", Context(), Token)).Answer);
        Assert.True((await identity.ForcePasswordChangeAsync("mallory", Context(), Token)).MustChangePassword);
        Assert.Equal(ProbeAnswer.Present, (await identity.ProbeForcePasswordChangeAsync("mallory", Context(), Token)).Answer);
        Assert.Equal((false, true), domain.Login("mallory", SambaDomain.Password) is var login ? (login.Works, login.Words.Contains("data 773")) : default); // ERROR_PASSWORD_MUST_CHANGE
        Assert.Equal((FailureKind.Permanent, "policy"), await Fails(() => identity.ForcePasswordChangeAsync("robot", Context(), Token))); // its password never expires
        Assert.True(domain.Login("robot", SambaDomain.Password).Works);
    }

    [Fact]
    public async Task Accounts_are_found_in_every_form_that_alerts_write_and_values_are_values()
    {
        await using var identity = Connector();
        foreach (var text in new[] { "mallory", "MALLORY", "CERT\\mallory", "mallory@cert.example", "mallory L" })
            Assert.Equal(["mallory"], (await identity.FindAsync(text, Context(), Token)).Select(account => account.Name));
        var account = (await identity.FindAsync("mallory", Context(), Token))[0];
        Assert.Equal(("mallory Lab", "mallory@cert.example"), (account.DisplayName, account.Mail!.Value));
        foreach (var text in new[] { "*", "mallory)(sAMAccountName=*", "mal*", "" })
            Assert.Empty(await identity.FindAsync(text, Context(), Token));
        foreach (var text in new[] { "CERT\\mallory", "mallory@cert.example" })
            Assert.Equal((FailureKind.Permanent, "login-name"), await Fails(() => identity.DisableAsync(text, Hour, Context(), Token)));
        await using var paged = Connector(settings => settings with { PageSize = 1 });
        Assert.Equal(4, (await paged.FindAsync("Lab", Context(), Token)).Count);
    }

    [Fact]
    public async Task Groups_are_told_with_the_primary_one_and_those_that_lead_there_through_others()
    {
        await using var identity = Connector();
        var groups = (await identity.GroupsAsync("mallory", Context(), Token)).ToDictionary(group => group.Name, group => group.Direct);
        Assert.Equal((true, false, true), (groups["vpn"], groups["remote"], groups["Domain Users"]));
        Assert.False(groups["Users"]); // CN=Users, the builtin group that Domain Users belongs to
    }

    [Fact]
    public async Task What_is_never_to_be_touched_is_not_and_ourself_neither()
    {
        await using var identity = Connector();
        foreach (var account in new[] { "administrator", "soar" })
        {
            Assert.Equal((FailureKind.Permanent, "never"), await Fails(() => identity.DisableAsync(account, Hour, Context(), Token)));
            Assert.Equal((FailureKind.Permanent, "never"), await Fails(() => identity.ForcePasswordChangeAsync(account, Context(), Token)));
        }
    }

    [Fact]
    public async Task A_wrong_password_missing_rights_and_an_unknown_CA_are_told_apart()
    {
        async Task<(FailureKind, string)> Told(Func<ActiveDirectorySettings, ActiveDirectorySettings> with, bool testFails = true)
        {
            await using var identity = Connector(with);
            Assert.Equal(!testFails, (await identity.TestAsync(Token)).Ok);
            return await Fails(() => identity.DisableAsync("mallory", Hour, Context(), Token));
        }

        Assert.Equal((FailureKind.Permanent, "401"), await Told(settings => settings with { Password = new Secret("wrong") }));
        Assert.Equal((FailureKind.Permanent, "403"), await Told(settings => settings with { User = "robot@cert.example", Password = new Secret(SambaDomain.Password) }, testFails: false));
        Assert.Equal((FailureKind.Permanent, "certificate"), await Told(settings => settings with { CaFile = null }));
        Assert.Equal((FailureKind.Transient, "unreachable"), await Told(settings => settings with { Port = 637 }));
        Assert.True(domain.Login("mallory", SambaDomain.Password).Works);
        await using var right = Connector();
        var test = await right.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
    }

    private static async Task<(FailureKind, string)> Fails(Func<Task> work) => await Assert.ThrowsAsync<ConnectorFailure>(work) is var failure ? (failure.Kind, failure.Reason) : default;
}
