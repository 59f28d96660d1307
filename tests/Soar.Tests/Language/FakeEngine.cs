using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;

namespace Soar.Tests.Language;

/// <summary>What the engine is to a host: keeps calls, deliveries and the end of each run, and answers when the test says so.</summary>
internal sealed class FakeEngine : IPlaybookHostEvents
{
    private readonly ConcurrentDictionary<RunId, Kept> runs = new();

    public List<(string Reason, RunId? InHand, IReadOnlyList<RunId> Lost)> Deaths { get; } = [];

    public event Action<StepCall>? Called;
    public event Action<RunIdle>? IdleReported;
    public event Action<RunEnd>? RunEnded;
    public event Action? Died;

    public Kept Of(RunId run) => runs.GetOrAdd(run, _ => new Kept());

    public void StepCalled(StepCall call)
    {
        Of(call.Run).Add(call);
        Called?.Invoke(call);
    }

    public void StepCancelled(RunId run, int ordinal)
    {
        lock (Of(run)) Of(run).Cancelled.Add(ordinal);
    }

    public void Idle(RunIdle idle)
    {
        Of(idle.Run).Report(idle);
        IdleReported?.Invoke(idle);
    }

    public void Ended(RunEnd end)
    {
        Of(end.Run).Finish(end);
        RunEnded?.Invoke(end);
    }

    public void Noticed(RunId run, TraceEntry entry)
    {
        lock (Of(run)) Of(run).Noticed.Add(entry);
    }

    public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
    {
        lock (Deaths) Deaths.Add((reason, inHand, lost));
        Died?.Invoke();
    }

    public static ReadOnlyMemory<byte> Json<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, SoarJson.Options);

    public static Delivery Done<T>(int ordinal, T value, long at = 1000) => new(ordinal, DeliveryKind.Done, at, Json(value));

    public static Delivery Failed(int ordinal, string code, DeliveryKind kind = DeliveryKind.Failed, long at = 1000) =>
        new(ordinal, kind, at, Json(new StepError(code, $"call {ordinal} failed with {code}", 3, "{\"why\":1}")));

    /// <summary>One run as the fake engine knows it.</summary>
    internal sealed class Kept
    {
        private TaskCompletionSource<bool> quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int delivered;
        private int consumed = -1;

        public List<StepCall> Calls { get; } = [];
        public List<int> Cancelled { get; } = [];
        public List<TraceEntry> Noticed { get; } = [];
        public RunEnd? End { get; private set; }
        public RunIdle LastIdle { get; private set; }

        public string EndText => End is null ? "not ended" : $"{End.Kind} {Encoding.UTF8.GetString(End.Payload.Span)}";

        public void Add(StepCall call)
        {
            lock (this) Calls.Add(call);
        }

        /// <summary>How many deliveries the run has been handed; the next wait is for a report that counts them all.</summary>
        public void Expect(int deliveries)
        {
            lock (this)
            {
                delivered = deliveries;
                if (consumed < delivered && End is null) quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public void Report(RunIdle idle)
        {
            lock (this)
            {
                LastIdle = idle;
                consumed = idle.Deliveries;
                if (consumed >= delivered) quiet.TrySetResult(true);
            }
        }

        public void Finish(RunEnd end)
        {
            lock (this)
            {
                End = end;
                ended.TrySetResult();
                quiet.TrySetResult(false);
            }
        }

        public Task QuietUntilEndAsync()
        {
            lock (this)
            {
                if (End is not null) return Task.CompletedTask;
                return ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
            }
        }

        /// <summary>True when the run is idle having consumed everything; false when it ended.</summary>
        public Task<bool> QuietAsync()
        {
            lock (this) return quiet.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }
}
