using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Hosting;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/playbooks</c>: what can be run, as it is written and as it is drawn.</summary>
internal static class PlaybooksApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var playbooks = routes.MapGroup("/api/playbooks").WithTags("playbooks");
        playbooks.MapGet("", ListAsync).Needs(Permission.ReadPlaybooks).WithSummary("Every playbook of the folder, from its header; none is executed.");
        playbooks.MapGet("/{name}", ShowAsync).Needs(Permission.ReadPlaybooks).WithSummary("One playbook: header, source, diagram, and everything that is wrong with it.");
    }

    /// <param name="Name">The file's name without .csx, by which it is asked for.</param>
    /// <param name="File">Within the playbooks' folder.</param>
    /// <param name="Header">Of what runs: of the current version where one is published, else of the file. Null when it cannot be read; the diagnostics tell why.</param>
    /// <param name="Published">The version that is current; null when none is published and its file runs.</param>
    /// <param name="Differs">The folder has another text, or none, than what is published.</param>
    internal sealed record PlaybookRow(string Name, string File, PlaybookHeader? Header, int Errors, int Warnings, string? Published, bool Differs);

    internal sealed record PlaybookList(IReadOnlyList<PlaybookRow> Playbooks);

    /// <param name="Source">What runs.</param>
    /// <param name="Published">What is on record of it; null when none is published and its file runs.</param>
    /// <param name="Differs">As in the list.</param>
    /// <param name="Draft">Null when there is none.</param>
    internal sealed record PlaybookView(
        string Name, string File, PlaybookHeader? Header, string Source, JsonElement Graph, IReadOnlyList<PlaybookDiagnostic> Diagnostics, PublishedVersion? Published, bool Differs, DraftStands? Draft);

    /// <summary>Somebody is changing it: who saved last, and when.</summary>
    internal sealed record DraftStands(int Version, string SavedBy, DateTimeOffset SavedAt);

    private static async Task<Ok<PlaybookList>> ListAsync(SoarNode node, Sight sight, CancellationToken cancellation)
    {
        var published = (await node.Reader.Versions.CurrentAsync()).ToDictionary(text => text.Playbook, StringComparer.Ordinal);
        var files = Files(node);
        var rows = new List<PlaybookRow>();
        foreach (var (file, entry) in files.Zip(await node.Tools.CheckAsync(files, cancellation)))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            rows.Add(published.Remove(name, out var current)
                ? await RowAsync(node, current, Within(node, file), differs: current.Source != await File.ReadAllTextAsync(file, cancellation), cancellation)
                : Row(name, Within(node, file), entry.Header, entry.Diagnostics, null, differs: false));
        }

        foreach (var text in published.Values) rows.Add(await RowAsync(node, text, text.File, differs: true, cancellation));
        var seen = await sight.PlaybooksAsync();
        return TypedResults.Ok(new PlaybookList([.. rows.Where(row => seen.Contains(row.Name)).OrderBy(row => row.File, StringComparer.Ordinal)]));
    }

    private static async Task<PlaybookRow> RowAsync(SoarNode node, PublishedText text, string file, bool differs, CancellationToken cancellation)
    {
        var result = await node.Tools.Compiler.CompileAsync(text.Source, text.File, new BuildOptions(), cancellation);
        return Row(text.Playbook, file, result.Header, result.Diagnostics, text.Version, differs);
    }

    private static PlaybookRow Row(string name, string file, PlaybookHeader? header, IReadOnlyList<PlaybookDiagnostic> found, string? published, bool differs) => new(
        name, file, header, found.Count(d => d.Severity == PlaybookSeverity.Error), found.Count(d => d.Severity != PlaybookSeverity.Error), published, differs);

    private static async Task<Ok<PlaybookView>> ShowAsync(string name, SoarNode node, Sight sight, CancellationToken cancellation)
    {
        await sight.PlaybookAsync(name);
        var file = await KnownAsync(node, name);
        var written = file is null ? null : await File.ReadAllTextAsync(file, cancellation);
        var draft = await node.Reader.Drafts.FindAsync(name) is { } stands ? new DraftStands(stands.Version, stands.SavedBy, stands.SavedAt) : null;
        if (await node.Playbooks.CurrentAsync(name) is { } current)
        {
            var result = await node.Tools.Compiler.CompileAsync(current.Source, current.File, new BuildOptions(), cancellation);
            var facts = (await node.Reader.Versions.ListAsync(name)).First(v => v.Version == current.Version);
            return TypedResults.Ok(new PlaybookView(name, file is null ? current.File : Within(node, file), result.Header, current.Source, Graph(current.Source, current.File, cancellation), result.Diagnostics, facts, current.Source != written, draft));
        }

        // One that was withdrawn and has no file is there no more: only its versions are.
        if (file is null || written is null) throw new SoarException("SOAR5004", $"'{name}' was withdrawn, and the folder has no file of it. Its versions are still there: GET /api/playbooks/{name}/versions.");
        var entry = (await node.Tools.CheckAsync([file], cancellation))[0];
        return TypedResults.Ok(new PlaybookView(name, Within(node, file), entry.Header, written, Graph(written, file, cancellation), entry.Diagnostics, null, Differs: false, draft));
    }

    private static JsonElement Graph(string source, string file, CancellationToken cancellation) => JsonDocument.Parse(DiagramJson.Write(Diagram.Of(source, file, cancellation))).RootElement;

    /// <summary>That there is such a playbook, in the folder or published; its file, null where the folder has none. Throws SOAR5004.</summary>
    public static async Task<string?> KnownAsync(SoarNode node, string name)
    {
        var published = (await node.Reader.Versions.ListAsync(name)).Count > 0;
        return published && Files(node).All(file => Path.GetFileNameWithoutExtension(file) != name) ? null : FileOf(node, name);
    }

    /// <summary>The text of every playbook as it runs: what is published, else the file.</summary>
    public static async Task<IReadOnlyList<PublishedText>> TextsAsync(SoarNode node, CancellationToken cancellation)
    {
        var texts = (await node.Reader.Versions.CurrentAsync()).ToList();
        var published = texts.Select(text => text.Playbook).ToHashSet(StringComparer.Ordinal);
        foreach (var file in Files(node).Where(file => !published.Contains(Path.GetFileNameWithoutExtension(file))))
            texts.Add(new PublishedText(Path.GetFileNameWithoutExtension(file), "", "", file, await File.ReadAllTextAsync(file, cancellation)));
        return texts;
    }

    /// <summary>The file of this name. Only what lies in the playbooks' folder is looked at: a name is never used as a path.</summary>
    public static string FileOf(SoarNode node, string name)
    {
        var files = Files(node);
        var named = files.Where(f => Path.GetFileNameWithoutExtension(f) == name).ToList();
        return named.Count switch
        {
            1 => named[0],
            0 => throw new SoarException("SOAR5004", $"There is no playbook '{name}'.{YamlBinder.Suggest(name, files.Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal))}"),
            _ => throw new SoarException("SOAR5004", $"'{name}' is the name of {named.Count} files: {string.Join(", ", named.Select(f => Within(node, f)))}. Rename all but one."),
        };
    }

    public static string[] Files(SoarNode node)
    {
        var folder = node.Tools.Workspace.Playbooks;
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.csx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];
    }

    private static string Within(SoarNode node, string file) => Path.GetRelativePath(node.Tools.Workspace.Playbooks, file);
}
