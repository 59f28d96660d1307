using Soar.Capabilities;

namespace Soar.Connectors.Tickets;

/// <summary>An effect's idempotency key in a tracker, and texts as trackers hold them.</summary>
internal static class TicketMark
{
    private const int LongestText = 64 * 1024;

    /// <summary><c>soar:</c> and 32 hex digits: a link's target, a label's or a line's content.</summary>
    public static string Of(IdempotencyKey key) => $"soar:{key.Value}";

    /// <summary>A text with its mark as the last line, for trackers that have no better place.</summary>
    public static string Signed(string text, IdempotencyKey key) => $"{text.TrimEnd()}\n\n[{Of(key)}]";

    public static bool Carries(string text, IdempotencyKey key) => text.Contains(Of(key), StringComparison.Ordinal);

    /// <summary>What was written, without our mark, bounded.</summary>
    public static string Plain(string text)
    {
        var body = text.ReplaceLineEndings("\n").TrimEnd();
        var line = body.LastIndexOf('\n') + 1;
        if (body[line..] is { Length: 39 } last && last.StartsWith("[soar:", StringComparison.Ordinal) && last.EndsWith(']'))
            body = body[..line].TrimEnd();
        return body.Length > LongestText ? body[..LongestText] : body;
    }

    /// <summary>
    /// When the run began, told by its id (UUIDv7), with room for clocks that differ: nothing that carries its keys is older. Null for an id of another kind.
    /// </summary>
    public static DateTimeOffset? Oldest(RunId run)
    {
        if (run.Value.Version != 7)
            return null;
        var bytes = run.Value.ToByteArray(bigEndian: true);
        return DateTimeOffset.FromUnixTimeMilliseconds(System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16).AddDays(-1);
    }
}
