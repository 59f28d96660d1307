using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Soar.Server.Tests.Http;

namespace Soar.Server.Tests.OpenId;

/// <summary>Logging in by a real identity provider, and everything that is not to let anybody in.</summary>
public sealed class OpenIdTests
{
    private const string Create = ", users: create, roles: { soc-analysts: [analyst], soc-admins: [administrator] }";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Refused(string code) => $"/login?refused={code}&by=corp";

    [Theory]
    [InlineData("soar")]
    [InlineData("soar-post")]
    public async Task Whoever_a_group_gives_a_role_comes_in_and_it_stands_in_the_audit(string client)
    {
        using var provider = IdentityProvider.Start(Stop);
        await using var served = await Served.StartAsync(provider.Settings(Create, client: client));
        using var administrator = await served.AdministratorAsync();
        using var ana = new Person(served.Address);

        Assert.Equal("/cases/12", await ana.LogInAsync("ana", "/api/login/corp?to=/cases/12"));
        var me = await ana.MeAsync();
        Assert.Equal(("ana", "Ana A."), (me.GetProperty("name").GetString(), me.GetProperty("displayName").GetString()));
        Assert.Equal("analyst", Assert.Single(me.GetProperty("roles").EnumerateArray()).GetString());

        // Again, at another browser: the same user.
        using var elsewhere = new Person(served.Address);
        Assert.Equal("/", await elsewhere.LogInAsync("ana", "/api/login/corp?to=https://evil.example/"));
        var users = (await administrator.GetAsync("/api/users")).GetProperty("users").EnumerateArray().ToList();
        Assert.Equal(["ana", "root.admin"], users.Select(u => u.GetProperty("name").GetString()));
        Assert.Equal("corp", Assert.Single(users[0].GetProperty("providers").EnumerateArray()).GetString());
        Assert.False(users[0].GetProperty("hasPassword").GetBoolean());
        var audit = await served.Node.Reader.Audit.ListAsync(null, null, null, 10);
        Assert.Equal(2, audit.Count(r => r.Entry is { What: "sign-in-by-provider", Who: "ana", Target: "user ana", Outcome: "done" }));
        Assert.Contains(audit, r => r.Entry.Details.Contains("\"subject\":\"s-ana\"", StringComparison.Ordinal));

        var (status, body) = await ana.SendAsync(HttpMethod.Post, "/api/logout", antiforgery: me.GetProperty("antiforgery").GetString());
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith($"{provider.Issuer}session/end?client_id=", body.GetProperty("address").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await ana.SendAsync(HttpMethod.Get, "/api/me")).Status);
    }

    [Fact]
    public async Task The_provider_is_asked_with_PKCE_state_and_nonce_and_the_button_is_the_settings()
    {
        using var provider = IdentityProvider.Start(Stop);
        await using var served = await Served.StartAsync(provider.Settings(Create));
        using var person = new Person(served.Address);
        var asked = QueryHelpers.ParseQuery((await person.RedirectAsync(new Uri(served.Address, "/api/login/corp"))).Query);
        Assert.Equal("S256", asked["code_challenge_method"]);
        Assert.Equal("code", asked["response_type"]);
        Assert.Equal($"{served.Address}api/login/corp/callback", asked["redirect_uri"]);
        Assert.Equal(43, asked["code_challenge"].ToString().Length);
        Assert.Equal(43, asked["nonce"].ToString().Length);
        Assert.True(asked["state"].ToString().Length > 100);
        var again = QueryHelpers.ParseQuery((await person.RedirectAsync(new Uri(served.Address, "/api/login/corp"))).Query);
        Assert.All(new[] { "code_challenge", "nonce", "state" }, part => Assert.NotEqual(asked[part], again[part]));

        var ways = (await person.SendAsync(HttpMethod.Get, "/api/login")).Body;
        Assert.Equal("The corporation", Assert.Single(ways.GetProperty("providers").EnumerateArray()).GetProperty("title").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await person.SendAsync(HttpMethod.Get, "/api/login/other")).Status);
    }

    [Fact]
    public async Task A_replayed_answer_a_replayed_code_and_a_forged_state_let_nobody_in()
    {
        using var provider = IdentityProvider.Start(Stop);
        await using var served = await Served.StartAsync(provider.Settings(Create));
        using var administrator = await served.AdministratorAsync();
        using var ana = new Person(served.Address);
        var first = await ana.BackFromAsync("/api/login/corp", "ana");
        Assert.Equal("/", (await ana.RedirectAsync(first)).PathAndQuery);
        Assert.Equal(Refused("SOAR6021"), (await ana.RedirectAsync(first)).PathAndQuery);

        // The used code under a state of one's own that is as good as any.
        var begun = QueryHelpers.ParseQuery((await ana.RedirectAsync(new Uri(served.Address, "/api/login/corp"))).Query)["state"].ToString();
        var code = QueryHelpers.ParseQuery(first.Query)["code"].ToString();
        Uri Callback(string state, string with) => new(served.Address, QueryHelpers.AddQueryString("/api/login/corp/callback", new Dictionary<string, string?> { ["code"] = with, ["state"] = state }));
        Assert.Equal(Refused("SOAR6022"), (await ana.RedirectAsync(Callback(begun, code))).PathAndQuery);

        using var mallory = new Person(served.Address);
        var unused = await mallory.BackFromAsync("/api/login/corp", "ana");
        using var victim = new Person(served.Address);
        Assert.Equal(Refused("SOAR6021"), (await victim.RedirectAsync(unused)).PathAndQuery); // somebody else's answer: log-in forgery
        Assert.Equal(Refused("SOAR6021"), (await victim.RedirectAsync(Callback("forged", "any"))).PathAndQuery);
        Assert.Equal(Refused("SOAR6021"), (await victim.RedirectAsync(new Uri(served.Address, "/api/login/corp/callback"))).PathAndQuery);
        Assert.Equal(HttpStatusCode.Unauthorized, (await victim.SendAsync(HttpMethod.Get, "/api/me")).Status);
        var refusals = (await served.Node.Reader.Audit.ListAsync(null, null, null, 20)).Count(r => r.Entry is { What: "sign-in-by-provider", Who: "corp: somebody" } && r.Entry.Outcome.StartsWith("SOAR602", StringComparison.Ordinal));
        Assert.Equal(5, refusals);
    }

    public static TheoryData<string, string> Twists => new()
    {
        { """{"claims":{"nonce":"another"}}""", "its nonce is not the one of this log-in" },
        { """{"claims":{"aud":"another-client"}}""", "it is for 'another-client', not for this server ('soar')" },
        { """{"claims":{"aud":["soar","another"]}}""", "it was issued to ''" },
        { """{"claims":{"azp":"another"}}""", "it was issued to 'another'" },
        { """{"claims":{"iss":"http://127.0.0.1:1"}}""", "its issuer is 'http://127.0.0.1:1'" },
        { """{"shift":-7200}""", "it counts until" },
        { """{"claims":{"exp":null}}""", "it never expires" },
        { """{"by":"stranger"}""", "its signature is not the provider's" },
        { """{"by":"nobody"}""", "" },
        { """{"alg":"HS256"}""", "" },
        { """{"claims":{"sub":"s-root"}}""", "its userinfo_endpoint speaks of somebody else" },
    };

    [Theory]
    [MemberData(nameof(Twists))]
    public async Task An_identity_token_that_does_not_count_lets_nobody_in_and_the_audit_says_why(string twist, string why)
    {
        using var provider = IdentityProvider.Start(Stop);
        await using var served = await Served.StartAsync(provider.Settings(Create));
        using var administrator = await served.AdministratorAsync();
        using var ana = new Person(served.Address);
        await provider.TwistAsync(System.Text.Json.JsonDocument.Parse(twist).RootElement);

        Assert.Equal(Refused("SOAR6023"), await ana.LogInAsync("ana"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await ana.SendAsync(HttpMethod.Get, "/api/me")).Status);
        Assert.Single((await administrator.GetAsync("/api/users")).GetProperty("users").EnumerateArray());
        var record = (await served.Node.Reader.Audit.ListAsync(null, null, null, 10)).Single(r => r.Entry.What == "sign-in-by-provider");
        Assert.Contains(why, record.Entry.Outcome);

        // What was wrong was the token.
        await provider.TwistAsync(new { });
        Assert.Equal("/", await ana.LogInAsync("ana"));
    }

    [Fact]
    public async Task A_rotated_key_costs_nobody_a_log_in_and_a_provider_that_is_down_is_told_as_that()
    {
        using var provider = IdentityProvider.Start(Stop);
        await using var served = await Served.StartAsync(provider.Settings(Create));
        using var administrator = await served.AdministratorAsync();
        using var ana = new Person(served.Address);
        Assert.Equal("/", await ana.LogInAsync("ana"));
        provider.RotateKey();
        using var again = new Person(served.Address);
        var opened = await again.LogInAsync("ana");
        Assert.True(opened == "/", $"{opened}: {(await served.Node.Reader.Audit.ListAsync(null, null, null, 1))[0].Entry.Outcome}");

        var back = await again.BackFromAsync("/api/login/corp", "ana");
        provider.Stop();
        Assert.Equal(Refused("SOAR6020"), (await again.RedirectAsync(back)).PathAndQuery);
        await using var later = await Served.StartAsync(provider.Settings(Create));
        using var early = new Person(later.Address);
        Assert.Equal(Refused("SOAR6020"), (await early.RedirectAsync(new Uri(later.Address, "/api/login/corp"))).PathAndQuery);

        // Who is in stays in, and comes out without the provider.
        var me = await ana.MeAsync();
        Assert.Equal("ana", me.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Whoever_is_unknown_disabled_or_without_a_role_stays_out()
    {
        using var provider = IdentityProvider.Start(Stop);
        await using var served = await Served.StartAsync(provider.Settings(Create));
        using var administrator = await served.AdministratorAsync();
        using var vera = new Person(served.Address);
        Assert.Equal(Refused("SOAR6026"), await vera.LogInAsync("vera"));
        Assert.Single((await administrator.GetAsync("/api/users")).GetProperty("users").EnumerateArray());

        using var ana = new Person(served.Address);
        Assert.Equal("/", await ana.LogInAsync("ana"));
        await administrator.AnswerAsync(HttpMethod.Patch, "/api/users/ana", new { disabled = true }, HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ana.SendAsync(HttpMethod.Get, "/api/me")).Status);
        Assert.Equal(Refused("SOAR6025"), await ana.LogInAsync("ana"));

        await using var known = await Served.StartAsync(provider.Settings());
        using var first = await known.AdministratorAsync();
        using var stranger = new Person(known.Address);
        Assert.Equal(Refused("SOAR6024"), await stranger.LogInAsync("ana"));
    }

    [Fact]
    public async Task Somebody_who_is_logged_in_links_their_log_in_by_a_POST_and_comes_by_it_from_then_on()
    {
        using var provider = IdentityProvider.Start(Stop);
        await using var served = await Served.StartAsync(provider.Settings());
        using var administrator = await served.AdministratorAsync();
        using var boris = await served.UserAsync(administrator, "boris", "engineer");
        using var person = new Person(served.Address);
        var me = (await person.SendAsync(HttpMethod.Post, "/api/login", new { name = "boris", password = Served.Password })).Body;
        Assert.Equal(HttpStatusCode.Forbidden, (await person.SendAsync(HttpMethod.Post, "/api/me/logins/corp")).Status);
        var (_, there) = await person.SendAsync(HttpMethod.Post, "/api/me/logins/corp", antiforgery: me.GetProperty("antiforgery").GetString());
        Assert.Equal("/", (await person.RedirectAsync(await person.ThroughAsync(new Uri(there.GetProperty("address").GetString()!), "ana"))).PathAndQuery);

        using var later = new Person(served.Address);
        Assert.Equal("/", await later.LogInAsync("ana"));
        Assert.Equal("boris", (await later.MeAsync()).GetProperty("name").GetString());
        await administrator.AnswerAsync(HttpMethod.Delete, "/api/users/boris/logins/corp", null, HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.Unauthorized, (await later.SendAsync(HttpMethod.Get, "/api/me")).Status);
        Assert.Equal(Refused("SOAR6024"), await later.LogInAsync("ana"));
    }
}
