using System.Security.Cryptography;
using System.Text;

namespace Soar.Storage;

/// <summary>What is on record of a published version, besides its text.</summary>
public sealed record PublishedVersion
{
    public required string Playbook { get; init; }
    public required string Version { get; init; }

    /// <summary>SHA-256 of the text.</summary>
    public required string Content { get; init; }
    public required string File { get; init; }
    public required string Author { get; init; }

    /// <summary>Who reviewed it, never the author; null = nobody did.</summary>
    public string? Reviewer { get; init; }

    /// <summary>The git commit that it was taken from; null = none is known.</summary>
    public string? Commit { get; init; }
    public string Note { get; init; } = "";

    /// <summary>How many of its tests passed when it was published.</summary>
    public int Tests { get; init; }
    public required string PublishedBy { get; init; }
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>True: new runs take this one.</summary>
    public bool Current { get; init; }
}

/// <summary>A text that is to be published.</summary>
public sealed record NewVersion(string Playbook, string Version, string File, string Source, string Author, string? Reviewer, string? Commit, string Note, int Tests)
{
    public string Content { get; } = ContentOf(Source);

    /// <summary>SHA-256 of a text as UTF-8, lower-case hexadecimal.</summary>
    public static string ContentOf(string source) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
}

/// <summary>From when on which version was the current one.</summary>
/// <param name="Version">Null: withdrawn, the playbook is taken from the folder again.</param>
public sealed record VersionTurn(string Playbook, string? Version, string By, DateTimeOffset At, string Reason);

public enum PublishEnd
{
    /// <summary>New, and current from now on.</summary>
    Published,

    /// <summary>It had been published before, and is current again.</summary>
    CurrentAgain,

    /// <summary>It is what was current already.</summary>
    Unchanged,

    /// <summary>Refused: the version is published with another text.</summary>
    OtherContent,
}

/// <summary>What came of publishing one text.</summary>
/// <param name="Stands">Of <see cref="PublishEnd.OtherContent"/>: what is published under this version.</param>
public sealed record Published(string Playbook, string Version, string Content, PublishEnd End, PublishedVersion? Stands = null);
