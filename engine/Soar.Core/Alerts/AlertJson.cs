using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Soar.Alerts;

/// <summary>
/// Reads JSON that somebody outside sent. What an attacker wrote stands in it, and bytes that are no text must not hide an alert: what cannot be a character is read as U+FFFD, in the text where it stands, and the rest is kept.
/// </summary>
public static class AlertJson
{
    /// <summary>The document. A byte-order mark is not part of it.</summary>
    /// <param name="json">One JSON document in UTF-8.</param>
    /// <exception cref="JsonException">It is not JSON, whatever its texts hold.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Span.StartsWith("\uFEFF"u8)) json = json[3..];
        if (!Utf8.IsValid(json.Span)) json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json.Span));
        return JsonDocument.Parse(json.Span.IndexOf("\\u"u8) < 0 ? json : WithoutHalves(json));
    }

    /// <summary>An escape such as <c>\ud800</c> without its other half is JSON, and no text: reading it throws.</summary>
    private static ReadOnlyMemory<byte> WithoutHalves(ReadOnlyMemory<byte> json)
    {
        byte[]? mended = null;
        var span = json.Span;
        for (var i = 0; i + 1 < span.Length; i++)
        {
            if (span[i] != '\\') continue;
            var unit = Escaped(span[i..]);
            if (unit is { } high && char.IsHighSurrogate(high) && Escaped(span[(i + 6)..]) is { } low && char.IsLowSurrogate(low)) i += 11;
            else if (unit is { } half && char.IsSurrogate(half))
            {
                mended ??= span.ToArray();
                "\\uFFFD"u8.CopyTo(mended.AsSpan(i));
                i += 5;
            }
            else i += 1; // what is escaped may be a backslash itself
        }

        return mended ?? json;
    }

    private static char? Escaped(ReadOnlySpan<byte> at) =>
        at.Length >= 6 && at[0] == '\\' && at[1] == 'u' && ushort.TryParse(at[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : null;
}
