using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Capabilities;

namespace Soar.Storage;

/// <summary>Reviews of drafts. Each change looks at how the review stands in the same commit, so that of two who decide at once one is told.</summary>
public sealed class ReviewStore(SoarDatabase database, VersionStore versions)
{
    private const string Select = """
        SELECT r.id, r.playbook, r.version, r.content, r.source, r.draft, r.begun_from AS BegunFrom, r.author, r.writers, r.note, r.tests, r.submitted_at AS SubmittedAt, r.state, r.reviewer,
            r.decided_at AS DecidedAt, r.reason
        FROM reviews AS r
        """;

    /// <summary>Submits a draft as it stands; one of the playbook that is in hand is replaced.</summary>
    /// <param name="version">As the draft's header says.</param>
    public Task<ReviewChange> SubmitAsync(Guid id, string playbook, int draft, string version, string author, string note, int tests, DateTimeOffset at) => database.WriteAsync(session =>
    {
        var row = session.Connection.QueryFirstOrDefault<DraftRow>("SELECT source, writers, begun_from AS BegunFrom FROM drafts WHERE playbook = @playbook AND version = @draft AND source IS NOT NULL", new { playbook, draft });
        if (row is null) return new ReviewChange(ReviewEnd.OtherDraft, null);
        session.Connection.Execute("UPDATE reviews SET state = @Replaced, decided_at = @at WHERE playbook = @playbook AND state IN (0, 1)", new { playbook, ReviewState.Replaced, at = at.ToUnixTimeMilliseconds() });
        session.Connection.Execute(
            """
            INSERT INTO reviews (id, playbook, version, content, source, draft, begun_from, author, writers, note, tests, submitted_at, state, reason)
            VALUES (@id, @playbook, @version, @content, @Source, @draft, @BegunFrom, @author, @Writers, @note, @tests, @at, 0, '')
            """,
            new { id = id.ToString(), playbook, version, content = NewVersion.ContentOf(row.Source), row.Source, draft, row.BegunFrom, author, row.Writers, note, tests, at = at.ToUnixTimeMilliseconds() });
        return new ReviewChange(ReviewEnd.Done, Find(session.Connection, id));
    });

    /// <summary>Approves or refuses an open review; whoever had a hand in the text may not.</summary>
    public Task<ReviewChange> DecideAsync(Guid id, bool approve, string by, string reason, DateTimeOffset at) => database.WriteAsync(session =>
    {
        var review = Find(session.Connection, id);
        if (review is null or { State: not ReviewState.Open }) return new ReviewChange(ReviewEnd.NotInHand, review);
        if (review.IsBy(by)) return new ReviewChange(ReviewEnd.OwnText, review);
        session.Connection.Execute("UPDATE reviews SET state = @state, reviewer = @by, decided_at = @at, reason = @reason WHERE id = @id",
            new { id = id.ToString(), state = approve ? ReviewState.Approved : ReviewState.Refused, by, at = at.ToUnixTimeMilliseconds(), reason });
        return new ReviewChange(ReviewEnd.Done, Find(session.Connection, id));
    });

    /// <summary>Takes back one that is open or approved.</summary>
    public Task<ReviewChange> WithdrawAsync(Guid id, string reason, DateTimeOffset at) => database.WriteAsync(session =>
    {
        var changed = session.Connection.Execute("UPDATE reviews SET state = @Withdrawn, decided_at = @at, reason = @reason WHERE id = @id AND state IN (0, 1)",
            new { id = id.ToString(), ReviewState.Withdrawn, at = at.ToUnixTimeMilliseconds(), reason });
        return new ReviewChange(changed > 0 ? ReviewEnd.Done : ReviewEnd.NotInHand, Find(session.Connection, id));
    });

    /// <summary>Adds a comment, whatever the review's state. False when there is none.</summary>
    public Task<bool> CommentAsync(Guid id, string by, string text, int? line, DateTimeOffset at) => database.WriteAsync(session => session.Connection.Execute(
        "INSERT INTO review_comments (review_no, by_whom, at, text, line) SELECT review_no, @by, @at, @text, @line FROM reviews WHERE id = @id",
        new { id = id.ToString(), by, at = at.ToUnixTimeMilliseconds(), text, line }) > 0);

