using System.Collections.Frozen;
using Microsoft.CodeAnalysis;

namespace Soar.Scripting.Compile;

/// <summary>
/// Members that make much out of little: one call with a large number takes all memory before the meter sees anything. The rewriter caps the
/// arguments named here. Array sizes are capped everywhere.
/// </summary>
internal static class Amplifiers
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> Sizes = new Dictionary<string, FrozenSet<string>>
    {
        ["System.Linq.Enumerable.Range"] = FrozenSet.Create("count"),
        ["System.Linq.Enumerable.Repeat"] = FrozenSet.Create("count"),
        ["System.String.PadLeft"] = FrozenSet.Create("totalWidth"),
        ["System.String.PadRight"] = FrozenSet.Create("totalWidth"),
        ["System.String..ctor"] = FrozenSet.Create("count"),
        ["System.Text.StringBuilder..ctor"] = FrozenSet.Create("capacity"),
        ["System.Text.StringBuilder.Append"] = FrozenSet.Create("repeatCount"),
        ["System.Text.StringBuilder.Insert"] = FrozenSet.Create("count"),
        ["System.Text.StringBuilder.EnsureCapacity"] = FrozenSet.Create("capacity"),
        ["System.Collections.Generic.List<T>..ctor"] = FrozenSet.Create("capacity"),
        ["System.Collections.Generic.List<T>.EnsureCapacity"] = FrozenSet.Create("capacity"),
        ["System.Collections.Generic.Dictionary<TKey, TValue>..ctor"] = FrozenSet.Create("capacity"),
        ["System.Collections.Generic.Dictionary<TKey, TValue>.EnsureCapacity"] = FrozenSet.Create("capacity"),
        ["System.Collections.Generic.HashSet<T>..ctor"] = FrozenSet.Create("capacity"),
        ["System.Collections.Generic.HashSet<T>.EnsureCapacity"] = FrozenSet.Create("capacity"),
        ["System.Collections.Generic.Queue<T>..ctor"] = FrozenSet.Create("capacity"),
        ["System.Collections.Generic.Stack<T>..ctor"] = FrozenSet.Create("capacity"),
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        "Range", "Repeat", "PadLeft", "PadRight", "Append", "Insert", "EnsureCapacity", ".ctor");

    public static bool TryFind(IMethodSymbol method, out FrozenSet<string> sizes)
    {
        sizes = FrozenSet<string>.Empty;
        if (!Names.Contains(method.Name) || method.ContainingType is null) return false;
        var key = $"{method.ContainingType.OriginalDefinition.ToDisplayString(FullName)}.{method.Name}";
        return Sizes.TryGetValue(key, out sizes!);
    }

    private static readonly SymbolDisplayFormat FullName = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters);
}
