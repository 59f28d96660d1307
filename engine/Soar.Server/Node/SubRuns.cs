using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Server.Node;

/// <summary>The sub-runs that a run waits for: while they go on it does, though its own row says that it waits.</summary>
internal static class SubRuns
{
    /// <summary>The run first, then its sub-runs and theirs. One that has ended is among them until its end has reached whoever waits for it.</summary>
    public static async Task<IReadOnlyList<Run>> WithAsync(IRunStore runs, Run run)
    {
        var all = new List<Run> { run };
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i] is not { Status: RunStatus.Waiting, WaitsFor.Runs: > 0 }) continue;
            var journal = await runs.ReadJournalAsync(all[i].Id);
            var done = journal.Where(r => r.Kind == JournalKind.Delivered).Select(r => r.Ordinal).ToHashSet();
            foreach (var begun in journal.Where(r => r.Kind == JournalKind.Asked && r.Action == BuiltIns.Run && !done.Contains(r.Ordinal)))
            {
                var child = RunId.Parse(JsonSerializer.Deserialize<AskedRecord>(begun.Payload.Span, SoarJson.Options)!.Child!);
                if (await NewestAsync(runs, child) is { } found) all.Add(found);
            }
        }

        return all;
    }

    // Whoever waits for a run that goes on as another waits for that one.
    private static async Task<Run?> NewestAsync(IRunStore runs, RunId id)
    {
        var run = await runs.FindAsync(id);
        while (run?.Successor is { } successor) run = await runs.FindAsync(successor);
        return run;
    }
}
