using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Hosting;

namespace Soar.Storage;

/// <summary>Published versions, and which of them is current. A version's text never changes; going back is a new turn, not a change of an old one.</summary>
public sealed class VersionStore(SoarDatabase database)
{
    private const string Facts = """
        SELECT p.playbook, p.version, p.content, p.file, p.author, p.reviewer, p.commit_id AS CommitId, p.note, p.tests, p.published_by AS PublishedBy, p.published_at AS PublishedAt,
            (SELECT t.version FROM version_turns AS t WHERE t.playbook = p.playbook ORDER BY t.turn_no DESC LIMIT 1) AS CurrentVersion
        FROM published_versions AS p
        """;

    private const string Texts = "SELECT p.playbook, p.version, p.content, p.file, p.source FROM published_versions AS p";

    private readonly Lock remembering = new();
    private IReadOnlyList<PublishedText>? current;
    private int changes;

    /// <summary>Publishes all of them, or none where one is refused: a set that belongs together becomes current together, in one commit.</summary>
    public async Task<IReadOnlyList<Published>> PublishAsync(IReadOnlyList<NewVersion> versions, string by, DateTimeOffset at)
    {
        var ends = await database.WriteAsync(session =>
        {
            var all = versions.Select(version => EndOf(session.Connection, version)).ToList();
            if (all.TrueForAll(end => end.End != PublishEnd.OtherContent))
                foreach (var (version, end) in versions.Zip(all)) Put(session.Connection, version, end.End, by, at);
            return all;
        });
        Forget();
        return ends;
    }

    /// <summary>Makes a published version the current one; null withdraws the playbook from being published. False when it is so already. Throws <see cref="NotFoundException"/>.</summary>
    public async Task<bool> TurnToAsync(string playbook, string? version, string by, DateTimeOffset at, string reason)
    {
        var turned = await database.WriteAsync(session =>
        {
            var known = session.Connection.QuerySingle<long>("SELECT COUNT(*) FROM published_versions WHERE playbook = @playbook AND (@version IS NULL OR version = @version)", new { playbook, version }) > 0;
            if (!known) throw new NotFoundException("published version", version is null ? playbook : $"{playbook}@{version}", "'soar versions' lists them.");
            if (CurrentOf(session.Connection, playbook) == version) return false;
            Turn(session.Connection, playbook, version, by, at, reason);
            return true;
        });
        Forget();
        return turned;
    }

    /// <summary>Newest first; of one playbook, or of all.</summary>
    public Task<IReadOnlyList<PublishedVersion>> ListAsync(string? playbook) => database.Readers.ReadAsync<IReadOnlyList<PublishedVersion>>(reader =>
    [
        .. reader.Connection.Query<FactsRow>($"{Facts} WHERE (@playbook IS NULL OR p.playbook = @playbook) ORDER BY p.playbook, p.publish_no DESC", new { playbook }).Select(row => row.ToVersion()),
    ]);

    /// <summary>One version's text; null when there is none of this name.</summary>
    public Task<PublishedText?> FindAsync(string playbook, string version) => database.Readers.ReadAsync(reader =>
        reader.Connection.QueryFirstOrDefault<TextRow>($"{Texts} WHERE p.playbook = @playbook AND p.version = @version", new { playbook, version })?.ToText());

    /// <summary>What became current, newest first.</summary>
    public Task<IReadOnlyList<VersionTurn>> TurnsAsync(string playbook) => database.Readers.ReadAsync<IReadOnlyList<VersionTurn>>(reader =>
    [
        .. reader.Connection.Query<TurnRow>("SELECT playbook, version, by_whom AS ByWhom, at, reason FROM version_turns WHERE playbook = @playbook ORDER BY turn_no DESC", new { playbook }).Select(row => row.ToTurn()),
    ]);

    /// <summary>The current text of every playbook that is published. Triggers ask for it with each alert, so it is remembered until this object changes it; one process writes to a store.</summary>
    public async Task<IReadOnlyList<PublishedText>> CurrentAsync()
    {
        int seen;
        lock (remembering)
        {
            if (current is { } known) return known;
            seen = changes;
        }

        var read = await database.Readers.ReadAsync<IReadOnlyList<PublishedText>>(reader =>
        [
            .. reader.Connection.Query<TextRow>($"{Texts} WHERE p.version = (SELECT t.version FROM version_turns AS t WHERE t.playbook = p.playbook ORDER BY t.turn_no DESC LIMIT 1) ORDER BY p.playbook").Select(row => row.ToText()),
        ]);
        lock (remembering)
        {
            // Only the owner may remember: beside it the store changes unseen. And what changed while it was read is read again.
            if (database.CanWrite && changes == seen) current = read;
        }

        return read;
    }

