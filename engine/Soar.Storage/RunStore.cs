using Dapper;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Storage;

/// <summary>
/// Runs, journals, inboxes, questions and the containment ledger. This file holds the life of a run: created, claimed, written, told. Every statement stands in the method that
/// runs it; writes are units on the one writer (<see cref="Writer"/>).
/// </summary>
public sealed partial class RunStore : IRunStore, IDisposable
{
    /// <summary>Payloads above this many bytes lie in the artifacts folder, once, and the row names their hash.</summary>
    public const int LargePayload = 256 * 1024;

    private readonly SoarDatabase database;

    public RunStore(SoarDatabase database)
    {
        this.database = database;
        database.Arrived += Tell;
    }

    /// <inheritdoc/>
    public event Action<RunId>? Arrived;

    /// <summary>Stops telling <see cref="Arrived"/>; the database belongs to whoever opened it.</summary>
    public void Dispose() => database.Arrived -= Tell;

    /// <inheritdoc/>
    public async Task<RunId> CreateAsync(NewRun run)
    {
        var large = await KeepLargeAsync(run.Started);
        return await database.WriteAsync(session => Insert(session, run, large));
    }

    /// <inheritdoc/>
    public Task<bool> SendAsync(InboxItem item) => item.Payload.Length > LargePayload ? SendLargeAsync(item) : database.WriteAsync(session => Receive(session, item, large: null));

    internal const string SelectDue = """
        SELECT id FROM (
            SELECT * FROM (SELECT id, due_at + lane * 15000 AS turn, run_no FROM runs WHERE ready = 1 ORDER BY due_at + lane * 15000, run_no LIMIT @max) AS ready_ones
            UNION ALL
            SELECT * FROM (SELECT id, due_at + lane * 15000 AS turn, run_no FROM runs WHERE ready = 0 AND due_at <= @now ORDER BY due_at, run_no LIMIT @max) AS timed_ones
        ) AS due ORDER BY turn, run_no LIMIT @max
        """;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Run>> ClaimDueAsync(string owner, DateTimeOffset now, TimeSpan lease, int max) => database.WriteAsync<IReadOnlyList<Run>>(session =>
    {
        var ids = new List<RunId>();
        var s = session[SelectDue].Add(max).Add(now.ToUnixTimeMilliseconds());
        while (s.Step()) ids.Add(RunId.Parse(s.Text(0)));

        var claimed = new List<Run>(ids.Count);
        foreach (var id in ids)
        {
            var row = session.Get(id);
            row.Status = RunStatus.Running;
            claimed.Add(Lease(session, row, owner, now, lease));
        }

        return claimed;
    });

    /// <summary>
    /// Ends every lease, for the process that has just become the owner of the file: whoever held one is gone, since only the owner drives runs. So what a killed process was driving goes on
    /// at once.
    /// </summary>
    public Task<int> EndLeasesAsync(DateTimeOffset now) => database.WriteAsync(session =>
    {
        session.Forget();
        return session.Connection.Execute(EndLeases, new { at = now.ToUnixTimeMilliseconds() });
    });

    // By status: those that have ended, a thousand times as many, have no lease.
    internal const string EndLeases = "UPDATE runs SET lease_until = @at, due_at = @at WHERE status IN (0, 1, 2, 6, 7) AND lease_owner IS NOT NULL AND lease_until > @at";

