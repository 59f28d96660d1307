using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Soar.Benchmarks.Served;

/// <summary>Alerts on their way into the real server, and what becomes of them.</summary>
internal static class Alerts
{
    private const int Clients = 50;
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(8);

    /// <summary>It is asked about every alert, and wants none.</summary>
    private static readonly (string, string) Other = ("other", "On.Alert(alert => alert.Category == \"malware\" && alert.Severity >= 90);\nawait Wait(1.Hours);\nreturn Outcome.Completed();");

    /// <summary>Wants every alert, and looks up its address so many times: as many durable steps.</summary>
    private static (string, string) Looker(int steps) => ("look", $$"""
        On.Alert(alert => alert.Category == "intrusion" && alert.Severity >= 70);
        var address = Input<IpAddress>("address", "The attacking address", from: alert => alert.Source?.Ip);
        var name = "";
        for (var i = 0; i < {{steps}}; i++) name = (await Isp.Owner(address)).Name;
        return Outcome.Completed(name);
        """);

    /// <summary>Single alerts, until each is stored and deduplicated; a playbook is asked about each meanwhile.</summary>
    public static async Task IntakeAsync(string[] args)
    {
        using var deployment = new Deployment(Other);
        await using var server = await ReadyAsync(deployment);
        var sent = 0;
        var measured = Load.Closed(server, Clients, Warm, Seconds(args, 20), (connection, n) =>
        {
            Post(connection, server, "/api/alerts?source=siem", n, repeats: true);
            Interlocked.Increment(ref sent);
        });
        Console.WriteLine($"  {measured.Rate:N0} alerts/s, p50 {measured.At(0.5):0.0} ms, p99 {measured.At(0.99):0.0} ms, slowest {measured.Milliseconds[^1]:0.0} ms; {Clients} clients, {measured.Count:N0} alerts in {measured.Seconds:0.0} s");
        Console.WriteLine($"    {measured.Cost}");
        var late = Stopwatch.GetTimestamp();
        await DecidedAsync(deployment);
        Console.WriteLine($"    {sent:N0} were answered in all, {deployment.Count("SELECT COUNT(*) FROM alerts"):N0} are stored, {deployment.Count("SELECT COUNT(*) FROM alerts WHERE state = 4"):N0} of them as repeats; playbooks had been asked about all of them {Stopwatch.GetElapsedTime(late).TotalSeconds:0.0} s after the last answer");
    }

    /// <summary>From the alert's first byte until its run's first step has been done, by the journal's clock; what that says in whole milliseconds is counted upwards.</summary>
    public static async Task ToStepAsync(string[] args)
    {
        using var deployment = new Deployment(Looker(1));
        await using var server = await ReadyAsync(deployment);
        await FirstStepsAsync(deployment, server, "unloaded: 20 alerts/s, after 8 s of them", 20, Seconds(args, 15));
        await FirstStepsAsync(deployment, server, "at 1,000 alerts/s, after 8 s of them", 1_000, Seconds(args, 15));
    }

    /// <summary>An alert is posted and answered when the run of 19 steps that it starts has ended.</summary>
    public static async Task PeersAsync(string[] args)
    {
        var steps = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 19;
        using var deployment = new Deployment(Looker(steps));
        await using var server = await ReadyAsync(deployment);
        var sent = 0;
        var measured = Load.Closed(server, Clients, Warm, Seconds(args, 20), (connection, n) =>
        {
            Post(connection, server, "/api/alerts?source=siem&wait=30", n, repeats: false, "\"status\":\"Completed\"");
            Interlocked.Increment(ref sent);
        });
        Console.WriteLine($"  {measured.Rate:N0} runs/s, p50 {measured.At(0.5):0.0} ms, p99 {measured.At(0.99):0.0} ms; {Clients} clients, {steps} durable steps a run, {measured.Count:N0} runs in {measured.Seconds:0.0} s");
        Console.WriteLine($"    {measured.Cost}");
        Console.WriteLine($"    {sent:N0} were answered in all, {deployment.Count("SELECT COUNT(*) FROM runs WHERE status = 3"):N0} runs are completed, {deployment.Count("SELECT COUNT(*) FROM journal WHERE action = 'isp.owner'"):N0} steps are on record");
    }

