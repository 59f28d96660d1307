using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Soar.Capabilities;

namespace Soar.Language;

/// <summary>What a playbook gives to the one that runs it, besides its outcome.</summary>
public static class OutcomeValues
{
    /// <summary>As for results of steps: what is larger lies in the store once, and playbooks hold the handle.</summary>
    private const int MostBytes = 256 << 10;

    // Made once for each assembly of a playbook, and gone with it.
    private static readonly ConditionalWeakTable<JsonSerializerOptions, JsonSerializerOptions> Strict = [];

    /// <summary>
    /// The outcome with a value for the playbook that runs this one: <c>return Outcome.Contained().With(new Blocked(address, ttl));</c>, which reads it with <c>Run&lt;Blocked&gt;(…)</c>. At most 256 KiB as
    /// JSON; what is larger travels as an <see cref="Artifact"/>.
    /// </summary>
    /// <param name="value">A record, a list, an anonymous object, a text, a number. Its JSON is taken at once: what changes in it later changes nothing.</param>
    public static Outcome With(this Outcome outcome, object value)
    {
        if (value is null) throw new ArgumentNullException(nameof(value), "An outcome is given a value or none, not null: leave .With(…) out.");
        var run = RunInstance.Here;
        if (run.Again is { } again && ReferenceEquals(again.Marker, outcome))
            throw new InvalidOperationException("RunAgain gives no value: whoever waits for this run waits for its successor, and gets what that gives.");
        var json = JsonSerializer.SerializeToElement(value, run.Json);
        if (TooLarge(json) is { } problem) throw new ArgumentException(problem, nameof(value));
        return outcome with { Value = json };
    }

    /// <summary>Why a value cannot be kept; null when it can.</summary>
    internal static string? TooLarge(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).Length is var length && length > MostBytes
        ? $"The outcome's value has {length:N0} bytes as JSON; at most {MostBytes:N0} are kept. Give an Artifact, or less."
        : null;

    /// <summary>What <c>Run&lt;T&gt;</c> makes of a sub-run's outcome. Throws <see cref="JsonException"/>, with words for people, where it is no T.</summary>
    internal static T Read<T>(ReadOnlySpan<byte> payload, JsonSerializerOptions json)
    {
        if (typeof(T) == typeof(Outcome)) return JsonSerializer.Deserialize<T>(payload, json)!;
        var outcome = JsonSerializer.Deserialize<Outcome>(payload, SoarJson.Options) ?? throw new JsonException("it gives nothing.");
        // Before outcomes had values, T was read from the outcome itself.
        if (outcome.Value is null && IsLikeOutcome(typeof(T))) return JsonSerializer.Deserialize<T>(payload, json)!;
        if (outcome.Value is not { } value) throw new JsonException($"it ended {outcome} and gives no value. Let it return one: Outcome.{outcome.Kind}(…).With(…), or use Run without a type.");
        return value.Deserialize<T>(Strict.GetValue(json, Stricter)) ?? throw new JsonException("it gives null.");
    }

    private static bool IsLikeOutcome(Type type)
    {
        var names = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.Name != "EqualityContract").Select(p => p.Name).ToList();
        return names.Count > 0 && names.All(name => name is nameof(Outcome.Kind) or nameof(Outcome.Reason));
    }

    // As strict as the compiler that checked the caller: what may not be null or missing there may not be here. Our own JSON leaves nulls out, so only what cannot be null has to be there.
    private static JsonSerializerOptions Stricter(JsonSerializerOptions json) => new(json)
    {
        RespectNullableAnnotations = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(static type =>
        {
            foreach (var property in type.Properties.Where(p => p.AssociatedParameter is { HasDefaultValue: false, IsNullable: false } && Nullable.GetUnderlyingType(p.PropertyType) is null)) property.IsRequired = true;
        }),
    };
}
