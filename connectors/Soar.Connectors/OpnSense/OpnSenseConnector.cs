using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Firewalls;
using Soar.Connectors.Http;

namespace Soar.Connectors.OpnSense;

/// <summary>
/// Blocks addresses by an alias of an OPNsense firewall (<c>api/firewall/alias_util</c>). An alias holds addresses only: no time, no comment. So the ledger alone ends a block, and what an
/// alias held before the ledger knew of it is found.
/// </summary>
[Connector("opnsense", "Blocks addresses and networks by an alias of an OPNsense firewall.", Proven = "the examples and the API reference that OPNsense publishes; no OPNsense was at hand", Rate = "20/s")]
public sealed class OpnSenseConnector(OpnSenseSettings settings, ConnectorServices services) : IConnector, IFirewall
{
    private readonly HttpAccess http = new(settings.Rules() with { MaxBytes = 8 * 1024 * 1024, Authorise = request => Authorise(settings, request) }, services);

    public object Simulator { get; } = new FirewallSimulator(settings, services.Clock);

    public async Task<FirewallBlock> BlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        FirewallLimits.Check(settings, address, duration);
        await ChangeAsync("add", address, cancellation);
        var cut = settings.CutStates ? await CutAsync(address, cancellation) : null;
        return (await ListedAsync(HttpCall.ReadsBack, cancellation)).FirstOrDefault(row => row.Address == address) is { } row
            ? Result(row, cut)
            : throw ConnectorFailure.Unknown($"{Where} took {address} but does not show it. Look at Firewall: Diagnostics: Aliases; pf's tables may be full (Firewall Maximum Table Entries).", reason: "not-there");
    }

    public async Task UnblockAsync(IpAddress address, ActionContext context, CancellationToken cancellation)
    {
        await ChangeAsync("delete", address, cancellation);
        if ((await ListedAsync(HttpCall.ReadsBack, cancellation)).Any(row => row.Address == address))
            throw ConnectorFailure.Unknown($"{Where} took the release of {address} but still shows it. Look at Firewall: Diagnostics: Aliases.", reason: "still-there");
    }

    public async Task<IReadOnlyList<FirewallBlock>> BlockedAsync(ActionContext context, CancellationToken cancellation) =>
        [.. (await ListedAsync(HttpCall.Reads, cancellation)).Select(row => Result(row, null))];

    public async Task<Probe<FirewallBlock>> ProbeBlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation) =>
        (await ListedAsync(HttpCall.Reads, cancellation)).FirstOrDefault(row => row.Address == address) is { } row ? Probe.Present(Result(row, null), ours: false) : Probe.Absent<FirewallBlock>();

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var aliases = (await http.SendAsync(HttpCall.Reads(settings.At($"api/firewall/alias_util/aliases")), cancellation)).Json<IReadOnlyList<string>>();
        return aliases.Contains(settings.Alias)
            ? new ConnectorTest(true, $"{Where} is there and holds {(await ListedAsync(HttpCall.Reads, cancellation)).Count} entries. That a rule blocks by it is not tested.")
            : new ConnectorTest(false, $"{Where} does not exist. Make it at Firewall: Aliases with type External, and a block rule that uses it.");
    });

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private string Where => $"The alias {settings.Alias} of {settings.Address!.Authority}";

    private static void Authorise(OpnSenseSettings settings, HttpRequestMessage request) => request.Headers.Authorization =
        new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.Key!.Reveal()}:{settings.Secret!.Reveal()}")));

    // It says what went wrong with status 200: {"status":"failed","status_msg":"nonexistent alias x"}.
    private async Task ChangeAsync(string what, IpAddress address, CancellationToken cancellation)
    {
        var reply = await http.SendAsync(HttpCall.Changes(HttpMethod.Post, settings.At($"api/firewall/alias_util/{what}/{settings.Alias}")).Json(new { address }), cancellation);
        var answer = reply.Json<Answer>();
        if (answer.Status == "done")
            return;
        throw answer.Status is "failed" or "not_an_address"
            ? ConnectorFailure.Permanent($"{Where} refused {address}: {answer.StatusMsg ?? answer.Status}. Nothing was changed.", reason: "refused")
            : reply.Garbage("says neither done nor failed");
    }

    /// <summary>How many states were dropped. The address is blocked by now: whatever fails here is Unknown, and a repeat does both again.</summary>
    private async Task<int?> CutAsync(IpAddress address, CancellationToken cancellation)
    {
        try
        {
            var reply = await http.SendAsync(HttpCall.Changes(HttpMethod.Post, settings.At($"api/diagnostics/firewall/kill_states")).Json(new { filter = address }), cancellation);
            var answer = reply.Json<Answer>();
            return answer.Result == "ok" ? answer.DroppedStates : throw reply.Garbage("does not say that states were dropped");
        }
        catch (ConnectorFailure e)
        {
            throw ConnectorFailure.Unknown($"{address} is blocked, but its established connections may go on: {e.Message}", e, e.Reason);
        }
    }

    private async Task<IReadOnlyList<Row>> ListedAsync(Func<HttpMethod, Uri, HttpCall> read, CancellationToken cancellation)
    {
        var address = settings.At($"api/firewall/alias_util/list/{settings.Alias}");
        var reply = await http.SendAsync(read(HttpMethod.Get, address), cancellation);
        var table = reply.Json<Table>();
        if (table.Total > table.Rows.Count)
        {
            // A GET gives no more than 9999 rows; asked as the product's own page asks, it gives all of them.
            reply = await http.SendAsync(read(HttpMethod.Post, address).Json(new { current = 1, rowCount = -1, searchPhrase = "" }), cancellation);
            table = reply.Json<Table>();
        }
        return reply.Read("list of addresses", () => table.Rows.Select(Parse).OfType<Row>().ToList());
    }

    // An exclusion ("!10.0.0.1") blocks nothing.
    private static Row? Parse(JsonElement row) => IpAddress.TryParse(row.GetProperty("ip").GetString(), null, out var address) ? new Row(address, row.GetRawText()) : null;

    private FirewallBlock Result(Row row, int? cut) => new(row.Address, null, JsonSerializer.Serialize(new
    {
        alias = settings.Alias, entry = JsonSerializer.Deserialize<JsonElement>(row.Json), droppedStates = cut,
    }, SoarJson.Options));

    private sealed record Row(IpAddress Address, string Json);

    private sealed record Table
    {
        public required IReadOnlyList<JsonElement> Rows { get; init; }
        public int Total { get; init; }
    }

    private sealed record Answer
    {
        public string? Status { get; init; }
        [System.Text.Json.Serialization.JsonPropertyName("status_msg")]
        public string? StatusMsg { get; init; }
        public string? Result { get; init; }
        [System.Text.Json.Serialization.JsonPropertyName("dropped_states")]
        public int? DroppedStates { get; init; }
    }
}
