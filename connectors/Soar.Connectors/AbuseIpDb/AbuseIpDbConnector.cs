using System.Globalization;
using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Connectors.Intel;

namespace Soar.Connectors.AbuseIpDb;

/// <summary>
/// Reports of others about an address, and ours. AbuseIPDB takes one report of an address in a quarter of an hour from each account, so a repeat does no harm; our reports carry a short
/// reference made from the key, by which they are found again.
/// </summary>
[Connector("abuseipdb", "Looks up addresses in AbuseIPDB and reports them there.", Proven = "the API examples that AbuseIPDB publishes", Outside = true, Rate = "1000/d")]
public sealed class AbuseIpDbConnector : IConnector, IIntel
{
    private readonly AbuseIpDbSettings settings;
    private readonly ConnectorServices services;
    private readonly HttpAccess http;

    public AbuseIpDbConnector(AbuseIpDbSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
        http = new HttpAccess(settings.Rules() with { Authorise = request => request.Headers.TryAddWithoutValidation("Key", settings.Key!.Reveal()) }, services);
        Simulator = new SimulatedIntel(services.Instance, (observable, verdict) => Reportable(observable, verdict), (observable, kind) => Reportable(observable, kind));
    }

    public object Simulator { get; }

    public Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => LookupObservableAsync(IntelRules.Of(address), context, cancellation);

