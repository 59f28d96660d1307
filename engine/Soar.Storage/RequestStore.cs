using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Capabilities;
using Soar.Cases;

namespace Soar.Storage;

/// <summary>The register of requests to others: a row each, and an entry for everything that happened to it. How it stands is its newest entry.</summary>
public sealed class RequestStore(SoarDatabase database) : IRequestStore
{
    /// <inheritdoc/>
    public Task<LegalRequest> OpenAsync(Entry entry, RequestKind kind, string addressee, string subject, int? extends) => database.WriteAsync(session =>
    {
        var db = session.Connection;
        var run = session.Get(entry.Run);
        if (Find(db, "q.key = @key", new { key = entry.Key.Value }) is { } before) return before;
        if (extends is { } first)
        {
            var extended = Find(db, "q.number = @first", new { first }) ?? throw Refused($"Request {first}, which is to be prolonged, does not exist.");
            if (extended.Kind != kind) throw Refused($"{extended.Reference} is a request of another kind ({extended.Kind}); it cannot be prolonged by one of {kind}.");
        }

        var number = db.ExecuteScalar<int>("SELECT COALESCE(MAX(number), 0) + 1 FROM requests");
        db.Execute(
            """
            INSERT INTO requests (number, reference, key, kind, addressee, subject, run_no, opened_at, extends)
            VALUES (@number, @reference, @Key, @kind, @addressee, @subject, @No, @At, @extends)
            """,
            new
            {
                number, reference = string.Create(CultureInfo.InvariantCulture, $"R-{entry.At.UtcDateTime.Year}-{number:0000}"), Key = entry.Key.Value, kind = (int)kind, addressee, subject, run.No, At = Ms(entry.At), extends,
            });
        Append(db, entry, run.No, number, RequestStatus.Open, extends is null ? "written down" : "written down as an extension", null);
        return Find(db, "q.number = @number", new { number })!;
    });

    /// <inheritdoc/>
    public Task<LegalRequest> UpdateAsync(Entry entry, int number, RequestStatus status, string note, DateTimeOffset? due) => database.WriteAsync(session =>
    {
        var db = session.Connection;
        var run = session.Get(entry.Run);
        var stands = Find(db, "q.number = @number", new { number }) ?? throw Refused($"There is no request {number}. 'soar requests' lists them.");
        if (db.ExecuteScalar<int>("SELECT COUNT(*) FROM request_entries WHERE key = @key", new { key = entry.Key.Value }) > 0) return stands;
        if (stands.Over && stands.Status != status) throw Refused($"{stands.Reference} is {stands.Status} and cannot become {status}. Open another request.");
        Append(db, entry, run.No, number, status, note, due);
        return Find(db, "q.number = @number", new { number })!;
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<LegalRequest>> ListAsync(bool openOnly) => database.Readers.ReadAsync<IReadOnlyList<LegalRequest>>(reader =>
        [.. reader.Connection.Query<Row>($"{Select}{(openOnly ? " WHERE e.status <= 3" : "")} ORDER BY q.number DESC").Select(row => row.ToRequest())]);

    /// <inheritdoc/>
    public Task<LegalRequest?> FindAsync(string numberOrReference) => database.Readers.ReadAsync(reader => Find(reader.Connection, "q.reference = @reference OR q.number = @number", new
    {
        reference = numberOrReference.ToUpperInvariant(), number = int.TryParse(numberOrReference, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0,
    }));

    /// <inheritdoc/>
    public Task<IReadOnlyList<RequestEntry>> HistoryAsync(int number) => database.Readers.ReadAsync<IReadOnlyList<RequestEntry>>(reader =>
        [.. reader.Connection.Query<EntryRow>("SELECT e.at, e.status, e.note, e.due, r.id AS Run, e.step FROM request_entries AS e JOIN runs AS r ON r.run_no = e.run_no WHERE e.number = @number ORDER BY e.entry_no", new { number })
            .Select(row => row.ToEntry())]);

    private const string Select =
        """
        SELECT q.number, q.reference, q.kind, q.addressee, q.subject, r.id AS Run, q.opened_at AS OpenedAt, x.reference AS Extends, e.status, e.due, e.note
        FROM requests AS q JOIN runs AS r ON r.run_no = q.run_no LEFT JOIN requests AS x ON x.number = q.extends
        JOIN request_entries AS e ON e.entry_no = (SELECT MAX(entry_no) FROM request_entries WHERE number = q.number)
        """;

    private static LegalRequest? Find(SqliteConnection db, string which, object parameters) => db.QueryFirstOrDefault<Row>($"{Select} WHERE {which}", parameters)?.ToRequest();

    private static void Append(SqliteConnection db, Entry entry, long run, int number, RequestStatus status, string note, DateTimeOffset? due) => db.Execute(
        "INSERT INTO request_entries (key, number, run_no, step, at, status, note, due) VALUES (@Key, @number, @run, @Step, @At, @status, @note, @due)",
        new { Key = entry.Key.Value, number, run, entry.Step, At = Ms(entry.At), status = (int)status, note, due = due is { } time ? Ms(time) : (long?)null });

    private static SoarException Refused(string message) => new("SOAR2012", message);
    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private sealed record Row(long Number, string Reference, long Kind, string Addressee, string Subject, string Run, long OpenedAt, string? Extends, long Status, long? Due, string Note)
    {
        public LegalRequest ToRequest() => new((int)Number, Reference, (RequestKind)Kind, Addressee, Subject, RunId.Parse(Run), Time(OpenedAt), Extends, (RequestStatus)Status, Due is { } due ? Time(due) : null, Note);
    }

    private sealed record EntryRow(long At, long Status, string Note, long? Due, string Run, string Step)
    {
        public RequestEntry ToEntry() => new(Time(At), (RequestStatus)Status, Note, Due is { } due ? Time(due) : null, RunId.Parse(Run), Step);
    }
}
