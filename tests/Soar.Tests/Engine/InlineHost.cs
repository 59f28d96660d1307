using Soar.Hosting;
using Soar.Language;
using Soar.Scripting.Host;

namespace Soar.Tests.Engine;

/// <summary>Runs playbooks where the simulated world runs, a stroke at a time; what it was handed since the last stroke it takes in the order given, as from a pipe.</summary>
internal sealed class InlineHost : IPlaybookHost
{
    private readonly Interleaving world;
    private readonly Lives lives = new();
    private readonly RunSet runs;
    private readonly Queue<Work> handed = new();
    private bool closed;

    public InlineHost(Interleaving world, IPlaybookHostEvents events, IReadOnlyDictionary<string, Func<Script>> scripts)
    {
        this.world = world;
        runs = new RunSet(new InProcessHost.Relay(events, lives), new PlaybookLoader(), new Budgets(), new InHandMark(), scripts);
    }

    public void Start(RunStart start)
    {
        var token = lives.Begin(start.Run, out var former);
        if (former is { } old) Hand(new Work(old));
        Hand(new Work(token, Start: start with { Run = token }));
    }

    public void Deliver(RunId run, Delivery delivery)
    {
        if (lives.TokenOf(run) is { } token) Hand(new Work(token, Delivery: delivery));
    }

    public void Drop(RunId run)
    {
        if (lives.End(run) is { } token) Hand(new Work(token));
    }

    public Task<byte[]> EvaluateAsync(string version, string assemblyPath, string lambda, LambdaSubject subject, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask DisposeAsync()
    {
        closed = true;
        return ValueTask.CompletedTask;
    }

    private void Hand(in Work work)
    {
        handed.Enqueue(work);
        if (handed.Count == 1) world.Post(Stroke);
    }

    private void Stroke()
    {
        if (closed) return;
        while (handed.TryDequeue(out var work)) runs.Take(work);
        runs.DrainAll();
    }
}
