using System.Xml.Linq;
using Soar.Capabilities;
using Soar.Connectors.Firewalls;
using Soar.Connectors.Http;

namespace Soar.Connectors.Panos;

/// <summary>
/// Blocks addresses by registering them with a tag (XML API, <c>type=user-id</c>): a dynamic address group that matches the tag, in a deny rule, follows within seconds and without a
/// commit. The firewall keeps the time-out itself, up to its 30 days; a longer block has none there, and the ledger ends it.
/// </summary>
[Connector("panos", "Blocks addresses at a Palo Alto Networks firewall by tags of registered addresses.", Proven = "the XML API examples that Palo Alto Networks publishes; no PAN-OS was at hand", Rate = "10/s")]
public sealed class PanosConnector : IConnector, IFirewall
{
    private const long LongestTimeout = 2_592_000;
    private const int Page = 500;

    private readonly PanosSettings settings;
    private readonly TimeProvider clock;
    private readonly HttpAccess http;

    public PanosConnector(PanosSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        clock = services.Clock;
        http = new HttpAccess(settings.Rules() with { Authorise = request => request.Headers.TryAddWithoutValidation("X-PAN-KEY", settings.ApiKey!.Reveal()) }, services);
        Simulator = new FirewallSimulator(settings, clock);
    }

    public object Simulator { get; }

