using System.Collections.Concurrent;
using System.Text;
using Soar.Hosting;
using Soar.Scripting.Host;
using Soar.Scripting.Jail;
using Soar.Tests.Engine;
using Soar.Tests.Language;
using Soar.Tests.Scripting.Jail;

namespace Soar.Tests.Host;

public sealed class ProcessHostTests : IDisposable
{
    private const string Calm = """
        var report = await Intel.Lookup(IpAddress.Parse("203.0.113.7"));
        await ForEach(Firewall.All, firewall => firewall.Block(report.Source == "local" ? IpAddress.Parse("203.0.113.7") : IpAddress.Parse("0.0.0.0/0"), 24.Hours));
        return Outcome.Contained($"{report.Verdict} until {24.Hours}");
        """;

    private const int Stop = 19, Continue = 18;

    private readonly HandMade made = new();
    private readonly FakeEngine engine = new();

    public void Dispose() => made.Dispose();

    [Fact]
    public async Task A_run_in_a_jailed_process_makes_its_calls_and_ends_as_in_process()
    {
        await using var pool = await PoolAsync(1);
        var start = made.Start(Calm, 1);
        AnswerEverything(pool);
        pool.Start(start);
        await engine.Of(start.Run).QuietUntilEndAsync();
        var kept = engine.Of(start.Run);
        Assert.Equal("Completed {\"kind\":\"Contained\",\"reason\":\"Malicious until 24 hours\"}", kept.EndText);
        Assert.Equal(["intel-lookup", "for-each[0]/firewall-block", "for-each[1]/firewall-block"], kept.Calls.Select(c => c.Path));
        Assert.Equal(["local", "edge-1", "edge-2"], kept.Calls.Select(c => c.Instance));
        Assert.Equal("{\"address\":\"203.0.113.7\",\"duration\":\"1.00:00:00\"}", Encoding.UTF8.GetString(kept.Calls[1].Arguments.Span));
        Assert.All(kept.Calls, c => Assert.Equal(CallHash.Short(c.Action, c.Instance, c.Arguments.Span), c.Hash));
        Assert.True(pool.Jail!.IsWhole);
    }

    [Theory]
    [InlineData("stack overflow", "int Deep(int n) => n == -1 ? 0 : 1 + Deep(n + 1); return Outcome.Completed($\"{Deep(0)}\");")]
    [InlineData("fail fast", "Environment.FailFast(\"on purpose\"); return Outcome.Completed();")]
    [InlineData("null write", "unsafe { *(int*)8 = 1; System.Runtime.InteropServices.Marshal.WriteInt32((nint)8, 1); } return Outcome.Completed();")]
    public async Task A_crash_is_blamed_on_the_run_in_hand_and_the_others_go_on_elsewhere(string kind, string crash)
    {
        await using var pool = await PoolAsync(1);
        var bystander = made.Start("await Wait(1.Hours); return Outcome.Completed(\"still here\");", 1);
        pool.Start(bystander);
        Assert.True(await engine.Of(bystander.Run).QuietAsync());
        var culprit = made.Start($"await Intel.Lookup(IpAddress.Parse(\"203.0.113.7\")); if (DateTime.Now.Year == 1) return Outcome.Completed(); {crash}", 2);
        AnswerEverything(pool);
        var death = DeathAsync();
        pool.Start(culprit);
        if (kind == "null write")
        {
            // The runtime turns it into an exception of that run: the process lives.
            await engine.Of(culprit.Run).QuietUntilEndAsync();
            Assert.Equal(RunEndKind.Failed, engine.Of(culprit.Run).End!.Kind);
            return;
        }

        await death;
        var (reason, inHand, lost) = Assert.Single(engine.Deaths);
        Assert.Equal(culprit.Run, inHand);
        Assert.Equal([bystander.Run, culprit.Run], lost.OrderBy(r => r.Value));
        Assert.Contains("signal 6", reason);
        engine.Of(bystander.Run).Expect(1);
        pool.Start(bystander with { Deliveries = [new Delivery(0, DeliveryKind.Done, 9, "null"u8.ToArray())] });
        Assert.False(await engine.Of(bystander.Run).QuietAsync());
        Assert.Contains("still here", engine.Of(bystander.Run).EndText);
    }

