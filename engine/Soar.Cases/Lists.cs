using Soar.Capabilities;

namespace Soar.Cases;

/// <summary><c>Lists</c> in playbooks, and their import from CSV.</summary>
public sealed class Lists(IListStore store, TimeProvider clock) : ILists
{
    /// <inheritdoc/>
    public async Task<ListTable> ReadAsync(string name, ActionContext context, CancellationToken cancellation)
    {
        if (await store.ReadAsync(name, version: null) is { } table) return table;
        var known = (await store.VersionsAsync(name: null)).Select(v => v.Name).Distinct().ToList();
        throw ConnectorFailure.Permanent($"There is no list '{name}'. {(known.Count == 0 ? "There is none yet" : $"There are: {string.Join(", ", known)}")}. Import it with 'soar lists'.");
    }

    /// <summary>
    /// Reads a CSV file (RFC 4180, UTF-8, first line = columns) as the list's next version; the same content again makes no new one. Throws <see cref="SoarException"/> SOAR2011 naming
    /// the line, and nothing is kept.
    /// </summary>
    /// <param name="by">Who imports.</param>
    public async Task<ListVersion> ImportAsync(string name, TextReader csv, string by, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 100) throw new SoarException("SOAR2011", $"'{name}' is no name for a list: give 1 to 100 characters, for example 'facilities'.");
        var (columns, rows) = Csv.Read(await csv.ReadToEndAsync(cancellation), name);
        return await store.ImportAsync(name, columns, rows, by, clock.GetUtcNow());
    }
}
