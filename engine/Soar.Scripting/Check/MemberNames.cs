using System.Text;
using Microsoft.CodeAnalysis;

namespace Soar.Scripting.Check;

/// <summary>
/// The one spelling of types and members that the allow-list, the compiler's symbols and an assembly's tables share, so that they can be compared as text.
/// </summary>
/// <remarks>
/// <c>List&lt;T0&gt;::Add(T0)</c>: type parameters by position (<c>T0</c> of the type, <c>M0</c> of the method), <c>System.</c> and
/// <c>System.Collections.Generic.</c> left out, C#'s words for the built-in types, <c>ref</c> for every by-reference parameter, the result only for
/// conversions (nothing else can differ by it). Accessors are methods: <c>string::get_Length()</c>.
/// </remarks>
internal static class MemberNames
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["System.Boolean"] = "bool", ["System.Byte"] = "byte", ["System.SByte"] = "sbyte", ["System.Char"] = "char", ["System.Decimal"] = "decimal",
        ["System.Double"] = "double", ["System.Single"] = "float", ["System.Int16"] = "short", ["System.Int32"] = "int", ["System.Int64"] = "long",
        ["System.UInt16"] = "ushort", ["System.UInt32"] = "uint", ["System.UInt64"] = "ulong", ["System.IntPtr"] = "nint", ["System.UIntPtr"] = "nuint",
        ["System.Object"] = "object", ["System.String"] = "string", ["System.Void"] = "void",
    };

    /// <summary>A type by its namespace and its nesting, each level with its arity (<c>List`1</c>), and all type arguments in order.</summary>
    public static string Type(string space, IReadOnlyList<string> levels, IReadOnlyList<string> arguments)
    {
        var text = new StringBuilder();
        if (space is not ("" or "System" or "System.Collections.Generic")) text.Append(space).Append('.');
        var next = 0;
        for (var i = 0; i < levels.Count; i++)
        {
            if (i > 0) text.Append('.');
            var tick = levels[i].LastIndexOf('`');
            var arity = tick < 0 ? 0 : int.Parse(levels[i].AsSpan(tick + 1), System.Globalization.CultureInfo.InvariantCulture);
            text.Append(tick < 0 ? levels[i] : levels[i][..tick]);
            if (arity == 0) continue;
            text.Append('<');
            for (var a = 0; a < arity; a++, next++)
                text.Append(a == 0 ? "" : ",").Append(next < arguments.Count ? arguments[next] : "T" + next);
            text.Append('>');
        }

        if (space == "System" && levels.Count == 1 && Words.TryGetValue("System." + levels[0], out var word)) return word;
        return text.ToString();
    }

    public static string Method(string type, string name, int arity, IEnumerable<string> parameters, string result) =>
        $"{type}::{name}{(arity == 0 ? "" : $"<{arity}>")}({string.Join(", ", parameters)}){(name is "op_Implicit" or "op_Explicit" ? ": " + result : "")}";

    public static string Field(string type, string name) => $"{type}::{name}";

    /// <summary>The open form of a type: <c>List&lt;T0&gt;</c>, whatever it is made of here.</summary>
    public static string OpenType(INamedTypeSymbol type)
    {
        var original = type.OriginalDefinition;
        if (original.IsTupleType && original.TupleUnderlyingType is { } underlying) original = underlying.OriginalDefinition;
        return Of(original);
    }

    /// <summary>The name of a method (accessors included) or field as it was declared; extension members by the static method that implements them.</summary>
    public static string Member(ISymbol symbol)
    {
        switch (symbol)
        {
            case IMethodSymbol method:
                method = (method.ReducedFrom ?? method).OriginalDefinition;
                if (method.ContainingType is { IsExtension: true } && method.AssociatedExtensionImplementation is { } implementation)
                    method = implementation.OriginalDefinition;
                return Method(OpenType(method.ContainingType), method.MetadataName, method.Arity, method.Parameters.Select(Of), Of(method.ReturnType));
            case IFieldSymbol field:
                field = field.OriginalDefinition;
                if (field.CorrespondingTupleField is { } plain) field = plain.OriginalDefinition;
                return Field(OpenType(field.ContainingType), field.MetadataName);
            default:
                return $"{(symbol.ContainingType is { } type ? OpenType(type) : "")}::{symbol.MetadataName}";
        }
    }

    public static string Of(ITypeSymbol type)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                return Of(array.ElementType) + (array.Rank == 1 ? "[]" : "[" + new string(',', array.Rank - 1) + "]");
            case IPointerTypeSymbol pointer:
                return Of(pointer.PointedAtType) + "*";
            case IFunctionPointerTypeSymbol:
                return "fnptr";
            case IDynamicTypeSymbol:
                return "object";
            case ITypeParameterSymbol parameter:
                return parameter.TypeParameterKind == TypeParameterKind.Method ? "M" + parameter.Ordinal : "T" + Ordinal(parameter);
            case INamedTypeSymbol named:
                if (named.IsTupleType && named.TupleUnderlyingType is { } underlying && !SymbolEqualityComparer.Default.Equals(underlying, named)) return Of(underlying);
                var levels = new List<string>();
                var arguments = new List<string>();
                for (var level = named; level is not null; level = level.ContainingType)
                {
                    levels.Insert(0, level.MetadataName);
                    arguments.InsertRange(0, level.TypeArguments.Select(Of));
                }

                return Type(Space(named), levels, arguments);
            default:
                return type.ToDisplayString();
        }
    }

    private static string Of(IParameterSymbol parameter) => (parameter.RefKind == RefKind.None ? "" : "ref ") + Of(parameter.Type);

    // Metadata counts a nested type's parameters after those of the types around it.
    private static int Ordinal(ITypeParameterSymbol parameter)
    {
        var before = 0;
        for (var outer = parameter.DeclaringType?.ContainingType; outer is not null; outer = outer.ContainingType) before += outer.Arity;
        return before + parameter.Ordinal;
    }

    private static string Space(INamedTypeSymbol type) =>
        type.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() : "";
}
