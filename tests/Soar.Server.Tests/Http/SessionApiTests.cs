using System.Net;

namespace Soar.Server.Tests.Http;

/// <summary>Set-up, log-in, sessions and one-time codes through the real server.</summary>
public sealed class SessionApiTests
{
    [Fact]
    public async Task The_first_user_is_set_up_with_the_printed_code_once()
    {
        await using var served = await Served.StartAsync();
        using var browser = served.Browser();
        var code = await served.Node.Logins.OfferSetUpAsync();

        await browser.RefusedAsync(HttpMethod.Post, "/api/setup", new { code = "guessed", name = "ana", password = Served.Password }, 403, "SOAR6012");
        var problem = await browser.RefusedAsync(HttpMethod.Post, "/api/setup", new { code, name = "Shift Lead", password = "short" }, 422, "SOAR6013");
        Assert.Contains("login name", problem);
        Assert.Contains("5 characters; at least 12", problem);
        await browser.PostAsync("/api/setup", new { code, name = "Ana", password = Served.Password }, HttpStatusCode.NoContent);

        await browser.RefusedAsync(HttpMethod.Post, "/api/setup", new { code, name = "eve", password = Served.Password }, 403, "SOAR6012");
        Assert.Null(await served.Node.Logins.OfferSetUpAsync());
        var me = await browser.LoginAsync("ana");
        Assert.Equal(["administrator"], me.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal("ana", (await browser.GetAsync("/api/me")).GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_name_are_told_alike_and_too_many_lock_the_account()
    {
        await using var served = await Served.StartAsync("http: { lockAfter: 3, lockFor: 1h, loginsPerMinute: 100 }\n");
        using var administrator = await served.AdministratorAsync();
        using var browser = served.Browser();

        var wrong = await browser.RefusedAsync(HttpMethod.Post, "/api/login", new { name = "root.admin", password = "not the password" }, 401, "SOAR6003");
        Assert.Equal(wrong, await browser.RefusedAsync(HttpMethod.Post, "/api/login", new { name = "nobody", password = "not the password" }, 401, "SOAR6003"));
        for (var i = 0; i < 2; i++) await browser.RefusedAsync(HttpMethod.Post, "/api/login", new { name = "root.admin", password = "not the password" }, 401, "SOAR6003");
        Assert.Equal(wrong, await browser.RefusedAsync(HttpMethod.Post, "/api/login", new { name = "root.admin", password = Served.Password }, 401, "SOAR6003"));

        // Who is in stays in.
        await administrator.GetAsync("/api/me");
        var user = (await administrator.GetAsync("/api/users")).GetProperty("users")[0];
        Assert.True(user.GetProperty("lockedUntil").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddMinutes(50));
    }

    [Fact]
    public async Task Attempts_to_log_in_are_limited_by_address_and_the_answer_says_when_to_come_back()
    {
        await using var served = await Served.StartAsync("http: { loginsPerMinute: 2 }\n");
        using var browser = served.Browser();
        for (var i = 0; i < 2; i++) await browser.RefusedAsync(HttpMethod.Post, "/api/login", new { name = "ana", password = "wrong" }, 401, "SOAR6003");

        using var limited = await browser.SendAsync(HttpMethod.Post, "/api/login", new { name = "ana", password = "wrong" });
        Assert.Equal(HttpStatusCode.TooManyRequests, limited.StatusCode);
        Assert.InRange(limited.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        await browser.RefusedAsync(HttpMethod.Post, "/api/login", new { name = "ana", password = "wrong" }, 429, "SOAR6004");
    }

    [Fact]
    public async Task The_cookie_is_kept_from_scripts_and_other_sites_and_is_worth_nothing_after_logging_out()
    {
        await using var served = await Served.StartAsync();
        using var administrator = await served.AdministratorAsync();
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = served.Address };

        using var login = await client.PostAsync("/api/login", new StringContent($$"""{"name":"root.admin","password":"{{Served.Password}}"}""", System.Text.Encoding.UTF8, "application/json"));
        var cookie = login.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("soar=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=strict", cookie);
        Assert.DoesNotContain("domain", cookie);

        async Task<HttpStatusCode> MeAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/me");
            request.Headers.Add("Cookie", cookie.Split(';')[0]);
            using var response = await client.SendAsync(request);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await MeAsync());
        var session = await served.Node.Logins.OfSessionAsync(cookie.Split(';')[0]["soar=".Length..]);
        Assert.NotNull(session);
        using (var browser = served.Browser())
        {
            await browser.LoginAsync("root.admin");
            await browser.PostAsync("/api/logout", null, HttpStatusCode.NoContent);
            await browser.RefusedAsync(HttpMethod.Get, "/api/me", null, 401, "SOAR6001");
        }

        // The other session goes on.
        Assert.Equal(HttpStatusCode.OK, await MeAsync());
    }

    [Fact]
    public async Task A_change_with_the_cookie_alone_is_refused()
    {
        await using var served = await Served.StartAsync();
        using var administrator = await served.AdministratorAsync();
        using var other = await served.UserAsync(administrator, "boris", "administrator");
        var own = administrator.Antiforgery;

        administrator.Antiforgery = null;
        await administrator.RefusedAsync(HttpMethod.Post, "/api/users", new { name = "eve", roles = new[] { "viewer" } }, 403, "SOAR6006");
        administrator.Antiforgery = other.Antiforgery;
        await administrator.RefusedAsync(HttpMethod.Post, "/api/users", new { name = "eve", roles = new[] { "viewer" } }, 403, "SOAR6006");
        administrator.Antiforgery = own;
        await administrator.PostAsync("/api/users", new { name = "vera", roles = new[] { "viewer" } }, HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_one_time_code_sets_a_password_once_and_whoever_is_disabled_is_out_at_once()
    {
        await using var served = await Served.StartAsync();
        using var administrator = await served.AdministratorAsync();
        var offered = await administrator.PostAsync("/api/users", new { name = "boris", displayName = "Boris B.", roles = new[] { "analyst" } }, HttpStatusCode.Created);
        var code = offered.GetProperty("code").GetString();
        using var boris = served.Browser();

        await boris.PostAsync("/api/password", new { code, password = Served.Password }, HttpStatusCode.NoContent);
        await boris.RefusedAsync(HttpMethod.Post, "/api/password", new { code, password = "another password" }, 403, "SOAR6012");
        await boris.LoginAsync("boris");

        await administrator.AnswerAsync(HttpMethod.Patch, "/api/users/boris", new { disabled = true }, HttpStatusCode.NoContent);
        await boris.RefusedAsync(HttpMethod.Get, "/api/me", null, 401, "SOAR6001");
        await boris.RefusedAsync(HttpMethod.Post, "/api/login", new { name = "boris", password = Served.Password }, 401, "SOAR6003");
        await administrator.RefusedAsync(HttpMethod.Patch, "/api/users/root.admin", new { disabled = true }, 409, "SOAR6015");
        await administrator.RefusedAsync(HttpMethod.Patch, "/api/users/root.admin", new { roles = new[] { "viewer" } }, 409, "SOAR6015");
    }
}
