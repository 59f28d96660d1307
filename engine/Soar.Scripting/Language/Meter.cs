using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Soar.Language;

/// <summary>
/// Counts what playbook code uses. The compiler puts <see cref="Loop"/> into every loop, <see cref="Enter"/> into every function and lambda, and
/// <c>when (global::Soar.Language.Meter.Catchable)</c> on every catch. The pump swaps the state of a run in before each slice and out after it.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Meter
{
    // Small: fuel is cheap to count and the allocation counter is read only when it runs out; a bigger slice lets a loop of large arrays get far.
    internal const int Sip = 4096;

    [ThreadStatic]
    private static int fuel;
    [ThreadStatic]
    private static nuint stackLimit;
    [ThreadStatic]
    private static Account? account;

    /// <summary>False once the run is stopped for good (over budget, non-deterministic): no catch of the playbook runs any more.</summary>
    public static bool Catchable => account is not { Stopped: not null };

    /// <summary>Once per loop round.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Loop()
    {
        if (--fuel < 0) Refill();
    }

    /// <summary>Once per function entry. Always true, so that it can stand in an expression.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe bool Enter()
    {
        byte here;
        if (--fuel < 0) Refill();
        if ((nuint)(&here) < stackLimit) TooDeep();
        return true;
    }

    /// <summary>Between statements that call something: straight-line code has no loop and no function where the allocation counter would be looked at.</summary>
    public static void Spent()
    {
        if (account is { } current && Allocated(current) > current.Budgets.AllocationPerSlice) OverAllocation(current);
    }

    /// <summary>Announces that a framework call is about to make this many elements (<see cref="Capped"/>): the counter would see them only afterwards.</summary>
    internal static void Charge(long elements)
    {
        if (account is not { } current) return;
        if (elements > Capped.Most || Allocated(current) + elements > current.Budgets.AllocationPerSlice) OverAllocation(current);
        if (--fuel < 0) Refill();
    }

    /// <summary>Announces that a framework call is about to allocate this much, for texts: they may be as long as the slice's allocation allows.</summary>
    internal static void Reserve(long bytes)
    {
        if (account is not { } current) return;
        if (Allocated(current) + bytes > current.Budgets.AllocationPerSlice) OverAllocation(current);
        if (--fuel < 0) Refill();
    }

    /// <summary>Counts work that was done in one go, as so many loop rounds.</summary>
    internal static void Use(int rounds)
    {
        if (account is not { } current) return;
        if ((fuel -= rounds) >= 0) return;
        current.FuelLeft += fuel;
        Refill();
    }

    internal static unsafe void BeginSlice(Account swapped)
    {
        byte here;
        account = swapped;
        swapped.FuelLeft = swapped.Budgets.FuelPerSlice;
        swapped.AllocatedAtBegin = GC.GetAllocatedBytesForCurrentThread();
        stackLimit = (nuint)(&here) - (nuint)swapped.Budgets.StackBytes;
        fuel = swapped.Stopped is null ? Sip : 0;
    }

    internal static void EndSlice()
    {
        // The last stretch counts too, even if it ended without a loop or a call. It is over: nothing is left to throw into.
        if (account is { Stopped: null } current && Allocated(current) > current.Budgets.AllocationPerSlice) current.Note(OverAllocated(current));
        account = null;
        fuel = int.MaxValue;
        stackLimit = 0;
    }

    private static long Allocated(Account current) => GC.GetAllocatedBytesForCurrentThread() - current.AllocatedAtBegin;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Refill()
    {
        // Outside a run (a facade used in a plain unit test) nothing is counted.
        if (account is not { } current)
        {
            fuel = int.MaxValue;
            return;
        }

        fuel = 0;
        if (current.Stopped is not null) throw new RunStopped(current.Stopped);
        current.FuelLeft -= Sip;
        if (current.FuelLeft <= 0) current.Stop($"used more than {current.Budgets.FuelPerSlice:N0} loop rounds and calls between two steps: look for a loop that does not end.");
        if (Allocated(current) > current.Budgets.AllocationPerSlice) OverAllocation(current);
        fuel = Sip;
    }

    private static string OverAllocated(Account current) =>
        $"allocated more than {current.Budgets.AllocationPerSlice >> 20} MiB between two steps: look for a collection or a text that grows without end.";

    private static void OverAllocation(Account current)
    {
        fuel = 0;
        current.Stop(OverAllocated(current));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TooDeep()
    {
        if (account is not { } current) return;
        fuel = 0;
        current.Stop($"calls itself too deeply (more than {current.Budgets.StackBytes >> 10} KiB of stack): look for a recursion that does not end.");
    }

    /// <summary>The use of one run. Death is sticky: after <see cref="Stop"/> every count throws again.</summary>
    internal sealed class Account(Budgets budgets)
    {
        private long output;

        public Budgets Budgets { get; } = budgets;
        public long FuelLeft { get; set; }
        public long AllocatedAtBegin { get; set; }
        public int Steps { get; private set; }

        /// <summary>Why the run is stopped for good; null while it is not.</summary>
        public string? Stopped { get; private set; }

        /// <summary>True when it is stopped for its use, false when for another reason (a differing replay).</summary>
        public bool OverBudget { get; private set; }

        public void CountStep(int bytes)
        {
            if (++Steps > Budgets.StepsPerRun) Stop($"made more than {Budgets.StepsPerRun:N0} steps: end it with RunAgain and go on with a fresh journal.");
            if (bytes > Budgets.OutputBytesPerStep) Stop($"passed {bytes:N0} bytes of arguments to one step (at most {Budgets.OutputBytesPerStep:N0}): pass an Artifact instead.");
            if ((output += bytes) > Budgets.OutputBytesPerRun) Stop($"passed more than {Budgets.OutputBytesPerRun >> 20} MiB of arguments to its steps.");
        }

        /// <summary>Ends the run for its use: throws, and nothing in the playbook can catch it.</summary>
        public void Stop(string why)
        {
            Note(why);
            throw new RunStopped(Stopped!);
        }

        public void Note(string why)
        {
            OverBudget |= Stopped is null;
            Stopped ??= "The playbook " + why;
        }

        /// <summary>Ends the run for another reason.</summary>
        public void StopOtherwise(string why)
        {
            Stopped ??= why;
            throw new RunStopped(Stopped!);
        }
    }
}
