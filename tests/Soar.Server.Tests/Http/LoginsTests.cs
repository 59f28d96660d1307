using System.Text;
using Soar.Connectors;
using Soar.Server.Accounts;
using Soar.Server.Credentials;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Tests.Http;

/// <summary>Sessions, tokens, locks and authenticator codes under a clock that the test turns.</summary>
public sealed class LoginsTests : IAsyncDisposable
{
    private readonly TurnedClock clock = new();
    private readonly SoarDatabase database;
    private readonly Logins logins;
    private readonly AccountStore store;
    private readonly CredentialVault vault;

    public LoginsTests()
    {
        database = SoarDatabase.OpenForTests(clock);
        store = new AccountStore(database);
        var keys = KeyRing.Of(new CredentialSettings { Key = new Secret(KeyRing.NewKey()) });
        vault = new CredentialVault(new CredentialStore(database), () => keys, CredentialValues.None, new Workspace(null, ".", ".", "."), clock);
        logins = new Logins(store, new LoginStore(database), vault, new SoarSettings { Http = new HttpSettings { LockAfter = 3 } }, new Ids(clock), clock);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_session_that_is_used_lives_on_and_ends_idle_or_after_its_length()
    {
        await SetUpAsync();
        var session = await logins.SignInAsync(new SignInCall("ana", Served.Password, null, "here"));
        for (var i = 0; i < 5; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(29));
            Assert.NotNull(await logins.OfSessionAsync(session));
        }

        clock.Advance(TimeSpan.FromMinutes(31));
        Assert.Null(await logins.OfSessionAsync(session));

        var watched = await logins.SignInAsync(new SignInCall("ana", Served.Password, null, "here"));
        clock.Advance(TimeSpan.FromMinutes(20));
        Assert.NotNull(await logins.OfSessionAsync(watched, used: false));
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(await logins.OfSessionAsync(watched));

        var longest = await logins.SignInAsync(new SignInCall("ana", Served.Password, null, "here"));
        for (var i = 0; i < 28; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(25));
            Assert.NotNull(await logins.OfSessionAsync(longest));
        }

