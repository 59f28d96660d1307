using System.Collections.Concurrent;
using Soar.Capabilities;
using Soar.Connectors;

namespace Soar.Tests.Engine;

/// <summary>What the fake product holds for a block.</summary>
public sealed record GateBlock(string Target, DateTimeOffset? Until);

/// <summary>A capability with one action of every sort that the engine treats differently.</summary>
[Capability("Gate", "A fake product for tests of the engine.")]
public interface IGate
{
    [Action(Effect.ReadsOnly)]
    Task<int> LookAsync(string what, ActionContext context, CancellationToken cancellation);

    /// <summary>Waits until the product has something to tell.</summary>
    [Action(Effect.ReadsOnly, Waits = true)]
    Task<int> ListenAsync(string what, ActionContext context, CancellationToken cancellation);

    /// <summary>Must not be asked often.</summary>
    [Action(Effect.ReadsOnly, Rate = "2/m")]
    Task<int> SlowAsync(string what, ActionContext context, CancellationToken cancellation);

    /// <summary>Passes the question on to others, as a resolver does.</summary>
    [Action(Effect.ReadsOnly, Outside = true)]
    Task<int> PassOnAsync(string what, ActionContext context, CancellationToken cancellation);

    /// <summary>Safe to repeat, has a probe.</summary>
    [Action(Effect.Contains, SafeToRepeat = true, Inverse = nameof(UnblockAsync), Probe = nameof(ProbeBlockAsync))]
    Task<GateBlock> BlockAsync([Target(IgnoreCase = true)] string target, [LeaseTime] TimeSpan duration, ActionContext context, CancellationToken cancellation);

    [Action(Effect.Lifts, SafeToRepeat = true)]
    Task UnblockAsync([Target(IgnoreCase = true)] string target, ActionContext context, CancellationToken cancellation);

    /// <summary>Not safe to repeat, no probe: only a person can tell.</summary>
    [Action(Effect.Notifies, NoInverse = "A letter cannot be taken back.")]
    Task<string> SendAsync([Target] string to, string body, [MayBeEmpty] string? copy = null, ActionContext context = null!, CancellationToken cancellation = default);

    /// <summary>Not safe to repeat, but a probe tells.</summary>
    [Action(Effect.Records, Probe = nameof(ProbePostAsync))]
    Task<string> PostAsync(string text, ActionContext context, CancellationToken cancellation);

