using Microsoft.Data.Sqlite;
using Soar.Runs;

namespace Soar.Storage;

/// <summary>
/// The writer's connection during one batch: statements, the rows of the runs it touches (where epochs are compared), and the runs that have to be told afterwards. Rows of runs under
/// a lease stay known from batch to batch: nobody else changes them, and their drivers write again and again.
/// </summary>
internal sealed class WriteSession(SqliteConnection connection, TimeProvider clock) : IDisposable
{
    private readonly Session session = new(connection);
    private readonly Dictionary<RunId, RunRow> runs = [];
    private readonly List<RunRow> touched = [];
    private readonly Dictionary<string, string> newestVersions = new(StringComparer.Ordinal);
    private HashSet<RunId> arrivals = [];

    public SqliteConnection Connection => session.Connection;

    /// <summary>Those that are on, as this batch has left them so far; null = not read yet.</summary>
    public IReadOnlyList<KillSwitch>? KillSwitches { get; set; }

    /// <summary>By playbook, as this batch has left them so far; null = not read yet.</summary>
    public IReadOnlyDictionary<string, RunLimit>? Limits { get; set; }
    public Statement this[string sql] => session[sql];
    public int TotalChanges => session.TotalChanges;
    public long InsertedId => session.InsertedId;
    public bool InTransaction => session.InTransaction;
    public long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public void Begin()
    {
        foreach (var row in touched)
        {
            if (row.Owner is null) runs.Remove(row.Id);
        }

        touched.Clear();
        this[Dialect.BeginWrite].Run();
    }

    public void Commit() => this["COMMIT"].Run();

    /// <summary>Takes the batch back, also after SQLite has done so itself.</summary>
    public void Abandon()
    {
        Forget();
        arrivals.Clear();
        if (!InTransaction) return;
        try
        {
            this["ROLLBACK"].Run();
        }
        catch (SqliteException)
        {
            // A rollback on a failed disk may complain; the transaction is over all the same.
        }
    }

    /// <summary>What is known of rows is not true any more.</summary>
    public void Forget()
    {
        runs.Clear();
        touched.Clear();
        newestVersions.Clear();
        KillSwitches = null;
        Limits = null;
    }

    /// <summary>False when this was the newest version of its playbook already.</summary>
    public bool IsNews(string playbook, string version)
    {
        if (newestVersions.TryGetValue(playbook, out var known) && known == version) return false;
        newestVersions[playbook] = version;
        return true;
    }

    /// <summary>The run has something to look at once this batch is on disk.</summary>
    public void Arrived(RunId run) => arrivals.Add(run);

    public IReadOnlyCollection<RunId> TakeArrivals()
    {
        if (arrivals.Count == 0) return [];
        var taken = arrivals;
        arrivals = [];
        return taken;
    }

    /// <summary>The run as this batch has left it so far; null when there is none.</summary>
    public RunRow? Find(RunId id)
    {
        if (runs.TryGetValue(id, out var known))
        {
            touched.Add(known);
            return known;
        }

        var s = this["SELECT run_no, status, epoch, lease_owner, lease_until, wake_at, woken, place FROM runs WHERE id = @id"].Add(id.Value);
        RunRow? row = null;
        if (s.Step())
        {
            row = new RunRow
            {
                Id = id,
                No = s.Int64(0),
                Status = (RunStatus)s.Int32(1),
                Epoch = s.Int64(2),
                Owner = s.TextOrNull(3),
                LeaseUntil = s.Int64OrNull(4),
                WakeAt = s.Int64OrNull(5),
                Woken = s.Int32(6) != 0,
                Place = (int?)s.Int64OrNull(7),
            };
            s.Reset();
        }

        // A run that is not there may be created by a later unit of this batch.
        if (row is not null) Know(row);
        return row;
    }

    /// <summary>The row of a run, as it was just read or inserted.</summary>
    public void Know(RunRow row)
    {
        runs.Add(row.Id, row);
        touched.Add(row);
    }

    public RunRow Get(RunId id) => Find(id) ?? throw new NotFoundException("run", id.ToString(), "See 'soar runs'.");

    /// <summary>Writes what decides when the run is looked at again.</summary>
    public void Save(RunRow row)
    {
        var (ready, due) = row.Due(Now);
        this["""
            UPDATE runs SET status = @status, epoch = @epoch, lease_owner = @owner, lease_until = @until, wake_at = @wake, woken = @woken, ready = @ready, due_at = @due
            WHERE run_no = @no
            """].Add((long)row.Status).Add(row.Epoch).Add(row.Owner).Add(row.LeaseUntil).Add(row.WakeAt).Add(row.Woken ? 1 : 0).Add(ready ? 1 : 0).Add(due).Add(row.No).Run();
        if (ready) Arrived(row.Id);
    }

    public void Dispose() => session.Dispose();
}

/// <summary>What decides who drives a run and when it is looked at again.</summary>
internal sealed class RunRow
{
    public required RunId Id { get; init; }
    public long No { get; set; }
    public RunStatus Status { get; set; }
    public long Epoch { get; set; }
    public string? Owner { get; set; }
    public long? LeaseUntil { get; set; }
    public long? WakeAt { get; set; }

    /// <summary>Something that the driver has not looked at lies in the inbox, of a kind that counts in this status.</summary>
    public bool Woken { get; set; }

    /// <summary>0 stands in line, 1 is under way and counts; null = no limit is about it.</summary>
    public int? Place { get; set; }

    public bool Ended => Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;

    /// <summary>While a person has stopped the run, only a person's word wakes it.</summary>
    public bool WokenBy(InboxKind kind) => Status switch
    {
        RunStatus.Paused or RunStatus.Quarantined or RunStatus.Parked => kind is InboxKind.Resume or InboxKind.Cancel,
        _ => !Ended,
    };

    /// <summary>Gives up the lease.</summary>
    public void Release() => (Owner, LeaseUntil) = (null, null);

    /// <summary>Ready: due whatever the clock says, since the time. Otherwise due when the clock reaches the time; null = not by the clock.</summary>
    public (bool Ready, long? At) Due(long now) => this switch
    {
        { Ended: true } or { Place: 0 } => (false, null),
        { LeaseUntil: { } until } => (false, Status == RunStatus.Running || Woken ? until : null),
        { Status: RunStatus.Running } or { Woken: true } => (true, now),
        { Status: RunStatus.Waiting } => (false, WakeAt),
        _ => (false, null),
    };
}
