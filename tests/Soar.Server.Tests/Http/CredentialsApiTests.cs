using System.Net;
using Soar.Server.Credentials;

namespace Soar.Server.Tests.Http;

public sealed class CredentialsApiTests
{
    [Fact]
    public async Task A_value_goes_in_is_used_and_never_comes_out()
    {
        Environment.SetEnvironmentVariable("SOAR_TEST_CREDENTIALS_KEY", KeyRing.NewKey());
        await using var served = await Served.StartAsync("credentials: { key: env:SOAR_TEST_CREDENTIALS_KEY }\n");
        using var administrator = await served.AdministratorAsync();
        var set = await administrator.AnswerAsync(HttpMethod.Put, "/api/credentials/edge", new { value = "c4nary-value" }, HttpStatusCode.OK);
        Assert.Equal(("edge", 1, "root.admin"), (set.GetProperty("name").GetString(), set.GetProperty("version").GetInt32(), set.GetProperty("setBy").GetString()));
        await administrator.RefusedAsync(HttpMethod.Put, "/api/credentials/edge", new { value = "c4n" }, 422, "SOAR6080");
        await administrator.RefusedAsync(HttpMethod.Put, "/api/credentials/Edge", new { value = "c4nary-value" }, 422, "SOAR6080");
        await administrator.RefusedAsync(HttpMethod.Delete, "/api/credentials/other", null, 404, "SOAR2004");

        var listed = (await administrator.GetAsync("/api/credentials")).GetProperty("credentials").EnumerateArray().Single();
        Assert.Equal(set.GetProperty("setAt").GetDateTimeOffset(), listed.GetProperty("setAt").GetDateTimeOffset());
        var rotated = await administrator.PostAsync("/api/credentials/rotate", new { }, HttpStatusCode.OK);
        Assert.Equal(1, rotated.GetProperty("credentials").GetInt32());
        var audit = (await administrator.GetAsync("/api/audit")).ToString();
        Assert.Contains("credential-set", audit, StringComparison.Ordinal);
        Assert.Contains("credential-rotate", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("c4nary", $"{set}{listed}{rotated}{audit}", StringComparison.Ordinal);
        using var gone = await administrator.SendAsync(HttpMethod.Delete, "/api/credentials/edge");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
    }

    [Fact]
    public async Task Without_a_key_nothing_is_kept_and_the_way_to_one_is_told()
    {
        await using var served = await Served.StartAsync();
        using var administrator = await served.AdministratorAsync();
        Assert.Contains("soar credentials key", await administrator.RefusedAsync(HttpMethod.Put, "/api/credentials/edge", new { value = "c4nary-value" }, 409, "SOAR3050"), StringComparison.Ordinal);
        Assert.Equal(0, (await administrator.GetAsync("/api/credentials")).GetProperty("credentials").GetArrayLength());
    }
}
