using System.CommandLine;
using Soar.Server.Bench;

namespace Soar.Server.Commands;

/// <summary><c>soar bench</c>: what this machine can do, in a store of its own that is deleted afterwards.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var seconds = new Option<double>("--seconds") { Description = "How long each level is measured. Default 10.", DefaultValueFactory = _ => 10 };
        var runs = new Option<int[]>("--runs") { Description = "How many runs at once; may be given several times. Default 500, 50 and 1.", DefaultValueFactory = _ => [500, 50, 1] };
        var command = new Command("bench", "Measures durable steps per second on this machine: jailed playbook host, SQLite with full syncs, a connector that does nothing.") { seconds, runs };
        CommandContext.Handle(command, async (context, _) =>
        {
            var levels = context.Parsed.GetValue(runs)!;
            if (levels.Any(level => level is < 1 or > 10_000)) throw new SoarException("SOAR5001", "--runs must be between 1 and 10000.");
            await StepBench.MeasureAsync(context.Parsed.GetValue(seconds), levels);
            return CommandContext.Done;
        });
        return command;
    }
}
