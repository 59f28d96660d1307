using System.Text;
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting.Host;

namespace Soar.Tests.Engine;

/// <summary>One engine with everything around it: store, clock, fake product, playbooks as lambdas in an in-process host.</summary>
internal sealed class World : IAsyncDisposable
{
    /// <summary>How long a test waits for something that must happen before it gives up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly ActionCatalog Catalog = new(typeof(IGate).Assembly);

    public World(EngineOptions? options = null, IRunStore? store = null, ManualClock? clock = null, Gate? gate = null, Plays? plays = null, int seed = 1, Func<IPlaybookHostEvents, IPlaybookHost>? host = null)
    {
        Clock = clock ?? new ManualClock();
        Store = store ?? new MemoryStore();
        Gate = gate ?? new Gate(Clock);
        Simulator = new Gate(Clock);
        Plays = plays ?? new Plays();
        Instances = new GateInstances(Gate, Simulator, "edge-1", "edge-2");
        var random = new Random(seed);
        host ??= inner => Clock.World is { } world ? new InlineHost(world, inner, Plays.Scripts) : new InProcessHost(inner, scripts: Plays.Scripts);
        var given = (options ?? new EngineOptions()) with { Activity = Clock.Activity, Turns = Clock.World is { } here ? turn => here.Post(turn.Execute) : null };
        Engine = new SoarEngine(given, Store, Plays, events => new WatchedHost(events, Clock.Activity, host), Instances, Catalog, new NoArtifacts(),
            Clock, new Ids(Clock, random), Log, random);
        Engine.Start();
    }

    /// <summary>Warnings and errors that the engine logged.</summary>
    public Warnings Log { get; } = new();

    public ManualClock Clock { get; }
    public IRunStore Store { get; }
    public Gate Gate { get; }
    public Gate Simulator { get; }
    public Plays Plays { get; }
    public GateInstances Instances { get; }
    public SoarEngine Engine { get; }

    public Task<RunId> StartAsync(Func<PlayBench, Task<Outcome>> body, RunMode mode = RunMode.Live, string? caseId = null, string name = "test") =>
        Engine.StartAsync(Plays.Add(name, body), new StartRequest { StartedBy = "ana", Mode = mode, CaseId = caseId });

    public async Task<Run> RunAsync(Func<PlayBench, Task<Outcome>> body, RunMode mode = RunMode.Live) => await EndOfAsync(await StartAsync(body, mode));

    public Task<Run> EndOfAsync(RunId run) => Engine.WhenEndedAsync(run).WaitAsync(Patience);

    /// <summary>Waits until the run has this status.</summary>
    public async Task<Run> UntilAsync(RunId run, RunStatus status)
    {
        try
        {
            return await UntilAsync(async () => await Store.FindAsync(run) is { } found && found.Status == status ? found : null, $"{run} {status}");
        }
        catch (Xunit.Sdk.XunitException late) // what the engine said tells why
        {
            throw new InvalidOperationException($"{late.Message}; it is {await Store.FindAsync(run)}, with {await KindsAsync(run)}\n{string.Join('\n', Log.Lines)}", late);
        }
    }

    /// <summary>Waits until the store shows something.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T?>> look, string what)
        where T : class
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await look() is { } found) return found;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"Waited in vain for: {what}");
            await Task.Yield();
        }
    }

    /// <summary>Lets time pass, in steps, and what it causes happen, until the condition holds.</summary>
    public async Task PassAsync(Func<Task<bool>> until, TimeSpan? step = null, int most = 2_000)
    {
        for (var i = 0; i < most; i++)
        {
            await CalmAsync();
            if (await until()) return;
            await AdvanceAsync(step ?? TimeSpan.FromSeconds(1));
        }

        var runs = await Store.ListAsync(null, null, 10);
        var journals = new StringBuilder();
        foreach (var run in runs) journals.AppendLine($"{run.Id}: {await KindsAsync(run.Id)} {Encoding.UTF8.GetString((await Store.ReadJournalAsync(run.Id))[^1].Payload.Span)}");
        Assert.Fail($"Did not happen within {most} steps of time. {Engine.Health()} now {Clock.GetUtcNow():O}\n{string.Join("\n", runs)}\n{journals}{string.Join("\n", Log.Lines)}");
    }

    /// <summary>Lets time pass, from one thing that the clock causes to the next; under a lease never longer than a heartbeat, since no process stands still that long.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        var until = Clock.GetUtcNow() + by;
        while (Clock.GetUtcNow() is var now && now < until)
        {
            var next = Engine.Health().Driving > 0 && now + TimeSpan.FromSeconds(5) < until ? now + TimeSpan.FromSeconds(5) : until;
            if (Clock.Next is { } due && due < next) next = due;
            Clock.Advance(next - now);
            await CalmAsync();
        }
    }

    /// <summary>Lets time pass until the run has ended.</summary>
    public async Task<Run> PassToEndAsync(RunId run, TimeSpan? step = null)
    {
        await PassAsync(async () => (await Store.FindAsync(run))!.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled, step);
        return (await Store.FindAsync(run))!;
    }

    /// <summary>Waits until what could happen now has happened: only the clock or a person moves it on.</summary>
    public async Task CalmAsync()
    {
        if (Clock.World is { } world) await world.IdleAsync();
        else await Clock.Activity.WhenQuietAsync().WaitAsync(Patience);
    }

    public Task<Question> QuestionAsync(QuestionKind kind = QuestionKind.Approval) =>
        UntilAsync(async () => (await Store.QuestionsAsync(null, QuestionStatus.Open)).FirstOrDefault(q => q.Kind == kind), $"an open question of kind {kind}");

    /// <summary>Waits until nobody is asked this any more, and what follows from it has happened.</summary>
    public async Task UntilClosedAsync(Question question)
    {
        await UntilAsync(async () => (await Store.QuestionsAsync(question.Run, QuestionStatus.Open)).Any(q => q.Id == question.Id) ? null : question, $"question {question.Id} closed");
        await CalmAsync();
    }

    public Task AnswerAsync(Question question, bool approve = true, string? value = null, string by = "lead", string? role = null) =>
        Engine.Deciders.AnswerAsync(question.Id, new Answer(by, approve, "because", Clock.GetUtcNow(), value == "done" ? Gave(question) ?? value : value, role));

    // Whoever looked at the product tells what it gave.
    private static string? Gave(Question question) =>
        question.Kind == QuestionKind.UnknownOutcome && System.Text.Json.JsonDocument.Parse(question.Details).RootElement.TryGetProperty("result", out var result) ? result.GetRawText() : null;

    /// <summary>The journal's kinds, with a delivery's own kind.</summary>
    public async Task<string> KindsAsync(RunId run) =>
        string.Join(' ', (await Store.ReadJournalAsync(run)).Select(r => r.Kind == JournalKind.Delivered ? r.Delivery.ToString() : r.Kind.ToString()));

    public async Task<string> PayloadAsync(RunId run, JournalKind kind) =>
        Encoding.UTF8.GetString((await Store.ReadJournalAsync(run)).Last(r => r.Kind == kind).Payload.Span);

    public async ValueTask DisposeAsync() => await Engine.DisposeAsync();
}

/// <summary>Keeps what is logged as a warning or worse.</summary>
internal sealed class Warnings : ILoggerFactory, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}

internal sealed class NoArtifacts : IArtifacts
{
    public Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation) => throw new SoarException("SOAR3000", "No artifacts in this test.");

    public Stream Open(Artifact artifact) => throw new NotFoundException("artifact", artifact.Sha256, "");
}
