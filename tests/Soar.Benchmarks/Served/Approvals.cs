using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Soar.Benchmarks.Served;

/// <summary>Many approvals are answered at once: does each run go on exactly once?</summary>
internal static class Approvals
{
    private const string Asks = """
        var number = Input("number", 0, "Which");
        var decision = await Ask("shift-lead", $"Go on with {number}?", within: 8.Hours);
        if (!decision.Approved) return Outcome.Escalated(decision.Reason);
        var owner = await Isp.Owner(IpAddress.Parse("203.0.113.7"));
        return Outcome.Completed($"{number} {owner.Name}");
        """;

    public static async Task RunAsync(string[] args)
    {
        foreach (var many in args.Length > 0 ? args.Select(a => int.Parse(a, CultureInfo.InvariantCulture)) : [200, 10_000])
        {
            using var deployment = new Deployment(("asks", Asks));
            await using var server = await Alerts.ReadyAsync(deployment);
            Each(server, many, (connection, n) => Send(connection, Connection.Request("POST", "/api/runs", server.Token, $$"""{"playbook":"asks","inputs":{"number": {{n}} } }"""), 201));
            while (deployment.Count("SELECT COUNT(*) FROM questions WHERE status = 0") < many || deployment.Count("SELECT COUNT(*) FROM runs WHERE status = 1") < many) await Task.Delay(50);
            var questions = (await server.GetAsync("/api/questions")).GetProperty("questions").EnumerateArray().Select(q => q.GetProperty("id").GetString()!).ToArray();
            var began = Stopwatch.GetTimestamp();
            Each(server, many, (connection, n) => Send(connection, Connection.Request("POST", $"/api/questions/{questions[n - 1]}/answer", server.Token, """{"answer":"approve","reason":"seen"}"""), 200));
            var answered = Stopwatch.GetElapsedTime(began);
            while (deployment.Count("SELECT COUNT(*) FROM runs WHERE status <> 3") > 0) await Task.Delay(20);
            Console.WriteLine($"  {many:N0} approvals by 50 clients: answered after {answered.TotalSeconds:0.00} s ({many / answered.TotalSeconds:N0}/s), all runs had ended after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
            // Of each run: one answer delivered, one step after it, one end.
            var wrong = deployment.Count("""
                SELECT COUNT(*) FROM runs AS r WHERE r.status <> 3 OR (SELECT COUNT(*) FROM journal AS j WHERE j.run_no = r.run_no AND j.action = 'soar.ask' AND j.kind = 2) <> 1
                    OR (SELECT COUNT(*) FROM journal AS j WHERE j.run_no = r.run_no AND j.action = 'isp.owner') <> 1 OR (SELECT COUNT(*) FROM answers AS a JOIN questions AS q ON q.id = a.question_id WHERE q.run_no = r.run_no) <> 1
                """);
            Console.WriteLine($"    {deployment.Count("SELECT COUNT(*) FROM runs WHERE status = 3"):N0} runs are completed; of these, {wrong} did not continue exactly once");
        }
    }

    private static void Each(Server server, int many, Action<Connection, int> send)
    {
        var next = 0;
        var threads = Enumerable.Range(0, 50).Select(_ => Task.Factory.StartNew(() =>
        {
            using var connection = new Connection(server.Port);
            for (var n = Interlocked.Increment(ref next); n <= many; n = Interlocked.Increment(ref next)) send(connection, n);
        }, TaskCreationOptions.LongRunning)).ToArray();
        Task.WaitAll(threads);
    }

    private static void Send(Connection connection, byte[] request, int wanted)
    {
        if (connection.Send(request) is var status && status != wanted) throw new InvalidOperationException($"{status} {Encoding.UTF8.GetString(connection.Body)}");
    }
}
