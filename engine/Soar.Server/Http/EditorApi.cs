using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Scripting;
using Soar.Scripting.Edit;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Server.Reference;

namespace Soar.Server.Http;

/// <summary><c>/api/editor</c>: a playbook while somebody writes it, in the diagram or in the code. Nothing is kept here, and nothing runs.</summary>
internal static class EditorApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var editor = routes.MapGroup("/api/editor").WithTags("editor");
        editor.MapPost("/diagram", DrawAsync).Needs(Permission.EditPlaybooks).WithSummary("The diagram of a text, and everything that is wrong with it.");
        editor.MapPost("/edit", EditAsync).Needs(Permission.EditPlaybooks).WithSummary("A change made in the diagram, as changes of the text, with the diagram afterwards.");
        editor.MapPost("/complete", CompleteAsync).Needs(Permission.EditPlaybooks).WithSummary("What may be written at a place of an unfinished text.");
        editor.MapGet("/palette", ListPalette).Needs(Permission.EditPlaybooks).WithSummary("What can be inserted: actions, words of the language, other playbooks, with their arguments.");
    }

    /// <param name="File">As findings name it.</param>
    internal sealed record DiagramBody(string Text, string File = "draft.csx");

    internal sealed record DrawnText(JsonElement Graph, IReadOnlyList<PlaybookDiagnostic> Diagnostics);

    internal sealed record EditBody(string Text, EditAsked Edit, string File = "draft.csx");

    /// <param name="Changes">In the order of the text; positions count from the text as it was, in UTF-16 units.</param>
    internal sealed record EditedView(IReadOnlyList<TextChange> Changes, JsonElement Graph, IReadOnlyList<PlaybookDiagnostic> Diagnostics);

    /// <param name="Position">From 0, in UTF-16 units.</param>
    internal sealed record CompleteBody(string Text, int Position, string File = "draft.csx");

    internal sealed record CompletionList(IReadOnlyList<Completion> Completions);

    internal sealed record PaletteList(IReadOnlyList<PaletteEntry> Entries);

    private static async Task<Ok<DrawnText>> DrawAsync(DiagramBody body, SoarNode node, CancellationToken cancellation)
    {
        var graph = Graph(Diagram.Of(body.Text, body.File, cancellation));
        return TypedResults.Ok(new DrawnText(graph, await node.Tools.CheckTextAsync(body.Text, body.File, cancellation)));
    }

    private static async Task<Ok<EditedView>> EditAsync(EditBody body, SoarNode node, CancellationToken cancellation)
    {
        var result = PlaybookEditor.Apply(body.Text, body.File, body.Edit.ToEdit(), cancellation);
        return TypedResults.Ok(new EditedView(result.Changes, Graph(result.Diagram), await node.Tools.CheckTextAsync(result.Text, body.File, cancellation)));
    }

    private static async Task<Ok<CompletionList>> CompleteAsync(CompleteBody body, SoarNode node, CancellationToken cancellation) =>
        TypedResults.Ok(new CompletionList(await node.Tools.CompleteAsync(body.Text, body.File, body.Position, cancellation)));

    private static Ok<PaletteList> ListPalette(SoarNode node) => TypedResults.Ok(new PaletteList(Palette.Of(node.Tools)));

    private static JsonElement Graph(Diagram diagram) => JsonDocument.Parse(DiagramJson.Write(diagram)).RootElement;
}
