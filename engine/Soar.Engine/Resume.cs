using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>Resuming a failed run.</summary>
internal static class Resume
{
    /// <summary>
    /// The write that takes a failed run up again. The record of the step that failed it, and every completion after that one, no longer count: the body runs again to that
    /// step, tries it anew, and calls that come again with the same path and arguments get the result they had (<see cref="RunHistory.Carried"/>).
    /// </summary>
    public static RunWrite Of(Run run, IReadOnlyList<JournalRecord> journal, ControlRecord control, DateTimeOffset now)
    {
        var earlier = journal.Where(r => r.Kind == JournalKind.Superseded).Select(r => Json.Read<SupersededRecord>(r.Payload)).ToList();
        var counted = journal.Where(r => r.Kind == JournalKind.Delivered && r.Ordinal >= 0 && !earlier.Exists(s => r.Seq >= s.Seq && r.Seq <= s.Through)).ToList();
        var failures = counted.Where(r => r.Delivery is DeliveryKind.Failed or DeliveryKind.TimedOut or DeliveryKind.Refused).ToList();
        var blamed = run.Result is null ? null : Json.Read<RunFailure>(System.Text.Encoding.UTF8.GetBytes(run.Result)).Step;
        var failed = failures.FindLastIndex(r => r.Path == blamed) is var i and >= 0 ? failures[i] : failures.LastOrDefault();
        if (failed.Path is null)
            throw new SoarException("SOAR2033", $"Run {run.Id} failed in the playbook's own code, not at a step: the same would happen again. Mend the playbook and start it anew.");
        var last = journal[^1].Seq;
        var at = now.ToUnixTimeMilliseconds();
        return new RunWrite
        {
            Run = run.Id, Epoch = run.Epoch, Status = RunStatus.Running,
            Records =
            [
                new JournalRecord(last + 1, at, JournalKind.Control, -1, default, "", "", 0, Json.Of(control)),
                new JournalRecord(last + 2, at, JournalKind.Superseded, failed.Ordinal, default, failed.Path, failed.Action, failed.Hash, Json.Of(new SupersededRecord(failed.Seq, last, failed.Path))),
            ],
        };
    }
}
