using System.Diagnostics;

namespace Soar.Benchmarks.Served;

/// <summary>What so many clients saw, and what it cost.</summary>
internal sealed record Measured(int Count, double Seconds, double[] Milliseconds, double Server, double Children, double Clients)
{
    public double Rate => Count / Seconds;

    public double At(double quantile) => Milliseconds[Math.Min(Milliseconds.Length - 1, (int)(Milliseconds.Length * quantile))];

    public string Cost => $"CPU of each: {Server * 1e6 / Count:0} µs in the server, {Children * 1e6 / Count:0} µs in its hosts, {Clients * 1e6 / Count:0} µs in the clients";
}

/// <summary>Clients at work: threads with a connection each, since one that blocks costs least.</summary>
internal static class Load
{
    /// <summary>Each client sends its next request when the last was answered.</summary>
    /// <param name="send">Sends the n-th request, and throws when it was not answered as it should be.</param>
    public static Measured Closed(Server server, int clients, TimeSpan warm, TimeSpan time, Action<Connection, int> send) => Run(server, clients, warm, time, perSecond: 0, send);

    /// <summary>So many requests a second, whatever the answers do: how long one took counts from when it was due.</summary>
    public static Measured Open(Server server, int clients, double perSecond, TimeSpan warm, TimeSpan time, Action<Connection, int> send) => Run(server, clients, warm, time, perSecond, send);

    private static Measured Run(Server server, int clients, TimeSpan warm, TimeSpan time, double perSecond, Action<Connection, int> send)
    {
        var (began, next) = (Stopwatch.GetTimestamp(), 0);
        var (from, until) = (began + Ticks(warm), began + Ticks(warm + time));
        var latencies = new List<double>[clients];
        Exception? failed = null;
        var threads = Enumerable.Range(0, clients).Select(client => new Thread(() =>
        {
            var mine = latencies[client] = [];
            try
            {
                using var connection = new Connection(server.Port);
                while (Volatile.Read(ref failed) is null)
                {
                    var n = Interlocked.Increment(ref next);
                    var at = perSecond > 0 ? began + (long)(n / perSecond * Stopwatch.Frequency) : Stopwatch.GetTimestamp();
                    if (at >= until) return;
                    if (perSecond > 0) WaitFor(at);
                    send(connection, n);
                    if (at >= from) mine.Add((Stopwatch.GetTimestamp() - at) * 1000.0 / Stopwatch.Frequency);
                }
            }
            catch (Exception error) // of any client: all stop, and it is told
            {
                Volatile.Write(ref failed, error);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        WaitFor(from);
        var (cpu, here) = (server.Tree.Cpu(), Environment.CpuUsage.TotalTime);
        WaitFor(until);
        var (after, there) = (server.Tree.Cpu(), Environment.CpuUsage.TotalTime);
        var seconds = (Stopwatch.GetTimestamp() - from) / (double)Stopwatch.Frequency;
        threads.ForEach(t => t.Join());
        if (failed is not null) throw new InvalidOperationException($"A client was not answered as it should be: {failed.Message}", failed);
        var all = latencies.SelectMany(l => l).Order().ToArray();
        return new Measured(all.Length, seconds, all, after.Server - cpu.Server, after.Children - cpu.Children, (there - here).TotalSeconds);
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private static void WaitFor(long at)
    {
        for (var left = at - Stopwatch.GetTimestamp(); left > 0; left = at - Stopwatch.GetTimestamp()) Thread.Sleep(TimeSpan.FromSeconds(Math.Max(0.0001, left / (double)Stopwatch.Frequency)));
    }
}
