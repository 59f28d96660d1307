using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Alerts;
using Soar.Cases;
using Soar.Server.Accounts;
using Soar.Server.Commands;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/cases</c>: the SOC's files on a matter.</summary>
internal static class CasesApi
{
    private const int MostRuns = 200, MostAlerts = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var cases = routes.MapGroup("/api/cases").WithTags("cases");
        cases.MapGet("", ListAsync).Needs(Permission.ReadCases).WithSummary("Cases, newest first.");
        cases.MapGet("/{id}", ShowAsync).Needs(Permission.ReadCases).WithSummary("One case, by its number or id: its alerts, notes, observables, evidence with its custody, runs, containments.");
        cases.MapGet("/{id}/custody", VerifyAsync).Needs(Permission.ReadCases).WithSummary("Whether the chain of custody is unbroken and every piece of evidence still has the bytes that were sealed. Reads all of them.");
    }

    internal sealed record CaseList(IReadOnlyList<CaseFile> Cases);

    internal sealed record Evidence(EvidenceItem Item, IReadOnlyList<CustodyRecord> Custody);

    internal sealed record CaseStory(
        CaseFile Case, IReadOnlyList<AlertRecord> Alerts, IReadOnlyList<CaseNote> Notes, IReadOnlyList<CaseObservable> Observables, IReadOnlyList<Evidence> Evidence, IReadOnlyList<RunsApi.RunView> Runs,
        IReadOnlyList<ContainmentsApi.ContainmentView> Containments);

    /// <param name="Problem">Where the chain (of all cases: it is one) is broken; null when it is whole.</param>
    /// <param name="Evidence">By id, why its bytes are not what was sealed. Empty when all are.</param>
    internal sealed record Custody(string? Problem, IReadOnlyDictionary<string, string> Evidence);

    private static async Task<Ok<CaseList>> ListAsync(NodeReader reader, int? max) => TypedResults.Ok(new CaseList(await reader.Cases.ListAsync(Paging.Of(max))));

    private static async Task<Ok<CaseStory>> ShowAsync(string id, NodeReader reader)
    {
        var file = await reader.CaseAsync(id);
        var content = await reader.Cases.ReadAsync(file.Id);
        var evidence = new List<Evidence>();
        foreach (var item in content.Evidence) evidence.Add(new Evidence(item, await reader.Cases.CustodyAsync(item.Id)));
        var runs = await reader.Runs.PageAsync(new RunFilter(null, null, null, file.Id.ToString()), null, MostRuns);
        var containments = await reader.Runs.ContainmentsAsync(null, file.Id.ToString(), standingOnly: false);
        return TypedResults.Ok(new CaseStory(
            file, await reader.Alerts.OfCaseAsync(file.Id.ToString(), MostAlerts), content.Notes, content.Observables, evidence, [.. runs.Select(RunsApi.RunView.Of)], [.. containments.Select(ContainmentsApi.ContainmentView.Of)]));
    }

    private static async Task<Ok<Custody>> VerifyAsync(string id, SoarNode node, NodeReader reader, CancellationToken cancellation)
    {
        var view = await CaseView.ReadAsync(reader, SoarNode.ArtifactsOf(node.Tools.Workspace), await reader.CaseAsync(id), cancellation);
        return TypedResults.Ok(new Custody(view.CustodyProblem, view.Evidence.Where(e => e.Problem is not null).ToDictionary(e => e.Item.Id, e => e.Problem!, StringComparer.Ordinal)));
    }
}
