using System.Reflection;
using Soar.Capabilities;
using Soar.Language;
using Soar.Scripting.Edit;
using Soar.Server.Display;
using Soar.Server.Node;

namespace Soar.Server.Reference;

/// <summary>One parameter of something that playbooks call.</summary>
/// <param name="Default">As it would be written; null where a value must be given.</param>
/// <param name="MayBeEmpty">False where a missing, empty or wildcard value fails the step; null where that is not asked.</param>
/// <param name="Note">What it is to the engine: the target of a containment, the time of its lease.</param>
internal sealed record ParameterEntry(string Name, string Type, string? Default, bool? MayBeEmpty, string? Note, string Summary);

/// <summary>A field of a result.</summary>
internal sealed record FieldEntry(string Name, string Type);

/// <summary>An action of a capability, or a word of the language.</summary>
/// <param name="Effect">Null of words, which do nothing to the world by themselves.</param>
/// <param name="Facts">How the engine treats it.</param>
internal sealed record ActionEntry(string Name, string Signature, string Summary, string? Effect, IReadOnlyList<string> Facts, IReadOnlyList<ParameterEntry> Parameters, string? Result, IReadOnlyList<FieldEntry> Fields)
{
    public bool? SafeToRepeat { get; init; }
    public string? UndoneBy { get; init; }
    public bool? HasProbe { get; init; }
    public int? Attempts { get; init; }
    public int? TimeoutSeconds { get; init; }
}

/// <summary>A capability, or the language itself.</summary>
/// <param name="Instances">Names of this deployment's instances, the default first; null where there are none to name.</param>
internal sealed record CapabilityEntry(string Name, string Summary, bool BuiltIn, IReadOnlyList<string>? Instances, IReadOnlyList<ActionEntry> Actions);

/// <summary>Everything that a playbook of this deployment can call, from the capability interfaces, the language and what is written about both.</summary>
internal static class ActionReference
{
    /// <summary>The name under which the language's own words stand.</summary>
    public const string Language = "Language";

    public static IReadOnlyList<CapabilityEntry> Of(Toolchain tools)
    {
        var documentation = new Documentation(tools.Catalog.Capabilities.Select(c => c.Type.Assembly.Location).Append(typeof(Script).Assembly.Location).Distinct(StringComparer.Ordinal));
        var words = typeof(Script).GetMethods(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(method => method.IsFamily && (method.GetParameters() is [.., { ParameterType.Name: nameof(Site) }] || method.Name is "RunAgain" or "AsJson"))
            .GroupBy(method => method.Name, StringComparer.Ordinal).OrderBy(same => same.Key, StringComparer.Ordinal).Select(same => Word([.. same], documentation));
        return
        [
            new(Language, "Words of the language itself: steps for people and time, several steps at once, other playbooks.", BuiltIn: true, null, [.. words]),
            .. tools.Catalog.Capabilities.OrderBy(c => c.BuiltIn ? 0 : 1).ThenBy(c => c.Name, StringComparer.Ordinal).Select(capability => new CapabilityEntry(
                capability.Name, capability.Declared.Summary, capability.BuiltIn, capability.BuiltIn ? null : tools.Registry.Names(capability.Name), [.. capability.Actions.Select(action => Action(action, documentation))])),
        ];
    }

    private static ActionEntry Action(ActionDescriptor action, Documentation documentation)
    {
        var (summary, texts) = documentation.Of(action.Method);
        var parameters = action.Parameters.Select(p => new ParameterEntry(
            p.Name, ActionText.TypeName(p.Type), ActionText.Default(p), action.Effect is Effect.ReadsOnly ? null : p.MayBeEmpty,
            p.IsTarget ? "the target" : p.IsLeaseTime ? "the time of the lease" : null, texts.GetValueOrDefault(p.Name, ""))).ToList();
        return new(action.Name, ActionText.Signature(action), summary, action.Effect.ToString(), ActionText.Facts(action, terms: null), parameters, action.ResultType is null ? null : ActionText.TypeName(action.ResultType), Fields(action.ResultType))
        {
            SafeToRepeat = action.SafeToRepeat, UndoneBy = action.Inverse?.Name, HasProbe = action.Probe is not null, Attempts = action.Declared.Attempts, TimeoutSeconds = action.Declared.TimeoutSeconds,
        };
    }

    private static ActionEntry Word(IReadOnlyList<MethodInfo> overloads, Documentation documentation)
    {
        var method = overloads[0];
        var (summary, texts) = documentation.Of(method);
        var given = method.GetParameters().Where(p => p.ParameterType != typeof(Site)).ToList();
        var parameters = given.Select(p => new ParameterEntry(p.Name!, ActionText.TypeName(p.ParameterType) + (p is { HasDefaultValue: true, DefaultValue: null, ParameterType.IsValueType: false } ? "?" : ""), p.HasDefaultValue ? Default(p) : null, null, null, texts.GetValueOrDefault(p.Name!, ""))).ToList();
        var shown = string.Join(", ", parameters.Select(p => $"{p.Type} {p.Name}{(p.Default is null ? "" : $" = {p.Default}")}"));
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(ActionText.TypeName))}>" : "";
        var result = method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Step<>) ? method.ReturnType.GetGenericArguments()[0] : method.ReturnType;
        var (word, fields) = result == typeof(Step) ? ((string?)null, []) : (ActionText.TypeName(result), Fields(result));
        return new(method.Name, $"{method.Name}{generic}({shown}){(word is null ? "" : $" → {word}")}", summary, null, overloads.Count > 1 ? [overloads.Count == 2 ? "one more form" : $"{overloads.Count - 1} more forms"] : [], parameters, word, fields);
    }

    private static string? Default(ParameterInfo parameter) => parameter.DefaultValue switch { null => "null", string text => $"\"{text}\"", bool yes => yes ? "true" : "false", var value => value.ToString() };

    /// <summary>What can be read of a result; of a list's items where it is one. Nothing of what everybody knows.</summary>
    private static IReadOnlyList<FieldEntry> Fields(Type? result)
    {
        if (result is { IsGenericType: true } && typeof(System.Collections.IEnumerable).IsAssignableFrom(result)) result = result.GetGenericArguments()[0];
        if (result?.Namespace?.StartsWith(nameof(Soar), StringComparison.Ordinal) != true || result.IsEnum) return [];
        return [.. result.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetMethod is not null && p.GetIndexParameters().Length == 0 && p.Name != "EqualityContract").Select(p => new FieldEntry(p.Name, ActionText.TypeName(p.PropertyType)))];
    }
}