    /// <summary>Safe to repeat because it looks first whether it is there.</summary>
    [Action(Effect.Records, SafeToRepeat = true, LooksFirst = true, NoInverse = "It stays on file.")]
    Task<string> FileAsync(string text, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<GateBlock>> ProbeBlockAsync(string target, TimeSpan duration, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<string>> ProbePostAsync(string text, ActionContext context, CancellationToken cancellation);
}

/// <summary>The fake product: what was done to it, by idempotency key, and what the test makes of each call.</summary>
internal sealed class Gate(ManualClock clock) : IGate
{
    private readonly Lock gate = new();

    /// <summary>Called before each dispatch; throws, waits or returns.</summary>
    public Func<string, ActionContext, CancellationToken, Task>? Before { get; set; }

    /// <summary>Called after the product took it; what is thrown here is a lost answer.</summary>
    public Func<string, ActionContext, CancellationToken, Task>? After { get; set; }

    public Func<Task>? BeforeProbe { get; set; }

    /// <summary>The probe finds what was done, and cannot tell what it gave.</summary>
    public bool ProbeGivesNothing { get; set; }

    /// <summary>Every dispatch that reached the product: action, argument, key.</summary>
    public List<(string Action, string What, string Key)> Done { get; } = [];

    public List<string> Reads { get; } = [];

    /// <summary>What is blocked now, and under whose key.</summary>
    public ConcurrentDictionary<string, (GateBlock Block, string? Key)> Blocked { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Does not answer until it is told to stop.</summary>
    public Task NeverAsync(CancellationToken stop) => WaitAsync(Timeout.InfiniteTimeSpan, stop);

    /// <summary>Answers after a while. The step is not in hand meanwhile: only the clock, or whoever stops it, moves it on.</summary>
    public async Task WaitAsync(TimeSpan time, CancellationToken stop)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var timer = clock.CreateTimer(_ => End(() => over.TrySetResult()), null, time, Timeout.InfiniteTimeSpan);
        await using var registration = stop.Register(() => End(() => over.TrySetCanceled(stop)));
        clock.Activity.Leave();
        await over.Task;

        void End(Func<bool> end)
        {
            clock.Activity.Enter();
            if (!end()) clock.Activity.Leave();
        }
    }

    public int TimesDone(string action, string? what = null)
    {
        lock (gate) return Done.Count(d => d.Action == action && (what is null || d.What == what));
    }

    public async Task<int> LookAsync(string what, ActionContext context, CancellationToken cancellation)
    {
        if (Before is not null) await Before("look " + what, context, cancellation);
        lock (gate) Reads.Add(what);
        return what.Length;
    }

    public Task<int> SlowAsync(string what, ActionContext context, CancellationToken cancellation) => LookAsync(what, context, cancellation);

    public Task<int> PassOnAsync(string what, ActionContext context, CancellationToken cancellation) => LookAsync(what, context, cancellation);

    public async Task<int> ListenAsync(string what, ActionContext context, CancellationToken cancellation)
    {
        if (Before is not null) await Before("listen " + what, context, cancellation);
        lock (gate) Reads.Add(what);
        return what.Length;
    }

    public async Task<GateBlock> BlockAsync(string target, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        if (Before is not null) await Before("block " + target, context, cancellation);
        var block = new GateBlock(target, duration == Until.Lifted ? null : clock.GetUtcNow() + duration);
        lock (gate)
        {
            Done.Add(("block", target, context.Key.Value));
            Blocked[target] = (block, context.Key.Value);
        }

        if (After is not null) await After("block " + target, context, cancellation);
        return block;
    }

    public async Task UnblockAsync(string target, ActionContext context, CancellationToken cancellation)
    {
        if (Before is not null) await Before("unblock " + target, context, cancellation);
        lock (gate)
        {
            Done.Add(("unblock", target, context.Key.Value));
            Blocked.TryRemove(target, out _);
        }

        if (After is not null) await After("unblock " + target, context, cancellation);
    }

    public Task<string> SendAsync(string to, string body, string? copy = null, ActionContext context = null!, CancellationToken cancellation = default) => DoAsync("send", to, context, cancellation);

    public Task<string> PostAsync(string text, ActionContext context, CancellationToken cancellation) => DoAsync("post", text, context, cancellation);

    public async Task<string> FileAsync(string text, ActionContext context, CancellationToken cancellation)
    {
        lock (gate) if (Done.Any(d => d.Action == "file" && d.Key == context.Key.Value)) return $"file {text}";
        return await DoAsync("file", text, context, cancellation);
    }

    /// <summary>The product ends what it was at work on, although nobody waits for its answer any more.</summary>
    public void EndsLate(string action, string what, ActionContext context, TimeSpan after) => clock.CreateTimer(_ =>
    {
        lock (gate) Done.Add((action, what, context.Key.Value));
    }, null, after, Timeout.InfiniteTimeSpan);

    public async Task<Probe<GateBlock>> ProbeBlockAsync(string target, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        if (BeforeProbe is not null) await BeforeProbe();
        if (ProbeGivesNothing && Blocked.ContainsKey(target)) return new Probe<GateBlock>(ProbeAnswer.Present, null);
        return Blocked.TryGetValue(target, out var found) ? Probe.Present(found.Block, ours: found.Key == context.Key.Value) : Probe.Absent<GateBlock>();
    }

    public async Task<Probe<string>> ProbePostAsync(string text, ActionContext context, CancellationToken cancellation)
    {
        if (BeforeProbe is not null) await BeforeProbe();
        lock (gate) return Done.Any(d => d.Action == "post" && d.Key == context.Key.Value) ? new Probe<string>(ProbeAnswer.Present, ProbeGivesNothing ? null : "post " + text) { Ours = true } : Probe.Absent<string>();
    }

    private async Task<string> DoAsync(string action, string what, ActionContext context, CancellationToken cancellation)
    {
        if (Before is not null) await Before($"{action} {what}", context, cancellation);
        lock (gate) Done.Add((action, what, context.Key.Value));
        if (After is not null) await After($"{action} {what}", context, cancellation);
        return $"{action} {what}";
    }
}

/// <summary>The deployment's instances: one gate under one or more names.</summary>
internal sealed class GateInstances(Gate gate, Gate? simulator, params string[] names) : IConnectorInstances
{
    public List<string> Present { get; } = [.. names];

    /// <summary>What holds at each gate; by default nothing special.</summary>
    public Dictionary<string, InstanceTerms> Held { get; } = [];

    /// <summary>The desk, in tests that open a case.</summary>
    public ICases? Cases { get; set; }

    public IReadOnlyList<string> Names(string capability) => capability == "Gate" ? [.. Present] : capability == "Case" && Cases is not null ? ["soar"] : [];

    public object? Find(string capability, string instance, bool simulated) =>
        capability == "Case" ? Cases : capability == "Gate" && Present.Contains(instance) ? simulated ? simulator : gate : null;

    public InstanceTerms Terms(string capability, string instance) => Held.GetValueOrDefault(instance, InstanceTerms.Own);
}
