using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Soar.Scripting.Check;

/// <summary>Which formats a value has, where its type tells.</summary>
internal static class Formats
{
    // Values that no format of their type treats differently from others, as far as "there is none" goes.
    private static readonly Dictionary<string, (IFormattable Sample, string Remedy)> Known = new(StringComparer.Ordinal)
    {
        ["TimeSpan"] = (new TimeSpan(1, 2, 3, 4), "Leave the format out, which prints \"24 hours\"; or count, {ttl.TotalHours:0}; or escape what is no part of it, {ttl:hh\\\\:mm}."),
        ["DateTimeOffset"] = (DateTimeOffset.UnixEpoch, "Write one such as {time:yyyy-MM-dd HH:mm}."),
        ["DateTime"] = (DateTime.UnixEpoch, "Write one such as {time:yyyy-MM-dd HH:mm}."),
        ["DateOnly"] = (new DateOnly(2000, 1, 1), "Write one such as {day:yyyy-MM-dd}."),
        ["TimeOnly"] = (new TimeOnly(1, 2, 3), "Write one such as {time:HH:mm}."),
        ["int"] = (12, Numbers), ["long"] = (12L, Numbers), ["short"] = ((short)12, Numbers), ["byte"] = ((byte)12, Numbers), ["uint"] = (12U, Numbers), ["ulong"] = (12UL, Numbers),
        ["double"] = (1.5, Numbers), ["float"] = (1.5f, Numbers), ["decimal"] = (1.5m, Numbers),
        ["Guid"] = (Guid.Empty, "Write {id:N}, or leave the format out."),
    };

    private const string Numbers = "Write one such as {n:0.00}, {n:N0} or, of whole numbers, {n:D4}.";

    /// <summary>What to write instead, where this type has no such format; null where it has, or where nobody can tell.</summary>
    public static string? Wrong(ITypeSymbol? type, string format)
    {
        if (Plain(type) is not { } plain || plain.TypeKind is TypeKind.Error or TypeKind.TypeParameter or TypeKind.Interface or TypeKind.Dynamic || plain.SpecialType == SpecialType.System_Object) return null;
        if (plain.TypeKind == TypeKind.Enum) return Fails(DayOfWeek.Monday, format) ? "Leave the format out." : null;
        if (plain is INamedTypeSymbol named && Known.TryGetValue(MemberNames.OpenType(named), out var known)) return Fails(known.Sample, format) ? known.Remedy : null;
        return plain.AllInterfaces.Any(i => i is { Name: nameof(IFormattable), ContainingNamespace.Name: nameof(System) }) ? null : "Leave the format out: it would do nothing.";
    }

    public static string Say(ITypeSymbol type) => $"of the type {Plain(type)!.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}";

    private static ITypeSymbol? Plain(ITypeSymbol? type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var inner] } ? inner : type;

    private static bool Fails(IFormattable sample, string format)
    {
        try
        {
            sample.ToString(format, CultureInfo.InvariantCulture);
            return false;
        }
        catch (FormatException)
        {
            return true;
        }
    }
}