    [Fact]
    public async Task An_endless_loop_is_killed_and_blamed()
    {
        await using var pool = await PoolAsync(1, TimeSpan.FromSeconds(3));
        var death = DeathAsync();
        var culprit = made.Start("await Task.CompletedTask; while (true) { }", 7);
        pool.Start(culprit);
        await death;
        var (reason, inHand, _) = Assert.Single(engine.Deaths);
        Assert.Equal(culprit.Run, inHand);
        Assert.Contains("endless loop", reason);
        var next = made.Start(Calm, 8);
        AnswerEverything(pool);
        pool.Start(next);
        await engine.Of(next.Run).QuietUntilEndAsync();
        Assert.Contains("Contained", engine.Of(next.Run).EndText);
        Assert.Equal(1, pool.Deaths);
    }

    [Fact]
    public async Task A_run_whose_host_gets_no_processor_is_not_taken_for_an_endless_loop_but_one_that_uses_it_is()
    {
        var clock = new ManualClock();
        await using var pool = await HostPool.StartAsync(
            engine, new HostOptions { CacheFolder = made.Folder, Entry = TestChild.Entry, Processes = 1, SliceLimit = TimeSpan.FromSeconds(2), WatchEvery = TimeSpan.FromSeconds(1) }, clock, default);
        var death = DeathAsync();
        var (loop, host, before) = await LoopingAsync(pool, 9);
        // The machine has no time for it, however long the clock goes on.
        Assert.Equal(0, Linux.Kill(host, Stop));
        await LookAsync(clock, times: 15);
        Assert.Empty(engine.Deaths);
        // It has the processor again, and uses it up.
        Assert.Equal(0, Linux.Kill(host, Continue));
        while (Spawner.Load(host).Used - before < TimeSpan.FromSeconds(1.5)) await Task.Yield();
        await LookAsync(clock, times: 1);
        await death;
        Assert.Equal(loop.Run, Assert.Single(engine.Deaths).InHand);
    }

    [Fact]
    public async Task A_host_that_is_stopped_for_good_is_given_up_in_the_end()
    {
        var clock = new ManualClock();
        await using var pool = await HostPool.StartAsync(
            engine, new HostOptions { CacheFolder = made.Folder, Entry = TestChild.Entry, Processes = 1, SliceLimit = TimeSpan.FromSeconds(2), WatchEvery = TimeSpan.FromSeconds(1), Patience = 3 }, clock, default);
        var death = DeathAsync();
        var (_, host, _) = await LoopingAsync(pool, 10);
        Assert.Equal(0, Linux.Kill(host, Stop));
        await LookAsync(clock, times: 5);
        Assert.Empty(engine.Deaths);
        await LookAsync(clock, times: 5);
        await death;
    }

    // The watchdog looks once a second, each time on a thread of the pool.
    private static async Task LookAsync(ManualClock clock, int times)
    {
        for (var look = 0; look < times; look++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await clock.Activity.WhenQuietAsync();
        }
    }

    // The memory that its code takes tells that the code runs; from there it goes on without an end.
    private async Task<(RunStart Run, int Host, TimeSpan Used)> LoopingAsync(HostPool pool, int number)
    {
        var loop = made.Start("await Intel.Lookup(IpAddress.Parse(\"203.0.113.7\")); var taken = new byte[96 << 20]; Array.Fill(taken, (byte)1); while (true) taken[0]++;", number);
        pool.Start(loop);
        Assert.True(await engine.Of(loop.Run).QuietAsync());
        var host = pool.Processes[0];
        var before = Spawner.PeakMemory(host);
        pool.Deliver(loop.Run, FakeEngine.Done(0, new Soar.Capabilities.IntelReport("local", Verdict.Benign, "x")));
        while (Spawner.PeakMemory(host) - before < 90 << 20) await Task.Yield();
        return (loop, host, Spawner.Load(host).Used);
    }

