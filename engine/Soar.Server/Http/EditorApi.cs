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
        editor.MapPost("/diagram", Draw).Needs(Permission.EditPlaybooks).WithSummary("The diagram of a text, at once: it is drawn of the text alone. POST /api/editor/check says what is wrong with it.");
        editor.MapPost("/edit", Edit).Needs(Permission.EditPlaybooks).WithSummary("A change made in the diagram, as changes of the text, with the diagram afterwards.");
        editor.MapPost("/copy", Copy).Needs(Permission.EditPlaybooks).WithSummary("The statements of a thing of the diagram, with their title, as they can be inserted elsewhere.");
        editor.MapPost("/check", CheckAsync).Needs(Permission.EditPlaybooks).WithSummary("Everything that is wrong with a text. It is compiled for that, so it takes its time: whoever has a newer text by then hangs up.");
        editor.MapPost("/complete", CompleteAsync).Needs(Permission.EditPlaybooks).WithSummary("What may be written at a place of an unfinished text.");
        editor.MapGet("/palette", ListPaletteAsync).Needs(Permission.EditPlaybooks).WithSummary("What can be inserted: actions, words of the language, other playbooks, with their arguments.");
    }

    /// <param name="File">As findings name it.</param>
    internal sealed record TextBody(string Text, string File = "draft.csx");

    internal sealed record DrawnText(JsonElement Graph);

    internal sealed record CheckedText(IReadOnlyList<PlaybookDiagnostic> Diagnostics);

    /// <param name="Thing">Id of a node or group of the diagram of this text.</param>
    /// <param name="Through">Another one in the same block: everything from one through the other.</param>
    internal sealed record CopyBody(string Text, string Thing, string? Through = null, string File = "draft.csx");

    internal sealed record CopiedCode(string Code);

    internal sealed record EditBody(string Text, EditAsked Edit, string File = "draft.csx");

    /// <param name="Changes">In the order of the text; positions count from the text as it was, in UTF-16 units.</param>
    internal sealed record EditedView(IReadOnlyList<TextChange> Changes, JsonElement Graph);

    /// <param name="Position">From 0, in UTF-16 units.</param>
    internal sealed record CompleteBody(string Text, int Position, string File = "draft.csx");

    internal sealed record CompletionList(IReadOnlyList<Completion> Completions);

    internal sealed record PaletteList(IReadOnlyList<PaletteEntry> Entries);

    private static Ok<DrawnText> Draw(TextBody body, CancellationToken cancellation) => TypedResults.Ok(new DrawnText(Graph(Diagram.Of(body.Text, body.File, cancellation))));

    private static async Task<Ok<CheckedText>> CheckAsync(TextBody body, SoarNode node, CancellationToken cancellation) =>
        TypedResults.Ok(new CheckedText(await node.Tools.CheckTextAsync(body.Text, body.File, cancellation)));

    private static Ok<EditedView> Edit(EditBody body, CancellationToken cancellation)
    {
        var result = PlaybookEditor.Apply(body.Text, body.File, body.Edit.ToEdit(), cancellation);
        return TypedResults.Ok(new EditedView(result.Changes, Graph(result.Diagram)));
    }

    private static Ok<CopiedCode> Copy(CopyBody body, CancellationToken cancellation) => TypedResults.Ok(new CopiedCode(PlaybookEditor.Copy(body.Text, body.File, body.Thing, body.Through, cancellation)));

    private static async Task<Ok<CompletionList>> CompleteAsync(CompleteBody body, SoarNode node, CancellationToken cancellation) =>
        TypedResults.Ok(new CompletionList(await node.Tools.CompleteAsync(body.Text, body.File, body.Position, cancellation)));

    private static async Task<Ok<PaletteList>> ListPaletteAsync(SoarNode node, Sight sight)
    {
        var seen = await sight.PlaybooksAsync();
        return TypedResults.Ok(new PaletteList([.. Palette.Of(node.Tools).Where(entry => entry.Group != Palette.Playbooks || seen.Contains(entry.Name))]));
    }

    private static JsonElement Graph(Diagram diagram) => JsonDocument.Parse(DiagramJson.Write(diagram)).RootElement;
}