    /// <summary>
    /// Publishes the text of a review in one commit with everything that hangs on it: the version, its turn, the review's end, and the draft, which goes unless somebody has saved it since.
    /// </summary>
    /// <param name="unreviewed">True: an open one may be published too (nobody has to review here).</param>
    public async Task<ReviewChange> PublishAsync(Guid id, string file, int tests, bool unreviewed, string by, DateTimeOffset at)
    {
        var change = await database.WriteAsync(session =>
        {
            var review = Find(session.Connection, id);
            if (review is null || !(review.State == ReviewState.Approved || (unreviewed && review.State == ReviewState.Open))) return new ReviewChange(ReviewEnd.NotInHand, review);
            if (VersionStore.CurrentContent(session.Connection, review.Playbook) != review.BegunFrom) return new ReviewChange(ReviewEnd.Stale, review);
            var version = new NewVersion(review.Playbook, review.Version, file, review.Source, review.Author, review.Reviewer, Commit: null, review.Note, tests);
            var end = VersionStore.EndOf(session.Connection, version);
            if (end.End == PublishEnd.OtherContent) return new ReviewChange(ReviewEnd.OtherContent, review, end);
            VersionStore.Put(session.Connection, version, end.End, by, at);
            Close(session.Connection, review, version.Content, by, at);
            return new ReviewChange(ReviewEnd.Done, Find(session.Connection, id), end);
        });
        versions.Forget();
        return change;
    }

    /// <summary>Newest first, without their texts; of one playbook, or of all.</summary>
    /// <param name="inHand">Only those that are open or approved.</param>
    public Task<IReadOnlyList<Review>> ListAsync(string? playbook, bool inHand, int max, Horizon? sight = null) => database.Readers.ReadAsync<IReadOnlyList<Review>>(reader =>
    [
        .. reader.Connection.Query<Row>($"{Select} WHERE (@playbook IS NULL OR r.playbook = @playbook) AND (NOT @inHand OR r.state IN (0, 1)){sight?.OfPlaybook("r.playbook")} ORDER BY r.review_no DESC LIMIT @max", new { playbook, inHand, max }).Select(row => row.ToReview()),
    ]);

    public Task<Review?> FindAsync(Guid id) => database.Readers.ReadAsync(reader => Find(reader.Connection, id));

    /// <summary>Oldest first.</summary>
    public Task<IReadOnlyList<ReviewComment>> CommentsAsync(Guid id) => database.Readers.ReadAsync<IReadOnlyList<ReviewComment>>(reader =>
    [
        .. reader.Connection.Query<CommentRow>(
            "SELECT c.by_whom AS ByWhom, c.at, c.text, c.line FROM review_comments AS c JOIN reviews AS r ON r.review_no = c.review_no WHERE r.id = @id ORDER BY c.comment_no", new { id = id.ToString() }).Select(row => row.ToComment()),
    ]);

    private static Review? Find(SqliteConnection db, Guid id) => db.QueryFirstOrDefault<Row>($"{Select} WHERE r.id = @id", new { id = id.ToString() })?.ToReview();

    // A draft that was saved since was made from the text that is published now.
    private static void Close(SqliteConnection db, Review review, string content, string by, DateTimeOffset at)
    {
        var (playbook, milliseconds) = (review.Playbook, at.ToUnixTimeMilliseconds());
        db.Execute("UPDATE reviews SET state = @Published WHERE id = @id", new { id = review.Id.ToString(), ReviewState.Published });
        var gone = db.Execute("UPDATE drafts SET version = version + 1, source = NULL, saved_by = @by, saved_at = @milliseconds WHERE playbook = @playbook AND version = @Draft", new { playbook, review.Draft, by, milliseconds });
        if (gone == 0) db.Execute("UPDATE drafts SET begun_from = @content WHERE playbook = @playbook AND source IS NOT NULL", new { playbook, content });
    }

    private sealed record DraftRow(string Source, string Writers, string? BegunFrom);

    private sealed record Row(
        string Id, string Playbook, string Version, string Content, string Source, long Draft, string? BegunFrom, string Author, string Writers, string Note, long Tests, long SubmittedAt, long State,
        string? Reviewer, long? DecidedAt, string Reason)
    {
        public Review ToReview() => new()
        {
            Id = Guid.Parse(Id), Playbook = Playbook, Version = Version, Content = Content, Source = Source, Draft = (int)Draft, BegunFrom = BegunFrom, Author = Author,
            Writers = JsonSerializer.Deserialize<string[]>(Writers, SoarJson.Options)!, Note = Note, Tests = (int)Tests, SubmittedAt = DateTimeOffset.FromUnixTimeMilliseconds(SubmittedAt), State = (ReviewState)State,
            Reviewer = Reviewer, DecidedAt = DecidedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null, Reason = Reason,
        };
    }

    private sealed record CommentRow(string ByWhom, long At, string Text, long? Line)
    {
        public ReviewComment ToComment() => new(ByWhom, DateTimeOffset.FromUnixTimeMilliseconds(At), Text, (int?)Line);
    }
}
