using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What can happen to a run; its driver takes these in one after the other.</summary>
internal abstract record RunMessage
{
    /// <summary>This engine holds the lease.</summary>
    /// <param name="Born">The run's first record, and so its whole journal, when this engine has just created it; null when the journal must be read.</param>
    public sealed record Claimed(Run Run, JournalRecord? Born = null) : RunMessage;

    /// <summary>Something may be in the inbox.</summary>
    public sealed record Arrived : RunMessage;

    /// <summary>A due time passed.</summary>
    public sealed record Tick : RunMessage;

    public sealed record Called(StepCall Call) : RunMessage;

    /// <summary>A place is free for this call, which stood in line for it.</summary>
    public sealed record PlaceFree(int Ordinal) : RunMessage;

    /// <summary>The playbook cancelled this call's branch.</summary>
    public sealed record Withdrawn(int Ordinal) : RunMessage;

    public sealed record Idle(RunIdle At) : RunMessage;

    public sealed record CodeEnded(RunEnd End) : RunMessage;

    public sealed record HostLost(bool Blamed, string Reason) : RunMessage;

    /// <summary>A step wants something on disk.</summary>
    public sealed record Write(OpenCall Step, IReadOnlyList<(JournalKind Kind, byte[] Payload)> Records, Containment? Row, Question? Ask, StepEnd? End, TaskCompletionSource Written) : RunMessage
    {
        /// <summary>The effect whose intent is among the records; the store may refuse it.</summary>
        public EffectBegin? Begin { get; init; }

        /// <summary>The effect that is held from now on; the store refuses what nothing holds.</summary>
        public HeldEffect? Hold { get; init; }

        /// <summary>The inbox item that the records follow from.</summary>
        public string? Consume { get; init; }
    }

    /// <summary>A step came to something.</summary>
    public sealed record Executed(OpenCall Step, StepEnd End) : RunMessage;

    /// <summary>A step could not be kept: the store failed, or the lease is lost.</summary>
    public sealed record Broke(OpenCall Step, Exception Exception) : RunMessage;

    /// <summary>The run waited long enough in memory.</summary>
    public sealed record Evict : RunMessage;

    /// <summary>The engine stops: record what is under way, begin nothing.</summary>
    public sealed record Stop : RunMessage;

    /// <summary>The lease under this epoch is gone.</summary>
    public sealed record LeaseGone(long Epoch) : RunMessage;
}
