using System.Globalization;
using Soar.Capabilities;
using Soar.Connectors;

namespace Soar.Server.Display;

/// <summary>Actions and their types as people read them: <c>Firewall.Block(IpAddress address, TimeSpan duration) → FirewallBlock</c>.</summary>
internal static class ActionText
{
    private static readonly Dictionary<Type, string> Words = new()
    {
        [typeof(string)] = "string", [typeof(int)] = "int", [typeof(long)] = "long", [typeof(uint)] = "uint", [typeof(bool)] = "bool", [typeof(double)] = "double", [typeof(decimal)] = "decimal", [typeof(object)] = "object",
    };

    public static string Signature(ActionDescriptor action) =>
        $"{action.Capability.Name}.{action.Name}({string.Join(", ", action.Parameters.Select(Parameter))}){(action.ResultType is null ? "" : $" → {TypeName(action.ResultType)}")}";

    /// <summary>What it does to the world, and how the engine treats it.</summary>
    /// <param name="terms">Of the instance or connector; null where none is looked at.</param>
    public static IReadOnlyList<string> Facts(ActionDescriptor action, InstanceTerms? terms)
    {
        var facts = new List<string> { Phrase(action.Effect.ToString()) };
        if (action.Declared.Outside) facts.Add("what it asks is passed on to others outside");
        if (action.Declared.Waits) facts.Add("waits until there is something to tell");
        if (action.Effect != Effect.ReadsOnly) facts.Add(action.Declared.SafeToRepeat ? "safe to repeat under its key" : "never repeated by itself");
        if (action.Inverse is { } inverse) facts.Add($"undone by {inverse.Name}");
        else if (action.Declared.NoInverse is { } why) facts.Add($"not undone: {why.TrimEnd('.')}");
        if (action.Effect is not (Effect.ReadsOnly or Effect.Lifts)) facts.Add(action.Probe is null ? "no probe: a person is asked about an unknown outcome" : "has a probe");
        facts.Add($"{Plural.Of(action.Declared.Attempts, "attempt")} of {Durations.Say(TimeSpan.FromSeconds(action.Declared.TimeoutSeconds))}");
        if (action.Declared.Rate.Length > 0) facts.Add($"at most {action.Declared.Rate}");
        if (terms is not null && action.Effect != Effect.Lifts) facts.Add($"for {terms.ClearanceFor(action).Words()} unless the instance says otherwise");
        return facts;
    }

    public static string TypeName(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return TypeName(inner) + "?";
        if (type.IsArray) return TypeName(type.GetElementType()!) + "[]";
        if (!type.IsGenericType) return Words.GetValueOrDefault(type, type.Name);
        var arguments = type.GetGenericArguments().Select(TypeName);
        return type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal) ? $"({string.Join(", ", arguments)})" : $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", arguments)}>";
    }

    /// <summary>A default as it would be written; null where there is none worth saying.</summary>
    public static string? Default(ActionParameter parameter) => !parameter.HasDefault ? null : parameter.Default switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool yes => yes ? "true" : "false",
        Enum value => $"{parameter.Type.Name}.{value}",
        var other => Convert.ToString(other, CultureInfo.InvariantCulture),
    };

    public static string Phrase(string pascal) => string.Concat(pascal.Select((c, i) => char.IsUpper(c) && i > 0 ? " " + char.ToLowerInvariant(c) : c.ToString()));

    private static string Parameter(ActionParameter parameter) =>
        $"{TypeName(parameter.Type)}{(parameter is { HasDefault: true, Default: null, Type.IsValueType: false } ? "?" : "")} {parameter.Name}{(Default(parameter) is { } value ? $" = {value}" : "")}";
}