    public async Task<FirewallBlock> BlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        var seconds = FirewallLimits.Check(settings, address, duration) is { } wanted && wanted <= LongestTimeout ? wanted : (long?)null;
        var standing = await FindAsync(HttpDoes.Reads, address, cancellation);
        if (standing is not null && (Outlasts(standing, seconds) || IsWhatWasAsked(standing, context.Key)))
            return Result(standing);
        var message = RegisteredAddress.Message("register", address.ToString(), [(settings.Tag, seconds), (RegisteredAddress.MarkOf(context.Key), seconds)]);
        if (standing is null)
            await ChangeAsync(message, cancellation);
        else
            await RenewAsync(standing, message, cancellation);
        var after = await FindAsync(HttpDoes.ReadsBack, address, cancellation)
            ?? throw ConnectorFailure.Unknown($"{Where} took {address} but does not show it. Look with: show object registered-ip ip {address}", reason: "not-there");
        return Outlasts(after, seconds - 60)
            ? Result(after)
            : throw ConnectorFailure.Unknown($"{Where} shows {address} with {after.Tags[settings.Tag]} seconds left instead of {seconds}. Look with: show object registered-ip ip {address}", reason: "not-extended");
    }

    public async Task UnblockAsync(IpAddress address, ActionContext context, CancellationToken cancellation)
    {
        if (await FindAsync(HttpDoes.Reads, address, cancellation) is not { } standing)
            return;
        await ChangeAsync(Unregister(standing), cancellation);
        if (await FindAsync(HttpDoes.ReadsBack, address, cancellation) is not null)
            throw ConnectorFailure.Unknown($"{Where} took the release of {address} but still shows it. Look with: show object registered-ip ip {address}", reason: "still-there");
    }

    public async Task<IReadOnlyList<FirewallBlock>> BlockedAsync(ActionContext context, CancellationToken cancellation)
    {
        var all = new List<FirewallBlock>();
        for (var start = 1; ; start += Page)
        {
            var shown = await ShowAsync(HttpDoes.Reads,
                [new XElement("limit", Page), new XElement("start-point", start), new XElement("tag", new XElement("entry", new XAttribute("name", settings.Tag)))], cancellation);
            all.AddRange(shown.Where(entry => entry.Tags.ContainsKey(settings.Tag)).Select(Result));
            if (shown.Select(entry => entry.Written).Distinct(StringComparer.Ordinal).Count() < Page)
                return all;
        }
    }

    public async Task<Probe<FirewallBlock>> ProbeBlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation) =>
        await FindAsync(HttpDoes.Reads, address, cancellation) is { } entry
            ? Probe.Present(Result(entry), entry.Tags.ContainsKey(RegisteredAddress.MarkOf(context.Key)))
            : Probe.Absent<FirewallBlock>();

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var count = (await BlockedAsync(null!, cancellation)).Count;
        return new ConnectorTest(true, $"{Where} answers; {count} addresses carry the tag {settings.Tag}. That it may register some, and that a rule blocks by the tag, is not tested.");
    });

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private string Where => $"PAN-OS at {settings.Address!.Authority}";

    private bool Outlasts(RegisteredAddress standing, long? seconds) => standing.Tags[settings.Tag] is not { } left || (seconds is not null && left >= seconds);

    // A repeat of this very effect: what it registered stands and has run for a while. To register it anew the firewall would first have to let the address through.
    private bool IsWhatWasAsked(RegisteredAddress standing, IdempotencyKey key) =>
        standing.Tags.TryGetValue(RegisteredAddress.MarkOf(key), out var marked) && Outlasts(standing, marked - 60);

    private FirewallBlock Result(RegisteredAddress entry) => new(entry.Address, entry.Tags[settings.Tag] is { } left ? clock.GetUtcNow().AddSeconds(left) : null, entry.Xml);

    private XElement Unregister(RegisteredAddress standing) => RegisteredAddress.Message("unregister", standing.Written,
        standing.Tags.Keys.Where(tag => tag == settings.Tag || tag.StartsWith(RegisteredAddress.Mark, StringComparison.Ordinal)).Select(tag => (tag, (long?)null)));

    // A tag that is there already is ignored with its old time-out, so it has to go first. Should the second half fail, nobody can tell what stands: Unknown, and a repeat does both again.
    private async Task RenewAsync(RegisteredAddress standing, XElement register, CancellationToken cancellation)
    {
        await ChangeAsync(Unregister(standing), cancellation);
        try
        {
            await ChangeAsync(register, cancellation);
        }
        catch (ConnectorFailure e)
        {
            throw ConnectorFailure.Unknown($"{e.Message} While it was renewed the address was released.", e, e.Reason);
        }
    }

    private async Task ChangeAsync(XElement message, CancellationToken cancellation)
    {
        var reply = await http.SendAsync(Form(HttpCall.Changes(HttpMethod.Post, settings.At($"api/")), "user-id", message), cancellation);
        PanosAnswer.Require(reply, Where);
    }

    private async Task<RegisteredAddress?> FindAsync(HttpDoes does, IpAddress address, CancellationToken cancellation) =>
        (await ShowAsync(does, [new XElement("ip", address.ToString())], cancellation)).FirstOrDefault(entry => entry.Address == address && entry.Tags.ContainsKey(settings.Tag));

    private async Task<IReadOnlyList<RegisteredAddress>> ShowAsync(HttpDoes does, XElement[] which, CancellationToken cancellation)
    {
        var command = new XElement("show", new XElement("object", new XElement("registered-ip", which)));
        var call = does == HttpDoes.Reads ? HttpCall.Reads(HttpMethod.Post, settings.At($"api/")) : HttpCall.ReadsBack(HttpMethod.Post, settings.At($"api/"));
        var reply = await http.SendAsync(Form(call, "op", command), cancellation);
        var result = PanosAnswer.Require(reply, Where);
        return reply.Read("list of registered addresses", () => RegisteredAddress.Read(result.Element("result") ?? new XElement("result")).ToList());
    }

    private HttpCall Form(HttpCall call, string type, XElement command)
    {
        var fields = new List<(string, string)> { ("type", type), ("cmd", command.ToString(SaveOptions.DisableFormatting)) };
        if (settings.Vsys is { } vsys)
            fields.Add(("vsys", vsys));
        if (settings.Target is { } target)
            fields.Add(("target", target));
        return call.Form(fields);
    }
}
