using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Soar.Storage;

/// <summary>
/// The only thread that writes. It collects whatever callers have queued while the last commit was on its way to the disk, runs it in one transaction, commits once, and then lets
/// all of them go on.
/// </summary>
internal sealed class Writer : IAsyncDisposable
{
    private readonly WriteSession session;
    private readonly string file;
    private readonly int limit;
    private readonly Action<IReadOnlyCollection<RunId>> committed;
    private readonly object gate = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<Unit> queue = [];
    private bool closing;

    /// <param name="committed">
    /// Told which runs have something new, after the commit and before those who wrote it go on: whoever sends something and then looks at the engine finds that it knows. On the writer's
    /// thread, so it must only take notice.
    /// </param>
    public Writer(WriteSession session, string file, int limit, Action<IReadOnlyCollection<RunId>> committed)
    {
        this.session = session;
        this.file = file;
        this.limit = limit;
        this.committed = committed;
        new Thread(Loop) { IsBackground = true, Name = "soar store writer" }.Start();
    }

    /// <summary>Commits so far; for health and benchmarks.</summary>
    public long Commits { get; private set; }

    /// <summary>Queues a change. The task ends when it is on disk, or with the reason why nothing of it was written.</summary>
    public Task<T> WriteAsync<T>(Func<WriteSession, T> write)
    {
        var unit = new Unit<T>(write);
        lock (gate)
        {
            if (closing) return Task.FromException<T>(new SoarException("SOAR3010", $"{file} is being closed; nothing was written. Start soar again."));
            queue.Add(unit);
            if (queue.Count == 1) Monitor.Pulse(gate);
        }

        return unit.Done;
    }

    /// <summary>Writes what is queued, then ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            closing = true;
            Monitor.Pulse(gate);
        }

        await ended.Task;
    }

    private void Loop()
    {
        var spare = new List<Unit>();
        while (true)
        {
            List<Unit> taken;
            lock (gate)
            {
                while (queue.Count == 0 && !closing) Monitor.Wait(gate);
                if (queue.Count == 0) break;
                (taken, queue) = (queue, spare);
            }

            for (var from = 0; from < taken.Count; from += limit)
                Commit(taken, from, Math.Min(from + limit, taken.Count));
            taken.Clear();
            spare = taken;
        }

        ended.SetResult();
    }

    private void Commit(List<Unit> units, int from, int to)
    {
        try
        {
            Transact(units, from, to);
        }
        // Whatever went wrong belongs to the callers; the writer lives on for the next batch.
        catch (Exception error)
        {
            session.Abandon();
            if (to - from == 1 || StoreErrors.IsStorage(error))
            {
                var told = error is SqliteException sqlite ? StoreErrors.Describe(sqlite, file) : error;
                for (var i = from; i < to; i++) units[i].Complete(told);
                return;
            }

            // One of them broke a rule halfway. Each for itself now, so that the others are not its victims.
            for (var i = from; i < to; i++) Commit(units, i, i + 1);
            return;
        }

        Commits++;
        if (session.TakeArrivals() is { Count: > 0 } arrivals) committed(arrivals);
        for (var i = from; i < to; i++) units[i].Complete(units[i].Refusal);
    }

    private void Transact(List<Unit> units, int from, int to)
    {
        session.Begin();
        for (var i = from; i < to; i++)
        {
            var unit = units[i];
            unit.Refusal = null;
            var before = session.TotalChanges;
            try
            {
                unit.Execute(session);
            }
            // A unit that refuses before it has written anything stays out of the batch and harms nobody.
            catch (Exception error) when (error is SoarException && session.TotalChanges == before)
            {
                unit.Refusal = error;
            }
        }

        Debug.Assert(session.InTransaction, "a unit ended the batch's transaction");
        session.Commit();
    }
}
