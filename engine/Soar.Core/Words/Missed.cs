namespace Soar;

/// <summary>What becomes of a schedule's due times that passed while no server ran (or it was too late for them).</summary>
public enum Missed
{
    /// <summary>One run for all of them, as soon as a server runs again.</summary>
    Once,

    /// <summary>None: it goes on with the next due time.</summary>
    Skip,

    /// <summary>A run for each of them, one after another.</summary>
    All,
}
