using System.Text.Json.Serialization;
using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Connectors.Intel;

namespace Soar.Connectors.Misp;

/// <summary>
/// Threat intelligence shared in MISP. An attribute that MISP marks for detection (<c>to_ids</c>) makes Malicious; more false positives than sightings make it Suspicious. A submission is an
/// event of its own, unpublished and tagged with the run's TLP, so that a person decides what leaves the house.
/// </summary>
[Connector("misp", "Looks up, submits and sights indicators in MISP.", Proven = "the API examples that MISP and CIRCL publish; no MISP was at hand", Outside = true)]
public sealed class MispConnector : IConnector, IIntel
{
    private readonly MispSettings settings;
    private readonly ConnectorServices services;
    private readonly HttpAccess http;

    public MispConnector(MispSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
        http = new HttpAccess(settings.Rules() with { MaxBytes = 16 * 1024 * 1024, Authorise = request => request.Headers.TryAddWithoutValidation("Authorization", settings.Key!.Reveal()) }, services);
        Simulator = new SimulatedIntel(services.Instance, CheckSubmission, (observable, _) => IntelRules.Form(observable));
    }

    public object Simulator { get; }

    public Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => LookAsync(IntelRules.Of(address), cancellation);

    public Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation) => LookAsync(IntelRules.Form(observable), cancellation);

    public async Task<IntelSubmission> SubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation)
    {
        CheckSubmission(observable, verdict);
        if (await FindEventAsync(context, cancellation) is { } there)
            return there;
        var body = MispForm.Event(IntelRules.Form(observable), verdict, IntelRules.Short(comment.ToString(), 1_000), TagOf(context.Tlp), settings.Distribution, services.Clock.GetUtcNow(), context.Key);
        var reply = await http.SendAsync(HttpCall.Changes(HttpMethod.Post, settings.At($"events/add")).Json(body).Accept("application/json"), cancellation);
        return Submission(reply.Json<EventAnswer>().Event);
    }

    public async Task<IReadOnlyList<IntelSighting>> SightingsAsync(Observable observable, ActionContext context, CancellationToken cancellation) =>
    [
        .. (await SearchAsync(IntelRules.Form(observable), cancellation)).SelectMany(attribute => attribute.Sightings, (attribute, sighting) => (attribute, sighting)).Where(seen => seen.sighting.Type is "0" or "1")
            .DistinctBy(seen => seen.sighting.Id).OrderByDescending(seen => seen.sighting.At).Take(100)
            .Select(seen => new IntelSighting(services.Instance, seen.sighting.Type == "0" ? SightingKind.Seen : SightingKind.FalsePositive, seen.sighting.At, seen.sighting.Organisation?.Name ?? "",
                IntelRules.Short($"event {seen.attribute.EventId}{(seen.sighting.Source.Length > 0 ? ", " + seen.sighting.Source : "")}"))),
    ];

    public async Task<IntelSubmission> SightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation)
    {
        var form = IntelRules.Form(observable);
        if (await FindSightingAsync(form, context, cancellation) is { } there)
            return there;
        var reply = await http.SendAsync(HttpCall.Changes(HttpMethod.Post, settings.At($"sightings/add")).Json(MispForm.Sighting(form, kind, seenAt, context.Key)).Accept("application/json"), cancellation);
        var answer = reply.Json<SightingAnswer>();
        if (answer.Sighting is { } made)
            return new IntelSubmission(services.Instance, made.Id, $"sighting {made.Id}");
        // It refuses with status 200 and a sentence.
        throw answer.Message is { Length: > 0 } words
            ? ConnectorFailure.Permanent($"MISP took no sighting of {form.Value}: {IntelRules.Short(words)} It takes sightings of what it knows only; submit it first.", reason: "refused")
            : reply.Garbage("tells neither a sighting nor why there is none");
    }

    public async Task<Probe<IntelSubmission>> ProbeSubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation) =>
        await FindEventAsync(context, cancellation) is { } there ? Probe.Present(there, ours: true) : Probe.Absent<IntelSubmission>();

    public async Task<Probe<IntelSubmission>> ProbeSightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation) =>
        await FindSightingAsync(IntelRules.Form(observable), context, cancellation) is { } there ? Probe.Present(there, ours: true) : Probe.Absent<IntelSubmission>();

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var version = (await http.SendAsync(HttpCall.Reads(settings.At($"servers/getVersion")).Accept("application/json"), cancellation)).Json<VersionAnswer>();
        return new ConnectorTest(true, $"MISP {version.Version} at {settings.Address!.Authority} knows the key.{(version.MaySight == false ? " It may not add sightings." : "")}");
    });

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void CheckSubmission(Observable observable, Verdict verdict)
    {
        IntelRules.Form(observable);
        IntelRules.Judged(verdict);
        if (verdict == Verdict.Benign)
            throw IntelRules.Unsupported("MISP holds indicators, and what is benign is none; sight it as FalsePositive where MISP knows it.");
    }

    private static string TagOf(Tlp tlp) => tlp switch { Tlp.Clear => "tlp:clear", Tlp.Green => "tlp:green", Tlp.Amber => "tlp:amber", Tlp.AmberStrict => "tlp:amber+strict", _ => "tlp:red" };

    private async Task<IReadOnlyList<MispAttribute>> SearchAsync(Observable form, CancellationToken cancellation)
    {
        var reply = await http.SendAsync(HttpCall.Reads(HttpMethod.Post, settings.At($"attributes/restSearch")).Json(MispForm.Search(form)).Accept("application/json"), cancellation);
        return [.. reply.Json<SearchAnswer>().Response.Attribute.Where(attribute => attribute.Is(form))];
    }

    private async Task<IntelReport> LookAsync(Observable form, CancellationToken cancellation)
    {
        var known = await SearchAsync(form, cancellation);
        if (known.Count == 0)
            return new IntelReport(services.Instance, Verdict.Unknown, "no attribute has it");
        var details = IntelRules.Short(string.Join("; ", known.Take(5).Select(attribute => $"event {attribute.EventId} {attribute.Event?.Info} ({attribute.Type}{(attribute.Comment.Length > 0 ? ", " + attribute.Comment : "")})")), 1_000);
        var indicators = known.Where(attribute => attribute.ToIds).ToList();
        if (indicators.Count == 0)
            return new IntelReport(services.Instance, Verdict.Unknown, $"named without being an indicator: {details}");
        var sightings = indicators.SelectMany(attribute => attribute.Sightings).DistinctBy(sighting => sighting.Id).ToList();
        var (seen, wrong) = (sightings.Count(sighting => sighting.Type == "0"), sightings.Count(sighting => sighting.Type == "1"));
        return new IntelReport(services.Instance, wrong > seen ? Verdict.Suspicious : Verdict.Malicious, $"{details}; seen {seen} times, {wrong} times a false positive");
    }

    private async Task<IntelSubmission?> FindEventAsync(ActionContext context, CancellationToken cancellation)
    {
        var reply = await http.SendAsync(HttpCall.Reads(settings.At($"events/view/{MispForm.Uuid(context.Key, "event")}")).Accept("application/json").Takes(404), cancellation);
        return reply.Status == 404 ? null : Submission(reply.Json<EventAnswer>().Event);
    }

    private async Task<IntelSubmission?> FindSightingAsync(Observable form, ActionContext context, CancellationToken cancellation) =>
        (await SearchAsync(form, cancellation)).SelectMany(attribute => attribute.Sightings).FirstOrDefault(sighting => sighting.Source == MispForm.Source(context.Key)) is { } sighting
            ? new IntelSubmission(services.Instance, sighting.Id, $"sighting {sighting.Id}")
            : null;

    private IntelSubmission Submission(MispEvent made) => new(services.Instance, made.Uuid, $"event {made.Id}, not published");

    private sealed record SearchAnswer
    {
        public required Found Response { get; init; }
    }

    private sealed record Found
    {
        [JsonPropertyName("Attribute")]
        public required IReadOnlyList<MispAttribute> Attribute { get; init; }
    }

    private sealed record EventAnswer
    {
        [JsonPropertyName("Event")]
        public required MispEvent Event { get; init; }
    }

    private sealed record SightingAnswer
    {
        [JsonPropertyName("Sighting")]
        public MispSighting? Sighting { get; init; }
        public string? Message { get; init; }
    }

    private sealed record VersionAnswer
    {
        public required string Version { get; init; }

        [JsonPropertyName("perm_sighting")]
        public bool? MaySight { get; init; }
    }
}
