using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Alerts;
using Soar.Capabilities;

namespace Soar.Storage;

/// <summary>Alerts, and what sources could not read. One commit keeps all that was heard together.</summary>
public sealed partial class AlertStore(SoarDatabase database, Ids ids) : IAlertStore
{
    /// <summary>So many inputs that could not be read are kept of each source, the newest.</summary>
    public const int MostUnreadable = 1_000;

    /// <inheritdoc/>
    public event Action? Arrived;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AcceptedAlert>> AcceptAsync(string source, Heard heard, DateTimeOffset now)
    {
        // Made out here: the writer's thread has better things to do than JSON.
        var rows = heard.Alerts.Select(a => new Arrival(ids.Next(), a, JsonSerializer.Serialize(a.Alert, SoarJson.Options), a.Handling.Routing is { } routing ? JsonSerializer.Serialize(routing, SoarJson.Options) : null)).ToList();
        var unreadable = heard.Unreadable.Select(u => u with { Text = u.Text.Length > UnreadableInput.MostText ? u.Text[..UnreadableInput.MostText] : u.Text })
            .Select(u => (Input: u, Hash: Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(u.Text))))).ToList();
        var at = Ms(now);
        var opened = false;
        var accepted = await database.WriteAsync<IReadOnlyList<AcceptedAlert>>(session =>
        {
            opened = false; // this may be run again, alone, when another change of its batch failed
            var answers = new AcceptedAlert[rows.Count];
            for (var i = 0; i < rows.Count; i++) answers[i] = Keep(session, source, rows[i], at, ref opened);
            foreach (var (input, hash) in unreadable) Keep(session, source, input, hash, at);
            Count(session, source, answers, heard.Ignored, unreadable.Count, at);
            return answers;
        });
        if (accepted.Any(a => a is { New: true, DuplicateOf: null, SuppressedBy: null })) Arrived?.Invoke();
        if (opened) CaseOpened?.Invoke();
        return accepted;
    }

    /// <inheritdoc/>
    public Task<int> CountWaitingAsync() => database.Readers.ReadAsync(reader => (int)reader.Connection.ExecuteScalar<long>("SELECT COUNT(*) FROM alerts WHERE state = 0"));

    internal const string SelectWaiting = $"{Select} WHERE state = 0 ORDER BY alert_no LIMIT @max";

    /// <inheritdoc/>
    public Task<IReadOnlyList<AlertRecord>> WaitingAsync(int max) => ReadAsync(SelectWaiting, new { max });

    /// <inheritdoc/>
    public event Action<AlertId, IReadOnlyList<TriggerAnswer>>? Decided;

    /// <inheritdoc/>
    public Task<IReadOnlyList<TriggerAnswer>?> AnswersAsync(AlertId alert) => database.Readers.ReadAsync<IReadOnlyList<TriggerAnswer>?>(reader =>
    {
        var s = reader["SELECT triggers FROM alerts WHERE id = @id AND state <> 0"].Add(alert.Value);
        if (!s.Step()) return null;
        // What was suppressed, or repeats another, no playbook was asked about.
        var answers = s.TextOrNull(0);
        s.Reset();
        return answers is null ? [] : JsonSerializer.Deserialize<List<TriggerAnswer>>(answers, SoarJson.Options)!;
    });

    /// <inheritdoc/>
    public async Task DecidedAsync(AlertId alert, AlertState state, string? reason, IReadOnlyList<TriggerAnswer> triggers, DateTimeOffset now)
    {
        var json = JsonSerializer.Serialize(triggers, SoarJson.Options);
        var decided = await database.WriteAsync(session =>
        {
            var s = session["UPDATE alerts SET state = @state, reason = @reason, triggers = @triggers, decided_at = @at WHERE id = @id AND state = 0 RETURNING alert_no"]
                .Add((long)state).Add(reason).Add(json).Add(Ms(now)).Add(alert.Value);
            if (!s.Step()) return false;
            var number = s.Int64(0);
            s.Reset();
            // One line for a playbook version, however many alerts it fails: the newest is named, each alert has its own.
            foreach (var failed in triggers.Where(t => t.Verdict == TriggerVerdict.Failed))
            {
                session["""
                    INSERT INTO trigger_errors (subject, playbook, message, at, times) VALUES ('alerts', @playbook, @message, @at, 1)
                    ON CONFLICT (subject, playbook) DO UPDATE SET message = excluded.message, at = excluded.at, times = trigger_errors.times + 1
                    """].Add(failed.Version.Length == 0 ? failed.Playbook : $"{failed.Playbook}@{failed.Version}").Add($"alert {number}: {failed.Message}").Add(Ms(now)).Run();
            }

            return true;
        });
        if (decided) Decided?.Invoke(alert, triggers);
    }

    /// <inheritdoc/>
    public async Task<bool> ReopenAsync(AlertId alert)
    {
        var reopened = await database.WriteAsync(session =>
        {
            // A repeat that is looked at for itself is none any more.
            session["UPDATE alerts SET duplicates = duplicates - 1 WHERE alert_no = (SELECT duplicate_of FROM alerts WHERE id = @id)"].Add(alert.Value).Run();
            session["UPDATE cases SET alerts = alerts + 1 WHERE id = (SELECT case_id FROM alerts WHERE id = @id AND duplicate_of IS NOT NULL)"].Add(alert.Value).Run();
            return session["UPDATE alerts SET state = 0, reason = NULL, decided_at = NULL, duplicate_of = NULL, suppressed_by = NULL WHERE id = @id AND state <> 0"].Add(alert.Value).Run() > 0;
        });
        if (reopened) Arrived?.Invoke();
        return reopened;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AlertRecord>> ListAsync(AlertState? state, string? source, int max) => ListAsync(state, source, max, Horizon.Everything);

    /// <summary>Of those that somebody sees.</summary>
    public Task<IReadOnlyList<AlertRecord>> ListAsync(AlertState? state, string? source, int max, Horizon sight)
    {
        var where = $"1 = 1{(state is null ? "" : " AND state = @state")}{(source is null ? "" : " AND source = @source")}{sight.Alerts("alerts")}";
        return ReadAsync($"{Select} WHERE {where} ORDER BY alert_no DESC LIMIT @max", new { state = (int?)state, source, max });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AlertRecord>> DuplicatesAsync(long number, int max) => DuplicatesAsync(number, max, Horizon.Everything);

    public Task<IReadOnlyList<AlertRecord>> DuplicatesAsync(long number, int max, Horizon sight) => ReadAsync($"{Select} WHERE duplicate_of = @number{sight.Alerts("alerts")} ORDER BY alert_no DESC LIMIT @max", new { number, max });

    /// <inheritdoc/>
    public Task<AlertRecord?> FindAsync(string idOrNumber) => FindAsync(idOrNumber, Horizon.Everything);

    public async Task<AlertRecord?> FindAsync(string idOrNumber, Horizon sight) => (await ReadAsync(
        $"{Select} WHERE (id = @idOrNumber OR alert_no = @number){sight.Alerts("alerts")}", new { idOrNumber = idOrNumber.ToLowerInvariant(), number = long.TryParse(idOrNumber, out var number) ? number : 0 })).FirstOrDefault();

    /// <inheritdoc/>
    public Task<IReadOnlyList<SourceCounts>> SourcesAsync() => database.Readers.ReadAsync<IReadOnlyList<SourceCounts>>(reader =>
    [
        .. reader.Connection.Query<SourceRow>("SELECT name, alerts, repeated, ignored, unreadable, last_at AS LastAt, duplicates, suppressed FROM alert_sources ORDER BY name")
            .Select(s => new SourceCounts(s.Name, s.Alerts, s.Repeated, s.Ignored, s.Unreadable, Time(s.LastAt), s.Duplicates, s.Suppressed)),
    ]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnreadableRecord>> UnreadableAsync(string? source, int max) => database.Readers.ReadAsync<IReadOnlyList<UnreadableRecord>>(reader =>
    [
        .. reader.Connection.Query<(string Source, string Text, string Problem, long FirstAt, long LastAt, long Times)>(
            $"SELECT source, text, problem, first_at, last_at, times FROM unreadable_inputs{(source is null ? "" : " WHERE source = @source")} ORDER BY last_at DESC, hash LIMIT @max", new { source, max })
            .Select(u => new UnreadableRecord(u.Source, u.Text, u.Problem, Time(u.FirstAt), Time(u.LastAt), (int)u.Times)),
    ]);

    private AcceptedAlert Keep(WriteSession session, string source, Arrival arrival, long at, ref bool opened)
    {
        var (state, reason, first) = Judge(session, arrival, at);
        var handling = arrival.Incoming.Handling;
        var s = session["""
            INSERT INTO alerts (id, source, external_id, alert, received_at, last_at, times, resolved_at, state, reason, decided_at, fingerprint, duplicate_of, suppressed_by, case_id, routed, tlp)
            VALUES (@id, @source, @external, @alert, @at, @at, 1, @resolved, @state, @reason, @decided, @fingerprint, @first, @rule, (SELECT f.case_id FROM alerts AS f WHERE f.alert_no = @first), @routed, @tlp)
            ON CONFLICT (source, external_id) DO UPDATE SET times = alerts.times + 1, last_at = excluded.last_at, resolved_at = COALESCE(alerts.resolved_at, excluded.resolved_at)
            RETURNING alert_no, id, times, duplicate_of, suppressed_by
            """].Add(arrival.Id).Add(source).Add(arrival.Incoming.Alert.Id).Add(arrival.Json).Add(at).Add(arrival.Incoming.ResolvedAt is { } since ? Ms(since) : null).Add((long)state).Add(reason)
            .Add(state == AlertState.Waiting ? null : at).Add(state == AlertState.Waiting ? handling.Fingerprint : null).Add(first).Add(state == AlertState.Suppressed ? handling.SuppressedBy : null).Add(arrival.Routed).Add((long)(arrival.Incoming.Alert.Tlp ?? Tlp.Amber));
        s.Step();
        var accepted = new AcceptedAlert(new AlertId(Guid.Parse(s.Text(1))), s.Int64(0), s.Int64(2) == 1) { DuplicateOf = s.Int64OrNull(3), SuppressedBy = s.TextOrNull(4) };
        s.Reset();
        if (!accepted.New) return accepted;
        if (first is not null) session["UPDATE alerts SET duplicates = duplicates + 1, last_at = @at WHERE alert_no = @no"].Add(at).Add(first).Run();
        else if (state == AlertState.Waiting && handling.Grouping is { } grouping) opened |= Gather(session, accepted, arrival.Incoming.Alert, grouping, at);
        return accepted;
    }

    /// <summary>Where an alert stands if it is new; what it may repeat is looked for here, in the write itself, so that of two that come at once one is the first.</summary>
    private static (AlertState State, string? Reason, long? First) Judge(WriteSession session, Arrival arrival, long at)
    {
        // One that is over when it is heard of for the first time starts nothing any more, and says so.
        if (arrival.Incoming.ResolvedAt is not null) return (AlertState.NoTrigger, "It was over when it was heard of for the first time; nothing was started.", null);
        var handling = arrival.Incoming.Handling;
        if (handling.SuppressedBy is { } rule) return (AlertState.Suppressed, $"The rule '{rule}' suppresses it{(handling.SuppressedFor.Length == 0 ? "" : $": {handling.SuppressedFor.TrimEnd('.')}")}.", null);
        if (handling.Fingerprint is not { } fingerprint) return (AlertState.Waiting, null, null);
        var s = session[SelectFirst].Add(fingerprint).Add(at - (long)handling.SameWithin.TotalMilliseconds);
        if (!s.Step()) return (AlertState.Waiting, null, null);
        var (first, reason) = (s.Int64(0), $"It repeats alert {s.Int64(0)}, within {Durations.Say(handling.SameWithin)} of it.");
        s.Reset();
        return (AlertState.Duplicate, reason, first);
    }

    // What is over and comes again has begun anew.
    internal const string SelectFirst = "SELECT alert_no FROM alerts WHERE fingerprint = @fingerprint AND received_at > @since AND resolved_at IS NULL ORDER BY received_at DESC LIMIT 1";

    private static void Keep(WriteSession session, string source, UnreadableInput input, string hash, long at)
    {
        var s = session["""
            INSERT INTO unreadable_inputs (source, hash, text, problem, first_at, last_at, times) VALUES (@source, @hash, @text, @problem, @at, @at, 1)
            ON CONFLICT (source, hash) DO UPDATE SET last_at = excluded.last_at, problem = excluded.problem, times = unreadable_inputs.times + 1 RETURNING times
            """].Add(source).Add(hash).Add(input.Text).Add(input.Problem).Add(at);
        s.Step();
        var first = s.Int64(0) == 1;
        s.Reset();
        if (!first) return;
        session["""
            DELETE FROM unreadable_inputs WHERE source = @source AND hash IN
                (SELECT hash FROM unreadable_inputs WHERE source = @source ORDER BY last_at DESC, hash LIMIT 100 OFFSET @most)
            """].Add(source).Add(MostUnreadable).Run();
    }

    private static void Count(WriteSession session, string source, AcceptedAlert[] answers, int ignored, int unreadable, long at)
    {
        var fresh = answers.Count(a => a.New);
        session["""
            INSERT INTO alert_sources (name, alerts, repeated, ignored, unreadable, last_at, duplicates, suppressed) VALUES (@name, @alerts, @repeated, @ignored, @unreadable, @at, @duplicates, @suppressed)
            ON CONFLICT (name) DO UPDATE SET alerts = alert_sources.alerts + excluded.alerts, repeated = alert_sources.repeated + excluded.repeated,
                ignored = alert_sources.ignored + excluded.ignored, unreadable = alert_sources.unreadable + excluded.unreadable, last_at = excluded.last_at,
                duplicates = alert_sources.duplicates + excluded.duplicates, suppressed = alert_sources.suppressed + excluded.suppressed
            """].Add(source).Add(fresh).Add(answers.Length - fresh).Add(ignored).Add(unreadable).Add(at)
            .Add(answers.Count(a => a.New && a.DuplicateOf is not null)).Add(answers.Count(a => a.New && a.SuppressedBy is not null)).Run();
    }

    private Task<IReadOnlyList<AlertRecord>> ReadAsync(string sql, object parameters) =>
        database.Readers.ReadAsync<IReadOnlyList<AlertRecord>>(reader => [.. reader.Connection.Query<Row>(sql, parameters).Select(row => row.ToRecord())]);

    private const string Select = """
        SELECT id, alert_no AS Number, source, alert, received_at AS ReceivedAt, last_at AS LastAt, times, resolved_at AS ResolvedAt, state, reason, triggers, decided_at AS DecidedAt,
            duplicate_of AS DuplicateOf, duplicates, suppressed_by AS SuppressedBy, case_id AS CaseId,
            (SELECT c.number FROM cases AS c WHERE c.id = case_id) AS CaseNumber, routed FROM alerts
        """;

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    // What Dapper reads: the columns by name. SQLite's types are made ours here.
    private sealed record Row(
        string Id, long Number, string Source, string Alert, long ReceivedAt, long LastAt, long Times, long? ResolvedAt, long State, string? Reason, string? Triggers, long? DecidedAt, long? DuplicateOf, long Duplicates,
        string? SuppressedBy, string? CaseId, long? CaseNumber, string? Routed)
    {
        public AlertRecord ToRecord() => new()
        {
            Id = new AlertId(Guid.Parse(Id)), Number = Number, Source = Source, Alert = JsonSerializer.Deserialize<Alert>(Alert, SoarJson.Options)!, ReceivedAt = Time(ReceivedAt), LastAt = Time(LastAt),
            Times = (int)Times, ResolvedAt = ResolvedAt is { } resolved ? Time(resolved) : null, State = (AlertState)State, Reason = Reason,
            Triggers = Triggers is null ? [] : JsonSerializer.Deserialize<List<TriggerAnswer>>(Triggers, SoarJson.Options)!, DecidedAt = DecidedAt is { } at ? Time(at) : null,
            DuplicateOf = DuplicateOf, Duplicates = (int)Duplicates, SuppressedBy = SuppressedBy, CaseId = CaseId, CaseNumber = (int?)CaseNumber,
            Routed = Routed is null ? null : JsonSerializer.Deserialize<AlertRouting>(Routed, SoarJson.Options),
        };
    }

    private sealed record SourceRow(string Name, long Alerts, long Repeated, long Ignored, long Unreadable, long LastAt, long Duplicates, long Suppressed);

    // As it came, with the id that it has if it is new.
    private sealed record Arrival(Guid Id, IncomingAlert Incoming, string Json, string? Routed);
}
