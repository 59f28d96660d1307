using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Soar.Benchmarks.Served;

/// <summary>Every list and search that the console and the API's documents know, with many runs and alerts in the store: from the request to the last byte of the page, one client.</summary>
internal static class Pages
{
    private const string Nothing = "var owner = await Isp.Owner(IpAddress.Parse(\"203.0.113.7\"));\nreturn Outcome.Completed(owner.Name);";

    public static async Task RunAsync(string[] args)
    {
        var runs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
        using var deployment = new Deployment(("look", Nothing));
        await using (var first = await Server.StartAsync(deployment))
        {
            await first.CompileAsync();
            await first.StopAsync();
        }

        Past.Write(deployment, runs, Math.Min(runs, 100_000), Math.Max(1, Math.Min(runs, 100_000) / 5));
        await using var server = await Server.StartAsync(deployment);
        await server.LogInAsync();
        using var connection = new Connection(server.Port);
        var deep = Middle(await server.GetAsync("/api/runs?max=500&playbook=throw-out-intruder"));
        Console.WriteLine("  p50 ms   p95 ms   bytes     page");
        var worst = 0.0;
        foreach (var path in Paths(deep))
        {
            var request = Connection.Request("GET", path, server.Token);
            var times = new List<double>();
            for (var i = 0; i < 25; i++)
            {
                var began = Stopwatch.GetTimestamp();
                var status = connection.Send(request);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                if (status != 200) throw new InvalidOperationException($"{path}: {status} {Encoding.UTF8.GetString(connection.Body)}");
            }

            var bytes = connection.Body.Length;
            // The first is among them: nobody warms a page up.
            times.Sort();
            worst = Math.Max(worst, times[(int)(times.Count * 0.95)]);
            Console.WriteLine($"  {times[times.Count / 2],6:0.0}   {times[(int)(times.Count * 0.95)],6:0.0}   {bytes,-8:N0}  {path}");
        }

        Console.WriteLine($"  the slowest page's p95: {worst:0.0} ms");
    }

    private static string Middle(JsonElement page) => page.GetProperty("runs").EnumerateArray().Last().GetProperty("id").GetString()!;

    private static IEnumerable<string> Paths(string deep)
    {
        // As the console asks.
        yield return "/api/runs?max=100";
        foreach (var status in new[] { "Running", "Waiting", "Paused", "Completed", "Failed", "Cancelled", "Quarantined", "Parked" })
        {
            yield return $"/api/runs?status={status}&max=100";
            yield return $"/api/runs?status={status}&playbook=playbook-3&max=100";
            yield return $"/api/runs?status={status}&playbook=throw-out-intruder&max=100";
        }

        yield return "/api/runs?playbook=throw-out-intruder&max=100";
        yield return "/api/runs?playbook=no-such-playbook&max=100";
        yield return $"/api/runs?max=100&before={deep}";
        yield return $"/api/runs?status=Failed&playbook=playbook-3&max=100&before={deep}";
        yield return "/api/runs?caseId=01900003-0000-7000-8000-000000000064&max=100";
        yield return "/api/runs?startedBy=ana&max=100";
        yield return "/api/runs?startedBy=boris&status=Failed&max=100";
        yield return "/api/runs?startedBy=nobody&max=100";
        yield return "/api/alerts?max=200";
        foreach (var state in new[] { "Waiting", "Started", "NoTrigger", "Failed", "Duplicate", "Suppressed" })
        {
            yield return $"/api/alerts?state={state}&max=200";
            yield return $"/api/alerts?state={state}&source=gate&max=200";
        }

        yield return "/api/alerts?source=gate&max=200";
        yield return "/api/alerts/79/duplicates?max=200";
        yield return "/api/alerts/500";
        yield return "/api/cases?max=200";
        yield return "/api/cases?status=New&owner=ana&max=200";
        yield return "/api/cases?declared=true&max=200";
        yield return "/api/cases?text=203.0.113.66&max=200";
        yield return "/api/cases?text=host-777.example&max=200";
        yield return "/api/cases?text=gate%207777&max=200";
        yield return "/api/cases?text=nowhere&max=200";
        yield return "/api/cases/100";
        yield return "/api/cases/100/timeline";
        yield return "/api/cases/100/related";
        yield return "/api/cases/metrics";
        yield return "/api/questions";
        yield return "/api/questions?mine=true";
        yield return "/api/containments";
        yield return "/api/audit?max=100";
        yield return "/api/audit?who=boris&max=100";
        yield return "/api/audit?who=nobody&max=100";
        yield return "/api/playbooks";
        yield return "/api/schedules";
        yield return "/api/lists";
    }
}
