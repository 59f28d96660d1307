using System.Globalization;

namespace Soar.Connectors.Tickets;

/// <summary>
/// Up to which comment and which other event a ticket's history was read, in trackers that count both over everything, each by itself: no clock is compared, and a comment that is
/// deleted hides nothing. Ids are <c>c17</c> for a comment and <c>e4</c> for anything else.
/// </summary>
internal readonly record struct EntryVersion(long Comment, long Event)
{
    public static readonly EntryVersion Beginning;

    /// <summary><c>c17-e4</c>, or nothing for the beginning; null for what is no version.</summary>
    public static EntryVersion? Parse(string text)
    {
        if (text.Length == 0)
            return Beginning;
        var parts = text.Split('-');
        return parts.Length == 2 && parts[0].StartsWith('c') && parts[1].StartsWith('e') && Number(parts[0]) is { } comment && Number(parts[1]) is { } happened ? new(comment, happened) : null;
    }

    public bool Knows(string id) => Number(id) <= (id[0] == 'c' ? Comment : Event);

    public EntryVersion With(string id) => id[0] == 'c' ? this with { Comment = Math.Max(Comment, Number(id)!.Value) } : this with { Event = Math.Max(Event, Number(id)!.Value) };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"c{Comment}-e{Event}");

    private static long? Number(string id) => long.TryParse(id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
