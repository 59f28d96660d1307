using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Scripting.Host;
using Soar.Scripting.Jail;
using Soar.Tests.Language;
using Soar.Tests.Scripting.Compile;
using Soar.Tests.Scripting.Jail;

namespace Soar.Tests.Host;

public sealed class KilledHostTests
{
    private readonly FakeEngine engine = new();

    [Fact]
    public async Task The_shipped_playbook_goes_on_where_it_was_after_its_host_is_killed_at_every_step()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Compiling.Repository, "playbooks/containment/block-attacking-address.csx"));
        var path = await Running.PathOfAsync(text);
        await using var pool = await HostPool.StartAsync(
            engine, new HostOptions { CacheFolder = Compiling.Folder, Entry = TestChild.Entry, Processes = 1 }, TimeProvider.System, default);
        var start = new RunStart
        {
            Run = new RunId(new Guid(1, 2, 7, new byte[8])),
            Version = path,
            AssemblyPath = path,
            StartedAt = 500,
            Started = FakeEngine.Json(new StartedRecord
            {
                Playbook = "block-attacking-address",
                PlaybookVersion = "1.0.0",
                Inputs = new Dictionary<string, JsonElement>
                {
                    ["address"] = JsonSerializer.SerializeToElement("203.0.113.7"),
                    ["ttl"] = JsonSerializer.SerializeToElement("1.00:00:00"),
                },
                Instances = new Dictionary<string, IReadOnlyList<string>> { ["Firewall"] = ["edge-1", "edge-2"], ["Intel"] = ["local"], ["Isp"] = ["rdap"] },
            }),
        };
        var kept = engine.Of(start.Run);
        var journal = new List<Delivery>();
        var seen = new SortedDictionary<int, string>();
        while (true)
        {
            kept.Expect(journal.Count);
            pool.Start(start with { Deliveries = [.. journal], Marks = [.. MarksOf(kept, journal)] });
            if (!await kept.QuietAsync()) break;
            var open = kept.Calls.Where(c => journal.All(d => d.Ordinal != c.Ordinal)).GroupBy(c => c.Ordinal).Select(c => c.Last()).OrderBy(c => c.Ordinal).ToList();
            foreach (var call in open)
            {
                var words = $"{call.Path} {call.Instance} {Encoding.UTF8.GetString(call.Arguments.Span)} line {call.Line}";
                Assert.Equal(words, seen.TryAdd(call.Ordinal, words) ? words : seen[call.Ordinal]);
            }

            // Before its answer arrives the host is killed; the answer is in the journal all the same.
            journal.Add(Answer(open[0]) with { At = 1000 + journal.Count });
            var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            engine.Died += () => died.TrySetResult();
            Process.GetProcessById(pool.Processes[0]).Kill();
            await died.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        Assert.Equal("Completed {\"kind\":\"Contained\"}", kept.EndText);
        Assert.Equal(6, journal.Count);
        Assert.Equal(6, engine.Deaths.Count);
        Assert.Equal(["isp.owner", "intel.lookup", "soar.ask", "firewall.block", "firewall.block", "isp.report"], kept.Calls.DistinctBy(c => c.Ordinal).OrderBy(c => c.Ordinal).Select(c => c.Action));
        Assert.All(kept.Calls, c => Assert.True(c.Line > 5));
    }

    [Theory]
    [InlineData("many arrays", "var all = new List<byte[]>(); while (true) all.Add(new byte[1 << 20]);")]
    [InlineData("one string", "var text = \"x\"; while (true) text += text;")]
    public async Task A_memory_bomb_costs_its_own_run_and_nothing_else(string kind, string bomb)
    {
        using var made = new HandMade();
        await using var pool = await HostPool.StartAsync(
            engine, new HostOptions { CacheFolder = made.Folder, Entry = TestChild.Entry, Processes = 1, Jail = new JailOptions { HeapLimitBytes = 128 << 20 } }, TimeProvider.System, default);
        var bystander = made.Start("await Wait(1.Hours); return Outcome.Completed(\"still here\");", 1);
        pool.Start(bystander);
        Assert.True(await engine.Of(bystander.Run).QuietAsync());
        var culprit = made.Start($"await Task.CompletedTask; {bomb}", 2);
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.Died += () => over.TrySetResult();
        engine.RunEnded += _ => over.TrySetResult();
        pool.Start(culprit);
        await over.Task.WaitAsync(TimeSpan.FromSeconds(60));
        if (engine.Deaths is [var death])
        {
            Assert.Equal(culprit.Run, death.InHand);
            pool.Start(bystander with { Deliveries = [new Delivery(0, DeliveryKind.Done, 9, "null"u8.ToArray())] });
        }
        else
        {
            // The runtime refused the memory in time, or the meter saw it at the end of the slice: that run alone ends.
            var end = engine.Of(culprit.Run).EndText;
            Assert.True(end.Contains("OutOfMemory", StringComparison.Ordinal) || end.Contains("SOAR2041", StringComparison.Ordinal), $"{kind}: {end}");
            pool.Deliver(bystander.Run, new Delivery(0, DeliveryKind.Done, 9, "null"u8.ToArray()));
        }

        await engine.Of(bystander.Run).QuietUntilEndAsync();
        Assert.Contains("still here", engine.Of(bystander.Run).EndText);
    }

    private static IEnumerable<CallMark> MarksOf(FakeEngine.Kept kept, List<Delivery> journal) =>
        kept.Calls.Where(c => journal.Any(d => d.Ordinal == c.Ordinal)).DistinctBy(c => c.Ordinal).Select(c => new CallMark(c.Ordinal, c.Path, c.Action, c.Hash));

    private static Delivery Answer(StepCall call) => call.Action switch
    {
        "isp.owner" => FakeEngine.Done(call.Ordinal, new NetworkOwner { Address = IpAddress.Parse("203.0.113.7"), Name = "Example", Handle = "E-1", Network = "203.0.113.0/24", Registry = "https://rdap.example" }),
        "intel.lookup" => FakeEngine.Done(call.Ordinal, new IntelReport("local", Verdict.Malicious, "seen")),
        BuiltIns.Ask => FakeEngine.Done(call.Ordinal, new Decision(DecisionKind.Approved, "ana", "go", DateTimeOffset.UnixEpoch)),
        "firewall.block" => FakeEngine.Done(call.Ordinal, new FirewallBlock(IpAddress.Parse("203.0.113.7"), null, "element")),
        "isp.report" => FakeEngine.Done(call.Ordinal, new ProviderReport(EmailAddress.Parse("abuse@example.org"), "<1@soar>", "250 ok")),
        _ => FakeEngine.Failed(call.Ordinal, "unexpected"),
    };
}
