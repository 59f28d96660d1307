namespace Soar;

/// <summary>What becomes of a schedule's due time when the run of the one before has not ended (a run that waits for a person has not).</summary>
public enum Overlap
{
    /// <summary>It is left out, and that is on record.</summary>
    Skip,

    /// <summary>It starts when the one before has ended.</summary>
    Queue,

    /// <summary>The one before is cancelled; it starts when that has ended.</summary>
    CancelPrevious,

    /// <summary>It starts beside the one before.</summary>
    Allow,
}
