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
        Add(Submitted, key, observable.Type, observable.Value, verdict.ToString().ToLowerInvariant(), comment, Time(now), key.Value);

    public void Sight(Observable observable, SightingKind kind, DateTimeOffset at, string by, IdempotencyKey key) =>
        Add(Sighted, key, observable.Type, observable.Value, kind.ToString(), Time(at), by, key.Value);

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

    private List<List<string>> Rows(string path)
    {
        lock (gate)
        {
            try
            {
                if (!Path.Exists(path))
                    return [];
                var text = File.ReadAllText(path, Encoding.UTF8);
                return text.Length == 0 || text.StartsWith(Head(path), StringComparison.Ordinal) ? [.. IndicatorFiles.Rows(text)]
                    : throw ConnectorFailure.Permanent($"{path} does not begin with '{Head(path)}', so it is not what this instance kept. Move it away, or mend its first line.", reason: "file");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw ConnectorFailure.Transient($"{path} cannot be read: {e.Message.TrimEnd('.')}. Is it ours?", inner: e, reason: "file");
            }
        }
    }

    private string Head(string path) => path == Submitted ? SubmittedHead : SightedHead;

    private void Add(string path, IdempotencyKey key, params string[] cells)
    {
        lock (gate)
        {
            if (Find(path, key) is not null)
                return;
            var isNew = !File.Exists(path);
            using var stream = Open(path);
            try
            {
                // A line that a dying machine left half written never counted as done.
                while (stream.Length > 0 && Last(stream) != '\n')
                    stream.SetLength(stream.Length - 1);
                stream.Seek(0, SeekOrigin.End);
                stream.Write(Encoding.UTF8.GetBytes((stream.Length == 0 ? Head(path) + "\n" : "") + string.Join(',', cells.Select(Cell)) + "\n"));
                stream.Flush(flushToDisk: true);
                if (isNew)
                    Folders.Flush(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw ConnectorFailure.Unknown($"The line may or may not be kept: {e.Message.TrimEnd('.')}. Is the disk full?", e, "file");
            }
        }
    }

    // Before the first byte is written nothing was done.
    private FileStream Open(string path)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ConnectorFailure.Transient($"{path} cannot be written: {e.Message.TrimEnd('.')}. Is the disk full, or the folder not ours? Nothing was kept.", inner: e, reason: "file");
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