    [Fact]
    public async Task A_host_killed_from_outside_is_replaced_and_nobody_is_blamed()
    {
        await using var pool = await PoolAsync(2);
        var runs = Enumerable.Range(1, 10).Select(i => made.Start("await Wait(1.Hours); return Outcome.Completed(\"woken\");", i)).ToArray();
        foreach (var run in runs)
        {
            pool.Start(run);
            Assert.True(await engine.Of(run.Run).QuietAsync());
        }

        var death = DeathAsync();
        System.Diagnostics.Process.GetProcessById(pool.Processes[0]).Kill();
        await death;
        var (_, inHand, lost) = Assert.Single(engine.Deaths);
        Assert.Null(inHand);
        Assert.Equal(5, lost.Count);
        foreach (var run in runs)
        {
            engine.Of(run.Run).Expect(1);
            var wake = new Delivery(0, DeliveryKind.Done, 9, "null"u8.ToArray());
            if (lost.Contains(run.Run)) pool.Start(run with { Deliveries = [wake] });
            else pool.Deliver(run.Run, wake);
            Assert.False(await engine.Of(run.Run).QuietAsync());
            Assert.Contains("woken", engine.Of(run.Run).EndText);
        }
    }

    [Fact]
    public async Task Ten_thousand_deliveries_replay_from_one_frame()
    {
        await using var pool = await PoolAsync(1);
        var deliveries = Enumerable.Range(0, 10_000).Select(i => new Delivery(i, DeliveryKind.Done, 1000 + i, FakeEngine.Json(new Soar.Capabilities.IntelReport("local", Verdict.Benign, $"report {i}")))).ToArray();
        var start = made.Start("""
            var details = "";
            for (var i = 0; i < 10_000; i++) details = (await Intel.Lookup(IpAddress.Parse("203.0.113.7"))).Details;
            await Wait(1.Hours);
            return Outcome.Completed($"{details} at {Now}");
            """, 1, deliveries);
        engine.Of(start.Run).Expect(deliveries.Length);
        pool.Start(start);
        Assert.True(await engine.Of(start.Run).QuietAsync());
        var call = Assert.Single(engine.Of(start.Run).Calls);
        Assert.Equal((10_000, BuiltIns.Wait, "wait"), (call.Ordinal, call.Action, call.Path));
        Assert.Equal(new RunIdle(start.Run, 10_000, 1), engine.Of(start.Run).LastIdle);
    }

    [Fact]
    public async Task Header_lambdas_are_evaluated_and_one_that_throws_says_so()
    {
        await using var pool = await PoolAsync(1);
        var (version, path) = made.Compile("await Task.CompletedTask; return Outcome.Completed();", """
            public static object? Evaluate(string lambda, Alert alert) => lambda switch
            {
                "trigger:0" => alert.Severity >= 70,
                "input:address" => alert.Source?.Ip,
                _ => alert.Source!.Ip!.ToString(),
            };
            """);
        var alert = new Alert { Id = "1", Detector = "suricata", Title = "scan", Category = "recon", Severity = 80, Time = DateTimeOffset.UnixEpoch };
        Assert.Equal("true", Encoding.UTF8.GetString(await pool.EvaluateAsync(version, path, "trigger:0", alert, default)));
        Assert.Equal("null", Encoding.UTF8.GetString(await pool.EvaluateAsync(version, path, "input:address", alert, default)));
        var error = await Assert.ThrowsAsync<SoarException>(() => pool.EvaluateAsync(version, path, "input:broken", alert, default));
        Assert.Equal("SOAR2020", error.Code);
        Assert.Contains("NullReferenceException", error.Message);
    }

    [Fact]
    public async Task A_header_lambda_that_never_ends_is_killed_and_its_asker_told()
    {
        await using var pool = await PoolAsync(1, TimeSpan.FromSeconds(2));
        var (version, path) = made.Compile("await Task.CompletedTask; return Outcome.Completed();", """
            public static object? Evaluate(string lambda, Alert alert)
            {
                while (true) { }
            }
            """);
        var alert = new Alert { Id = "1", Detector = "suricata", Title = "scan", Category = "recon", Time = DateTimeOffset.UnixEpoch };
        var death = DeathAsync();
        var error = await Assert.ThrowsAsync<SoarException>(() => pool.EvaluateAsync(version, path, "trigger:0", alert, default));
        Assert.Equal("SOAR2023", error.Code);
        await death;
        Assert.Null(Assert.Single(engine.Deaths).InHand);
    }

