using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;

namespace Soar.Storage;

/// <summary>The hot path: what a driver writes under its lease.</summary>
public sealed partial class RunStore
{
    /// <inheritdoc/>
    public Task WriteAsync(RunWrite write) => HasLarge(write) ? WriteLargeAsync(write) : database.WriteAsync(session => Write(session, write, large: null));

    private static bool HasLarge(RunWrite write)
    {
        foreach (var record in write.Records)
        {
            if (record.Payload.Length > LargePayload) return true;
        }

        return write.Children.Any(c => c.Started.Length > LargePayload) || write.Successor?.Started.Length > LargePayload || write.Send.Any(i => i.Payload.Length > LargePayload);
    }

    private async Task WriteLargeAsync(RunWrite write)
    {
        var large = new Dictionary<ReadOnlyMemory<byte>, string>();
        foreach (var record in write.Records) await KeepLargeAsync(record.Payload, large);
        foreach (var child in write.Children) await KeepLargeAsync(child.Started, large);
        if (write.Successor is { } successor) await KeepLargeAsync(successor.Started, large);
        foreach (var item in write.Send) await KeepLargeAsync(item.Payload, large);
        await database.WriteAsync(session => Write(session, write, large));
    }

    private static bool Write(WriteSession session, RunWrite write, IReadOnlyDictionary<ReadOnlyMemory<byte>, string>? large)
    {
        // First everything that can be refused, so that a refusal has written nothing.
        var row = session.Get(write.Run);
        if (row.Epoch != write.Epoch || (row.Owner is null && !(row.Ended && write.Status == RunStatus.Running)))
            throw new LeaseLostException(write.Run, write.Epoch);
        foreach (var item in write.Send) session.Get(item.Run);
        foreach (var containment in write.Containments)
        {
            RefuseStale(session, containment);
            RefuseSecond(session, containment);
        }

        if (write.Begins.Count > 0 || write.Hold.Count > 0) RefuseBegins(session, row, write);
        foreach (var record in write.Records) Append(session, row.No, record, large);
        foreach (var id in write.Consume)
            session["UPDATE inbox SET consumed = 1 WHERE run_no = @run AND id = @id"].Add(row.No).Add(id).Run();
        foreach (var question in write.Ask) Ask(session, row, question);
        foreach (var (id, at) in write.Escalate)
            session["UPDATE questions SET escalated_at = @at, tell_at = @tell WHERE id = @id AND run_no = @run AND status = 0 AND escalated_at IS NULL"].Add(at.ToUnixTimeMilliseconds()).Add(at.ToUnixTimeMilliseconds()).Add(id.Value).Add(row.No).Run();
        foreach (var (id, status) in write.CloseQuestions)
            session["UPDATE questions SET status = @status WHERE id = @id AND run_no = @run AND status = 0"].Add((long)status).Add(id.Value).Add(row.No).Run();
        foreach (var child in write.Children) Insert(session, child, large);
        foreach (var containment in write.Containments) Put(session, containment);
        if (write.Begins.Count > 0 || write.Hold.Count > 0 || write.Release.Count > 0) Count(session, row, write);
        if (write.CaseId is not null || write.Deaths is not null)
        {
            session["UPDATE runs SET case_id = COALESCE(@case, case_id), deaths = COALESCE(@deaths, deaths) WHERE run_no = @run"]
                .Add(write.CaseId).Add((long?)write.Deaths).Add(row.No).Run();
        }

        if (write.Status is { } next) Turn(session, row, write, next);
        if (write is { Status: RunStatus.Waiting, WaitsFor: { } waits })
            session["UPDATE runs SET waits_for = @waits WHERE run_no = @run"].Add(JsonSerializer.Serialize(waits, SoarJson.Options)).Add(row.No).Run();
        if (write.Successor is { } successor) Succeed(session, row, successor, large);

        // After the change of status, so that a run may write to itself and be woken by it.
        foreach (var item in write.Send) Receive(session, item, large);
        return true;
    }

    /// <summary>Creates the run that takes over; a cancel that nobody has looked at goes along.</summary>
    private static void Succeed(WriteSession session, RunRow row, NewRun successor, IReadOnlyDictionary<ReadOnlyMemory<byte>, string>? large)
    {
        Insert(session, successor, large, row.Place);
        row.Place = null;
        session["UPDATE runs SET successor_id = @successor WHERE run_no = @run"].Add(successor.Run.Id.Value).Add(row.No).Run();
        session["""
            INSERT INTO inbox (run_no, arrival, id, kind, name, payload, artifact, at, consumed)
            SELECT @successor, 1, id, kind, name, payload, artifact, at, 0 FROM inbox WHERE run_no = @run AND kind = 4 AND consumed = 0 ORDER BY arrival LIMIT 1
            """].Add(session.Get(successor.Run.Id).No).Add(row.No).Run();
    }

    internal const string WithdrawQuestions = "UPDATE questions SET status = 3 WHERE run_no = @run AND status = 0";

    private static void Turn(WriteSession session, RunRow row, RunWrite write, RunStatus next)
    {
        var hadEnded = row.Ended;
        row.Status = next;
        row.WakeAt = null;
        row.Woken = false;
        if (next != RunStatus.Running)
        {
            row.Release();
            if (next == RunStatus.Waiting) row.WakeAt = write.WakeAt?.ToUnixTimeMilliseconds();
            row.Woken = !row.Ended && HasNewer(session, row, write.InboxSeen);
        }

        if (row.Ended || hadEnded)
        {
            // End and status must change in one statement: the schema ties them together.
            session["""
                UPDATE runs SET status = @status, ended_at = @ended, result = @result, lease_owner = NULL, lease_until = NULL, wake_at = NULL, woken = 0, ready = 0, due_at = NULL, place = NULL
                WHERE run_no = @run
                """].Add((long)next).Add(row.Ended ? session.Now : null).Add(row.Ended ? write.Result : null).Add(row.No).Run();
        }

        if (hadEnded) Reseat(session, row);
        if (!row.Ended)
        {
            session.Save(row);
            return;
        }

        WithdrawOpen(session, row);
        // One that goes on as another hands its place on.
        if (row.Place is not null && write.Successor is null) Leave(session, row);
    }

    /// <summary>Most runs have nothing to withdraw, and looking costs a tenth of the update.</summary>
    private static void WithdrawOpen(WriteSession session, RunRow row)
    {
        var s = session["SELECT id FROM questions WHERE run_no = @run AND status = 0"].Add(row.No);
        if (!s.Step()) return;
        s.Reset();
        session[WithdrawQuestions].Add(row.No).Run();
    }

    /// <summary>Has something come that the driver did not see before it gave up the lease?</summary>
    private static bool HasNewer(WriteSession session, RunRow row, long seen)
    {
        var s = session["SELECT kind FROM inbox WHERE run_no = @run AND consumed = 0 AND arrival > @seen ORDER BY arrival"].Add(row.No).Add(seen);
        var newer = false;
        while (!newer && s.Step()) newer = row.WokenBy((InboxKind)s.Int32(0));
        s.Reset();
        return newer;
    }
}
