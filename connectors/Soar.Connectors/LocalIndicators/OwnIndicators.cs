using System.Globalization;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Intel;

namespace Soar.Connectors.LocalIndicators;

/// <summary>
/// What playbooks submitted and sighted, kept beside the store in two CSV files that people can read and other tools can take over. Lines are only added, each flushed before it counts;
/// the last column is the effect's key, so that nothing is added twice.
/// </summary>
internal sealed class OwnIndicators(string folder)
{
    private const string SubmittedHead = "type,value,verdict,details,at,key";
    private const string SightedHead = "type,value,kind,at,by,key";
    private readonly Lock gate = new();

    public string Submitted => Path.Combine(folder, "submitted.csv");
    public string Sighted => Path.Combine(folder, "sightings.csv");

    public bool HasSubmitted(IdempotencyKey key) => Find(Submitted, key) is not null;

    public bool HasSighted(IdempotencyKey key) => Find(Sighted, key) is not null;

    public void Submit(Observable observable, Verdict verdict, string comment, DateTimeOffset now, IdempotencyKey key) =>
        Add(Submitted, SubmittedHead, key, observable.Type, observable.Value, verdict.ToString().ToLowerInvariant(), comment, Time(now), key.Value);

    public void Sight(Observable observable, SightingKind kind, DateTimeOffset at, string by, IdempotencyKey key) =>
        Add(Sighted, SightedHead, key, observable.Type, observable.Value, kind.ToString(), Time(at), by, key.Value);

    public IReadOnlyList<IntelSighting> Sightings(Observable observable, string source) =>
    [
        .. Rows(Sighted).Where(row => row.Count == 6 && row[0] == observable.Type && row[1] == observable.Value && Enum.TryParse<SightingKind>(row[2], out _))
            .Select(row => new IntelSighting(source, Enum.Parse<SightingKind>(row[2]), DateTimeOffset.Parse(row[3], CultureInfo.InvariantCulture), row[4], ""))
            .OrderByDescending(sighting => sighting.At).Take(100),
    ];

    /// <summary>The newest judgement of each value.</summary>
    public IEnumerable<(string Type, string Value, Verdict Verdict, string Details)> Judgements() => Rows(Submitted)
        .Where(row => row.Count == 6 && Enum.TryParse<Verdict>(row[2], ignoreCase: true, out _)).GroupBy(row => (row[0], row[1]))
        .Select(same => same.Last()).Select(row => (row[0], row[1], Enum.Parse<Verdict>(row[2], ignoreCase: true), $"{row[3]} ({row[4]})"));

    private List<string>? Find(string path, IdempotencyKey key) => Rows(path).FirstOrDefault(row => row.Count == 6 && row[5] == key.Value);

    private IEnumerable<List<string>> Rows(string path)
    {
        lock (gate)
            return File.Exists(path) ? [.. IndicatorFiles.Rows(File.ReadAllText(path, Encoding.UTF8))] : [];
    }

    private void Add(string path, string head, IdempotencyKey key, params string[] cells)
    {
        lock (gate)
        {
            if (Find(path, key) is not null)
                return;
            Directory.CreateDirectory(folder);
            var isNew = !File.Exists(path);
            using (var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite))
            {
                // A line that a dying machine left half written never counted as done.
                while (stream.Length > 0 && Last(stream) != '\n')
                    stream.SetLength(stream.Length - 1);
                stream.Seek(0, SeekOrigin.End);
                stream.Write(Encoding.UTF8.GetBytes((stream.Length == 0 ? head + "\n" : "") + string.Join(',', cells.Select(Cell)) + "\n"));
                stream.Flush(flushToDisk: true);
            }
            if (isNew)
                Folders.Flush(folder);
        }
    }

    private static int Last(FileStream stream)
    {
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte();
    }

    // One line, always quoted; what spreadsheets would take for a formula is not.
    private static string Cell(string text)
    {
        var line = IntelRules.Short(text, 1_000);
        return $"\"{(line.Length > 0 && line[0] is '=' or '+' or '-' or '@' ? "'" : "")}{line.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