        clock.Advance(TimeSpan.FromMinutes(25));
        Assert.Null(await logins.OfSessionAsync(longest));
    }

    [Fact]
    public async Task A_locked_account_opens_again_when_its_time_is_over_and_a_token_ends_with_its_day()
    {
        await SetUpAsync();
        for (var i = 0; i < 3; i++) await RefusedAsync("SOAR6003", () => logins.SignInAsync(new SignInCall("ana", "wrong", null, "here")));
        await RefusedAsync("SOAR6003", () => logins.SignInAsync(new SignInCall("ana", Served.Password, null, "here")));
        clock.Advance(TimeSpan.FromMinutes(16));
        Assert.NotNull(await logins.SignInAsync(new SignInCall("ANA", Served.Password, null, "here")));

        var token = await logins.AddTokenAsync(new AddTokenCall("ana", "ci", ["ReadRuns"], clock.GetUtcNow().AddDays(2), "ana", null));
        clock.Advance(TimeSpan.FromDays(2) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await logins.OfTokenAsync(token.Value));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await logins.OfTokenAsync(token.Value));
    }

    [Fact]
    public async Task An_authenticator_code_lets_in_once_and_is_asked_for_only_after_the_right_password()
    {
        await SetUpAsync();
        var secret = Totp.NewSecret();
        string Code(long more = 0) => Totp.Code(Base32(secret), Totp.StepAt(clock.GetUtcNow()) + more, digits: 6);
        await RefusedAsync("SOAR6003", () => logins.SetTotpAsync(new SetTotpCall("ana", Served.Password, secret, Code(5), "ana")));
        await RefusedAsync("SOAR6003", () => logins.SetTotpAsync(new SetTotpCall("ana", "wrong", secret, Code(), "ana")));
        await RefusedAsync("SOAR6013", () => logins.SetTotpAsync(new SetTotpCall("ana", Served.Password, "not a secret", Code(), "ana")));
        await logins.SetTotpAsync(new SetTotpCall("ana", Served.Password, secret, Code(), "ana"));

        await RefusedAsync("SOAR6003", () => logins.SignInAsync(new SignInCall("ana", "wrong", null, "here")));
        await RefusedAsync("SOAR6005", () => logins.SignInAsync(new SignInCall("ana", Served.Password, null, "here")));
        await RefusedAsync("SOAR6003", () => logins.SignInAsync(new SignInCall("ana", Served.Password, Code(), "here"))); // used when it was set
        clock.Advance(TimeSpan.FromSeconds(30));
        var code = Code();
        Assert.NotNull(await logins.SignInAsync(new SignInCall("ana", Served.Password, code, "here")));
        await RefusedAsync("SOAR6003", () => logins.SignInAsync(new SignInCall("ana", Served.Password, code, "here")));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull(await logins.SignInAsync(new SignInCall("ana", Served.Password, Code(-1), "here")));

        await logins.RemoveTotpAsync(new RemoveTotpCall("ana", "ana"));
        Assert.NotNull(await logins.SignInAsync(new SignInCall("ana", Served.Password, null, "here")));
    }

    [Fact]
    public async Task Of_two_who_set_up_at_once_one_becomes_the_first()
    {
        var code = (await logins.OfferSetUpAsync())!;
        var both = await Task.WhenAll(new[] { "ana", "eve" }.Select(async name =>
        {
            try { return await logins.SetUpAsync(new SetUpCall(code, name, "", Served.Password)); }
            catch (SoarException e) when (e.Code == "SOAR6012") { return null; }
        }));
        Assert.Single(both, name => name is not null);
        Assert.Single(await store.ListAsync());
    }

    [Theory]
    [InlineData("shift-lead", "name of a role")]
    [InlineData("Administrator", "name of a role")]
    [InlineData("аna", "login name")] // the first letter is Cyrillic: it would look like another's name
    [InlineData("", "login name")]
    public async Task A_name_that_could_be_taken_for_another_s_or_a_role_s_is_refused(string name, string said)
    {
        var asked = new Logins(store, new LoginStore(database), vault, new SoarSettings { Roles = new Dictionary<string, IReadOnlyList<string>> { ["shift-lead"] = ["ana"] } }, new Ids(clock), clock);
        var refused = await Assert.ThrowsAsync<SoarException>(() => asked.AddUserAsync(new AddUserCall(name, "", ["viewer", "shift-lead"], "ana")));
        Assert.Contains(said, refused.Message);
        Assert.Contains("'shift-lead' is an approver role", refused.Message);
    }

    // RFC 6238 appendix B, SHA-1 rows; key "12345678901234567890", eight digits.
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Codes_are_those_of_the_RFC(long seconds, string expected) =>
        Assert.Equal(expected, Totp.Code(Encoding.ASCII.GetBytes("12345678901234567890"), Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds)), digits: 8));

    // RFC 4648 section 10, padding left out.
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Secrets_are_written_as_the_RFC_has_it(string text, string expected) => Assert.Equal(expected, Totp.Base32(Encoding.ASCII.GetBytes(text)));

    private static byte[] Base32(string text)
    {
        var bits = string.Concat(text.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }

    private async Task SetUpAsync() => await logins.SetUpAsync(new SetUpCall((await logins.OfferSetUpAsync())!, "ana", "", Served.Password));

    private static async Task RefusedAsync<T>(string code, Func<Task<T>> act) => Assert.Equal(code, (await Assert.ThrowsAsync<SoarException>(act)).Code);

    private sealed class TurnedClock : TimeProvider
    {
        private DateTimeOffset now = new(2026, 3, 29, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => now;

        public void Advance(TimeSpan by) => now += by;
    }
}