    [Fact]
    public async Task A_failure_in_a_hosted_playbook_names_file_and_line()
    {
        await using var pool = await PoolAsync(1);
        var start = made.Start("""
            var list = new List<int>();
            await Task.CompletedTask;
            return Outcome.Completed($"{list[3]}");
            """, 1);
        pool.Start(start);
        await engine.Of(start.Run).QuietUntilEndAsync();
        var failure = System.Text.Json.JsonSerializer.Deserialize<RunFailure>(engine.Of(start.Run).End!.Payload.Span, Soar.Capabilities.SoarJson.Options)!;
        Assert.Equal(("ArgumentOutOfRangeException", "test.csx", 3), (failure.Code, failure.File, failure.Line));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_of_a_former_life_is_reported_after_a_run_was_dropped_and_started_again(bool jailed)
    {
        await using IPlaybookHost host = jailed ? await PoolAsync(1) : new InProcessHost(engine);
        var first = made.Start("for (var i = 0; i < 1_000; i++) await Wait(1.Hours); return Outcome.Completed(\"first\");", 1);
        var second = made.Start("await Intel.Lookup(IpAddress.Parse(\"203.0.113.7\")); return Outcome.Completed(\"second\");", 1);
        var kept = engine.Of(first.Run);
        for (var round = 0; round < 50; round++)
        {
            host.Start(first);
            for (var i = 0; i < 20; i++) host.Deliver(first.Run, new Delivery(i, DeliveryKind.Done, 9, "null"u8.ToArray()));
            host.Drop(first.Run);
        }

        var before = kept.Calls.Count;
        kept.Expect(0);
        host.Start(second);
        host.Deliver(second.Run, FakeEngine.Done(0, new Soar.Capabilities.IntelReport("local", Verdict.Benign, "x")));
        await kept.QuietUntilEndAsync();
        Assert.Contains("second", kept.EndText);
        Assert.True(kept.Calls.Count(c => c.Action == "intel.lookup") == 1, $"{before} calls before");
        Assert.Equal(second.Run, kept.End!.Run);
    }

    [Fact]
    public async Task What_probes_notice_comes_out_of_the_jail_and_a_long_loop_fills_no_memory()
    {
        await using var pool = await PoolAsync(1);
        const string body = """
            await Task.CompletedTask;
            for (var i = 0; i < 1_000_000; i++) Trace.Hit("loop/entered");
            Trace.Value("if-late", "x", new Soar.Connectors.Secret("hidden"));
            Trace.Hit("if-late/true");
            return Outcome.Completed();
            """;
        var start = made.Start(body, 1) with { Traced = true };
        pool.Start(start);
        await engine.Of(start.Run).QuietUntilEndAsync();
        var noticed = engine.Of(start.Run).Noticed;
        Assert.Equal(TraceEntry.Most + 2, noticed.Count);
        Assert.Equal([new TraceEntry("loop/entered", null, null, 500), new TraceEntry("if-late", "x", "•••", 500), new TraceEntry("if-late/true", null, null, 500)], noticed.TakeLast(3));

        var untraced = made.Start(body, 2);
        pool.Start(untraced);
        await engine.Of(untraced.Run).QuietUntilEndAsync();
        Assert.Empty(engine.Of(untraced.Run).Noticed);
    }

    private Task<HostPool> PoolAsync(int processes, TimeSpan? limit = null) => HostPool.StartAsync(
        engine,
        new HostOptions { CacheFolder = made.Folder, Entry = TestChild.Entry, Processes = processes, SliceLimit = limit ?? TimeSpan.FromSeconds(60), WatchEvery = TimeSpan.FromMilliseconds(50) },
        TimeProvider.System,
        default);

    private Task DeathAsync()
    {
        var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.Died += () => died.TrySetResult();
        return died.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>Answers each action as its type wants, once.</summary>
    private void AnswerEverything(IPlaybookHost host)
    {
        var answered = new ConcurrentDictionary<(RunId, int), bool>();
        engine.Called += call =>
        {
            if (call.Action.StartsWith("soar.", StringComparison.Ordinal) || !answered.TryAdd((call.Run, call.Ordinal), true)) return;
            host.Deliver(call.Run, call.Action switch
            {
                "intel.lookup" => FakeEngine.Done(call.Ordinal, new Soar.Capabilities.IntelReport("local", Verdict.Malicious, "seen")),
                "firewall.block" => FakeEngine.Done(call.Ordinal, new Soar.Capabilities.FirewallBlock(IpAddress.Parse("203.0.113.7"), null, "element")),
                _ => FakeEngine.Failed(call.Ordinal, "no-such-action"),
            });
        };
    }
}