    /// <summary>Ten thousand alerts as fast as fifty clients can send them, and a run for each.</summary>
    public static async Task BurstAsync(string[] args)
    {
        var many = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
        using var deployment = new Deployment(Looker(5));
        await using var server = await ReadyAsync(deployment);
        var before = server.Tree.Resident();
        var memory = new PeakMemory(server);
        var began = Stopwatch.GetTimestamp();
        var (next, answered) = (0, 0);
        var threads = Enumerable.Range(0, Clients).Select(_ => Task.Factory.StartNew(() =>
        {
            using var connection = new Connection(server.Port);
            for (var n = Interlocked.Increment(ref next); n <= many; n = Interlocked.Increment(ref next))
            {
                Post(connection, server, "/api/alerts?source=siem", n, repeats: false);
                Interlocked.Increment(ref answered);
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(threads);
        var taken = Stopwatch.GetElapsedTime(began);
        await DecidedAsync(deployment);
        while (deployment.Count("SELECT COUNT(*) FROM runs WHERE status <> 3") > 0) await Task.Delay(100);
        var (both, alone) = await memory.StopAsync();
        Console.WriteLine($"  {many:N0} alerts: {answered:N0} answered as stored after {taken.TotalSeconds:0.0} s ({answered / taken.TotalSeconds:N0}/s); all runs had ended after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        Console.WriteLine($"    {deployment.Count("SELECT COUNT(*) FROM alerts"):N0} alerts are stored, {deployment.Count("SELECT COUNT(*) FROM alerts WHERE state = 1"):N0} started a run; {deployment.Count("SELECT COUNT(*) FROM runs"):N0} runs, {deployment.Count("SELECT COUNT(DISTINCT trigger_key) FROM runs"):N0} of different alerts, {deployment.Count("SELECT COUNT(*) FROM journal WHERE action = 'isp.owner'"):N0} steps done (wanted: {many * 5:N0})");
        Console.WriteLine($"    most memory, resident: {Mb(both)} in the server and its playbook hosts together, {Mb(alone)} in the server alone (before it: {Mb(before.Server + before.Children)} and {Mb(before.Server)})");
    }

    /// <summary>A server with somebody logged in, as it stands after a start from the cache: its playbooks were compiled by the one before, and no compiler process is there any more.</summary>
    public static async Task<Server> ReadyAsync(Deployment deployment)
    {
        await using (var first = await Server.StartAsync(deployment))
        {
            await first.CompileAsync();
            await first.StopAsync();
        }

        var server = await Server.StartAsync(deployment);
        await server.LogInAsync();
        return server;
    }

    public static TimeSpan Seconds(string[] args, double otherwise) => TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : otherwise);

    public static string Mb(long bytes) => $"{bytes / 1048576.0:0} MB";

    /// <summary>Posts the n-th alert; the answer must hold a text. Its number is returned.</summary>
    private static long Post(Connection connection, Server server, string path, int n, bool repeats, string wanted = "\"number\":")
    {
        var status = connection.Send(BenchAlert.Request(server, path, n, repeats));
        if (status != 200 || connection.Body.IndexOf(Encoding.UTF8.GetBytes(wanted)) < 0) throw new InvalidOperationException($"alert {n}: {status} {Encoding.UTF8.GetString(connection.Body)}");
        var number = connection.Body[(connection.Body.IndexOf("\"number\":"u8) + 9)..];
        return long.Parse(Encoding.ASCII.GetString(number[..number.IndexOfAnyExceptInRange((byte)'0', (byte)'9')]), CultureInfo.InvariantCulture);
    }

    private static int offset;

    private static async Task FirstStepsAsync(Deployment deployment, Server server, string how, double perSecond, TimeSpan time)
    {
        var sent = new ConcurrentDictionary<long, double>();
        var first = offset;
        var measured = Load.Open(server, Clients, perSecond, Warm, time, (connection, n) =>
        {
            var at = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;
            sent[Post(connection, server, "/api/alerts?source=siem", first + n, repeats: false)] = at;
        });
        offset += sent.Count + 1_000;
        await DecidedAsync(deployment);
        while (deployment.Count("SELECT COUNT(*) FROM runs WHERE status <> 3") > 0) await Task.Delay(100);
        var newest = sent.OrderByDescending(s => s.Value).Take(measured.Count).ToDictionary();
        var took = new List<double>();
        // Whole pages of runs, and of a thousand and more of them, evenly, what stands in their journals.
        var runs = (await server.RunsAsync()).Where(r => newest.ContainsKey(Alert(r))).ToList();
        var every = Math.Max(1, runs.Count / 2_000);
        foreach (var run in runs.Where((_, i) => i % every == 0))
        {
            var timeline = (await server.GetAsync($"/api/runs/{run.GetProperty("id").GetString()}")).GetProperty("timeline");
            var step = timeline.EnumerateArray().First(e => e.TryGetProperty("action", out var action) && action.GetString() == "isp.owner");
            took.Add((step.GetProperty("at").GetDateTimeOffset() - DateTimeOffset.UnixEpoch).TotalMilliseconds + 1 - newest[Alert(run)]);
        }

        took.Sort();
        Console.WriteLine($"  {how}: first step done after p50 {took[took.Count / 2]:0.0} ms, p99 {took[(int)(took.Count * 0.99)]:0.0} ms, slowest {took[^1]:0.0} ms ({took.Count:N0} of {runs.Count:N0} runs looked at); the answer that it is stored: p50 {measured.At(0.5):0.0} ms, p99 {measured.At(0.99):0.0} ms");
        Console.WriteLine($"    {measured.Cost}");

        static long Alert(JsonElement run) => long.Parse(run.GetProperty("startedBy").GetString()!["alert ".Length..], CultureInfo.InvariantCulture);
    }

    private static async Task DecidedAsync(Deployment deployment)
    {
        while (deployment.Count("SELECT COUNT(*) FROM alerts WHERE state = 0") > 0) await Task.Delay(50);
    }

    /// <summary>The most memory that is seen, every 20 ms.</summary>
    private sealed class PeakMemory
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task<(long Both, long Alone)> watching;

        public PeakMemory(Server server) => watching = Task.Run(async () =>
        {
            var (both, alone) = (0L, 0L);
            while (!stop.IsCancellationRequested)
            {
                var (here, children) = server.Tree.Resident();
                (both, alone) = (Math.Max(both, here + children), Math.Max(alone, here));
                await Task.Delay(20);
            }

            return (both, alone);
        });

        public async Task<(long Both, long Alone)> StopAsync()
        {
            await stop.CancelAsync();
            return await watching;
        }
    }
}
