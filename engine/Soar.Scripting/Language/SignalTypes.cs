namespace Soar.Language;

/// <summary>What a signal may carry, in the words that inputs are declared with; the engine refuses what does not fit before it reaches the run.</summary>
internal static class SignalTypes
{
    private static readonly Dictionary<Type, string> Known = new()
    {
        [typeof(string)] = "string?", [typeof(bool)] = "bool", [typeof(int)] = "int", [typeof(long)] = "long", [typeof(double)] = "double", [typeof(decimal)] = "decimal",
        [typeof(TimeSpan)] = "TimeSpan", [typeof(DateTimeOffset)] = "DateTimeOffset", [typeof(DateOnly)] = "DateOnly",
        [typeof(IpAddress)] = "IpAddress", [typeof(EmailAddress)] = "EmailAddress", [typeof(DomainName)] = "DomainName",
    };

    /// <summary>Null where only the playbook can tell.</summary>
    public static string? Of(Type type) => Nullable.GetUnderlyingType(type) is { } plain
        ? Known.TryGetValue(plain, out var nullable) ? nullable.TrimEnd('?') + "?" : null
        : Known.GetValueOrDefault(type);

    /// <summary>The type's name for people; of a signal that of its value.</summary>
    public static string Shown(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Signal<>)
        ? Shown(type.GetGenericArguments()[0])
        : Of(type)?.TrimEnd('?') ?? type.Name;
}
