using Soar.Capabilities;

namespace Soar.Cases;

/// <summary>Where the SOC's versioned tables are kept. A version never changes; an import makes the next one. Thread-safe.</summary>
public interface IListStore
{
    /// <summary>Keeps the table as the list's next version. The same content as the newest version makes no new one; that one is returned.</summary>
    Task<ListVersion> ImportAsync(string name, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, string by, DateTimeOffset at);

    /// <summary>As <see cref="ImportAsync"/>, and throws SOAR2013 when the newest version is not <paramref name="basedOn"/> (0: there is none): nobody saves over what they have not seen.</summary>
    Task<ListVersion> SaveAsync(string name, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, int basedOn, string by, DateTimeOffset at);

    /// <summary>A version, or the newest; null when there is none.</summary>
    Task<ListTable?> ReadAsync(string name, int? version);

    /// <summary>Versions of one list or of all, by name, newest first.</summary>
    Task<IReadOnlyList<ListVersion>> VersionsAsync(string? name);
}

/// <summary>A version of a list, without its rows.</summary>
/// <param name="Sha256">Over columns and rows as JSON.</param>
public sealed record ListVersion(string Name, int Version, int Rows, IReadOnlyList<string> Columns, string Sha256, string By, DateTimeOffset At);
