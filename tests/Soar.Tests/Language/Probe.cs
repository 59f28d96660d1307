using Soar.Hosting;
using Soar.Language;
using Soar.Scripting.Host;

namespace Soar.Tests.Language;

/// <summary>A script written as a lambda over <see cref="Bench"/>, the hand-made counterpart of a generated playbook class.</summary>
internal sealed class Probe(Func<Bench, Task<Outcome>> body) : Bench
{
    protected override Task<Outcome> Body() => body(this);
}

/// <summary>Opens the protected language to lambdas in tests; <c>Do</c> is an action of an imaginary capability.</summary>
internal abstract class Bench : Script
{
    private readonly TestFacade facade;

    protected Bench() => facade = new TestFacade(this);

    public DateTimeOffset Time => Now;
    public Alert TheAlert => Alert;

    public Step<int> Do(string what, int value = 0, Site at = default) => facade.Do(what, value, at);
    public Step Touch(string what, Site at = default) => facade.Touch(what, at);
    public TestFacade Named(string instance) => new(this, instance);
    public T In<T>(string name, T fallback) => Input(name, fallback, "a test input");
    public Outcome Again(object inputs) => RunAgain(inputs);
    public Step Pause(TimeSpan time) => Wait(time);
    public Step<Decision> Approve(string who, Text question, IEnumerable<Step>? steps = null, TimeSpan? within = null) => Ask(who, question, steps, within);
    public Step<Signal<T>> Signal<T>(string name, TimeSpan? within = null) => Receive<T>(name, within);
    public Step<Outcome> Sub(string playbook, object inputs) => Run(playbook, inputs);
    public Step<T> Fill<T>(string who, string title) => Form<T>(who, title);

    public Step<(T1, T2)> Both<T1, T2>(Step<T1> a, Step<T2> b) => All(a, b);
    public Step<IReadOnlyList<T>> Every<T>(IEnumerable<Step<T>> steps, int parallel = 8) => All(steps, parallel);
    public Step<IReadOnlyList<R>> Each<T, R>(IEnumerable<T> items, Func<T, Step<R>> body, int parallel = 8) => ForEach(items, body, parallel);
    public Step Each<T>(IEnumerable<T> items, Func<T, Step> body, int parallel = 8) => ForEach(items, body, parallel);
    public Step<IReadOnlyList<ItemResult<R>>> TryEach<T, R>(IEnumerable<T> items, Func<T, Step<R>> body, int parallel = 8, int? tolerate = null) => TryForEach(items, body, parallel, tolerate);
    public Step<T> First<T>(params Step<T>[] steps) => Any(steps);
    public Step<int> FirstIndex(params Step[] steps) => Any(steps);
    public Step<IReadOnlyList<T>> SomeOf<T>(int n, Step<T> a, Step<T> b, Step<T> c) => AtLeast(n, a, b, c);
    public Step<IReadOnlyList<int>> WhichOf(int n, Step a, Step b, Step c) => AtLeast(n, a, b, c);
    public Step<IReadOnlyList<T>> Some<T>(int n, params Step<T>[] steps) => AtLeast(n, steps);

    internal sealed class TestFacade(Script script, string? instance = null) : Facade(script, "Test", instance, builtIn: false)
    {
        public Step<int> Do(string what, int value = 0, Site at = default)
        {
            var arguments = Arguments().Add("what", what);
            if (value != 0) arguments.Add("value", value);
            return Call<int>("test.do", "test-do", arguments, at);
        }

        public Step Touch(string what, Site at = default) => Call("test.touch", "test-touch", Arguments().Add("what", what), at);
    }
}

/// <summary>An in-process host with hand-written scripts and a fake engine.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly Dictionary<string, Func<Script>> scripts = new(StringComparer.Ordinal);
    private int runs;

    public Stage(Budgets? budgets = null) => Host = new InProcessHost(Engine, budgets, threads: 1, scripts);

    public FakeEngine Engine { get; } = new();
    public InProcessHost Host { get; }

    public static StartedRecord Started { get; } = new()
    {
        Playbook = "test",
        PlaybookVersion = "1.0.0",
        Inputs = new Dictionary<string, System.Text.Json.JsonElement>
        {
            ["ttl"] = System.Text.Json.JsonSerializer.SerializeToElement("1.00:00:00"),
            ["count"] = System.Text.Json.JsonSerializer.SerializeToElement(3),
        },
        Instances = new Dictionary<string, IReadOnlyList<string>> { ["Test"] = ["edge-1", "edge-2"] },
    };

    public RunStart Start(Func<Bench, Task<Outcome>> body, IReadOnlyList<Delivery>? deliveries = null, IReadOnlyList<CallMark>? marks = null, RunId? id = null)
    {
        var run = id ?? new RunId(new Guid(Interlocked.Increment(ref runs), 0, 7, new byte[8]));
        var start = new RunStart
        {
            Run = run,
            Version = $"v{run}",
            AssemblyPath = "",
            Started = FakeEngine.Json(Started),
            StartedAt = 500,
            Deliveries = deliveries ?? [],
            Marks = marks ?? [],
        };
        lock (scripts) scripts[start.Version] = () => new Probe(body);
        Engine.Of(run).Expect(start.Deliveries.Count);
        Host.Start(start);
        return start;
    }

    /// <summary>Starts and answers every call at once, in the order of the calls, until the run ends.</summary>
    public async Task<FakeEngine.Kept> RunToEndAsync(Func<Bench, Task<Outcome>> body, Func<StepCall, Delivery>? answer = null)
    {
        var start = Start(body);
        var kept = Engine.Of(start.Run);
        var answered = 0;
        while (await kept.QuietAsync())
        {
            StepCall[] open;
            lock (kept) open = [.. kept.Calls.Skip(answered).Where(c => !kept.Cancelled.Contains(c.Ordinal))];
            lock (kept) answered = kept.Calls.Count;
            Assert.NotEmpty(open);
            deliveredTo[start.Run] = deliveredTo.GetValueOrDefault(start.Run) + open.Length;
            kept.Expect(deliveredTo[start.Run]);
            foreach (var call in open) Host.Deliver(start.Run, answer?.Invoke(call) ?? FakeEngine.Done(call.Ordinal, call.Ordinal));
        }

        return kept;
    }

    private readonly Dictionary<RunId, int> deliveredTo = [];

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
