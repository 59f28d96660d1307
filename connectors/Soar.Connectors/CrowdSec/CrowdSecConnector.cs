using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Firewalls;
using Soar.Connectors.Intel;

namespace Soar.Connectors.CrowdSec;

/// <summary>
/// CrowdSec as a firewall and as a source. A block is a decision, which every bouncer of that CrowdSec enforces; many may stand for one address side by side, so ours neither touches nor
/// waits for another's. Submissions and sightings are alerts without decisions.
/// </summary>
[Connector("crowdsec", "Blocks by decisions that CrowdSec's bouncers enforce; tells what CrowdSec decided and saw.", Proven = "CrowdSec 1.4.6")]
public sealed class CrowdSecConnector : IConnector, IFirewall, IIntel
{
    // CrowdSec knows no decision without an end.
    private const long LongestSeconds = 3_650L * 24 * 3600;

    private readonly CrowdSecSettings settings;
    private readonly ConnectorServices services;
    private readonly CrowdSecApi api;

    public CrowdSecConnector(CrowdSecSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
        api = new CrowdSecApi(settings, services);
        Simulator = new CrowdSecSimulator(settings, services);
    }

    public object Simulator { get; }

    public async Task<FirewallBlock> BlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        var seconds = FirewallLimits.Check(settings, address, duration) ?? LongestSeconds;
        var scenario = CrowdSecAlert.Prefix + context.Key.Value;
        var standing = await OursAsync(Http.HttpCall.Reads, address, cancellation);
        // Done before under this key, or it would not last longer than what stands: a second case's hour must not end the first one's day.
        if (standing.FirstOrDefault(decision => decision.Scenario == scenario || decision.Left.TotalSeconds >= seconds) is { } enough)
            return Result(enough);
        await api.AlertAsync(CrowdSecAlert.New(scenario, context.Key.Value, $"Blocked by Soar, run {context.Run}", services.Clock.GetUtcNow(), IntelRules.Of(address), [CrowdSecAlert.Ban(scenario, address, seconds)]), cancellation);
        return (await OursAsync(Http.HttpCall.ReadsBack, address, cancellation)).FirstOrDefault(decision => decision.Scenario == scenario) is { } made
            ? Result(made)
            : throw ConnectorFailure.Unknown($"CrowdSec took the decision about {address} but does not show it. Look with: cscli decisions list -a --value {address}", reason: "not-there");
    }

    public async Task UnblockAsync(IpAddress address, ActionContext context, CancellationToken cancellation)
    {
        var standing = await OursAsync(Http.HttpCall.Reads, address, cancellation);
        foreach (var decision in standing)
            await api.DeleteAsync(decision.Id, cancellation);
        if (standing.Count > 0 && (await OursAsync(Http.HttpCall.ReadsBack, address, cancellation)).Count > 0)
            throw ConnectorFailure.Unknown($"CrowdSec took the release of {address} but still shows it. Look with: cscli decisions list -a --value {address}", reason: "still-there");
    }

    public async Task<IReadOnlyList<FirewallBlock>> BlockedAsync(ActionContext context, CancellationToken cancellation) =>
        [.. (await api.DecisionsAsync(Http.HttpCall.Reads, $"", cancellation)).Where(decision => decision.Type == "ban" && IpAddress.TryParse(decision.Value, null, out _)).Select(Result)];

    public async Task<Probe<FirewallBlock>> ProbeBlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        var standing = await OursAsync(Http.HttpCall.Reads, address, cancellation);
        var ours = standing.FirstOrDefault(decision => decision.Scenario == CrowdSecAlert.Prefix + context.Key.Value);
        return (ours ?? standing.MaxBy(decision => decision.Left)) is { } found ? Probe.Present(Result(found), ours is not null) : Probe.Absent<FirewallBlock>();
    }

    public Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => LookAsync(IntelRules.Of(address), cancellation);

    public Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation) => LookAsync(IntelRules.Form(observable), cancellation);

    public Task<IntelSubmission> SubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation)
    {
        CheckSubmission(observable, verdict);
        return AlertOnceAsync(observable, CrowdSecAlert.Submission, $"{verdict}: {IntelRules.Short(comment.ToString(), 500)}", services.Clock.GetUtcNow(), context, cancellation);
    }

    public async Task<IReadOnlyList<IntelSighting>> SightingsAsync(Observable observable, ActionContext context, CancellationToken cancellation) =>
    [
        .. (await api.AlertsAsync(IntelRules.Form(observable), cancellation)).Where(alert => alert.Scenario != CrowdSecAlert.Submission).OrderByDescending(alert => alert.At)
            .Select(alert => new IntelSighting(services.Instance, SightingKind.Seen, alert.At, alert.MachineId, IntelRules.Short($"{alert.Scenario}: {alert.Message}"))),
    ];

    public Task<IntelSubmission> SightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation)
    {
        CheckSighting(observable, kind);
        return AlertOnceAsync(observable, CrowdSecAlert.Sighting, $"Seen by Soar, run {context.Run}", seenAt, context, cancellation);
    }

    public Task<Probe<IntelSubmission>> ProbeSubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation) =>
        ProbeAlertAsync(observable, CrowdSecAlert.Submission, context, cancellation);

    public Task<Probe<IntelSubmission>> ProbeSightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation) =>
        ProbeAlertAsync(observable, CrowdSecAlert.Sighting, context, cancellation);

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        await api.DecisionsAsync(Http.HttpCall.Reads, $"?scope=soar&value=test", cancellation);
        await api.LoginAsync(cancellation);
        return new ConnectorTest(true, $"{settings.Address!.Authority} knows the bouncer's key and the machine {settings.Machine}. That a bouncer enforces its decisions is not tested.");
    });

    public ValueTask DisposeAsync()
    {
        api.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static void CheckSubmission(Observable observable, Verdict verdict)
    {
        IntelRules.Form(observable);
        IntelRules.Judged(verdict);
        if (verdict == Verdict.Benign)
            throw IntelRules.Unsupported("CrowdSec keeps alerts, and what is benign is none.");
    }

    internal static void CheckSighting(Observable observable, SightingKind kind)
    {
        IntelRules.Form(observable);
        if (kind == SightingKind.FalsePositive)
            throw IntelRules.Unsupported("CrowdSec keeps alerts, and a false positive is none.");
    }

    private async Task<IReadOnlyList<CrowdSecDecision>> OursAsync(Func<Uri, Http.HttpCall> read, IpAddress address, CancellationToken cancellation)
    {
        var decisions = await api.DecisionsAsync(read, $"?scope={CrowdSecAlert.ScopeOf(address)}&value={address}", cancellation);
        return [.. decisions.Where(decision => decision.IsSoars && IpAddress.TryParse(decision.Value, null, out var value) && value == address)];
    }

    private FirewallBlock Result(CrowdSecDecision decision) =>
        new(IpAddress.Parse(decision.Value), services.Clock.GetUtcNow() + decision.Left, JsonSerializer.Serialize(decision with { }, EvidenceJson));

    private async Task<IntelReport> LookAsync(Observable observable, CancellationToken cancellation)
    {
        var (scope, value) = CrowdSecAlert.Where(observable);
        var decisions = await (scope switch
        {
            "Ip" => api.DecisionsAsync(Http.HttpCall.Reads, $"?ip={value}", cancellation),
            "Range" => api.DecisionsAsync(Http.HttpCall.Reads, $"?range={value}", cancellation),
            _ => api.DecisionsAsync(Http.HttpCall.Reads, $"?scope={scope}&value={value}", cancellation),
        });
        // What Soar itself put there is no evidence.
        var foreign = decisions.Where(decision => !decision.IsSoars).ToList();
        if (foreign.Count == 0)
            return new IntelReport(services.Instance, Verdict.Unknown, decisions.Count > 0 ? "only Soar itself has decided about it" : "no decision is about it");
        var verdict = foreign.Exists(decision => decision.Type == "ban") ? Verdict.Malicious : Verdict.Suspicious;
        return new IntelReport(services.Instance, verdict, IntelRules.Short(string.Join("; ", foreign.Take(5).Select(decision => $"{decision.Type} of {decision.Value} for {decision.Scenario} by {decision.Origin}")), 1_000));
    }

    private async Task<IntelSubmission> AlertOnceAsync(Observable observable, string scenario, string message, DateTimeOffset at, ActionContext context, CancellationToken cancellation)
    {
        var form = IntelRules.Form(observable);
        if (await FindAsync(form, scenario, context, cancellation) is { } made)
            return made;
        var id = await api.AlertAsync(CrowdSecAlert.New(scenario, context.Key.Value, message, at, form, []), cancellation);
        return Submission(id);
    }

    private async Task<Probe<IntelSubmission>> ProbeAlertAsync(Observable observable, string scenario, ActionContext context, CancellationToken cancellation) =>
        await FindAsync(IntelRules.Form(observable), scenario, context, cancellation) is { } made ? Probe.Present(made, ours: true) : Probe.Absent<IntelSubmission>();

    private async Task<IntelSubmission?> FindAsync(Observable form, string scenario, ActionContext context, CancellationToken cancellation) =>
        (await api.AlertsAsync(form, cancellation)).FirstOrDefault(alert => alert.Scenario == scenario && alert.ScenarioHash == context.Key.Value) is { } alert ? Submission(alert.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)) : null;

    private IntelSubmission Submission(string alert) => new(services.Instance, alert, $"alert {alert}");

    private static readonly JsonSerializerOptions EvidenceJson = new(SoarJson.Options) { IgnoreReadOnlyProperties = true };
}

