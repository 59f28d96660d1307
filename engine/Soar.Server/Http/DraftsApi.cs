using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/drafts</c>: playbooks that somebody is changing. A draft runs nowhere; it is a text that is kept while it is worked on.</summary>
internal static class DraftsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var drafts = routes.MapGroup("/api/drafts").WithTags("drafts");
        drafts.MapGet("/{name}", ShowAsync).Needs(Permission.EditPlaybooks).WithSummary("The draft of a playbook; 404 when there is none.");
        drafts.MapPut("/{name}", SaveAsync).Needs(Permission.EditPlaybooks).WithSummary("Saves the draft of a playbook; 409 when somebody else saved since the version that it is based on.");
        drafts.MapDelete("/{name}", DiscardAsync).Needs(Permission.EditPlaybooks).WithSummary("Discards the draft of a playbook; 409 when it is another version by now.");
    }

    /// <param name="BasedOn">The version that this text was made from; 0 = from the playbook's file.</param>
    /// <param name="From">The content (SHA-256) of a published version that the text takes into account by now; null = the one that was current when the draft was begun.</param>
    internal sealed record DraftBody(string Source, int BasedOn, string? From = null);

    /// <param name="Writers">Everybody who saved it since it was begun; none of them reviews it.</param>
    /// <param name="BegunFrom">The content of the version that it was begun from; another one that is current by now has to be taken into account before it can be published.</param>
    internal sealed record DraftView(string Playbook, int Version, string Source, string SavedBy, DateTimeOffset SavedAt, IReadOnlyList<string> Writers, string? BegunFrom)
    {
        public static DraftView Of(Draft draft) => new(draft.Playbook, draft.Version, draft.Source ?? "", draft.SavedBy, draft.SavedAt, draft.Writers, draft.BegunFrom);
    }

    private static async Task<Ok<DraftView>> ShowAsync(string name, NodeReader reader) =>
        TypedResults.Ok(DraftView.Of(await reader.Drafts.FindAsync(name) ?? throw new NotFoundException("draft of the playbook", name, "GET /api/playbooks/{name} has what is published.")));

    private static async Task<Ok<DraftView>> SaveAsync(string name, DraftBody body, Caller caller, SoarNode node)
    {
        await PlaybooksApi.KnownAsync(node, name);
        var saved = await node.Reader.Drafts.SaveAsync(name, body.BasedOn, body.Source, caller.Name, node.Clock.GetUtcNow(), body.From);
        return saved.Saved ? TypedResults.Ok(DraftView.Of(saved.Draft!)) : throw Changed(name, saved.Draft);
    }

    private static async Task<NoContent> DiscardAsync(string name, int version, Caller caller, SoarNode node)
    {
        var gone = await node.Reader.Drafts.DiscardAsync(name, version, caller.Name, node.Clock.GetUtcNow());
        return gone.Saved ? TypedResults.NoContent() : throw Changed(name, gone.Draft);
    }

    private static SoarException Changed(string name, Draft? stands) => new("SOAR6060", stands switch
    {
        { Source: null } => $"The draft of '{name}' was discarded by {stands.SavedBy} at {stands.SavedAt:u}. Nothing was saved. Begin anew from the published playbook, or save with basedOn 0.",
        { } => $"{stands.SavedBy} saved the draft of '{name}' at {stands.SavedAt:u}; it is version {stands.Version} now. Nothing was saved over it: look at theirs first (then basedOn {stands.Version} saves).",
        null => $"There is no draft of '{name}' (any more). Save with basedOn 0.",
    });
}
