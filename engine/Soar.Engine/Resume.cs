using System.Text;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>Resuming a failed run: what of its journal no longer counts, so that a replay goes on from there. Nothing is taken away: it stays as an attempt.</summary>
internal static class Resume
{
    /// <summary>
    /// The write that takes a failed run up again. Where a step failed it, the record of that step and every completion after it no longer count: the body runs again to that step and tries it anew,
    /// and calls that come again with the same path and arguments get the result they had (<see cref="RunHistory.Carried"/>). Where its own code failed, its budget was exceeded, or it could not be
    /// replayed, only the end no longer counts: the same version runs again from its journal, which helps when the trouble was the host's or the deployment's, and fails again when it was its own.
    /// </summary>
    public static RunWrite Of(Run run, IReadOnlyList<JournalRecord> journal, ControlRecord control, DateTimeOffset now)
    {
        var failed = StepOf(run, journal) ?? EndOf(journal);
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

    /// <summary>The record of the step that failed the run; null when no step did.</summary>
    private static JournalRecord? StepOf(Run run, IReadOnlyList<JournalRecord> journal)
    {
        if (Json.Read<EndedRecord>(journal.Last(r => r.Kind == JournalKind.Ended).Payload).Kind != nameof(RunEndKind.Failed) || run.Result is null) return null;
        if (Json.Read<RunFailure>(Encoding.UTF8.GetBytes(run.Result)) is not { Step: { } blamed } failure) return null;
        var earlier = journal.Where(r => r.Kind == JournalKind.Superseded).Select(r => Json.Read<SupersededRecord>(r.Payload)).ToList();
        var failures = journal.Where(r => r.Kind == JournalKind.Delivered && r.Delivery is DeliveryKind.Failed or DeliveryKind.TimedOut or DeliveryKind.Refused
            && !earlier.Exists(s => r.Seq >= s.Seq && r.Seq <= s.Through));
        // Too many items of a combinator failed: all of them are tried again, from the first on.
        var found = failure.Code == "items-failed"
            ? failures.Where(r => r.Path.StartsWith(blamed + "[", StringComparison.Ordinal)).Take(1)
            : failures.Where(r => r.Path == blamed).TakeLast(1);
        // It was answered, with something that its playbook cannot read: whoever sent that is asked, or waited for, again.
        if (failure.Code == "bad-result" && !found.Any())
        {
            found = journal.Where(r => r is { Kind: JournalKind.Delivered, Delivery: DeliveryKind.Done, Action: BuiltIns.Receive or BuiltIns.Form } && r.Path == blamed
                && !earlier.Exists(s => r.Seq >= s.Seq && r.Seq <= s.Through)).TakeLast(1);
        }

        return found.Select(r => (JournalRecord?)r).FirstOrDefault();
    }

    /// <summary>The first record that the end of the code wrote: open calls were cancelled with it, and are open again when it goes on.</summary>
    private static JournalRecord EndOf(IReadOnlyList<JournalRecord> journal)
    {
        var first = journal.Count - 1;
        while (journal[first].Kind != JournalKind.Ended) first--;
        while (journal[first - 1] is { Kind: JournalKind.Delivered, Delivery: DeliveryKind.Cancelled }) first--;
        return journal[first] with { Path = "", Action = "", Hash = 0, Ordinal = -1 };
    }
}
