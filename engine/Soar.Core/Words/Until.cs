namespace Soar;

/// <summary>A containment without expiry must be asked for by this word.</summary>
public static class Until
{
    /// <summary>No expiry: it stands until somebody lifts it.</summary>
    public static TimeSpan Lifted => TimeSpan.MaxValue;
}
