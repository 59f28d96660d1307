using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Soar;

/// <summary>
/// A domain or host name, always in the one form that DNS compares: lower case, IDN labels as <c>xn--…</c>, no trailing dot. A name to be contained has
/// one spelling in the ledger, however the alert wrote it. No wildcards, no addresses. Text form and JSON form are the same string.
/// </summary>
[JsonConverter(typeof(DomainNameJson))]
public sealed record DomainName : IParsable<DomainName>
{
    private static readonly IdnMapping Idn = new();

    private DomainName(string value) => Value = value;

    /// <summary>For example <c>www.evil.example</c> or <c>xn--bcher-kva.example</c>.</summary>
    public string Value { get; }

    /// <summary>True for this name and every name below it.</summary>
    public bool Contains(DomainName other) => other == this || other.Value.EndsWith("." + Value, StringComparison.Ordinal);

    public static DomainName Parse(string s) => Parse(s, null);

    public static DomainName Parse(string s, IFormatProvider? provider) => TryParse(s, provider, out var result)
        ? result
        : throw new FormatException($"'{s}' is not a domain name. Write www.evil.example or xn--bcher-kva.example: no wildcard, no address, no URL, no letters in compatibility forms.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out DomainName result)
    {
        result = null;
        if (s is null || s.Length > 1_000) return false;
        var text = Nfc.Compose(s.Trim()).ToLowerInvariant().Replace('\u3002', '.'); // 例え。テスト: the full stop of Chinese and Japanese keyboards
        if (text.EndsWith('.')) text = text[..^1];
        var labels = text.Split('.').Select(Label).ToList();
        if (labels.Contains(null) || labels[^1]!.All(char.IsAsciiDigit)) return false; // a last label of digits is an address
        var name = string.Join('.', labels);
        if (name.Length > 253) return false;
        result = new DomainName(name);
        return true;
    }

    public override string ToString() => Value;

    private static string? Label(string label)
    {
        if (!label.All(char.IsAscii))
        {
            if (!label.EnumerateRunes().All(Plain)) return null;
            label = Encode(label) ?? "";
        }

        var fits = label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
        return fits ? label : null;
    }

    // What a resolver maps before it encodes (full width, ligatures, signs) is refused: encoded as it stands it would be another name than the one meant.
    private static bool Plain(Rune rune) => rune.Value switch
    {
        >= 0xFB00 and <= 0xFEFF or >= 0xFF00 and <= 0xFFEF or >= 0x2000 and <= 0x2BFF or >= 0x1D400 and <= 0x1D7FF or >= 0x3300 and <= 0x33FF or 0x00AA or 0x00BA or 0x017F => false,
        _ => rune.IsAscii || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber,
    };

    private static string? Encode(string label)
    {
        try
        {
            return Idn.GetAscii(label);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private sealed class DomainNameJson : JsonConverter<DomainName>
    {
        public override DomainName? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), null, out var value) ? value : throw new JsonException($"'{reader.GetString()}' is not a domain name.");
        public override void Write(Utf8JsonWriter writer, DomainName value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
