using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/audit</c>: who did what, from where.</summary>
internal static class AuditApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/audit/verify", VerifyAsync).Needs(Permission.ReadAudit).WithTags("audit").WithSummary("Whether every record is as it was written, and every checkpoint's signature holds. Reads all of them.");
        routes.MapGet("/api/audit", ListAsync).Needs(Permission.ReadAudit).WithTags("audit").WithSummary("The record, newest first. 'next' of a page is the 'before' of the one that follows it.");
    }

    /// <param name="Withheld">It is about something that the caller does not see: target, details and why it was refused are left out.</param>
    internal sealed record AuditRow(long Number, DateTimeOffset At, string Who, string Origin, string What, string Target, JsonElement Details, string Outcome, string Previous, string Hash, bool Withheld)
    {
        public static AuditRow Of(AuditRecord r, bool seen) => seen ? new(
            r.Number, r.At, r.Entry.Who, r.Entry.Origin, r.Entry.What, r.Entry.Target, JsonDocument.Parse(r.Entry.Details).RootElement, r.Entry.Outcome, r.Previous, r.Hash, Withheld: false)
            : new(r.Number, r.At, r.Entry.Who, r.Entry.Origin, r.Entry.What, "", JsonDocument.Parse("{}").RootElement, r.Entry.Outcome == "done" ? "done" : "refused", r.Previous, r.Hash, Withheld: true);
    }

    internal sealed record AuditPage(IReadOnlyList<AuditRow> Records, long? Next);

    /// <param name="Records">How many there are.</param>
    /// <param name="Problem">What does not fit, and where; null when all is as it was written.</param>
    internal sealed record AuditVerdict(long Records, string? Problem);

    private static async Task<Ok<AuditVerdict>> VerifyAsync(SoarNode node, NodeReader reader)
    {
        using var key = AuditTrail.Find(node.Tools.Workspace.Store);
        var problem = await reader.Audit.VerifyAsync(key);
        return TypedResults.Ok(new AuditVerdict((await reader.Audit.ListAsync(null, null, null, 1)).FirstOrDefault()?.Number ?? 0, problem));
    }

    private static async Task<Ok<AuditPage>> ListAsync(NodeReader reader, Sight sight, string? who, string? on, long? before, int? max)
    {
        var page = Paging.Of(max);
        var records = await reader.Audit.ListAsync(who, on, before, page + 1);
        var (seen, rows) = (new AuditSight(sight, reader), new List<AuditRow>());
        foreach (var record in records.Take(page)) rows.Add(AuditRow.Of(record, await seen.SeesAsync(record.Entry)));
        // Whoever asks for what was done to one thing learns nothing of one that they do not see, not even that there is one.
        return TypedResults.Ok(new AuditPage([.. rows.Where(row => on is null || !row.Withheld)], records.Count > page ? records[page - 1].Number : null));
    }
}