    public async Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation)
    {
        var form = IntelRules.Form(observable);
        if (NotAsked(form) is { } why)
            return new IntelReport(services.Instance, Verdict.Unknown, why);
        var found = await CheckAsync(form, verbose: false, cancellation);
        var verdict = found.AbuseConfidenceScore >= settings.Malicious ? Verdict.Malicious : found.AbuseConfidenceScore >= settings.Suspicious ? Verdict.Suspicious : Verdict.Unknown;
        var details = $"confidence of abuse {found.AbuseConfidenceScore}, {found.TotalReports} reports by {found.NumDistinctUsers} users in {settings.Days} days"
            + (found.IsWhitelisted == true ? ", on its white list" : "") + (found.UsageType is { Length: > 0 } usage ? $", {usage}" : "") + (found.Isp is { Length: > 0 } isp ? $", {isp}" : "");
        return new IntelReport(services.Instance, verdict, IntelRules.Short(details, 500));
    }

    public Task<IntelSubmission> SubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation) =>
        ReportAsync(Reportable(observable, verdict), comment.ToString(), services.Clock.GetUtcNow(), context, cancellation);

    public async Task<IReadOnlyList<IntelSighting>> SightingsAsync(Observable observable, ActionContext context, CancellationToken cancellation)
    {
        var form = IntelRules.Form(observable);
        if (NotAsked(form) is not null)
            return [];
        var found = await CheckAsync(form, verbose: true, cancellation);
        return [.. found.Reports.OrderByDescending(report => report.ReportedAt).Take(100)
            .Select(report => new IntelSighting(services.Instance, SightingKind.Seen, report.ReportedAt, $"reporter {report.ReporterId}{(report.ReporterCountryCode is { } country ? $" ({country})" : "")}", IntelRules.Short(report.Comment)))];
    }

    public Task<IntelSubmission> SightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation) =>
        ReportAsync(Reportable(observable, kind), "Seen attacking.", seenAt, context, cancellation);

    public Task<Probe<IntelSubmission>> ProbeSubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation) => ProbeReportAsync(observable, context, cancellation);

    public Task<Probe<IntelSubmission>> ProbeSightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation) => ProbeReportAsync(observable, context, cancellation);

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        await CheckAsync(new Observable("ip", "127.0.0.1"), verbose: false, cancellation);
        return new ConnectorTest(true, $"{settings.Address!.Authority} knows the key.");
    });

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string? NotAsked(Observable form) => form.Type != "ip" ? "AbuseIPDB knows addresses only"
        : IpAddress.Parse(form.Value).IsNetwork ? "it is asked about single addresses only"
        : IntelRules.StaysInside(form) ? "a private or special address is not told to others" : null;

    private static Observable Reportable(Observable observable, Verdict verdict)
    {
        IntelRules.Judged(verdict);
        var form = IntelRules.Form(observable);
        if (verdict != Verdict.Malicious)
            throw IntelRules.Unsupported("AbuseIPDB takes reports of abuse only.");
        return NotAsked(form) is { } why ? throw IntelRules.Unsupported($"{form.Value} is not reported: {why}.") : form;
    }

    private static Observable Reportable(Observable observable, SightingKind kind) => kind == SightingKind.Seen
        ? Reportable(observable, Verdict.Malicious)
        : throw IntelRules.Unsupported("AbuseIPDB takes reports of abuse, and a false positive is none.");

    private static string Reference(ActionContext context) => $"(ref {context.Key.Value[..12]})";

    private async Task<Checked> CheckAsync(Observable form, bool verbose, CancellationToken cancellation)
    {
        var address = verbose ? settings.At($"check?ipAddress={form.Value}&maxAgeInDays={settings.Days}&verbose") : settings.At($"check?ipAddress={form.Value}&maxAgeInDays={settings.Days}");
        return (await http.SendAsync(HttpCall.Reads(address).Accept("application/json"), cancellation)).Json<Answer<Checked>>().Data;
    }

    private async Task<IntelSubmission> ReportAsync(Observable form, string comment, DateTimeOffset at, ActionContext context, CancellationToken cancellation)
    {
        // Only an attempt that has a past is worth a look-up of the day's allowance.
        if (context.Attempt > 1 && await FindAsync(form, context, cancellation) is { } there)
            return there;
        var call = HttpCall.Changes(HttpMethod.Post, settings.At($"report")).Form(
            ("ip", form.Value), ("categories", string.Join(',', settings.Categories)), ("comment", $"{IntelRules.Short(comment, 900)} {Reference(context)}"),
            ("timestamp", at.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture)));
        var reply = await http.SendAsync(call.Accept("application/json").Takes(429), cancellation);
        if (reply.Status == 429)
            return AlreadyReported(reply) ? new IntelSubmission(services.Instance, "", "this account has reported it within the last quarter of an hour already") : throw http.Refused(reply, "");
        var made = reply.Json<Answer<Checked>>().Data;
        return new IntelSubmission(services.Instance, Reference(context), $"reported; its confidence of abuse is now {made.AbuseConfidenceScore}");
    }

    // {"errors":[{"detail":"You can only report the same IP address (`127.0.0.1`) once in 15 minutes.","status":429,"source":{"parameter":"ip"}}]}; without a source the allowance is used up.
    private static bool AlreadyReported(HttpReply reply)
    {
        try
        {
            return reply.Json<Refusal>().Errors.Any(error => error.Source?.Parameter == "ip");
        }
        catch (ConnectorFailure)
        {
            return false;
        }
    }

    private async Task<Probe<IntelSubmission>> ProbeReportAsync(Observable observable, ActionContext context, CancellationToken cancellation) =>
        await FindAsync(IntelRules.Form(observable), context, cancellation) is { } there ? Probe.Present(there, ours: true) : Probe.Absent<IntelSubmission>();

    private async Task<IntelSubmission?> FindAsync(Observable form, ActionContext context, CancellationToken cancellation) =>
        (await CheckAsync(form, verbose: true, cancellation)).Reports.Any(report => report.Comment?.EndsWith(Reference(context), StringComparison.Ordinal) == true)
            ? new IntelSubmission(services.Instance, Reference(context), "reported")
            : null;

    private sealed record Answer<T>
    {
        public required T Data { get; init; }
    }

    private sealed record Checked
    {
        public required int AbuseConfidenceScore { get; init; }
        public bool? IsWhitelisted { get; init; }
        public string? UsageType { get; init; }
        public string? Isp { get; init; }
        public int TotalReports { get; init; }
        public int NumDistinctUsers { get; init; }
        public IReadOnlyList<Report> Reports { get; init; } = [];
    }

    private sealed record Report
    {
        public required DateTimeOffset ReportedAt { get; init; }
        public string? Comment { get; init; }
        public long ReporterId { get; init; }
        public string? ReporterCountryCode { get; init; }
    }

    private sealed record Refusal
    {
        public IReadOnlyList<Error> Errors { get; init; } = [];
    }

    private sealed record Error(Source? Source);

    private sealed record Source(string? Parameter);
}
