using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What policy does to a run: people decide on its effects, kill switches hold and free them, its time limits stand still meanwhile.</summary>
internal sealed partial class RunDriver
{
    /// <summary>How many kill switches that held something of this run were lifted.</summary>
    private int lifts;

    /// <summary>Policy asked about it before the engine was started again.</summary>
    private void AwaitDecision(OpenCall step, AskedRecord asked)
    {
        step.Due = DateTimeOffset.FromUnixTimeMilliseconds(asked.Until!.Value);
        AwaitPerson(step, QuestionIdOf(asked));
    }

    /// <summary>The decision is on record in the same commit as the answer is used up, and before anything is done with it: no crash loses it.</summary>
    private void Decide(OpenCall step, bool approved, string by, string reason)
    {
        var asked = step.Past.Asked!;
        var decided = Json.Of(new DecidedRecord(asked.Question!, asked.Policy!, asked.Authorises![0], approved, by, reason));
        var at = Record(step, JournalKind.Decided, decided);
        step.Past.Take(JournalKind.Decided, at, decided);
        StandStill(batch.Records[^1]);
        step.Question = null;
        Execute(step);
    }

    /// <summary>What was held tries again, in the order in which the playbook made its calls.</summary>
    private void GoOn()
    {
        if (halting is not null) return; // its replay tries again
        foreach (var step in open.Values.Where(s => s.Waits == WaitsFor.Switch).OrderBy(s => s.Ordinal).ToList()) Execute(step);
    }

    /// <summary>Time stopped or went on with this record: every limit moves along.</summary>
    private void StandStill(in JournalRecord record)
    {
        if (!history.StandStill.Take(record)) return;
        foreach (var limit in open.Values.Where(s => s.Call.Action == BuiltIns.Timeout)) limit.Due = LimitOf(limit.Call);
    }

    /// <summary>When a step's time is over; null while the run's time stands still.</summary>
    private DateTimeOffset? LimitOf(StepCall call)
    {
        if (history.StandStill.Stands) return null;
        var limit = Questions.LimitOf(call, history.ResumedAt);
        return limit + history.StandStill.Since(limit - TimeSpan.FromMilliseconds(Json.Read<TimeoutArguments>(call.Arguments).After), engine.Now);
    }
}