    /// <summary>What <see cref="CurrentAsync"/> remembers is not so any more.</summary>
    internal void Forget()
    {
        lock (remembering)
        {
            current = null;
            changes++;
        }
    }

    internal static Published EndOf(SqliteConnection db, NewVersion version)
    {
        var row = db.QueryFirstOrDefault<FactsRow>($"{Facts} WHERE p.playbook = @Playbook AND p.version = @Version", new { version.Playbook, version.Version });
        if (row is null) return new Published(version.Playbook, version.Version, version.Content, PublishEnd.Published);
        var stands = row.ToVersion();
        var end = stands.Content != version.Content ? PublishEnd.OtherContent : stands.Current ? PublishEnd.Unchanged : PublishEnd.CurrentAgain;
        return new Published(version.Playbook, version.Version, version.Content, end, stands);
    }

    internal static void Put(SqliteConnection db, NewVersion version, PublishEnd end, string by, DateTimeOffset at)
    {
        if (end == PublishEnd.Published)
        {
            db.Execute(
                """
                INSERT INTO published_versions (playbook, version, content, file, source, author, reviewer, commit_id, note, tests, published_by, published_at)
                VALUES (@Playbook, @Version, @Content, @File, @Source, @Author, @Reviewer, @Commit, @Note, @Tests, @by, @at)
                """,
                new { version.Playbook, version.Version, version.Content, version.File, version.Source, version.Author, version.Reviewer, version.Commit, version.Note, version.Tests, by, at = at.ToUnixTimeMilliseconds() });
        }

        if (end != PublishEnd.Unchanged) Turn(db, version.Playbook, version.Version, by, at, end == PublishEnd.Published ? "published" : "published again");
    }

    /// <summary>The content of the current version; null when none is.</summary>
    internal static string? CurrentContent(SqliteConnection db, string playbook) => db.QueryFirstOrDefault<string?>(
        "SELECT content FROM published_versions WHERE playbook = @playbook AND version = (SELECT t.version FROM version_turns AS t WHERE t.playbook = @playbook ORDER BY t.turn_no DESC LIMIT 1)", new { playbook });

    private static string? CurrentOf(SqliteConnection db, string playbook) =>
        db.QueryFirstOrDefault<string?>("SELECT version FROM version_turns WHERE playbook = @playbook ORDER BY turn_no DESC LIMIT 1", new { playbook });

    private static void Turn(SqliteConnection db, string playbook, string? version, string by, DateTimeOffset at, string reason) => db.Execute(
        "INSERT INTO version_turns (playbook, version, by_whom, at, reason) VALUES (@playbook, @version, @by, @at, @reason)", new { playbook, version, by, at = at.ToUnixTimeMilliseconds(), reason });

    private sealed record FactsRow(
        string Playbook, string Version, string Content, string File, string Author, string? Reviewer, string? CommitId, string Note, long Tests, string PublishedBy, long PublishedAt, string? CurrentVersion)
    {
        public PublishedVersion ToVersion() => new()
        {
            Playbook = Playbook, Version = Version, Content = Content, File = File, Author = Author, Reviewer = Reviewer, Commit = CommitId, Note = Note, Tests = (int)Tests, PublishedBy = PublishedBy,
            PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(PublishedAt), Current = CurrentVersion == Version,
        };
    }

    private sealed record TextRow(string Playbook, string Version, string Content, string File, string Source)
    {
        /// <summary>A version that was tampered with must not run.</summary>
        public PublishedText ToText() => NewVersion.ContentOf(Source) == Content
            ? new PublishedText(Playbook, Version, Content, File, Source)
            : throw new SoarException("SOAR3040", $"The text of {Playbook}@{Version} in the store is not the one that was published: its SHA-256 is not {Content}. Nothing is started from it. Restore the last backup, or publish another version.");
    }

    private sealed record TurnRow(string Playbook, string? Version, string ByWhom, long At, string Reason)
    {
        public VersionTurn ToTurn() => new(Playbook, Version, ByWhom, DateTimeOffset.FromUnixTimeMilliseconds(At), Reason);
    }
}
