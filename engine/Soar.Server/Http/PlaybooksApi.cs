using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Hosting;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Server.Settings;

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
    /// <param name="Header">Null when it cannot be read; the diagnostics tell why.</param>
    internal sealed record PlaybookRow(string Name, string File, PlaybookHeader? Header, int Errors, int Warnings);

    internal sealed record PlaybookList(IReadOnlyList<PlaybookRow> Playbooks);

    internal sealed record PlaybookView(string Name, string File, PlaybookHeader? Header, string Source, JsonElement Graph, IReadOnlyList<PlaybookDiagnostic> Diagnostics);

    private static async Task<Ok<PlaybookList>> ListAsync(SoarNode node, CancellationToken cancellation)
    {
        var entries = await node.Tools.CheckAsync(Files(node), cancellation);
        return TypedResults.Ok(new PlaybookList([.. Files(node).Zip(entries, (file, entry) => new PlaybookRow(
            Path.GetFileNameWithoutExtension(file), Within(node, file), entry.Header, entry.Diagnostics.Count(d => d.Severity == PlaybookSeverity.Error), entry.Diagnostics.Count(d => d.Severity != PlaybookSeverity.Error)))]));
    }

    private static async Task<Ok<PlaybookView>> ShowAsync(string name, SoarNode node, CancellationToken cancellation)
    {
        var file = FileOf(node, name);
        var source = await File.ReadAllTextAsync(file, cancellation);
        var entry = (await node.Tools.CheckAsync([file], cancellation))[0];
        var graph = JsonDocument.Parse(DiagramJson.Write(Diagram.Of(source, file, cancellation))).RootElement;
        return TypedResults.Ok(new PlaybookView(name, Within(node, file), entry.Header, source, graph, entry.Diagnostics));
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
