using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Soar.Server.Tests.Connectors;
using Soar.Testing;

namespace Soar.Server.Tests.Http;

/// <summary>What monitoring sees of runs: numbers at /metrics for those who may, and a span per step at a collector.</summary>
public sealed class TelemetryTests
{
    private const string Body = """
        // Note the first
        await Note("one");
        await Note("two");
        return Outcome.Completed();
        """;

    [Fact]
    public async Task A_scraper_with_its_token_sees_the_steps_and_runs_that_ended_and_nobody_sees_them_without()
    {
        await using var served = await Served.StartAsync(playbooks: ("look", Body));
        using var administrator = await served.AdministratorAsync();
        using var stranger = served.Browser();
        await stranger.RefusedAsync(HttpMethod.Get, "/metrics", null, 401, "SOAR6001");
        var made = await administrator.PostAsync("/api/tokens", new { name = "scraper", scopes = new[] { "ReadMetrics" }, days = 1 }, HttpStatusCode.Created);
        using var scraper = served.Browser();
        scraper.Token = made.GetProperty("value").GetString();
        await scraper.RefusedAsync(HttpMethod.Get, "/api/runs", null, 403, "SOAR6002");
        await administrator.PostAsync("/api/runs", new { playbook = "look" }, HttpStatusCode.Created);
        var metrics = await UntilAsync(scraper, text => text.Contains("soar_runs_ended_total", StringComparison.Ordinal));
        Assert.Matches("""(?m)soar_runs_ended_total\{[^}]*playbook="look"[^}]*\} 1$""", metrics);
        Assert.Matches("""(?m)soar_steps_ended_total\{[^}]*result="done"[^}]*\} 2$""", metrics);
        Assert.Matches("""(?m)soar_step_duration_seconds_count\{[^}]*\} 2$""", metrics);
        Assert.Matches(@"(?m)soar_alerts_waiting\{[^}]*\} 0$", metrics);
    }

    [Fact]
    public async Task A_collector_gets_a_span_for_each_step_in_the_trace_that_has_the_run_s_id()
    {
        var spans = new ConcurrentQueue<string>();
        var header = "";
        var came = new TaskCompletionSource();
        await using var collector = new LoopbackTcp(async (stream, end) =>
        {
            var request = await ReadAsync(stream, end);
            var text = Convert.ToHexStringLower(request);
            var head = Encoding.Latin1.GetString(request);
            if (head.StartsWith("POST /v1/traces ", StringComparison.Ordinal))
            {
                header = head;
                spans.Enqueue(text);
                if (Encoding.UTF8.GetString(request).Contains("Note the first", StringComparison.Ordinal)) came.TrySetResult();
            }

            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), end);
        });
        Environment.SetEnvironmentVariable("SOAR_TEST_TELEMETRY", "x-team: cirt");
        string run;
        await using (var served = await Served.StartAsync($"approvals: []\ntelemetry: {{ otlp: \"http://127.0.0.1:{collector.Port}\", otlpHeader: \"env:SOAR_TEST_TELEMETRY\" }}\n", ("look", Body)))
        {
            using var administrator = await served.AdministratorAsync();
            run = (await administrator.PostAsync("/api/runs", new { playbook = "look" }, HttpStatusCode.Created)).GetProperty("id").GetString()!;
            await came.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }

        Assert.Contains(run.Replace("-", "", StringComparison.Ordinal), string.Concat(spans));
        Assert.Contains("x-team: cirt", header, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_collector_s_address_that_is_none_is_told_at_its_line()
    {
        using var deployment = new Deployment();
        deployment.File("soar.yaml", "telemetry: { otlp: collector, every: 0s }\n");
        var said = deployment.Soar("serve").Output;
        foreach (var part in new[] { "SOAR4002", "telemetry.otlp", "collector", "telemetry.every" }) Assert.Contains(part, said);
    }

    private static async Task<string> UntilAsync(Browser scraper, Func<string, bool> there)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(500)); // the exporter answers the same for 300 ms
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await tick.WaitForNextTickAsync(patience.Token))
        {
            using var response = await scraper.SendAsync(HttpMethod.Get, "/metrics");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var text = await response.Content.ReadAsStringAsync();
            if (there(text)) return text;
        }

        throw new TimeoutException();
    }

    /// <summary>Head and body of a request with a length.</summary>
    private static async Task<byte[]> ReadAsync(NetworkStream stream, CancellationToken end)
    {
        var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var head = Encoding.Latin1.GetString(all.ToArray());
            if (head.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var at)
            {
                var length = head[..at].Split("\r\n").Where(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(l => int.Parse(l.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
                if (all.Length >= at + 4 + length) return all.ToArray();
            }

            var read = await stream.ReadAsync(buffer, end);
            if (read == 0) return all.ToArray();
            all.Write(buffer.AsSpan(0, read));
        }
    }
}
