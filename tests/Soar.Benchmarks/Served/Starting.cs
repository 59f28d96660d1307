using System.Globalization;

namespace Soar.Benchmarks.Served;

/// <summary>From the process's start until <c>/health/ready</c> says yes, and what the server holds when nobody does anything.</summary>
internal static class Starting
{
    private const string Look = "On.Alert(alert => alert.Category == \"intrusion\");\nvar owner = await Isp.Owner(IpAddress.Parse(\"203.0.113.7\"));\nreturn Outcome.Completed(owner.Name);";

    public static async Task ReadyAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
        var runs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
        var (first, empty) = (new List<double>(), new List<double>());
        for (var i = 0; i < rounds; i++)
        {
            using var fresh = new Deployment(("look", Look));
            await using (var server = await Server.StartAsync(fresh))
            {
                first.Add(server.Ready.TotalMilliseconds);
                await server.StopAsync();
            }

            Directory.Delete(fresh.Store, recursive: true);
            await using var again = await Server.StartAsync(fresh);
            empty.Add(again.Ready.TotalMilliseconds);
        }

        Say("a new store, and nothing in the cache either", first);
        Say("a new store, the playbooks' surface from the cache", empty);
        using var old = new Deployment(("look", Look));
        await using (var server = await Server.StartAsync(old)) await server.StopAsync();
        Past.Write(old, runs, runs / 10, Math.Max(1, runs / 50));
        var late = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            await using var server = await Server.StartAsync(old);
            late.Add(server.Ready.TotalMilliseconds);
            await server.StopAsync();
        }

        Say($"with {runs:N0} old runs", late);
    }

    public static async Task IdleAsync(string[] args)
    {
        var after = Alerts.Seconds(args, 30);
        using var deployment = new Deployment(("look", Look));
        await using (var first = await Server.StartAsync(deployment))
        {
            await first.CompileAsync();
            await first.StopAsync();
        }

        await using var server = await Server.StartAsync(deployment);
        await Task.Delay(after);
        var (resident, proportional, residentChildren, proportionalChildren, processes) = server.Tree.Memory();
        Console.WriteLine($"  {after.TotalSeconds:0} s after a start from the cache: {processes} processes hold {Alerts.Mb(proportional + proportionalChildren)}, what they share counted once: {Alerts.Mb(proportional)} the server, {Alerts.Mb(proportionalChildren)} its children");
        Console.WriteLine($"    resident, what they share counted in each: {Alerts.Mb(resident + residentChildren)}: {Alerts.Mb(resident)} the server, {Alerts.Mb(residentChildren)} its children");
    }

    private static void Say(string what, List<double> times)
    {
        times.Sort();
        Console.WriteLine($"  {what}: ready after {times[times.Count / 2]:0} ms (median of {times.Count}; best {times[0]:0}, worst {times[^1]:0} ms)");
    }
}
