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
    private const int MostRuns = 200, MostAlerts = 200, MostRelated = 10;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var cases = routes.MapGroup("/api/cases").WithTags("cases");
        cases.MapGet("", ListAsync).Needs(Permission.ReadCases).WithSummary("Cases, newest first. 'text' stands in the title, or is the value of something that a case is about; 'next' of a page is the 'before' of the one that follows it.");
        cases.MapGet("/{id}", ShowAsync).Needs(Permission.ReadCases).WithSummary("One case, by its number or id: its alerts, notes, observables, evidence with its custody, runs, containments.");
        cases.MapGet("/{id}/custody", VerifyAsync).Needs(Permission.ReadCases).WithSummary("Whether the chain of custody is unbroken and every piece of evidence still has the bytes that were sealed. Reads all of them.");
    }

    /// <param name="Next">The number to ask for as 'before'; null on the last page.</param>
    internal sealed record CaseList(IReadOnlyList<CaseFile> Cases, int? Next);

    internal sealed record Evidence(EvidenceItem Item, IReadOnlyList<CustodyRecord> Custody);

    /// <param name="Notes">What its runs wrote.</param>
    /// <param name="Related">Those that share most with it.</param>
    internal sealed record CaseStory(
        CaseFile Case, IReadOnlyList<AlertRecord> Alerts, IReadOnlyList<CaseNote> Notes, IReadOnlyList<PersonsNote> PeoplesNotes, IReadOnlyList<CaseTask> Tasks, IReadOnlyList<RelatedCase> Related, IReadOnlyList<CaseObservable> Observables, IReadOnlyList<Evidence> Evidence, IReadOnlyList<RunsApi.RunView> Runs,
        IReadOnlyList<ContainmentsApi.ContainmentView> Containments);

    /// <param name="Problem">Where the chain (of all cases: it is one) is broken; null when it is whole.</param>
    /// <param name="Evidence">By id, why its bytes are not what was sealed. Empty when all are.</param>
    internal sealed record Custody(string? Problem, IReadOnlyDictionary<string, string> Evidence);

    private static async Task<Ok<CaseList>> ListAsync(NodeReader reader, Sight sight, CaseStatus? status, string? owner, bool? declared, string? text, int? before, int? max)
    {
        var page = Paging.Of(max);
        var cases = await reader.Cases.PageAsync(new CaseFilter(status, owner, declared, text, before), page + 1, await sight.HorizonAsync());
        return TypedResults.Ok(new CaseList([.. cases.Take(page)], cases.Count > page ? cases[page - 1].Number : null));
    }

    private static async Task<Ok<CaseStory>> ShowAsync(string id, Sight sight, NodeReader reader)
    {
        var (file, horizon) = (await sight.CaseAsync(id), await sight.HorizonAsync());
        var content = await reader.Cases.ReadAsync(file.Id, horizon);
        var work = await reader.Cases.DeskworkAsync(file.Id);
        var evidence = new List<Evidence>();
        foreach (var item in content.Evidence) evidence.Add(new Evidence(item, await reader.Cases.CustodyAsync(item.Id)));
        var runs = await reader.Runs.PageAsync(new RunFilter(null, null, null, file.Id.ToString()), null, MostRuns, horizon);
        var containments = await sight.ContainmentsAsync(file.Id.ToString(), standingOnly: false);
        return TypedResults.Ok(new CaseStory(
            file, await sight.ShownAsync(await reader.Alerts.OfCaseAsync(file.Id.ToString(), MostAlerts, horizon)), content.Notes, work.Notes, work.Tasks, await reader.Cases.RelatedAsync(file.Id, MostRelated, horizon),
            content.Observables, evidence, [.. runs.Select(RunsApi.RunView.Of)], [.. containments.Select(ContainmentsApi.ContainmentView.Of)]));
    }

    private static async Task<Ok<Custody>> VerifyAsync(string id, Sight sight, SoarNode node, NodeReader reader, CancellationToken cancellation)
    {
        var view = await CaseView.ReadAsync(reader, SoarNode.ArtifactsOf(node.Tools.Workspace), await sight.CaseAsync(id), cancellation);
        var seen = await sight.OfRunsAsync([.. view.Evidence], e => e.Item.Run);
        return TypedResults.Ok(new Custody(view.CustodyProblem, seen.Where(e => e.Problem is not null).ToDictionary(e => e.Item.Id, e => e.Problem!, StringComparer.Ordinal)));
    }
}
