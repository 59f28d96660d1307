namespace Soar.Scripting.Host;

/// <summary>A thread that drives a set of runs, fed from other threads of this process.</summary>
internal sealed class Pump : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim arrived = new(0);
    private readonly RunSet runs;
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<Work> incoming = [];
    private bool closed;

    public Pump(RunSet runs)
    {
        this.runs = runs;
        new Thread(Loop, RunSet.StackBytes) { IsBackground = true, Name = "playbooks" }.Start();
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
            arrived.Wait();
            lock (gate)
            {
                (taken, incoming) = (incoming, taken);
                if (closed) break;
            }

            foreach (var work in taken) runs.Take(work);
            taken.Clear();
            runs.DrainAll();
        }

        stopped.SetResult();
    }
}
