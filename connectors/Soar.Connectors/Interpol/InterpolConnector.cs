using System.Text.Json.Serialization;
using Soar.Capabilities;
using Soar.Connectors.Europol;
using Soar.Connectors.Http;
using Soar.Connectors.Packages;

namespace Soar.Connectors.Interpol;

/// <summary>Interpol's public notices (a web service without credentials) and request packages for our national central bureau.</summary>
[Connector("interpol", "Searches Interpol's public notices, and makes requests for the national central bureau: form (PDF, HTML), JSON, attachments, manifest, signature.",
    Proven = "packages: openssl cms, poppler and chromium; notices: unproven (a description by third parties and an invented person; Interpol's service was never asked)", Outside = true, Rate = "1/s")]
public sealed class InterpolConnector(InterpolSettings settings, ConnectorServices services) : IConnector, IInterpol
{
    /// <summary>What the service hands out at most, whatever it counts.</summary>
    internal const int Most = 160;

    private readonly HttpAccess http = new(settings.Rules(), services);
    private readonly PackageMaker? maker = settings.Package is null ? null : new PackageMaker(settings.Package, services);

    public object Simulator { get; } = new InterpolSimulator(settings, services);

    public async Task<NoticeLeads> NoticesAsync(NoticeKind kind, NoticeQuery query, ActionContext context, CancellationToken cancellation)
    {
        var fields = Fields(kind, query);
        var address = new Uri($"{settings.At($"{kind.ToString().ToLowerInvariant()}")}?{string.Join('&', fields.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"))}&resultPerPage={Most}&page=1");
        try
        {
            var page = (await http.SendAsync(HttpCall.Reads(address).Accept("application/json"), cancellation)).Json<Page>();
            return Leads(kind, page);
        }
        catch (ConnectorFailure e) when (e.Reason == "403")
        {
            throw ConnectorFailure.Permanent("Interpol refused the search (403): its service turns away what it takes for a machine. Nothing is known about the name; a person can search on interpol.int, or the national bureau in I-24/7.", e, "403");
        }
    }

    public Task<RequestPackage> PackageAsync(AssistanceRequest request, string reference, ActionContext context, CancellationToken cancellation) => maker is null
        ? throw ConnectorFailure.Permanent($"The interpol instance '{services.Instance}' makes no packages. Set package with organisation.", reason: "no-package")
        : maker.MakeAsync(Content(settings.Package!, services, request, reference, context), context, cancellation);

    public async Task<ConnectorTest> TestAsync(CancellationToken cancellation)
    {
        var packages = maker?.Test() ?? new ConnectorTest(true, "No package is set: requests for the national bureau will fail.");
        try
        {
            var page = (await http.SendAsync(HttpCall.Reads(new Uri($"{settings.At($"red")}?resultPerPage=1&page=1")).Accept("application/json"), cancellation)).Json<Page>();
            return new ConnectorTest(packages.Ok, $"{settings.Address!.Host} answers with {page.Total} red notices. {packages.Message}");
        }
        catch (SoarException e)
        {
            return new ConnectorTest(false, $"{e.Message} {packages.Message}");
        }
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static IReadOnlyList<(string Name, string Value)> Fields(NoticeKind kind, NoticeQuery query)
    {
        if (!Enum.IsDefined(kind))
            throw ConnectorFailure.Permanent("kind must be Red, Yellow or Un.", reason: "query");
        (string Name, string? Value)[] all =
            [("name", query.Name), ("forename", query.Forename), ("nationality", query.Nationality), ("arrestWarrantCountryId", query.WantedBy), ("freeText", query.FreeText)];
        if (query.WantedBy is not null && kind != NoticeKind.Red)
            throw ConnectorFailure.Permanent("wantedBy can be searched in red notices only.", reason: "query");
        if (new[] { query.Nationality, query.WantedBy }.FirstOrDefault(code => code is not null && (code.Length != 2 || !code.All(char.IsAsciiLetterUpper))) is { } wrong)
            throw ConnectorFailure.Permanent($"'{wrong}' is no country; write two capital letters (ISO 3166-1).", reason: "query");
        var given = all.Where(field => !string.IsNullOrWhiteSpace(field.Value)).Select(field => (field.Name, field.Value!.Trim())).ToList();
        return given.Count > 0 ? given : throw ConnectorFailure.Permanent("The query is empty, which would ask for everybody. Give a name, forename, nationality or words.", reason: "query");
    }

    internal static PackageContent Content(PackageSettings settings, ConnectorServices services, AssistanceRequest request, string reference, ActionContext context)
    {
        PackageMaker.Demand("request for the national central bureau", request.Problems(), reference);
        var form = new FormBuilder(settings.Language);
        form.Section("Request",
                ("Reference", reference), ("Made (UTC)", FormBuilder.Utc(services.Clock.GetUtcNow())), ("Made by", settings.Organisation), ("Bureau", request.Bureau), ("Recipients", FormBuilder.Lines(request.Recipients)),
                ("Requester", request.Requester), ("Urgency", form.Word(request.Urgency.ToString())), ("Answer needed by (UTC)", request.ReplyBy is { } by ? FormBuilder.Utc(by) : null),
                ("Legal basis", request.LegalBasis), ("Questions at any hour", request.Officer))
            .Section("Facts", ("Offence", request.Offence), ("Summary of the facts", request.Facts))
            .Section("What is asked", ("What is asked", FormBuilder.Lines(request.Asked)), ("Conditions of use", request.Conditions))
            .Section("Subjects", EuropolConnector.Subjects(form, request.Subjects))
            .Attachments(request.Attachments);
        return new PackageContent(form.Build("Request to the national central bureau of Interpol", reference, context.Tlp.Words()), request, request.Attachments, "national-bureau", new Dictionary<string, string>
        {
            ["Reference"] = reference, ["Organisation"] = settings.Organisation, ["Bureau"] = request.Bureau, ["Recipients"] = string.Join(", ", request.Recipients), ["Urgency"] = form.Word(request.Urgency.ToString()),
            ["Asked"] = FormBuilder.Lines(request.Asked), ["Officer"] = request.Officer,
        });
    }

    // What is missing in an answer makes it garbage, never an empty result.
    private NoticeLeads Leads(NoticeKind kind, Page page)
    {
        if (page.Total is null || page.Embedded?.Notices is not { } notices || notices.Any(notice => string.IsNullOrEmpty(notice.EntityId)))
            throw ConnectorFailure.Transient("Interpol's answer has not the shape that it documents: total and _embedded.notices with entity_id.", reason: "garbage");
        var leads = notices.Select(notice => new Lead(notice.EntityId!, kind, notice.Name ?? "", notice.Forename, notice.DateOfBirth, notice.Nationalities ?? [], notice.Links?.Self?.Href ?? "")).ToList();
        return new NoticeLeads(leads, page.Total.Value, Truncated: page.Total > leads.Count || leads.Count >= Most, services.Clock.GetUtcNow());
    }

    private sealed record Page(int? Total, [property: JsonPropertyName("_embedded")] Embedded? Embedded);

    private sealed record Embedded(IReadOnlyList<Notice>? Notices);

    private sealed record Notice(
        [property: JsonPropertyName("entity_id")] string? EntityId, string? Name, string? Forename, [property: JsonPropertyName("date_of_birth")] string? DateOfBirth, IReadOnlyList<string>? Nationalities,
        [property: JsonPropertyName("_links")] Links? Links);

    private sealed record Links(Link? Self);

    private sealed record Link(string? Href);
}

/// <summary>Finds nobody; checks everything and makes nothing.</summary>
internal sealed class InterpolSimulator(InterpolSettings settings, ConnectorServices services) : IInterpol
{
    private readonly PackageSettings packages = settings.Package ?? new PackageSettings { Organisation = "Simulated" };

    public Task<NoticeLeads> NoticesAsync(NoticeKind kind, NoticeQuery query, ActionContext context, CancellationToken cancellation)
    {
        InterpolConnector.Fields(kind, query);
        return Task.FromResult(new NoticeLeads([], 0, Truncated: false, services.Clock.GetUtcNow()));
    }

    public Task<RequestPackage> PackageAsync(AssistanceRequest request, string reference, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(new PackageMaker(packages, services).Simulate(InterpolConnector.Content(packages, services, request, reference, context)));
}
