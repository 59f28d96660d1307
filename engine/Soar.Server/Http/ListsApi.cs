using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Cases;
using Soar.Server.Accounts;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary><c>/api/lists</c>: the SOC's versioned tables, which playbooks read as <c>Lists["name"]</c>. A version never changes; whoever saves makes the next one.</summary>
internal static class ListsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var lists = routes.MapGroup("/api/lists").WithTags("lists");
        lists.MapGet("", ListAsync).Needs(Permission.ReadLists).WithSummary("The newest version of every list, without its rows.");
        lists.MapGet("/{name}", ShowAsync).Needs(Permission.ReadLists).WithSummary("A version of a list, the newest unless 'version' names another.");
        lists.MapGet("/{name}/versions", VersionsAsync).Needs(Permission.ReadLists).WithSummary("Who saved which version, and when; newest first.");
        lists.MapPut("/{name}", SaveAsync).Needs(Permission.EditLists).WithSummary("Saves a table as the list's next version; 409 when somebody else saved since the version that it is based on. Runs that have read an older version keep it.")
            .Example("""{"basedOn": 3, "columns": ["name", "mail"], "rows": [["Town hall", "town.hall@example.org"]]}""");
        lists.MapPost("/{name}/import", ImportAsync).Needs(Permission.EditLists).Accepts<string>("text/csv").WithSummary("Imports CSV (RFC 4180, UTF-8, the first line names the columns) as the list's next version; the same content again makes none.");
    }

    internal sealed record ListOfLists(IReadOnlyList<ListVersion> Lists);

    internal sealed record Versions(IReadOnlyList<ListVersion> OfList);

    internal sealed record Table(string Name, int Version, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

    /// <param name="BasedOn">The version that this table was made from; 0 = there was none.</param>
    /// <param name="Rows">Each with a value for every column.</param>
    internal sealed record TableBody(int BasedOn, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

    private static async Task<Ok<ListOfLists>> ListAsync(NodeReader reader) => TypedResults.Ok(new ListOfLists([.. (await reader.Lists.VersionsAsync(null)).DistinctBy(l => l.Name)]));

    private static async Task<Ok<Table>> ShowAsync(string name, int? version, NodeReader reader)
    {
        var table = await reader.Lists.ReadAsync(name, version) ?? throw (version is null
            ? new NotFoundException("list", name, "GET /api/lists names them.")
            : new NotFoundException("list version", $"{name} {version}", "GET /api/lists/{name}/versions names them."));
        return TypedResults.Ok(new Table(table.Name, table.Version, table.Columns, [.. table.Rows.Select(row => table.Columns.Select(column => row[column]).ToArray())]));
    }

    private static async Task<Ok<Versions>> VersionsAsync(string name, NodeReader reader) => TypedResults.Ok(new Versions(
        await reader.Lists.VersionsAsync(name) is { Count: > 0 } versions ? versions : throw new NotFoundException("list", name, "GET /api/lists names them.")));

    private static async Task<Ok<ListVersion>> SaveAsync(string name, TableBody body, Caller caller, SoarNode node) => TypedResults.Ok(await node.RecordedAsync(
        Calls.ImportList, Calls.With(new ImportListCall(name, "", caller.Name)), caller.Actor, node.Lists.SaveAsync(name, body.Columns, body.Rows, body.BasedOn, caller.Name)));

    private static async Task<Ok<ListVersion>> ImportAsync(string name, HttpContext context, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        if (context.Request.ContentType?.Split(';')[0].Trim() is not "text/csv") throw new SoarException("SOAR6010", "The body must be CSV: send it with Content-Type: text/csv.");
        using var body = new StreamReader(context.Request.Body);
        var csv = await body.ReadToEndAsync(cancellation);
        return TypedResults.Ok(await node.RecordedAsync(
            Calls.ImportList, Calls.With(new ImportListCall(name, csv, caller.Name)), caller.Actor, node.Lists.ImportAsync(name, new StringReader(csv), caller.Name, CancellationToken.None)));
    }
}
