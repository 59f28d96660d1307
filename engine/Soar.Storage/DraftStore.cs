using System.Text.Json;
using Dapper;
using Soar.Capabilities;

namespace Soar.Storage;

/// <summary>A playbook's text as somebody is changing it.</summary>
/// <param name="Version">One more with each save; never given twice for a playbook.</param>
/// <param name="Source">Null once it is discarded.</param>
/// <param name="Writers">Everybody who saved it since it was begun.</param>
/// <param name="BegunFrom">The content (SHA-256) of the published version that was current when it was begun; null = none was.</param>
public sealed record Draft(string Playbook, int Version, string? Source, string SavedBy, DateTimeOffset SavedAt, IReadOnlyList<string> Writers, string? BegunFrom);

/// <param name="Saved">False: somebody else saved meanwhile, and nothing was changed.</param>
/// <param name="Draft">What stands now; null when there is none.</param>
public sealed record DraftSaved(bool Saved, Draft? Draft);

/// <summary>Drafts of playbooks. Nobody saves over what they have not seen.</summary>
public sealed class DraftStore(SoarDatabase database)
{
    private const string Select = "SELECT playbook, version, source, saved_by AS SavedBy, saved_at AS SavedAt, writers, begun_from AS BegunFrom FROM drafts";

    /// <summary>The draft; null when there is none, or it was discarded.</summary>
    public Task<Draft?> FindAsync(string playbook) => database.Readers.ReadAsync(reader =>
        reader.Connection.QueryFirstOrDefault<Row>($"{Select} WHERE playbook = @playbook AND source IS NOT NULL", new { playbook })?.ToDraft());

    /// <param name="basedOn">The version that this text was made from; 0 = from the published file.</param>
    /// <param name="from">The content of a published version that this text takes into account by now; null = the one it was begun from.</param>
    public Task<DraftSaved> SaveAsync(string playbook, int basedOn, string source, string by, DateTimeOffset at, string? from = null) => PutAsync(playbook, basedOn, source, by, at, from);

    /// <param name="version">The version that is to go.</param>
    public Task<DraftSaved> DiscardAsync(string playbook, int version, string by, DateTimeOffset at) => PutAsync(playbook, version, source: null, by, at, from: null);

    private Task<DraftSaved> PutAsync(string playbook, int basedOn, string? source, string by, DateTimeOffset at, string? from) => database.WriteAsync(session =>
    {
        var stands = session.Connection.QueryFirstOrDefault<Row>($"{Select} WHERE playbook = @playbook", new { playbook })?.ToDraft();
        var seen = basedOn == (stands?.Version ?? 0) || (basedOn == 0 && stands?.Source is null);
        if (!seen || (source is null && stands?.Source is null)) return new DraftSaved(Saved: false, stands);
        var next = (stands?.Version ?? 0) + 1;
        var begun = stands?.Source is null;
        IReadOnlyList<string> writers = begun ? [by] : [.. stands!.Writers.Append(by).Distinct(StringComparer.Ordinal)];
        var begunFrom = from ?? (begun ? VersionStore.CurrentContent(session.Connection, playbook) : stands!.BegunFrom);
        session.Connection.Execute(
            """
            INSERT INTO drafts (playbook, version, source, saved_by, saved_at, writers, begun_from) VALUES (@playbook, @next, @source, @by, @at, @names, @begunFrom)
            ON CONFLICT (playbook) DO UPDATE SET version = @next, source = @source, saved_by = @by, saved_at = @at, writers = @names, begun_from = @begunFrom
            """,
            new { playbook, next, source, by, at = at.ToUnixTimeMilliseconds(), names = JsonSerializer.Serialize(writers, SoarJson.Options), begunFrom });
        return new DraftSaved(Saved: true, new Draft(playbook, next, source, by, DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds()), writers, begunFrom));
    });

    private sealed record Row(string Playbook, long Version, string? Source, string SavedBy, long SavedAt, string Writers, string? BegunFrom)
    {
        public Draft ToDraft() => new(Playbook, (int)Version, Source, SavedBy, DateTimeOffset.FromUnixTimeMilliseconds(SavedAt), JsonSerializer.Deserialize<string[]>(Writers, SoarJson.Options)!, BegunFrom);
    }
}
