using Soar.Capabilities;

namespace Soar.Connectors.Tickets;

/// <summary>A tracker's words for the statuses: its own defaults, and what an instance's settings say instead.</summary>
internal sealed class StatusWords
{
    private readonly Dictionary<TicketStatus, string> words;

    public StatusWords(IReadOnlyDictionary<TicketStatus, string> defaults, IReadOnlyDictionary<string, string> settings)
    {
        words = new(defaults);
        foreach (var (name, word) in settings)
            if (Known(name) is { } status)
                words[status] = word;
    }

    /// <summary>What is wrong with the setting <c>statuses</c>.</summary>
    public static IEnumerable<string> Problems(IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (name, word) in settings)
        {
            if (Known(name) is null)
                yield return $"statuses: '{name}' is none; write new, open, waiting, resolved or rejected";
            else if (string.IsNullOrWhiteSpace(word))
                yield return $"statuses: {name} has no word; write the tracker's own";
        }
    }

    /// <summary>The tracker's word; null where it has none for this.</summary>
    public string? Of(TicketStatus status) => words.GetValueOrDefault(status);

    /// <summary>What a tracker's word means; Other when nothing is said about it.</summary>
    public TicketStatus Of(string word) =>
        words.Where(pair => string.Equals(pair.Value, word, StringComparison.OrdinalIgnoreCase)).Select(pair => (TicketStatus?)pair.Key).FirstOrDefault() ?? TicketStatus.Other;

    public string Known() => string.Join(", ", words.OrderBy(pair => pair.Key).Select(pair => pair.Key));

    private static TicketStatus? Known(string name) => Enum.TryParse<TicketStatus>(name, ignoreCase: true, out var status) && status != TicketStatus.Other && Enum.IsDefined(status) && !char.IsAsciiDigit(name[0]) ? status : null;
}
