using Dapper;

namespace Soar.Storage;

/// <summary>A playbook's text as somebody is changing it.</summary>
/// <param name="Version">One more with each save; never given twice for a playbook.</param>
/// <param name="Source">Null once it is discarded.</param>
public sealed record Draft(string Playbook, int Version, string? Source, string SavedBy, DateTimeOffset SavedAt);

/// <param name="Saved">False: somebody else saved meanwhile, and nothing was changed.</param>
/// <param name="Draft">What stands now; null when there is none.</param>
public sealed record DraftSaved(bool Saved, Draft? Draft);

/// <summary>Drafts of playbooks. Nobody saves over what they have not seen.</summary>
public sealed class DraftStore(SoarDatabase database)
{
    private const string Select = "SELECT playbook, version, source, saved_by AS SavedBy, saved_at AS SavedAt FROM drafts";

    /// <summary>The draft; null when there is none, or it was discarded.</summary>
    public Task<Draft?> FindAsync(string playbook) => database.Readers.ReadAsync(reader =>
        reader.Connection.QueryFirstOrDefault<Row>($"{Select} WHERE playbook = @playbook AND source IS NOT NULL", new { playbook })?.ToDraft());

    /// <param name="basedOn">The version that this text was made from; 0 = from the published file.</param>
    public Task<DraftSaved> SaveAsync(string playbook, int basedOn, string source, string by, DateTimeOffset at) => PutAsync(playbook, basedOn, source, by, at);

    /// <param name="version">The version that is to go.</param>
    public Task<DraftSaved> DiscardAsync(string playbook, int version, string by, DateTimeOffset at) => PutAsync(playbook, version, source: null, by, at);

    private Task<DraftSaved> PutAsync(string playbook, int basedOn, string? source, string by, DateTimeOffset at) => database.WriteAsync(session =>
    {
        var stands = session.Connection.QueryFirstOrDefault<Row>($"{Select} WHERE playbook = @playbook", new { playbook })?.ToDraft();
        var seen = basedOn == (stands?.Version ?? 0) || (basedOn == 0 && stands?.Source is null);
        if (!seen || (source is null && stands?.Source is null)) return new DraftSaved(Saved: false, stands);
        var next = (stands?.Version ?? 0) + 1;
        session.Connection.Execute(
            """
            INSERT INTO drafts (playbook, version, source, saved_by, saved_at) VALUES (@playbook, @next, @source, @by, @at)
            ON CONFLICT (playbook) DO UPDATE SET version = @next, source = @source, saved_by = @by, saved_at = @at
            """,
            new { playbook, next, source, by, at = at.ToUnixTimeMilliseconds() });
        return new DraftSaved(Saved: true, new Draft(playbook, next, source, by, DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds())));
    });

    private sealed record Row(string Playbook, long Version, string? Source, string SavedBy, long SavedAt)
    {
        public Draft ToDraft() => new(Playbook, (int)Version, Source, SavedBy, DateTimeOffset.FromUnixTimeMilliseconds(SavedAt));
    }
}
