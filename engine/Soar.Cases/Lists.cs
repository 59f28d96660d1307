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
        Named(name);
        var (columns, rows) = Csv.Read(await csv.ReadToEndAsync(cancellation), name);
        return await store.ImportAsync(name, columns, rows, by, clock.GetUtcNow());
    }

    /// <summary>
    /// Keeps a table as the list's next version; the same content again makes no new one. Throws SOAR2011 when it is no table, and SOAR2013 when the newest version is not the one that it is based on.
    /// </summary>
    /// <param name="basedOn">The version that it was made from; 0 = there was none.</param>
    public async Task<ListVersion> SaveAsync(string name, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, int basedOn, string by)
    {
        Named(name);
        var problem = columns.Count == 0 ? "it has no columns"
            : columns.Any(string.IsNullOrWhiteSpace) ? "a column has no name"
            : columns.Distinct(StringComparer.Ordinal).Count() < columns.Count ? "two columns have the same name"
            : rows.Select((row, at) => (row.Count, Line: at + 1)).FirstOrDefault(row => row.Count != columns.Count) is { Line: > 0 } odd ? $"row {odd.Line} has {odd.Count} values, and there are {columns.Count} columns"
            : null;
        if (problem is not null) throw new SoarException("SOAR2011", $"List '{name}' was not saved: {problem}.");
        return await store.SaveAsync(name, columns, rows, basedOn, by, clock.GetUtcNow());
    }

    private static void Named(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 100) throw new SoarException("SOAR2011", $"'{name}' is no name for a list: give 1 to 100 characters, for example 'facilities'.");
    }
}
