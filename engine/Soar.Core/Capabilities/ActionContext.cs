namespace Soar.Capabilities;

/// <summary>What a connector's action is told besides its arguments.</summary>
public sealed record ActionContext
{
    // Made when it is asked for: most reads never do, and it is a hash.
    private IdempotencyKey? key;

    public required RunId Run { get; init; }

    /// <summary>The step's path, for evidence and remote comments.</summary>
    public required string Step { get; init; }

    /// <summary>The same for every attempt of this effect, also after a crash: put it where the other side can be asked for it.</summary>
    public IdempotencyKey Key
    {
        get => key ??= IdempotencyKey.For(Run, Ordinal, Action);
        init => key = value;
    }

    /// <summary>Which call of its run this is, and of what: what <see cref="Key"/> is made of where it is not given.</summary>
    internal int Ordinal { get; init; }
    internal string Action { get; init; } = "";

    /// <summary>1 for the first.</summary>
    public required int Attempt { get; init; }

    public CaseId? Case { get; init; }
    public Tlp Tlp { get; init; }

    /// <summary>Reads and writes artifacts' bytes.</summary>
    public required IArtifacts Artifacts { get; init; }
}

/// <summary>The content-addressed store of bytes.</summary>
public interface IArtifacts
{
    /// <summary>Stores the bytes once and returns the handle; on disk (fsynced) when it returns.</summary>
    Task<Artifact> PutAsync(Stream content, string name, string mediaType, CancellationToken cancellation);

    /// <summary>Opens the bytes. Throws <see cref="NotFoundException"/> when nothing is stored under that hash.</summary>
    Stream Open(Artifact artifact);
}