/// <summary>Both capabilities, touching nothing.</summary>
internal sealed class CrowdSecSimulator(CrowdSecSettings settings, ConnectorServices services) : IFirewall, IIntel
{
    private readonly FirewallSimulator firewall = new(settings, services.Clock);
    private readonly SimulatedIntel intel = new(services.Instance, CrowdSecConnector.CheckSubmission, CrowdSecConnector.CheckSighting);

    public Task<FirewallBlock> BlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation) => firewall.BlockAsync(address, duration, context, cancellation);
    public Task UnblockAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => firewall.UnblockAsync(address, context, cancellation);
    public Task<IReadOnlyList<FirewallBlock>> BlockedAsync(ActionContext context, CancellationToken cancellation) => firewall.BlockedAsync(context, cancellation);
    public Task<Probe<FirewallBlock>> ProbeBlockAsync(IpAddress address, TimeSpan duration, ActionContext context, CancellationToken cancellation) => firewall.ProbeBlockAsync(address, duration, context, cancellation);
    public Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => intel.LookupAsync(address, context, cancellation);
    public Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation) => intel.LookupObservableAsync(observable, context, cancellation);
    public Task<IntelSubmission> SubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation) => intel.SubmitAsync(observable, verdict, comment, context, cancellation);
    public Task<IntelSubmission> SightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation) => intel.SightAsync(observable, kind, seenAt, context, cancellation);
    public Task<Probe<IntelSubmission>> ProbeSubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation) => intel.ProbeSubmitAsync(observable, verdict, comment, context, cancellation);
    public Task<Probe<IntelSubmission>> ProbeSightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation) => intel.ProbeSightAsync(observable, kind, seenAt, context, cancellation);
}
