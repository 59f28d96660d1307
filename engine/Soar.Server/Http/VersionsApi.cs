using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Scripting;
using Soar.Scripting.Compare;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Server.Versions;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/playbooks/{name}/versions</c> and what belongs to it: what was published, what differs, going back, who uses it.</summary>
internal static class VersionsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var playbooks = routes.MapGroup("/api/playbooks/{name}").WithTags("versions");
        playbooks.MapGet("/versions", ListAsync).Needs(Permission.ReadPlaybooks).WithSummary("The published versions of a playbook, newest first, and from when on which one was current.");
        playbooks.MapGet("/versions/{version}", ShowAsync).Needs(Permission.ReadPlaybooks).WithSummary("One published version: its text and diagram.");
        playbooks.MapGet("/compare", CompareAsync).Needs(Permission.ReadPlaybooks).WithSummary("Two texts of a playbook: each a version, 'current', 'file', or for who may edit 'draft' or a review's id. Lines and diagram.");
        playbooks.MapGet("/used-by", ListUsersAsync).Needs(Permission.ReadPlaybooks).WithSummary("The playbooks that start this one with Run, as they are current.");
        playbooks.MapPost("/roll-back", RollBackAsync).Needs(Permission.PublishPlaybooks).WithSummary("Makes a published version current again, or without one withdraws the playbook from being published. Runs stay on theirs.");
    }

    internal sealed record VersionList(IReadOnlyList<PublishedVersion> Versions, IReadOnlyList<VersionTurn> Turns);

    internal sealed record VersionView(PublishedVersion Version, string Source, JsonElement Graph);

    /// <param name="Head">As unified diffs head a hunk.</param>
    internal sealed record HunkView(string Head, IReadOnlyList<ComparedLine> Lines);

    /// <param name="From">What was compared: a version, "1.0.0 (current)", "file", "draft 3".</param>
    internal sealed record CompareView(string From, string To, IReadOnlyList<HunkView> Text, DiagramDifferences Diagram);

    /// <param name="Version">Of the playbook that starts it.</param>
    /// <param name="Line">Where it does first.</param>
    internal sealed record UserOf(string Playbook, string Version, int Line);

    internal sealed record UserList(IReadOnlyList<UserOf> Playbooks);

    /// <param name="Version">Null: withdraw it; then its file in the folder runs again.</param>
    internal sealed record RollBack(string Reason, string? Version = null);

    internal sealed record RolledBack(bool Changed);

    private static async Task<Ok<VersionList>> ListAsync(string name, Sight sight, NodeReader reader, SoarNode node)
    {
        await sight.PlaybookAsync(name);
        await PlaybooksApi.KnownAsync(node, name);
        return TypedResults.Ok(new VersionList(await reader.Versions.ListAsync(name), await reader.Versions.TurnsAsync(name)));
    }

    private static async Task<Ok<VersionView>> ShowAsync(string name, string version, Sight sight, NodeReader reader, CancellationToken cancellation)
    {
        await sight.PlaybookAsync(name);
        var text = await reader.Versions.FindAsync(name, version) ?? throw new NotFoundException("published version", $"{name}@{version}", $"GET /api/playbooks/{name}/versions lists them.");
        var facts = (await reader.Versions.ListAsync(name)).First(v => v.Version == version);
        return TypedResults.Ok(new VersionView(facts, text.Source, JsonDocument.Parse(DiagramJson.Write(Diagram.Of(text.Source, Path.GetFileName(text.File), cancellation))).RootElement));
    }

    private static async Task<Ok<CompareView>> CompareAsync(string name, string from, string to, Caller caller, Sight sight, NodeReader reader, SoarNode node, CancellationToken cancellation)
    {
        await sight.PlaybookAsync(name);
        if (new[] { from, to }.Any(word => word == Comparison.Draft || Guid.TryParse(word, out _))) await sight.MayEditAsync(name);
        var file = await PlaybooksApi.KnownAsync(node, name);
        var mayEdit = caller.May.Contains(Permission.EditPlaybooks);
        var (one, other) = (await Comparison.TextAsync(name, from, file, reader, mayEdit, cancellation), await Comparison.TextAsync(name, to, file, reader, mayEdit, cancellation));
        // A draft may be stricter than what is published.
        if (new[] { one, other }.Any(text => Shelf.TlpOf(text.Source, name) > sight.Given.Clearance)) throw new NotFoundException("text of the playbook", name, $"GET /api/playbooks/{name}/versions lists those that can be compared.");
        var both = Comparison.Of(name, one, other, cancellation);
        return TypedResults.Ok(new CompareView(both.From, both.To, [.. both.Text.Select(hunk => new HunkView(hunk.Head, hunk.Lines))], both.Diagram));
    }

    private static async Task<Ok<UserList>> ListUsersAsync(string name, Sight sight, SoarNode node, CancellationToken cancellation)
    {
        await sight.PlaybookAsync(name);
        var seen = await sight.PlaybooksAsync();
        await PlaybooksApi.KnownAsync(node, name);
        var users = new List<UserOf>();
        foreach (var text in (await PlaybooksApi.TextsAsync(node, cancellation)).Where(text => seen.Contains(text.Playbook)))
        {
            var read = new PlaybookText(text.Source, text.File);
            foreach (var (_, line) in read.SubPlaybooks().Where(sub => sub.Playbook == name)) users.Add(new UserOf(text.Playbook, read.Version, line));
        }

        return TypedResults.Ok(new UserList(users));
    }

    private static async Task<Ok<RolledBack>> RollBackAsync(string name, RollBack body, Caller caller, Sight sight, SoarNode node, CancellationToken cancellation)
    {
        await sight.MayEditAsync(name);
        if (string.IsNullOrWhiteSpace(body.Reason)) throw new SoarException("SOAR6007", "reason: is empty. Say why: it stands in the playbook's history and in the audit.");
        var call = new RollBackCall(name, body.Version, body.Reason, caller.Name);
        return TypedResults.Ok(new RolledBack(await node.RecordedAsync(Calls.RollBack, Calls.With(call), caller.Actor, node.Publishing.RollBackAsync(call, cancellation))));
    }
}
