using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/audit</c>: who did what, from where.</summary>
internal static class AuditApi
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/audit", ListAsync).Needs(Permission.ReadAudit).WithTags("audit").WithSummary("The record, newest first. 'next' of a page is the 'before' of the one that follows it.");

    internal sealed record AuditRow(long Number, DateTimeOffset At, string Who, string Origin, string What, string Target, JsonElement Details, string Outcome, string Previous, string Hash)
    {
        public static AuditRow Of(AuditRecord r) => new(
            r.Number, r.At, r.Entry.Who, r.Entry.Origin, r.Entry.What, r.Entry.Target, JsonDocument.Parse(r.Entry.Details).RootElement, r.Entry.Outcome, r.Previous, r.Hash);
    }

    internal sealed record AuditPage(IReadOnlyList<AuditRow> Records, long? Next);

    private static async Task<Ok<AuditPage>> ListAsync(NodeReader reader, string? who, string? on, long? before, int? max)
    {
        var page = Paging.Of(max);
        var records = await reader.Audit.ListAsync(who, on, before, page + 1);
        return TypedResults.Ok(new AuditPage([.. records.Take(page).Select(AuditRow.Of)], records.Count > page ? records[page - 1].Number : null));
    }
}
