using Soar.Connectors;
using Soar.Server.Accounts;
using Soar.Server.Accounts.OpenId;
using Soar.Server.Credentials;
using Soar.Server.Settings;
using Soar.Server.Tests.Http;
using Soar.Storage;

namespace Soar.Server.Tests.OpenId;

/// <summary>What a provider's word is worth here: links, roles, and the last administrator.</summary>
public sealed class ProviderLoginsTests : IAsyncDisposable
{
    private const string Corp = "https://id.example";

    private readonly SoarDatabase database = SoarDatabase.OpenForTests(TimeProvider.System);
    private readonly AccountStore accounts;
    private readonly LoginStore links;

    public ProviderLoginsTests()
    {
        accounts = new AccountStore(database);
        links = new LoginStore(database);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private static readonly Dictionary<string, IReadOnlyList<string>> Groups = new() { ["soc"] = ["analyst"], ["admins"] = ["administrator"] };

    private static ProviderSettings Provider => new() { Authority = new Uri(Corp), ClientId = "soar", ClientSecret = new Secret("a-secret-of-0123456789") };

    private (Logins Local, ProviderLogins Logins) With(ProviderSettings provider, bool local = true, IReadOnlyDictionary<string, PersonSettings>? people = null)
    {
        var settings = new SoarSettings { Login = new LoginSettings { Local = local, Providers = new Dictionary<string, ProviderSettings> { ["corp"] = provider } }, People = people ?? new Dictionary<string, PersonSettings>() };
        Assert.Empty(settings.Login.Problems());
        var ids = new Ids(TimeProvider.System);
        var keys = KeyRing.Of(new CredentialSettings { Key = new Secret(KeyRing.NewKey()) });
        var vault = new CredentialVault(new CredentialStore(database), () => keys, CredentialValues.None, new Workspace(null, ".", ".", "."), TimeProvider.System);
        var own = new Logins(accounts, links, vault, settings, ids, TimeProvider.System);
        return (own, new ProviderLogins(accounts, links, own, settings, ids, TimeProvider.System));
    }

    private static ProviderSignInCall By(string name, string? mail = null, params string[] groups) => new(new Identified("corp", Corp, $"s-{name}", name, name, mail, groups), null, "here");

    private static async Task RefusedAsync(string code, Func<Task> what) => Assert.Equal(code, (await Assert.ThrowsAsync<SoarException>(what)).Code);

    private async Task<User> AdministratorAsync(Logins logins)
    {
        await logins.SetUpAsync(new SetUpCall((await logins.OfferSetUpAsync())!, "root.one", "", Served.Password));
        return (await accounts.FindAsync("root.one"))!;
    }

    [Fact]
    public async Task An_existing_name_is_never_taken_over_unless_the_settings_say_that_the_names_are_the_same()
    {
        var (local, logins) = With(Provider with { Users = ProviderUsers.Create, Roles = Groups });
        await AdministratorAsync(local);
        await local.AddUserAsync(new AddUserCall("ana", "", ["engineer"], "root.one"));
        await RefusedAsync("SOAR6027", () => logins.SignInAsync(By("ana", null, "soc")));
        await RefusedAsync("SOAR6027", () => logins.SignInAsync(By("root.one", null, "admins")));

        var byName = With(Provider with { Link = ProviderLink.Name }).Logins;
        var session = await byName.SignInAsync(By("Ana"));
        Assert.Equal(("ana", true, false), (session.Name, session.Linked, session.Made));
        Assert.Equal(["engineer"], session.Roles);
        // Another subject under the same name is somebody else.
        await RefusedAsync("SOAR6027", () => byName.SignInAsync(By("ana") with { Found = By("ana").Found with { Subject = "another" } }));
    }

    [Fact]
    public async Task A_mail_address_links_only_when_it_is_verified_and_one_person_s()
    {
        var people = new Dictionary<string, PersonSettings> { ["boris"] = new() { Mail = EmailAddress.Parse("boris@soc.example") }, ["x"] = new() { Mail = EmailAddress.Parse("team@soc.example") }, ["y"] = new() { Mail = EmailAddress.Parse("team@soc.example") } };
        var (local, logins) = With(Provider with { Link = ProviderLink.VerifiedMail }, people: people);
        await AdministratorAsync(local);
        foreach (var name in new[] { "boris", "x", "y" }) await local.AddUserAsync(new AddUserCall(name, "", ["viewer"], "root.one"));
        await RefusedAsync("SOAR6024", () => logins.SignInAsync(By("b.b"))); // Identified holds verified addresses only
        await RefusedAsync("SOAR6024", () => logins.SignInAsync(By("t.t", "team@soc.example")));
        Assert.Equal("boris", (await logins.SignInAsync(By("b.b", "Boris@soc.example"))).Name);
        var (_, unlinked) = With(Provider, people: people);
        await RefusedAsync("SOAR6024", () => unlinked.SignInAsync(By("c.c", "boris@soc.example")));
    }

    [Fact]
    public void An_address_that_the_provider_has_not_verified_is_not_taken_notice_of()
    {
        var provider = new Provider("corp", Provider with { RolesClaim = "realm_access.roles" }, TimeProvider.System);
        using var claims = System.Text.Json.JsonDocument.Parse("""{"sub":"1","preferred_username":"eve","email":"ana@soc.example","email_verified":false,"realm_access":{"roles":["soc",7]}}""");
        var found = Identified.Of(provider, claims.RootElement, null);
        Assert.Null(found.Mail);
        Assert.Equal(["soc"], found.Groups);
        using var verified = System.Text.Json.JsonDocument.Parse("""{"sub":"1","email":"ana@soc.example","email_verified":true}""");
        Assert.Equal("ana@soc.example", Identified.Of(provider, verified.RootElement, null).Mail);
        Assert.Null(Identified.Of(provider, claims.RootElement, verified.RootElement).Mail); // the token's word comes first
        provider.Dispose();
    }

    [Fact]
    public async Task Roles_follow_the_groups_at_each_log_in_but_the_last_administrator_stays_one()
    {
        var (local, logins) = With(Provider with { Users = ProviderUsers.Create, Roles = Groups });
        await RefusedAsync("SOAR6024", () => logins.SignInAsync(By("ana", null, "soc"))); // nobody is here yet, and she would be no administrator
        Assert.Equal(["administrator"], (await logins.SignInAsync(By("root.corp", null, "admins"))).Roles);
        Assert.Null(await local.OfferSetUpAsync());

        var stays = await logins.SignInAsync(By("root.corp", null, "soc"));
        Assert.True(stays.KeptAdministrator);
        Assert.Equal(["administrator"], stays.Roles);
        Assert.Equal(["administrator"], (await logins.SignInAsync(By("second", null, "admins", "other"))).Roles);
        var goes = await logins.SignInAsync(By("root.corp", null, "soc"));
        Assert.False(goes.KeptAdministrator);
        Assert.Equal(["analyst"], goes.Roles);
        await RefusedAsync("SOAR6026", () => logins.SignInAsync(By("root.corp", null, "canteen")));
        await RefusedAsync("SOAR6026", () => logins.SignInAsync(By("vera")));
        Assert.Null(await accounts.FindAsync("vera"));
        await RefusedAsync("SOAR6013", () => logins.SignInAsync(By("administrator", null, "soc")));
    }

    [Fact]
    public async Task Where_passwords_are_switched_off_an_administrator_s_counts_until_one_has_come_by_a_provider()
    {
        var (on, _) = With(Provider);
        var root = await AdministratorAsync(on);
        var offered = await on.AddUserAsync(new AddUserCall("boris", "", ["analyst"], "root.one"));
        await on.SetPasswordAsync(new SetPasswordCall(offered.Code, Served.Password));

        var (off, logins) = With(Provider, local: false);
        await RefusedAsync("SOAR6028", () => off.SignInAsync(new SignInCall("boris", Served.Password, null, "here")));
        await RefusedAsync("SOAR6003", () => off.SignInAsync(new SignInCall("boris", "wrong password", null, "here")));
        Assert.NotNull(await off.SignInAsync(new SignInCall("root.one", Served.Password, null, "here")));

        Assert.Equal("root.one", (await logins.SignInAsync(By("r.corp") with { LinkTo = root.Id })).Name);
        await RefusedAsync("SOAR6028", () => off.SignInAsync(new SignInCall("root.one", Served.Password, null, "here")));
        // A provider that the settings do not name any more is no way in.
        var (moved, _) = With(Provider with { Authority = new Uri("https://new.example") }, local: false);
        Assert.NotNull(await moved.SignInAsync(new SignInCall("root.one", Served.Password, null, "here")));
        await logins.RemoveAsync(new RemoveLoginCall("root.one", "corp", "root.one"));
        Assert.NotNull(await off.SignInAsync(new SignInCall("root.one", Served.Password, null, "here")));
    }

    [Fact]
    public void Settings_that_would_let_nobody_in_or_somebody_in_the_clear_are_told()
    {
        Assert.Contains("there is no provider", Assert.Single(new LoginSettings { Local = false }.Problems()));
        Assert.Contains("http://id.example", Assert.Single((Provider with { Authority = new Uri("http://id.example") }).Problems()));
        Assert.Contains("nobody would have a role", Assert.Single((Provider with { Users = ProviderUsers.Create }).Problems()));
        Assert.Contains("'shift-lead', which is no role", Assert.Single((Provider with { Roles = new Dictionary<string, IReadOnlyList<string>> { ["soc"] = ["shift-lead"] } }).Problems()));
        Assert.Contains("has no openid", Assert.Single((Provider with { Scopes = ["profile"] }).Problems()));
    }
}
