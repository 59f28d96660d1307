using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Soar;

/// <summary>
/// A text for people. Every parameter that a person will read takes a <see cref="Text"/>, so that <c>$"Block for {ttl}?"</c>
/// prints "24 hours" and times carry their zone. Converts from <see cref="string"/>.
/// </summary>
[InterpolatedStringHandler]
[JsonConverter(typeof(TextJson))]
public struct Text
{
    // A text for people; more is an artifact.
    private const int Longest = 4 << 20;

    private StringBuilder? builder;
    private string? text;

    public Text(int literalLength, int formattedCount) => builder = new StringBuilder(literalLength + formattedCount * 12);

    private Text(string? value) => text = value;

    public void AppendLiteral(string value) => Append(value);
    public void AppendFormatted(TimeSpan value) => Append(Durations.Say(value));
    public void AppendFormatted(DateTimeOffset value) => Append(Say(value));
    public void AppendFormatted(string? value) => Append(value);
    public void AppendFormatted<T>(T value) => Append(Say(value));
    public void AppendFormatted<T>(T value, string format) => Append(Say(value, format));
    public void AppendFormatted<T>(T value, int alignment) => Append(Aligned(Say(value), alignment));
    public void AppendFormatted<T>(T value, int alignment, string format) => Append(Aligned(Say(value, format), alignment));

    public static implicit operator Text(string? value) => new(value);

    public override string ToString() => text ??= builder?.ToString() ?? "";

    public string? ToStringOrNull() => text is null && builder is null ? null : ToString();

    private readonly void Append(string? value)
    {
        if (builder!.Length + (value?.Length ?? 0) > Longest) throw new InvalidOperationException($"A text for people has at most {Longest:N0} characters. Pass more as an Artifact.");
        builder.Append(value);
    }

    private static string Say<T>(T value, string format) => value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : Say(value);

    private static string Aligned(string text, int alignment) => alignment > 0 ? text.PadLeft(alignment) : text.PadRight(-alignment);

    /// <summary>A value as people read it.</summary>
    internal static string Say<T>(T value) => value switch
    {
        null => "",
        string s => s,
        TimeSpan duration => Durations.Say(duration),
        DateTimeOffset time => Say(time),
        System.Collections.IEnumerable many and not IFormattable => string.Join(", ", many.Cast<object?>().Select(Say)),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Say(DateTimeOffset value) =>
        value.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
        + (value.Offset == TimeSpan.Zero ? " UTC" : value.ToString(" zzz", CultureInfo.InvariantCulture));

    private sealed class TextJson : JsonConverter<Text>
    {
        public override Text Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();
        public override void Write(Utf8JsonWriter writer, Text value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
