using System.Globalization;
using System.Xml.Linq;

namespace Soar.Connectors.Panos;

/// <summary>
/// An address as PAN-OS holds it: its tags, each with the seconds that it has left (null: no end). Beside the tag that blocks, ours carries one more with the idempotency key, so that
/// it can be told from what somebody else registered.
/// </summary>
internal sealed record RegisteredAddress(IpAddress Address, string Written, IReadOnlyDictionary<string, long?> Tags, string Xml)
{
    public const string Mark = "soar.key.";

    public static string MarkOf(IdempotencyKey key) => Mark + key.Value;

    /// <summary>Every address of an answer to <c>show object registered-ip</c>; a range as the networks that it is.</summary>
    public static IEnumerable<RegisteredAddress> Read(XElement result)
    {
        foreach (var entry in result.Elements("entry"))
        {
            var written = entry.Attribute("ip")?.Value ?? throw new FormatException("an entry has no ip");
            var tags = entry.Elements("tag").Elements("member").GroupBy(member => member.Value, StringComparer.Ordinal).ToDictionary(group => group.Key, group => Left(group.First()), StringComparer.Ordinal);
            foreach (var address in Addresses(written))
                yield return new RegisteredAddress(address, written, tags, entry.ToString(SaveOptions.DisableFormatting));
        }
    }

    /// <summary><c>register</c> or <c>unregister</c>, as the vendor documents the message.</summary>
    public static XElement Message(string what, string address, IEnumerable<(string Tag, long? Seconds)> tags) =>
        new("uid-message", new XElement("type", "update"), new XElement("payload", new XElement(what,
            new XElement("entry", new XAttribute("ip", address), new XElement("tag", tags.Select(tag =>
                new XElement("member", tag.Seconds is { } seconds ? new XAttribute("timeout", seconds.ToString(CultureInfo.InvariantCulture)) : null, tag.Tag)))))));

    private static long? Left(XElement member) => long.TryParse(member.Attribute("timeout")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds : null;

    private static IEnumerable<IpAddress> Addresses(string written)
    {
        if (IpAddress.TryParse(written, null, out var one))
            return [one];
        return written.Split('-') is [var first, var last] && IpAddress.TryParse(first, null, out var from) && IpAddress.TryParse(last, null, out var to) ? AddressRange.Networks(from, to) : [];
    }
}
