using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Language;

namespace Soar.Scripting.Host;

/// <summary>
/// The runs that live on one thread, driven one slice at a time. <see cref="Take"/> notes what arrived, <see cref="DrainAll"/> runs everything that can run now.
/// </summary>
internal sealed class RunSet(IPlaybookHostEvents events, PlaybookLoader loader, Budgets budgets, InHandMark mark, IReadOnlyDictionary<string, Func<Script>>? scripts = null)
{
    /// <summary>Stack of a thread that drives runs: exceptions that travel through deep playbook code need far more of it than the code itself.</summary>
    public const int StackBytes = 64 << 20;

    private readonly Dictionary<RunId, Entry> runs = [];
    private readonly Queue<Entry> ready = new();
    private readonly JsonSerializerOptions scriptsJson = SoarJson.Create();
    private readonly Action<RunId> beforeSlice = mark.Begin;

    public int Count => runs.Count;

    public void Take(in Work work)
    {
        if (work.Start is { } start) Start(start);
        else if (work.Evaluation is { } evaluation) Evaluate(evaluation);
        else if (!runs.TryGetValue(work.Run, out var entry)) return; // It has ended or was dropped: what comes late is for nobody.
        else if (work.Delivery is { } delivery) Enqueue(entry, delivery);
        else Remove(entry);
    }

    /// <summary>Runs everything that can run; <paramref name="between"/> is called after each run, when no playbook code is on the stack.</summary>
    public void DrainAll(Action? between = null)
    {
        while (ready.TryDequeue(out var entry))
        {
            Drain(entry);
            between?.Invoke();
        }
    }

    private void Start(RunStart start)
    {
        // Started again without a drop (the engine lost track and replays it): the new one counts.
        if (runs.TryGetValue(start.Run, out var old)) Remove(old);
        mark.Begin(start.Run);
        LoadedPlaybook? loaded = null;
        try
        {
            Script script;
            if (scripts is not null && scripts.TryGetValue(start.Version, out var make))
            {
                script = make();
            }
            else
            {
                loaded = loader.Acquire(start.Version, start.AssemblyPath);
                script = loaded.Create();
            }

            var entry = new Entry(new RunInstance(start, script, loaded?.Json ?? scriptsJson, budgets, events), loaded) { IsReady = true };
            runs.Add(start.Run, entry);
            ready.Enqueue(entry);
        }
        catch (Exception error)
        {
            // Whatever keeps a playbook from starting (a missing assembly, a static initialiser) ends that run visibly and no other.
            if (loaded is not null) loader.Release(loaded);
            var failure = new RunFailure((error as SoarException)?.Code ?? "SOAR2025", $"The playbook could not be started: {error.Message}");
            events.Ended(new RunEnd(start.Run, RunEndKind.Failed, JsonSerializer.SerializeToUtf8Bytes(failure, SoarJson.Options)));
        }
        finally
        {
            mark.End();
        }
    }

    private void Enqueue(Entry entry, in Delivery delivery)
    {
        entry.Instance.Enqueue(delivery);
        if (entry.IsReady) return;
        entry.IsReady = true;
        ready.Enqueue(entry);
    }

    private void Drain(Entry entry)
    {
        entry.IsReady = false;
        if (entry.Removed) return;
        try
        {
            entry.Instance.Drain(beforeSlice);
        }
        finally
        {
            mark.End();
        }

        if (entry.Instance.HasEnded) Remove(entry);
    }

    private void Remove(Entry entry)
    {
        entry.Removed = true;
        runs.Remove(entry.Instance.Run);
        if (entry.Loaded is not null) loader.Release(entry.Loaded);
    }

    private void Evaluate(Evaluation evaluation)
    {
        mark.Begin(default);
        try
        {
            evaluation.Answer(evaluation.Evaluate(loader, budgets), null);
        }
        catch (SoarException error)
        {
            evaluation.Answer(null, error);
        }
        finally
        {
            mark.End();
        }
    }

    private sealed class Entry(RunInstance instance, LoadedPlaybook? loaded)
    {
        public RunInstance Instance { get; } = instance;
        public LoadedPlaybook? Loaded { get; } = loaded;
        public bool IsReady { get; set; }
        public bool Removed { get; set; }
    }
}
