using System.Net.Http.Headers;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Http;

namespace Soar.Connectors.CrowdSec;

/// <summary>The local API with its two credentials: a bouncer's key reads decisions, a machine's session (a token of an hour) writes and reads alerts.</summary>
internal sealed class CrowdSecApi(CrowdSecSettings settings, ConnectorServices services) : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    // Community lists make tens of thousands of decisions.
    private readonly HttpAccess http = new(settings.Rules() with { MaxBytes = 64 * 1024 * 1024 }, services);
    private readonly SemaphoreSlim entering = new(1, 1);
    private Session? session;

    public async Task<IReadOnlyList<CrowdSecDecision>> DecisionsAsync(Func<Uri, HttpCall> read, FormattableString query, CancellationToken cancellation)
    {
        var address = settings.At(System.Runtime.CompilerServices.FormattableStringFactory.Create("v1/decisions" + query.Format, query.GetArguments()));
        var reply = await http.SendAsync(read(address).With(request => request.Headers.TryAddWithoutValidation("X-Api-Key", settings.BouncerKey!.Reveal())), cancellation);
        return List<CrowdSecDecision>(reply, decision => decision.Left);
    }

    public async Task<IReadOnlyList<CrowdSecAlert>> AlertsAsync(Observable observable, CancellationToken cancellation)
    {
        var (scope, value) = CrowdSecAlert.Where(observable);
        var reply = await AsMachineAsync(HttpCall.Reads(settings.At($"v1/alerts?scope={scope}&value={value}&limit=100")), cancellation);
        return List<CrowdSecAlert>(reply, alert => alert.At);
    }

    /// <summary>The new alert's number.</summary>
    public async Task<string> AlertAsync(object alert, CancellationToken cancellation)
    {
        var reply = await AsMachineAsync(HttpCall.Changes(HttpMethod.Post, settings.At($"v1/alerts")).Json(new[] { alert }), cancellation);
        return reply.Json<IReadOnlyList<string>>() is [var id] ? id : throw reply.Garbage("does not say which alert it made");
    }

    public async Task DeleteAsync(long decision, CancellationToken cancellation) =>
        (await AsMachineAsync(HttpCall.Changes(HttpMethod.Delete, settings.At($"v1/decisions/{decision}")), cancellation)).Json();

    public Task LoginAsync(CancellationToken cancellation) => TokenAsync(not: null, cancellation);

    public void Dispose()
    {
        http.Dispose();
        entering.Dispose();
    }

    // None is told as null.
    private static List<T> List<T>(HttpReply reply, Func<T, object> check) => reply.Read("list", () =>
    {
        var list = JsonSerializer.Deserialize<List<T>>(reply.Body, SoarJson.Options) ?? [];
        list.ForEach(item => check(item));
        return list;
    });

    // A session that was ended at the other side is begun anew, once.
    private async Task<HttpReply> AsMachineAsync(HttpCall call, CancellationToken cancellation)
    {
        var token = await TokenAsync(not: null, cancellation);
        var reply = await http.SendAsync(Signed(call, token).Takes(401), cancellation);
        if (reply.Status != 401)
            return reply;
        token = await TokenAsync(not: token, cancellation);
        return await http.SendAsync(Signed(call, token), cancellation);
    }

    private static HttpCall Signed(HttpCall call, string token) => call.With(request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token));

    private async Task<string> TokenAsync(string? not, CancellationToken cancellation)
    {
        await entering.WaitAsync(cancellation);
        try
        {
            if (session is { } known && known.Token != not && known.Expire - Margin > services.Clock.GetUtcNow())
                return known.Token;
            // Changes nothing that anybody would miss.
            var call = HttpCall.Reads(HttpMethod.Post, settings.At($"v1/watchers/login"));
            var reply = await http.AnyAsync(call.Json(new { machine_id = settings.Machine, password = settings.Password!.Reveal(), scenarios = Array.Empty<string>() }), cancellation);
            if (!reply.IsSuccess)
                throw http.Refused(reply, ""); // whatever answers may repeat the password
            session = reply.Json<Session>();
            return session.Token;
        }
        finally
        {
            entering.Release();
        }
    }

    private sealed record Session
    {
        public required string Token { get; init; }
        public required DateTimeOffset Expire { get; init; }
        public override string ToString() => "•••";
    }
}
