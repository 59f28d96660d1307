using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Http;

namespace Soar.Connectors.GitHub;

/// <summary>
/// A GitHub App's credentials: a JWT signed with its key proves the app, and is traded for a token of its installation at the repository, which is good for an hour, for that one
/// repository and for issues only.
/// </summary>
internal sealed class GitHubApp(GitHubSettings settings, TimeProvider clock, Func<HttpCall, CancellationToken, Task<HttpReply>> send) : IDisposable
{
    // GitHub refuses a JWT from the future and one that lasts longer than ten minutes; clocks differ.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan Spare = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim gate = new(1);
    private volatile Held? held;
    private string? installation;

    /// <summary>The installation's token, asked for once and kept until shortly before it ends.</summary>
    public async Task<string> TokenAsync(CancellationToken cancellation)
    {
        if (held is { } current && current.Until > clock.GetUtcNow())
            return current.Token;
        await gate.WaitAsync(cancellation);
        try
        {
            if (held is { } made && made.Until > clock.GetUtcNow())
                return made.Token;
            var (owner, name) = settings.Parts;
            if (installation is null)
            {
                var found = await send(Proven(HttpCall.Reads(settings.At($"repos/{owner}/{name}/installation"))), cancellation);
                installation = found.Read("installation", () => found.Json().GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture));
            }
            // It changes nothing but makes a token: whatever breaks here, nothing was done yet.
            var call = Proven(HttpCall.Reads(HttpMethod.Post, settings.At($"app/installations/{installation}/access_tokens")))
                .Json(new { repositories = new[] { name }, permissions = new { issues = "write" } });
            var answer = await send(call, cancellation);
            var given = answer.Read("installation token", () =>
            {
                var json = answer.Json();
                return new Held(json.GetProperty("token").GetString()!, json.GetProperty("expires_at").GetDateTimeOffset() - Spare);
            });
            held = given;
            return given.Token;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The token was refused: another one is asked for next time.</summary>
    public void Forget(string token)
    {
        if (held is { } current && current.Token == token)
            held = null;
    }

    /// <summary>What the app's own actions are signed with: <c>soar-desk[bot]</c>.</summary>
    public async Task<string> LoginAsync(CancellationToken cancellation)
    {
        var about = await send(Proven(HttpCall.Reads(settings.At($"app"))), cancellation);
        return about.Read("app", () => about.Json().GetProperty("slug").GetString() + "[bot]");
    }

    public void Dispose() => gate.Dispose();

    internal static string Jwt(string app, Secret privateKey, DateTimeOffset now)
    {
        var head = Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8);
        var claims = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { iat = (now - Skew).ToUnixTimeSeconds(), exp = (now + Lasts).ToUnixTimeSeconds(), iss = app }));
        using var rsa = RSA.Create();
        rsa.ImportFromPem(privateKey.Reveal());
        var signature = rsa.SignData(System.Text.Encoding.ASCII.GetBytes($"{head}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{head}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    private sealed class Held(string token, DateTimeOffset until)
    {
        public string Token => token;
        public DateTimeOffset Until => until;
    }

    private HttpCall Proven(HttpCall call)
    {
        var jwt = Jwt(settings.App!, settings.PrivateKey!, clock.GetUtcNow());
        return call.With(request => request.Headers.Authorization = new("Bearer", jwt));
    }
}
