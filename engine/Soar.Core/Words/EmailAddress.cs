using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Soar;

/// <summary>One mail address, <c>local@domain</c>, without a display name. The domain is lower case; no spaces, no control characters.</summary>
[JsonConverter(typeof(EmailAddressJson))]
public sealed record EmailAddress : IParsable<EmailAddress>
{
    private EmailAddress(string value) => Value = value;

    public string Value { get; }

    public string Domain => Value[(Value.LastIndexOf('@') + 1)..];

    public static EmailAddress Parse(string s) => Parse(s, null);

    public static EmailAddress Parse(string s, IFormatProvider? provider) => TryParse(s, provider, out var result)
        ? result
        : throw new FormatException($"'{s}' is not a mail address. Write name@example.org.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out EmailAddress result)
    {
        result = null;
        var text = s?.Trim() ?? "";
        var at = text.LastIndexOf('@');
        if (at < 1 || at == text.Length - 1 || text.Length > 320) return false;
        if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';' or ':' or '"' or '\\' or '(' or ')')) return false;
        if (text.AsSpan(0, at).Contains('@')) return false;
        var domain = text[(at + 1)..].ToLowerInvariant();
        if (domain.StartsWith('.') || domain.EndsWith('.') || domain.Contains("..", StringComparison.Ordinal)) return false;
        result = new EmailAddress(text[..(at + 1)] + domain);
        return true;
    }

    public override string ToString() => Value;

    private sealed class EmailAddressJson : JsonConverter<EmailAddress>
    {
        public override EmailAddress? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), null, out var value) ? value : throw new JsonException($"'{reader.GetString()}' is not a mail address.");
        public override void Write(Utf8JsonWriter writer, EmailAddress value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
