using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Language;

namespace Soar.Scripting.Host;

/// <summary>
/// One dedicated thread that drives many runs, one slice at a time. Its stack is large, since exceptions that travel through deep playbook code need far more
/// of it than the code itself.
/// </summary>
internal sealed class Pump : IAsyncDisposable
{
    public const int StackBytes = 64 << 20;

    private readonly Lock gate = new();
    private readonly SemaphoreSlim arrived = new(0);
    private readonly Dictionary<RunId, Entry> runs = [];
    private readonly Queue<Entry> ready = new();
    private readonly IPlaybookHostEvents events;
    private readonly Func<RunStart, (Script Script, JsonSerializerOptions Json, LoadedPlaybook? Loaded)> create;
    private readonly PlaybookLoader loader;
    private readonly Budgets budgets;
    private readonly InHandMark mark;
    private readonly Action? caughtUp;
    private readonly Action<RunId> beforeSlice;
    private readonly Thread thread;
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<Work> incoming = [];
    private bool closed;

    /// <param name="mark">Where the run in hand is told, for whoever watches.</param>
    /// <param name="caughtUp">Called on the pump's thread whenever it has nothing left to do.</param>
    public Pump(
        IPlaybookHostEvents events,
        Func<RunStart, (Script Script, JsonSerializerOptions Json, LoadedPlaybook? Loaded)> create,
        PlaybookLoader loader,
        Budgets budgets,
        InHandMark mark,
        Action? caughtUp)
    {
        this.events = events;
        this.create = create;
        this.loader = loader;
        this.budgets = budgets;
        this.mark = mark;
        this.caughtUp = caughtUp;
        beforeSlice = mark.Begin;
        thread = new Thread(Loop, StackBytes) { IsBackground = true, Name = "playbooks" };
        thread.Start();
    }

    public void Post(in Work work)
    {
        lock (gate)
        {
            incoming.Add(work);
            if (incoming.Count > 1) return;
        }

        arrived.Release();
    }

    public void Post(List<Work> batch)
    {
        if (batch.Count == 0) return;
        lock (gate)
        {
            incoming.AddRange(batch);
            if (incoming.Count > batch.Count) return;
        }

        arrived.Release();
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate) closed = true;
        arrived.Release();
        await stopped.Task;
        arrived.Dispose();
    }

    private void Loop()
    {
        var taken = new List<Work>();
        while (true)
        {
            lock (gate)
            {
                (taken, incoming) = (incoming, taken);
                if (closed) break;
            }

            if (taken.Count == 0)
            {
                caughtUp?.Invoke();
                // Asked again after the answer has gone out: what came meanwhile is not waited for.
                arrived.Wait();
                continue;
            }

            foreach (var work in taken) Take(work);
            taken.Clear();
            while (ready.TryDequeue(out var entry)) Drain(entry);
        }

        stopped.SetResult();
    }

    private void Take(in Work work)
    {
        if (work.Start is { } start) Start(start);
        else if (work.Evaluation is { } evaluation) Evaluate(evaluation);
        else if (!runs.TryGetValue(work.Run, out var entry)) return; // It has ended or was dropped: what comes late is for nobody.
        else if (work.Delivery is { } delivery) Enqueue(entry, delivery);
        else Remove(entry);
    }

    private void Start(RunStart start)
    {
        // Started again without a drop (the engine lost track and replays it): the new one counts.
        if (runs.TryGetValue(start.Run, out var old)) Remove(old);
        mark.Begin(start.Run);
        try
        {
            var (script, json, loaded) = create(start);
            Entry entry;
            try
            {
                entry = new Entry(new RunInstance(start, script, json, budgets, events), loaded);
            }
            catch
            {
                if (loaded is not null) loader.Release(loaded);
                throw;
            }

            runs.Add(start.Run, entry);
            entry.IsReady = true;
            ready.Enqueue(entry);
        }
        catch (Exception error) when (error is SoarException or JsonException or System.Reflection.TargetInvocationException)
        {
            var failure = new RunFailure((error as SoarException)?.Code ?? "SOAR2021", error.Message);
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

/// <summary>Something for the pump to do: a start, a delivery, an evaluation; a run alone means drop.</summary>
internal readonly record struct Work(RunId Run, RunStart? Start = null, Delivery? Delivery = null, Evaluation? Evaluation = null);

/// <summary>A header lambda to evaluate.</summary>
internal sealed record Evaluation(string Version, string AssemblyPath, string Lambda, Alert Alert, Action<byte[]?, SoarException?> Answer)
{
    public byte[] Evaluate(PlaybookLoader loader, Budgets budgets)
    {
        var account = new Meter.Account(budgets);
        var playbook = loader.Acquire(Version, AssemblyPath);
        try
        {
            Meter.BeginSlice(account);
            return playbook.Evaluate(Lambda, Alert);
        }
        catch (Exception error) when (error is not SoarException { Code: "SOAR2022" })
        {
            throw new SoarException("SOAR2020", $"The lambda {Lambda} of the playbook threw {error.GetType().Name}: {account.Stopped ?? error.Message} Correct it in the playbook's header.", error);
        }
        finally
        {
            Meter.EndSlice();
            loader.Release(playbook);
        }
    }
}
