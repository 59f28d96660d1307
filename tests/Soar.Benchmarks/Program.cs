using Soar.Benchmarks;
using Soar.Benchmarks.Served;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Scripting.Jail;

// The hosts and compile workers that the benchmarks start are this program too.
if (JailEntry.Run(args, new Dictionary<string, JailBody> { [HostProcess.Verb] = HostProcess.RunAsync, [CompileWorker.Verb] = CompileWorker.ServeAsync }) is { } exitCode) return exitCode;

// One line per benchmark: name, what it measures, how it is run. `dotnet run -c Release --project tests/Soar.Benchmarks -- <name> [arguments]`
var benchmarks = new (string Name, string Measures, Func<string[], Task> Run)[]
{
    ("storage", "journal rows per second through the group commit, at 1, 50 and 500 callers; arguments: seconds folder", Storage.RunAsync),
    ("steps", "durable steps per second of a ten-step playbook through all layers, at 500, 50 and 1 runs at once; arguments: seconds runs", args => Soar.Server.Bench.StepBench.MeasureAsync(args.Length > 0 ? double.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 10, args.Length > 1 ? [int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture)] : [500, 50, 1])),
    ("foreach", "ForEach over 100 to 100,000 items", Soar.Benchmarks.Runs.ForEachAsync),
    ("suspended", "what 100,000 waiting runs hold, and 10,000 woken at once; arguments: runs", Soar.Benchmarks.Runs.SuspendedAsync),
    ("signals", "1,000 signals to a run of 10,000 steps that is forgotten between all of them; arguments: signals", Soar.Benchmarks.Runs.SignalsAsync),
    ("hosting", "steps per second through the playbook host without a store, replay, ForEach, start-up; arguments: seconds", Hosting.RunAsync),
    ("first-step", "a cached playbook to its first step, in a new host process and in a warm one; arguments: rounds", FirstStep.RunAsync),
    ("compile", "playbooks from text to assembly: warm at 1, 20 and 100 steps, and 50 of them cold; arguments: rounds", Compiling.RunAsync),
    ("intake", "the real server: single alerts by 50 clients until stored and deduplicated; arguments: seconds", Alerts.IntakeAsync),
    ("peers", "the real server: an alert posted, 19 durable steps, answered when its run has ended, 50 clients; arguments: seconds steps", Alerts.PeersAsync),
    ("alert-to-step", "the real server: from an alert's post to its run's first step, at 20 and at 1,000 alerts/s; arguments: seconds", Alerts.ToStepAsync),
    ("burst", "the real server: 10,000 alerts at once, each with a run; arguments: alerts", Alerts.BurstAsync),
    ("lists", "the real server: every list and search with 1,000,000 runs and 100,000 alerts; arguments: runs", Pages.RunAsync),
    ("ready", "the real server: process start to /health/ready, fresh and with 1,000,000 old runs; arguments: rounds runs", Starting.ReadyAsync),
    ("idle", "the real server: memory after a start from the cache; arguments: seconds", Starting.IdleAsync),
    ("answers", "the real server: 200 and 10,000 approvals answered at once; arguments: approvals", Approvals.RunAsync),
};

var chosen = benchmarks.Where(b => args.Length == 0 || args[0] == b.Name).ToList();
if (chosen.Count == 0)
{
    Console.Error.WriteLine($"There is no benchmark '{args[0]}'. There are: {string.Join(", ", benchmarks.Select(b => b.Name))}.");
    return 2;
}

foreach (var benchmark in chosen)
{
    Console.WriteLine($"# {benchmark.Name}: {benchmark.Measures}");
    await benchmark.Run(args.Length > 1 ? args[1..] : []);
}

return 0;
