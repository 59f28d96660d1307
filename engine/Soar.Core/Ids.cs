using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Soar;

/// <summary>
/// The one source of new ids: UUIDv7 (RFC 9562), so that ids sort by the time they were made. Give a seeded
/// <see cref="Random"/> and a fake clock to make a whole simulation repeatable.
/// </summary>
public sealed class Ids(TimeProvider clock, Random? random = null)
{
    private readonly Lock gate = new();
#pragma warning disable RS0030 // ids of the real program: here chance begins, where nobody gave a seed
    private readonly Random random = random ?? new Random();
#pragma warning restore RS0030

    public Guid Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (gate) random.NextBytes(bytes);
        var ms = clock.GetUtcNow().ToUnixTimeMilliseconds();
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, ms);
        time[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }
}

/// <summary>Identifies one run of a playbook. UUIDv7. In JSON its text.</summary>
[JsonConverter(typeof(RunIdJson))]
public readonly record struct RunId(Guid Value) : IParsable<RunId>
{
    public override string ToString() => Value.ToString("D");
    public static RunId Parse(string s) => Parse(s, null);

    public static RunId Parse(string s, IFormatProvider? provider) => new(Guid.Parse(s));
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out RunId result)
    {
        var ok = Guid.TryParse(s, out var value);
        result = new(value);
        return ok;
    }
}

/// <summary>Identifies a case. UUIDv7.</summary>
[JsonConverter(typeof(CaseIdJson))]
public readonly record struct CaseId(Guid Value)
{
    public override string ToString() => Value.ToString("D");
}

/// <summary>Identifies a question put to a person (approval, form, to-do, unknown outcome). UUIDv7.</summary>
[JsonConverter(typeof(QuestionIdJson))]
public readonly record struct QuestionId(Guid Value)
{
    public override string ToString() => Value.ToString("D");
}

/// <summary>Identifies an alert that was taken. UUIDv7. In JSON its text.</summary>
[JsonConverter(typeof(AlertIdJson))]
public readonly record struct AlertId(Guid Value)
{
    public override string ToString() => Value.ToString("D");
}

/// <summary>
/// Names one effect for ever: derived from run, call ordinal and action, so that a repeat after a crash carries the same
/// key and the other side can recognise it. 32 lower-case hex digits.
/// </summary>
public readonly record struct IdempotencyKey(string Value)
{
    public override string ToString() => Value;

    public static IdempotencyKey For(RunId run, int ordinal, string action)
    {
        Span<byte> hash = stackalloc byte[32];
        Digest.Of(Encoding.UTF8.GetBytes($"{run}/{ordinal}/{action}"), hash);
        return new(Convert.ToHexStringLower(hash[..16]));
    }
}

internal sealed class RunIdJson : JsonConverter<RunId>
{
    public override RunId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetGuid());
    public override void Write(Utf8JsonWriter writer, RunId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

internal sealed class AlertIdJson : JsonConverter<AlertId>
{
    public override AlertId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetGuid());
    public override void Write(Utf8JsonWriter writer, AlertId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

internal sealed class QuestionIdJson : JsonConverter<QuestionId>
{
    public override QuestionId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetGuid());
    public override void Write(Utf8JsonWriter writer, QuestionId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

internal sealed class CaseIdJson : JsonConverter<CaseId>
{
    public override CaseId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetGuid());
    public override void Write(Utf8JsonWriter writer, CaseId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
