using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Alerts;
using Soar.Capabilities;

namespace Soar.Storage;

/// <summary>Alerts, and what sources could not read. One commit keeps all that was heard together.</summary>
public sealed class AlertStore(SoarDatabase database, Ids ids) : IAlertStore
{
    /// <summary>So many inputs that could not be read are kept of each source, the newest.</summary>
    public const int MostUnreadable = 1_000;

    /// <inheritdoc/>
    public event Action? Arrived;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AcceptedAlert>> AcceptAsync(string source, Heard heard, DateTimeOffset now)
    {
        // Made out here: the writer's thread has better things to do than JSON.
        var rows = heard.Alerts.Select(a => (Id: ids.Next(), a.Alert, Json: JsonSerializer.Serialize(a.Alert, SoarJson.Options), a.ResolvedAt)).ToList();
        var unreadable = heard.Unreadable.Select(u => u with { Text = u.Text.Length > UnreadableInput.MostText ? u.Text[..UnreadableInput.MostText] : u.Text })
            .Select(u => (Input: u, Hash: Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(u.Text))))).ToList();
        var at = Ms(now);
        var accepted = await database.WriteAsync<IReadOnlyList<AcceptedAlert>>(session =>
        {
            var answers = new AcceptedAlert[rows.Count];
            for (var i = 0; i < rows.Count; i++) answers[i] = Keep(session, source, rows[i].Id, rows[i].Alert.Id, rows[i].Json, rows[i].ResolvedAt, at);
            foreach (var (input, hash) in unreadable) Keep(session, source, input, hash, at);
            var fresh = answers.Count(a => a.New);
            Count(session, source, fresh, answers.Length - fresh, heard.Ignored, unreadable.Count, at);
            return answers;
        });
        if (accepted.Any(a => a.New)) Arrived?.Invoke();
        return accepted;
    }

    /// <inheritdoc/>
    public Task<int> CountWaitingAsync() => database.Readers.ReadAsync(reader => (int)reader.Connection.ExecuteScalar<long>("SELECT COUNT(*) FROM alerts WHERE state = 0"));

    internal const string SelectWaiting = $"{Select} WHERE state = 0 ORDER BY alert_no LIMIT @max";

    /// <inheritdoc/>
    public Task<IReadOnlyList<AlertRecord>> WaitingAsync(int max) => ReadAsync(SelectWaiting, new { max });

    /// <inheritdoc/>
    public Task DecidedAsync(AlertId alert, AlertState state, string? reason, IReadOnlyList<TriggerAnswer> triggers, DateTimeOffset now)
    {
        var json = JsonSerializer.Serialize(triggers, SoarJson.Options);
        return database.WriteAsync(session =>
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
    }

    /// <inheritdoc/>
    public async Task<bool> ReopenAsync(AlertId alert)
    {
        var reopened = await database.WriteAsync(session =>
            session["UPDATE alerts SET state = 0, reason = NULL, decided_at = NULL WHERE id = @id AND state <> 0"].Add(alert.Value).Run() > 0);
        if (reopened) Arrived?.Invoke();
        return reopened;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AlertRecord>> ListAsync(AlertState? state, string? source, int max)
    {
        var where = string.Join(" AND ", new[] { state is null ? null : "state = @state", source is null ? null : "source = @source" }.OfType<string>());
        return ReadAsync($"{Select}{(where.Length == 0 ? "" : " WHERE " + where)} ORDER BY alert_no DESC LIMIT @max", new { state = (int?)state, source, max });
    }

    /// <inheritdoc/>
    public async Task<AlertRecord?> FindAsync(string idOrNumber) => (await ReadAsync(
        $"{Select} WHERE id = @idOrNumber OR alert_no = @number", new { idOrNumber = idOrNumber.ToLowerInvariant(), number = long.TryParse(idOrNumber, out var number) ? number : 0 })).FirstOrDefault();

    /// <inheritdoc/>
    public Task<IReadOnlyList<SourceCounts>> SourcesAsync() => database.Readers.ReadAsync<IReadOnlyList<SourceCounts>>(reader =>
    [
        .. reader.Connection.Query<(string Name, long Alerts, long Repeated, long Ignored, long Unreadable, long LastAt)>("SELECT name, alerts, repeated, ignored, unreadable, last_at FROM alert_sources ORDER BY name")
            .Select(s => new SourceCounts(s.Name, s.Alerts, s.Repeated, s.Ignored, s.Unreadable, Time(s.LastAt))),
    ]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UnreadableRecord>> UnreadableAsync(string? source, int max) => database.Readers.ReadAsync<IReadOnlyList<UnreadableRecord>>(reader =>
    [
        .. reader.Connection.Query<(string Source, string Text, string Problem, long FirstAt, long LastAt, long Times)>(
            $"SELECT source, text, problem, first_at, last_at, times FROM unreadable_inputs{(source is null ? "" : " WHERE source = @source")} ORDER BY last_at DESC, hash LIMIT @max", new { source, max })
            .Select(u => new UnreadableRecord(u.Source, u.Text, u.Problem, Time(u.FirstAt), Time(u.LastAt), (int)u.Times)),
    ]);

    private static AcceptedAlert Keep(WriteSession session, string source, Guid id, string externalId, string json, DateTimeOffset? resolvedAt, long at)
    {
        // One that is over when it is heard of for the first time starts nothing any more, and says so.
        var over = resolvedAt is not null;
        var s = session["""
            INSERT INTO alerts (id, source, external_id, alert, received_at, last_at, times, resolved_at, state, reason, decided_at)
            VALUES (@id, @source, @external, @alert, @at, @at, 1, @resolved, @state, @reason, @decided)
            ON CONFLICT (source, external_id) DO UPDATE SET times = alerts.times + 1, last_at = excluded.last_at, resolved_at = COALESCE(alerts.resolved_at, excluded.resolved_at)
            RETURNING alert_no, id, times
            """].Add(id).Add(source).Add(externalId).Add(json).Add(at).Add(resolvedAt is { } since ? Ms(since) : null)
            .Add((long)(over ? AlertState.NoTrigger : AlertState.Waiting)).Add(over ? "It was over when it was heard of for the first time; nothing was started." : null).Add(over ? at : null);
        s.Step();
        var accepted = new AcceptedAlert(new AlertId(Guid.Parse(s.Text(1))), s.Int64(0), s.Int64(2) == 1);
        s.Reset();
        return accepted;
    }

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

    private static void Count(WriteSession session, string source, int fresh, int repeated, int ignored, int unreadable, long at) => session["""
        INSERT INTO alert_sources (name, alerts, repeated, ignored, unreadable, last_at) VALUES (@name, @alerts, @repeated, @ignored, @unreadable, @at)
        ON CONFLICT (name) DO UPDATE SET alerts = alert_sources.alerts + excluded.alerts, repeated = alert_sources.repeated + excluded.repeated,
            ignored = alert_sources.ignored + excluded.ignored, unreadable = alert_sources.unreadable + excluded.unreadable, last_at = excluded.last_at
        """].Add(source).Add(fresh).Add(repeated).Add(ignored).Add(unreadable).Add(at).Run();

    private Task<IReadOnlyList<AlertRecord>> ReadAsync(string sql, object parameters) =>
        database.Readers.ReadAsync<IReadOnlyList<AlertRecord>>(reader => [.. reader.Connection.Query<Row>(sql, parameters).Select(row => row.ToRecord())]);

    private const string Select = """
        SELECT id, alert_no AS Number, source, alert, received_at AS ReceivedAt, last_at AS LastAt, times, resolved_at AS ResolvedAt, state, reason, triggers, decided_at AS DecidedAt FROM alerts
        """;

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    // What Dapper reads: the columns by name. SQLite's types are made ours here.
    private sealed record Row(
        string Id, long Number, string Source, string Alert, long ReceivedAt, long LastAt, long Times, long? ResolvedAt, long State, string? Reason, string? Triggers, long? DecidedAt)
    {
        public AlertRecord ToRecord() => new()
        {
            Id = new AlertId(Guid.Parse(Id)), Number = Number, Source = Source, Alert = JsonSerializer.Deserialize<Alert>(Alert, SoarJson.Options)!, ReceivedAt = Time(ReceivedAt), LastAt = Time(LastAt),
            Times = (int)Times, ResolvedAt = ResolvedAt is { } resolved ? Time(resolved) : null, State = (AlertState)State, Reason = Reason,
            Triggers = Triggers is null ? [] : JsonSerializer.Deserialize<List<TriggerAnswer>>(Triggers, SoarJson.Options)!, DecidedAt = DecidedAt is { } at ? Time(at) : null,
        };
    }
}
