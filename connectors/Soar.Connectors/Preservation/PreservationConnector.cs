using System.Globalization;
using Soar.Capabilities;
using Soar.Connectors.Packages;

namespace Soar.Connectors.Preservation;

/// <summary>How preservation requests are made.</summary>
public sealed record PreservationSettings : PackageSettings;

/// <summary>Requests for expedited preservation as signed packages, to be mailed to a provider's desk or a 24/7 point.</summary>
[Connector("preservation", "Makes requests for expedited preservation of data: form (PDF, HTML), JSON, manifest, signature.", Proven = "openssl cms, poppler and chromium", Outside = true)]
public sealed class PreservationConnector(PreservationSettings settings, ConnectorServices services) : IConnector, IPreservation
{
    private readonly PackageMaker maker = new(settings, services);

    public object Simulator { get; } = new PreservationSimulator(settings, services);

    public Task<RequestPackage> PrepareAsync(PreservationRequest request, string reference, ActionContext context, CancellationToken cancellation) =>
        maker.MakeAsync(Content(settings, services, request, reference, context), context, cancellation);

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => Task.FromResult(maker.Test());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static PackageContent Content(PackageSettings settings, ConnectorServices services, PreservationRequest request, string reference, ActionContext context)
    {
        PackageMaker.Demand("preservation request", request.Problems(), reference);
        var form = new FormBuilder(settings.Language);
        var article = form.Word(request.Article switch
        {
            PreservationArticle.Article16 => "Budapest Convention, Article 16",
            PreservationArticle.Article29 => "Budapest Convention, Article 29",
            _ => "Budapest Convention, Articles 29 and 30 (disclosure of traffic data)",
        });
        var kept = string.Create(CultureInfo.InvariantCulture, $"{request.Days} {form.Word("days")}");
        var connections = request.Connections?.Select((seen, i) => ($"Connection {i + 1}", (string?)Line(form, seen))) ?? [];
        var accounts = request.Accounts?.Select((account, i) => ($"Account {i + 1}", (string?)account)) ?? [];
        form.Section("Request",
                ("Reference", reference), ("Made (UTC)", FormBuilder.Utc(services.Clock.GetUtcNow())), ("Made by", settings.Organisation), ("Legal basis", article),
                ("Extension of", request.ExtensionOf ?? form.Word("first request")), ("To be kept for", kept), ("Questions at any hour", request.Officer))
            .Section("Items of Article 29(2)",
                ("Authority seeking the preservation", $"(a) {request.Authority}"), ("Offence", $"(b) {request.Offence}"), ("Summary of the facts", $"(b) {request.Facts}"),
                ("Data to be preserved", $"(c) {request.Data}"), ("Relationship to the offence", $"(c) {request.Relationship}"), ("Custodian or location", $"(d) {request.Custodian}"),
                ("Necessity", $"(e) {request.Necessity}"), ("Intent to request assistance", $"(f) {request.Intent}"))
            .Section("What identifies the data", [.. connections, .. accounts]);
        return new PackageContent(form.Build("Request for expedited preservation of stored computer data", reference, context.Tlp.Words()), request, [], request.ExtensionOf is null ? "preservation" : "preservation-extension",
            new Dictionary<string, string>
            {
                ["Reference"] = reference, ["Organisation"] = settings.Organisation, ["Authority"] = request.Authority, ["Custodian"] = request.Custodian, ["Article"] = article, ["Days"] = kept,
                ["Data"] = request.Data, ["Connections"] = FormBuilder.Lines([.. connections.Select(row => row.Item2!.Replace("\n", " ", StringComparison.Ordinal)), .. accounts.Select(row => row.Item2!)]),
                ["Intent"] = request.Intent, ["Officer"] = request.Officer, ["First"] = request.ExtensionOf ?? "",
            });
    }

    private static string Line(FormBuilder form, ConnectionSeen seen) =>
        string.Create(CultureInfo.InvariantCulture, $"{seen.Address} {form.Word("port")} {seen.Port}{(seen.Protocol is null ? "" : $" {seen.Protocol}")}")
        + (seen.Peer is null ? "" : string.Create(CultureInfo.InvariantCulture, $" {form.Word("with")} {seen.Peer}{(seen.PeerPort is { } port ? $" {form.Word("port")} {port}" : "")}"))
        + $"\n{form.Word("from")} {FormBuilder.Utc(seen.From)} {form.Word("until")} {FormBuilder.Utc(seen.Until)}";
}

/// <summary>Checks everything and makes nothing.</summary>
internal sealed class PreservationSimulator(PackageSettings settings, ConnectorServices services) : IPreservation
{
    private readonly PackageMaker maker = new(settings, services);

    public Task<RequestPackage> PrepareAsync(PreservationRequest request, string reference, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(maker.Simulate(PreservationConnector.Content(settings with { Organisation = settings.Organisation.Length == 0 ? "Simulated" : settings.Organisation }, services, request, reference, context)));
}
