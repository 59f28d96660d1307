using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>Kill switches that flip at any moment, and a budget that the runs share.</summary>
public abstract partial class SimulationTests
{
    private sealed partial class Simulation
    {
        private const int Targets = 1;
        private static readonly IReadOnlyList<Budget> Budgets = [new Budget(Effect.Contains, BudgetSpan.Hour, Targets, null, PolicyAnswer.Ask, "head-of-soc")];

        /// <summary>Every switch with how far each run's journal was when it was turned on, and when it was turned off.</summary>
        private readonly List<(KillSwitch Switch, IReadOnlyDictionary<RunId, int> From, IReadOnlyDictionary<RunId, int> Until)> flips = [];
        private readonly Dictionary<Guid, IReadOnlyDictionary<RunId, int>> turnedOn = [];

        private async Task FlipAsync()
        {
            var on = await store.SwitchesAsync(all: false);
            if (on.Count > 0 && random.Next(2) == 0)
            {
                await OffAsync(on[random.Next(on.Count)]);
                return;
            }

            Effect? effect = random.Next(6) switch { 0 => Effect.Contains, 1 => Effect.Records, 2 => Effect.Notifies, 3 => Effect.Lifts, _ => null };
            var bytes = new byte[16];
            random.NextBytes(bytes);
            var flipped = KillSwitch.New(new Guid(bytes), random.Next(3) == 0 ? "edge-1" : null, effect, null, "ana", "enough", clock.GetUtcNow());
            if ((await store.SwitchOnAsync(flipped)).Id != flipped.Id) return;
            Tell($"the kill switch holds {flipped.Scope()}");
            turnedOn[flipped.Id] = await JournalsSoFarAsync();
        }

        private async Task OffAsync(KillSwitch on)
        {
            flips.Add((on, turnedOn[on.Id], await JournalsSoFarAsync()));
            Tell($"the kill switch holds {on.Scope()} no more");
            await store.SwitchOffAsync(on.Id, "ana", "", clock.GetUtcNow());
        }

        private async Task<IReadOnlyDictionary<RunId, int>> JournalsSoFarAsync() => (await EngineSuite.JournalsAsync(store)).ToDictionary(j => j.Key, j => j.Value.Count);

        private async Task JudgePolicyAsync()
        {
            Assert.Empty(await store.HeldAsync(null));
            var begun = new Dictionary<string, (long At, string Target, bool Approved)>();
            foreach (var (run, journal) in await EngineSuite.JournalsAsync(store))
            {
                sum.Held += journal.Count(r => r.Kind == JournalKind.Held);
                sum.Decided += journal.Count(r => r.Kind == JournalKind.Decided);
                foreach (var record in journal.Where(r => r.Kind == JournalKind.Intent && r.Action.StartsWith("gate.", StringComparison.Ordinal)))
                {
                    var intent = JsonSerializer.Deserialize<EffectIntent>(record.Payload.Span, SoarJson.Options)!;
                    foreach (var (on, from, until) in flips.Where(f => f.Switch.Holds(intent.Instance, EffectOf(record.Action), "")))
                        Assert.True(record.Seq <= from.GetValueOrDefault(run) || record.Seq > until.GetValueOrDefault(run), $"{record.Action} of run {run} began (seq {record.Seq}) while the kill switch held {on.Scope()}");
                    // A person who resumes the run has it tried anew.
                    var anew = journal.Where(r => r.Seq < record.Seq && r.Kind == JournalKind.Superseded).Select(r => r.Seq).LastOrDefault();
                    Assert.False(journal.Any(r => r.Seq > anew && r.Seq < record.Seq && r.Kind == JournalKind.Decided && r.Hash == record.Hash && r.Path == record.Path && !JsonSerializer.Deserialize<DecidedRecord>(r.Payload.Span, SoarJson.Options)!.Approved),
                        $"{record.Action} of run {run} began (seq {record.Seq}) although a person refused it");
                    if (record.Action != "gate.block" || begun.ContainsKey(intent.Key)) continue;
                    var approved = journal.Any(r => r.Kind == JournalKind.Decided && r.Hash == record.Hash && r.Path == record.Path && JsonSerializer.Deserialize<DecidedRecord>(r.Payload.Span, SoarJson.Options)!.Approved);
                    begun.Add(intent.Key, (record.At, intent.Arguments.GetProperty("target").GetString()!, approved));
                }
            }

            foreach (var (key, one) in begun.Where(b => !b.Value.Approved))
            {
                // What began in the same millisecond may have been before or after it: it may have reached the same target, and need not have spent anything.
                var reached = begun.Where(b => b.Value.At < one.At && b.Value.At > one.At - 3_600_000).Select(b => b.Value.Target).Distinct().ToList();
                var together = begun.Any(b => b.Key != key && b.Value.At == one.At && b.Value.Target == one.Target);
                Assert.True(together || reached.Contains(one.Target) || reached.Count < Targets, $"{key} blocked {one.Target} although {string.Join(", ", reached)} spent the budget");
            }
        }

        private static Effect EffectOf(string action) => action switch { "gate.block" => Effect.Contains, "gate.unblock" => Effect.Lifts, "gate.send" => Effect.Notifies, _ => Effect.Records };
    }
}