    /// <inheritdoc/>
    public Task<Run?> ClaimAsync(RunId run, string owner, DateTimeOffset now, TimeSpan lease) => database.WriteAsync(session =>
    {
        if (session.Find(run) is not { } row) return null;
        if (row.Ended) return Select(session[SelectByNo].Add(row.No));
        if (row.Place == 0 || (row.Owner is not null && row.Owner != owner && row.LeaseUntil > now.ToUnixTimeMilliseconds())) return null;
        if (row.Status == RunStatus.Waiting) row.Status = RunStatus.Running;
        return Lease(session, row, owner, now, lease);
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunId>> RenewLeasesAsync(string owner, IReadOnlyCollection<(RunId Run, long Epoch)> runs, DateTimeOffset now, TimeSpan lease) =>
        database.WriteAsync<IReadOnlyList<RunId>>(session =>
        {
            var lost = new List<RunId>();
            foreach (var (run, epoch) in runs)
            {
                if (session.Find(run) is not { } row || row.Owner != owner || row.Epoch != epoch)
                {
                    lost.Add(run);
                    continue;
                }

                row.LeaseUntil = (now + lease).ToUnixTimeMilliseconds();
                session.Save(row);
            }

            return lost;
        });

    private static Run Lease(WriteSession session, RunRow row, string owner, DateTimeOffset now, TimeSpan lease)
    {
        row.Epoch++;
        row.Owner = owner;
        row.LeaseUntil = (now + lease).ToUnixTimeMilliseconds();
        if (row.Status == RunStatus.Running)
        {
            // Judged anew when the lease is given up (RunWrite.InboxSeen); until then the lease's end makes it due.
            row.WakeAt = null;
            row.Woken = false;
        }

        session.Save(row);
        return Select(session[SelectByNo].Add(row.No))!;
    }

    /// <param name="place">The one that it takes over; null = it has to find one.</param>
    private static RunId Insert(WriteSession session, NewRun created, IReadOnlyDictionary<ReadOnlyMemory<byte>, string>? large, int? place = null)
    {
        var run = created.Run;
        if (run.TriggerKey is not null)
        {
            var existing = session["SELECT id FROM runs WHERE trigger_key = @key"].Add(run.TriggerKey);
            if (existing.Step())
            {
                var id = RunId.Parse(existing.Text(0));
                existing.Reset();
                return id;
            }
        }

        if (session.Find(run.Id) is not null) throw new SoarException("SOAR3009", $"Run {run.Id} exists already. Nothing was written. Start it under a new id.");
        var created_at = run.CreatedAt.ToUnixTimeMilliseconds();
        place ??= PlaceFor(session, run);
        if (place == 0) run = run with { LeaseOwner = null, LeaseUntil = null };
        var row = new RunRow { Id = run.Id, Status = RunStatus.Running, Epoch = run.LeaseOwner is null ? 0 : 1, Owner = run.LeaseOwner, LeaseUntil = run.LeaseUntil?.ToUnixTimeMilliseconds(), Place = place };
        var (ready, due) = row.Due(session.Now);
        session["""
            INSERT INTO runs (id, playbook, playbook_version, version_hash, mode, status, parent_id, parent_ordinal, depth, trigger_key, case_id, started_by, created_at,
                              deaths, epoch, lease_owner, lease_until, woken, ready, due_at, lane, source, place, tlp)
            VALUES (@id, @playbook, @version, @hash, @mode, 0, @parent, @ordinal, @depth, @trigger, @case, @by, @created, @deaths, @epoch, @owner, @until, 0, @ready, @due, @lane, @source, @place, @tlp)
            """].Add(run.Id.Value).Add(run.Playbook).Add(run.PlaybookVersion).Add(run.VersionHash).Add((long)run.Mode)
            .Add(run.Parent?.ToString()).Add((long?)run.ParentOrdinal).Add(run.Depth).Add(run.TriggerKey).Add(run.CaseId).Add(run.StartedBy).Add(created_at)
            .Add(run.Deaths).Add(row.Epoch).Add(row.Owner).Add(row.LeaseUntil).Add(ready ? 1 : 0).Add(due).Add((long)created.Lane).Add(run.Source).Add((long?)place).Add((long)run.Tlp).Run();
        row.No = session.InsertedId;
        session.Know(row);
        Append(session, row.No, new JournalRecord(1, created_at, JournalKind.Started, -1, default, "", "", 0, created.Started), large);
        if (ready) session.Arrived(run.Id);
        return run.Id;
    }

    private static void Append(WriteSession session, long no, in JournalRecord record, IReadOnlyDictionary<ReadOnlyMemory<byte>, string>? large)
    {
        var artifact = record.Payload.Length > LargePayload ? large![record.Payload] : null;
        session["""
            INSERT INTO journal (run_no, seq, at, kind, ordinal, delivery, path, action, hash, payload, artifact)
            VALUES (@run, @seq, @at, @kind, @ordinal, @delivery, @path, @action, @hash, @payload, @artifact)
            """].Add(no).Add(record.Seq).Add(record.At).Add((long)record.Kind).Add(record.Ordinal).Add((long)record.Delivery).Add(record.Path).Add(record.Action)
            .Add(unchecked((long)record.Hash)).Add(artifact is null ? record.Payload.Span : default).Add(artifact).Run();
    }

    private async Task<bool> SendLargeAsync(InboxItem item)
    {
        var large = await KeepLargeAsync(item.Payload);
        return await database.WriteAsync(session => Receive(session, item, large));
    }

    /// <summary>Puts an item in a run's inbox and wakes it. False when it was there before, or the run has ended; a cancel follows the run to its successor.</summary>
    private static bool Receive(WriteSession session, InboxItem item, IReadOnlyDictionary<ReadOnlyMemory<byte>, string>? large)
    {
        var row = session.Get(item.Run);
        if (row.Ended) return item.Kind == InboxKind.Cancel && SuccessorOf(session, row) is { } successor && Receive(session, item with { Run = successor }, large);
        var artifact = item.Payload.Length > LargePayload ? large![item.Payload] : null;
        var added = session["""
            INSERT INTO inbox (run_no, arrival, id, kind, name, payload, artifact, at, consumed)
            VALUES (@run, (SELECT COALESCE(MAX(arrival), 0) + 1 FROM inbox WHERE run_no = @run), @id, @kind, @name, @payload, @artifact, @at, 0)
            ON CONFLICT (run_no, id) DO NOTHING
            """].Add(row.No).Add(item.Id).Add((long)item.Kind).Add(item.Key).Add(artifact is null ? item.Payload : default).Add(artifact).Add(item.At.ToUnixTimeMilliseconds()).Run();
        if (added == 0) return false;
        // Whoever is cancelled does not wait for a turn to be told so.
        if (row.Place == 0 && item.Kind == InboxKind.Cancel) Seat(session, row);

        // A driver at work looks at its inbox by itself, and says how far it has looked when it gives up the lease.
        if (row.Status != RunStatus.Running && !row.Woken && row.WokenBy(item.Kind))
        {
            row.Woken = true;
            session.Save(row);
        }

        session.Arrived(row.Id);
        return true;
    }

    private static RunId? SuccessorOf(WriteSession session, RunRow row)
    {
        var s = session["SELECT successor_id FROM runs WHERE run_no = @run"].Add(row.No);
        var successor = s.Step() ? s.TextOrNull(0) : null;
        s.Reset();
        return successor is null ? null : RunId.Parse(successor);
    }

    /// <summary>Keeps large payloads on disk before the records that name them; null when there are none.</summary>
    private async Task<IReadOnlyDictionary<ReadOnlyMemory<byte>, string>?> KeepLargeAsync(ReadOnlyMemory<byte> payload, Dictionary<ReadOnlyMemory<byte>, string>? into = null)
    {
        if (payload.Length <= LargePayload) return into;
        into ??= [];
        if (!into.ContainsKey(payload)) into.Add(payload, await database.Artifacts.PutAsync(payload));
        return into;
    }

    private void Tell(IReadOnlyCollection<RunId> runs)
    {
        if (Arrived is not { } told) return;
        foreach (var run in runs) told(run);
    }
}
