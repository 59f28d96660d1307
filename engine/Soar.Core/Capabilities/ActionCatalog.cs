using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Soar.Capabilities;

/// <summary>One parameter of an action as playbooks see it.</summary>
public sealed record ActionParameter(string Name, Type Type, bool IsTarget, bool IsLeaseTime, bool MayBeEmpty, bool HasDefault, object? Default)
{
    /// <summary>A target whose spelling differs in case only is the same target.</summary>
    public bool IgnoreCase { get; init; }
}

/// <summary>
/// One action, described from its capability interface. <see cref="Id"/> is <c>firewall.block</c>; <see cref="ResultType"/> is null for an action
/// without result.
/// </summary>
public sealed class ActionDescriptor
{
    private readonly MethodInfo method;
    private readonly Func<Task, object?>? result;

    internal ActionDescriptor(CapabilityDescriptor capability, MethodInfo method, ActionAttribute declared)
    {
        if (!method.Name.EndsWith("Async", StringComparison.Ordinal) || method.Name.Length == "Async".Length || !typeof(Task).IsAssignableFrom(method.ReturnType) || method.IsGenericMethod)
            throw new SoarException("SOAR4010", $"Action {capability.Type.FullName}.{method.Name} must be named …Async and return Task or Task<T>.");
        this.method = method;
        Capability = capability;
        Name = method.Name[..^"Async".Length];
        Id = $"{capability.Name}.{Name}".ToLowerInvariant();
        Declared = declared;
        ResultType = method.ReturnType.IsGenericType ? method.ReturnType.GetGenericArguments()[0] : null;
        ResultMayBeNull = ResultType is not null && new NullabilityInfoContext().Create(method.ReturnParameter).GenericTypeArguments[0].ReadState == NullabilityState.Nullable;
        if (ResultType is not null)
        {
            result = typeof(ActionDescriptor).GetMethod(nameof(ResultOf), BindingFlags.Static | BindingFlags.NonPublic)!
                .MakeGenericMethod(ResultType).CreateDelegate<Func<Task, object?>>();
        }

        var parameters = method.GetParameters();
        if (parameters.Length < 2 || parameters[^2].ParameterType != typeof(ActionContext) || parameters[^1].ParameterType != typeof(CancellationToken))
            throw new SoarException("SOAR4010", $"Action {capability.Type.FullName}.{method.Name} must end with (ActionContext, CancellationToken).");
        Parameters = [.. parameters[..^2].Select(p => new ActionParameter(
            p.Name!, p.ParameterType,
            p.IsDefined(typeof(TargetAttribute), inherit: false),
            p.IsDefined(typeof(LeaseTimeAttribute), inherit: false),
            p.IsDefined(typeof(MayBeEmptyAttribute), inherit: false),
            p.HasDefaultValue, p.HasDefaultValue ? p.DefaultValue : null)
        {
            IgnoreCase = p.GetCustomAttribute<TargetAttribute>() is { IgnoreCase: true },
        })];
        Probe = declared.Probe is null ? null : capability.Type.GetMethod(declared.Probe)
            ?? throw new SoarException("SOAR4010", $"Action {Id} names the probe '{declared.Probe}', which {capability.Type.FullName} does not have.");
    }

    public CapabilityDescriptor Capability { get; }
    public string Name { get; }
    public string Id { get; }
    public ActionAttribute Declared { get; }
    public Effect Effect => Declared.Effect;
    public IReadOnlyList<ActionParameter> Parameters { get; }
    public Type? ResultType { get; }

    /// <summary>Whether it may give null, as its C# type says.</summary>
    public bool ResultMayBeNull { get; }

    /// <summary>Whether the playbook goes on with what it gives.</summary>
    public bool GivesResult => ResultType is not null && !ResultMayBeNull;
    public MethodInfo Method => method;
    public MethodInfo? Probe { get; }
    public bool SafeToRepeat => Effect == Effect.ReadsOnly || Declared.SafeToRepeat;

    /// <summary>The action that undoes this one, or null.</summary>
    public ActionDescriptor? Inverse => Declared.Inverse is null ? null : Capability.Actions.Single(a => a.method.Name == Declared.Inverse);

