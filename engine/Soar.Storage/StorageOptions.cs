namespace Soar.Storage;

/// <summary>How hard a commit is pressed onto the disk.</summary>
public enum Durability
{
    /// <summary>Every commit is on the disk before its callers go on (<c>synchronous=FULL</c>). The only setting for real runs.</summary>
    Full,

    /// <summary>The operating system writes when it likes: survives the death of the process, not of the machine. For tests and simulations.</summary>
    Off,
}

/// <summary>Settings of a database.</summary>
public sealed record StorageOptions
{
    public Durability Durability { get; init; } = Durability.Full;

    /// <summary>How long a statement waits for another process that holds the file (a backup, a shell). Default 5 seconds.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Write-ahead log pages (4 KiB) after which the log is folded into the main file. Default 8,000, about 32 MB.</summary>
    public int CheckpointPages { get; init; } = 8_000;

    /// <summary>Units at most in one commit. Default 4,096.</summary>
    public int BatchLimit { get; init; } = 4_096;

    /// <summary>Pages at most in the main file; null = no limit but the disk's. A database at its limit answers as a full disk does.</summary>
    public int? MaxPages { get; init; }
}
