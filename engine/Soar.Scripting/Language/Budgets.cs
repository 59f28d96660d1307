namespace Soar.Language;

/// <summary>
/// What one playbook run may use. A slice is what runs between two deliveries. Exceeding any of these ends the run; a playbook cannot catch it.
/// </summary>
public sealed record Budgets
{
    /// <summary>Loop rounds and function entries in one slice. 500 million, some seconds of plain looping.</summary>
    public long FuelPerSlice { get; init; } = 500_000_000;

    /// <summary>Bytes allocated in one slice, freed ones included. 128 MiB.</summary>
    public long AllocationPerSlice { get; init; } = 128L << 20;

    /// <summary>Bytes of stack for the playbook's own calls. 4 MiB, of threads that have 64 MiB: exceptions need the rest to travel.</summary>
    public int StackBytes { get; init; } = 4 << 20;

    /// <summary>Steps of one run. One million; a longer procedure uses <c>RunAgain</c>.</summary>
    public int StepsPerRun { get; init; } = 1_000_000;

    /// <summary>Bytes of arguments that one run may send. 1 GiB.</summary>
    public long OutputBytesPerRun { get; init; } = 1L << 30;

    /// <summary>Bytes of arguments of one step. 4 MiB; larger things travel as an <c>Artifact</c>.</summary>
    public int OutputBytesPerStep { get; init; } = 4 << 20;
}