    /// <summary>Calls the connector: arguments from a JSON object by name, result as JSON (<c>null</c> for none).</summary>
    public async Task<byte[]> InvokeAsync(object target, JsonElement arguments, ActionContext context, CancellationToken cancellation)
    {
        var task = (Task)method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, Bind(arguments, context, cancellation), null)!;
        await task;
        return result is null ? "null"u8.ToArray() : JsonSerializer.SerializeToUtf8Bytes(result(task), ResultType!, SoarJson.Options);
    }

    /// <summary>Asks the probe; the answer's result is JSON as <see cref="InvokeAsync"/> would have returned it.</summary>
    public async Task<(ProbeAnswer Answer, bool Ours, byte[]? Result)> ProbeAsync(object target, JsonElement arguments, ActionContext context, CancellationToken cancellation)
    {
        if (Probe is null) return (ProbeAnswer.CannotTell, false, null);
        var task = (Task)Probe.Invoke(target, BindingFlags.DoNotWrapExceptions, null, Bind(arguments, context, cancellation), null)!;
        await task;
        dynamic probe = task.GetType().GetProperty("Result")!.GetValue(task)!;
        var answer = (ProbeAnswer)probe.Answer;
        return (answer, (bool)probe.Ours, answer == ProbeAnswer.Present ? JsonSerializer.SerializeToUtf8Bytes((object?)probe.Result, SoarJson.Options) : null);
    }

    private object?[] Bind(JsonElement arguments, ActionContext context, CancellationToken cancellation)
    {
        var values = new object?[Parameters.Count + 2];
        for (var i = 0; i < Parameters.Count; i++)
        {
            var parameter = Parameters[i];
            values[i] = arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(parameter.Name, out var value)
                ? value.Deserialize(parameter.Type, SoarJson.Options)
                : parameter.HasDefault ? parameter.Default : null;
        }

        values[^2] = context;
        values[^1] = cancellation;
        return values;
    }

    private static object? ResultOf<T>(Task task) => ((Task<T>)task).Result;
}

/// <summary>One capability interface.</summary>
public sealed class CapabilityDescriptor
{
    internal CapabilityDescriptor(Type type, CapabilityAttribute declared)
    {
        Type = type;
        Declared = declared;
        Actions = [.. type.GetMethods()
            .Select(m => (Method: m, Action: m.GetCustomAttribute<ActionAttribute>()))
            .Where(m => m.Action is not null)
            .Select(m => new ActionDescriptor(this, m.Method, m.Action!))];
    }

    public Type Type { get; }
    public CapabilityAttribute Declared { get; }
    public string Name => Declared.Name;
    public bool BuiltIn => Declared.BuiltIn;
    public IReadOnlyList<ActionDescriptor> Actions { get; }
}

/// <summary>Every capability and action that this deployment knows, from the capability interfaces of the given assemblies.</summary>
public sealed class ActionCatalog
{
    private readonly Dictionary<string, ActionDescriptor> actions;

    public ActionCatalog(params IEnumerable<Assembly> assemblies)
    {
        Capabilities = [.. assemblies.Prepend(typeof(ActionCatalog).Assembly).Distinct()
            .SelectMany(a => a.GetExportedTypes())
            .Select(t => (Type: t, Capability: t.GetCustomAttribute<CapabilityAttribute>(inherit: false)))
            .Where(t => t.Capability is not null)
            .OrderBy(t => t.Capability!.Name, StringComparer.Ordinal)
            .Select(t => new CapabilityDescriptor(t.Type, t.Capability!))];
        if (Capabilities.GroupBy(c => c.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new SoarException("SOAR4010", $"The capability {twice.Key} is brought by {string.Join(" and ", twice.Select(c => c.Type.AssemblyQualifiedName!.Split(',')[1].Trim()))}. Rename one of them.");
        if (Capabilities.SelectMany(c => c.Actions).GroupBy(a => a.Id, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } overloaded)
            throw new SoarException("SOAR4010", $"The action {overloaded.Key} is declared more than once. Give each a name of its own.");
        actions = Capabilities.SelectMany(c => c.Actions).ToDictionary(a => a.Id, StringComparer.Ordinal);
    }

    public IReadOnlyList<CapabilityDescriptor> Capabilities { get; }

    public ActionDescriptor? Find(string actionId) => actions.GetValueOrDefault(actionId);

    public CapabilityDescriptor? FindCapability(string name) =>
        Capabilities.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>The one way Soar writes JSON: camel case, no nulls, enums as names, durations as ISO-like <c>c</c> format, not indented.</summary>
public static class SoarJson
{
    /// <summary>For our own types. A playbook assembly gets its own options object (a shared one would keep its types loaded for good).</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    public static JsonSerializerOptions Create() => new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.Strict,
    };
}
