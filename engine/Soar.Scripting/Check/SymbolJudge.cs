using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Soar.Scripting.Check;

/// <summary>Why something is refused.</summary>
internal sealed record Refusal(string Code, string Message, string Remedy);

/// <summary>Decides about one symbol at a time: may a playbook (or, in rewritten code, the rewriter) touch it?</summary>
internal sealed partial class SymbolJudge(Compilation compilation, AllowList list, bool rewritten)
{
    /// <summary>Widest alignment and longest number format: <c>{x,1000000000}</c> would take all memory in one expression.</summary>
    public const int LargestWidth = 999;

    /// <summary>Largest constant size of an array: as much as one capped call may make.</summary>
    public const int LargestConstantSize = Soar.Language.Capped.Most;

    private readonly Dictionary<ISymbol, Refusal?> members = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ITypeSymbol, Refusal?> types = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ITypeSymbol, Refusal?> typesByCompiler = new(SymbolEqualityComparer.Default);

    private bool IsOwn(ISymbol symbol) => SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, compilation.Assembly);

    public (Permission Permission, string Name) Of(INamedTypeSymbol type)
    {
        var name = MemberNames.OpenType(type);
        return (list.Type(name, type.ContainingAssembly?.Name), name);
    }

    /// <summary>Null when the symbol may be touched.</summary>
    public Refusal? Refuses(ISymbol symbol, bool byCompiler)
    {
        var original = symbol is IMethodSymbol { ReducedFrom: { } reduced } ? reduced.OriginalDefinition : symbol.OriginalDefinition;
        if (byCompiler) return Decide(original, byCompiler: true);
        if (!members.TryGetValue(original, out var refusal)) members[original] = refusal = Decide(original, byCompiler: false);
        return refusal;
    }

    private Refusal? Decide(ISymbol symbol, bool byCompiler)
    {
        if (symbol is IMethodSymbol { MethodKind: MethodKind.BuiltinOperator or MethodKind.AnonymousFunction }) return null;
        if (IsOwn(symbol)) return DecideOwn(symbol, byCompiler);
        if (symbol.ContainingType is null) return new(CheckCodes.NotAllowed, $"'{symbol.Name}' is nobody's member.", "Write it differently.");
        if (symbol.ContainingType.TypeKind is TypeKind.Array or TypeKind.Dynamic or TypeKind.FunctionPointer)
            return new(CheckCodes.Reflection, $"'{symbol.Name}' is refused.", "Name the type.");
        var member = MemberNames.Member(symbol);
        var permission = list.Member(member, symbol.ContainingAssembly?.Name);
        if (symbol.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal) && permission != Permission.Rewriter)
            permission = Permission.Nobody;
        var ok = permission switch
        {
            Permission.Playbook => true,
            Permission.Capped => true,
            Permission.Replaced => !rewritten || byCompiler,
            Permission.Rewriter => rewritten,
            Permission.Compiler => byCompiler || rewritten,
            _ => false,
        };
        if (ok) return null;
        var (code, remedy) = Remedy(member);
        return new(code, $"{Say(symbol)} is refused: {(permission == Permission.Nobody ? "it is not on the allow-list" : "only the engine may use it")}.", remedy);
    }

    private Refusal? DecideOwn(ISymbol symbol, bool byCompiler)
    {
        if (symbol.Name is "GetHashCode" && !byCompiler)
            return new(CheckCodes.HashCode, $"{Say(symbol)} is refused: hash codes differ from process to process.", "Compare values, or use a key that you chose.");
        if (symbol.Name is "EqualityContract" or "get_EqualityContract" or "PrintMembers")
            return new(CheckCodes.Reflection, $"{Say(symbol)} is refused: it is reflection.", "Use 'is' or a switch on patterns.");
        if (!rewritten && symbol.ContainingType is { } type && IsPlaybookClass(type)
            && symbol is not IMethodSymbol { MethodKind: MethodKind.LocalFunction or MethodKind.AnonymousFunction })
            return new(CheckCodes.Engine, $"'{symbol.Name}' is the engine's.", "Use RunAgain(…) to begin again; local functions for everything else.");
        return null;
    }

    /// <summary>The parameters of an amplifier that are capped; null for every other method.</summary>
    public IReadOnlySet<string>? SizesOf(IMethodSymbol method) => list.Sizes.GetValueOrDefault(MemberNames.Member(method));

    /// <summary>True for what the rewriter replaces by its name: as a delegate it would keep the name it has.</summary>
    public bool IsReplaced(IMethodSymbol method) => list.Member(MemberNames.Member(method)) == Permission.Replaced;

    /// <summary>Null when the type, its arguments and its elements may be used.</summary>
    public Refusal? RefusesType(ITypeSymbol type, bool implicitly)
    {
        var known = implicitly ? typesByCompiler : types;
        if (!known.TryGetValue(type, out var refusal))
        {
            known[type] = null; // a type that mentions itself
            known[type] = refusal = DecideType(type, implicitly);
        }

        return refusal;
    }

    private Refusal? DecideType(ITypeSymbol type, bool implicitly)
    {
        switch (type)
        {
            case IArrayTypeSymbol array: return RefusesType(array.ElementType, implicitly);
            case IDynamicTypeSymbol: return new(CheckCodes.Reflection, "'dynamic' is refused: it is reflection.", "Name the type, or read JSON through JsonElement.");
            case IPointerTypeSymbol or IFunctionPointerTypeSymbol: return new(CheckCodes.Unsafe, $"The type '{type.ToDisplayString()}' is a pointer.", "Use arrays, lists and records.");
            case ITypeParameterSymbol: return rewritten ? null : new(CheckCodes.Declaration, $"The type parameter '{type.Name}' is refused.", "Name the type.");
            case IErrorTypeSymbol: return null; // the compiler reports it, and an assembly is never made of it
            case INamedTypeSymbol named:
                foreach (var argument in named.TypeArguments)
                    if (RefusesType(argument, implicitly) is { } inner) return inner;
                if (named is { IsAnonymousType: true, TypeKind: TypeKind.Delegate })
                    return rewritten ? null : new(CheckCodes.Declaration, "A lambda with ref, params or default parameters needs a delegate type of its own, which playbooks do not have.", "Use a local function.");
                if (named.IsAnonymousType)
                    return named.GetMembers().OfType<IPropertySymbol>().Select(p => RefusesType(p.Type, implicitly)).FirstOrDefault(r => r is not null);
                if (IsOwn(named.OriginalDefinition))
                {
                    // The class that the playbook's text is wrapped in is no word of the language.
                    return rewritten || implicitly || !IsPlaybookClass(named) ? null : new(CheckCodes.Engine, $"'{named.Name}' is the engine's.", "Leave it out.");
                }

                var (permission, name) = Of(named);
                if (permission is Permission.Playbook or Permission.Capped || (permission == Permission.Compiler && (implicitly || rewritten)) || (permission == Permission.Rewriter && (rewritten || implicitly)))
                    return null;
                var (code, remedy) = Remedy(name);
                return new(code, $"The type '{named.ToDisplayString()}' is refused: it is not on the allow-list.", remedy);
            default:
                return new(CheckCodes.NotAllowed, $"The type '{type.ToDisplayString()}' is refused.", "Use a listed type.");
        }
    }

    /// <summary>What is allowed in general and not in this form: orders by culture, formats without end.</summary>
    public IEnumerable<Finding> Habits(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (SortsByKey.Contains(method.Name) && !IsOwn(method) && !method.Parameters.Any(p => p.Type.Name is "IComparer" or "Comparison" or "StringComparer")
            && SortKey(method) is { } key && HoldsText(key))
        {
            yield return new(CheckCodes.Culture, OperationGate.NameOf(call.Syntax).GetLocation(), $"'{method.Name}' sorts texts by culture.",
                $"Say how: {method.Name}(…, StringComparer.Ordinal).");
        }

        if (method is { Name: "Ask", ContainingType.Name: "Script" } && Said(call, "escalateTo") is { } escalation && Said(call, "within") is null)
            yield return new(CheckCodes.NoEnd, escalation.GetLocation(), "'escalateTo:' comes in at half of the time, and this question has no end.", "Say how long it may take: within: 30.Minutes.");
        if (DateFormat(call) is { } date) yield return date;
        if (WrittenPattern(call) is { } pattern) yield return pattern;
        if (method.Name is "Join" or "Concat" or "AppendJoin" && method.TypeArguments is [var element] && IsException(element))
            yield return new(CheckCodes.ExceptionText, call.Syntax.GetLocation(), "Exceptions as text hold their stack traces, which differ from process to process.", "Join their messages: Select(e => e.Message).");
        if (method is { Name: "ToString", IsStatic: false } && method.Parameters.Length > 0 && method.Parameters[0].Type.SpecialType == SpecialType.System_String)
        {
            var format = call.Arguments.First(a => a.Parameter?.Ordinal == 0).Value;
            if (format.ConstantValue is not { HasValue: true } constant || (constant.Value is string text && !FormatIsModest(text)))
                yield return new(CheckCodes.Size, format.Syntax.GetLocation(), "A format is a constant of less than 1,000 digits.", "Write the format as a literal.");
        }
    }

    /// <summary>What the call says for this parameter; null when it leaves it to its default.</summary>
    private static SyntaxNode? Said(IInvocationOperation call, string parameter) =>
        call.Arguments.FirstOrDefault(a => a.Parameter?.Name == parameter && a.ArgumentKind != ArgumentKind.DefaultValue)?.Syntax;

    /// <summary>Methods whose arguments decide whether they may be called; as a delegate nobody could look at these.</summary>
    public static bool OnlyToBeCalled(IMethodSymbol method) =>
        method.Name is "ParseExact" or "TryParseExact"
        || (method is { Name: "ToString", IsStatic: false, Parameters: [{ Type.SpecialType: SpecialType.System_String }, ..] } && method.ContainingType.TypeKind != TypeKind.Class)
        || (SortsByKey.Contains(method.Name) && method.ContainingType.ContainingNamespace is { Name: "Linq" or "Generic" or "System" });

    /// <summary>A date is read by a constant format that has a whole date; what is missing would be today's.</summary>
    public static Finding? DateFormat(IInvocationOperation call)
    {
        if (call.TargetMethod is not { Name: "ParseExact" or "TryParseExact", ContainingType.Name: "DateTime" or "DateTimeOffset" or "DateOnly" }) return null;
        var format = call.Arguments.First(a => a.Parameter?.Ordinal == 1).Value;
        if (format.ConstantValue is { HasValue: true, Value: string text }
            && (text is "o" or "O" or "r" or "R" or "s" or "u" || (text.Contains("yy", StringComparison.Ordinal) && text.Contains('M', StringComparison.Ordinal) && text.Contains('d', StringComparison.Ordinal))))
            return null;
        return new(CheckCodes.Clock, format.Syntax.GetLocation(), "This format is not a constant with year, month and day: what is missing would be today's.", "Write a literal such as \"yyyy-MM-dd HH:mm\" or \"O\".");
    }

    /// <summary>A pattern that is written in place is read now, not when the playbook meets the text it is for.</summary>
    private Finding? WrittenPattern(IInvocationOperation call)
    {
        if (!IsLanguage(call.TargetMethod) || call.TargetMethod.ContainingType.Name != "Regex") return null;
        if (call.Arguments.FirstOrDefault(a => a.Parameter?.Name == "pattern")?.Value is not { ConstantValue: { HasValue: true, Value: string pattern } } written) return null;
        var options = call.Arguments.FirstOrDefault(a => a.Parameter?.Name == "options")?.Value.ConstantValue is { HasValue: true, Value: int flags } ? (Soar.Language.RegexOptions)flags : Soar.Language.RegexOptions.None;
        try
        {
            _ = Soar.Language.Patterns.Pattern.Of(pattern, options);
            return null;
        }
        catch (ArgumentException wrong)
        {
            return new(CheckCodes.Pattern, written.Syntax.GetLocation(), wrong.Message, "What patterns are made of stands in language.md, \"Patterns\".");
        }
    }

    private static readonly HashSet<string> SortsByKey = new(StringComparer.Ordinal)
    {
        "OrderBy", "OrderByDescending", "ThenBy", "ThenByDescending", "Order", "OrderDescending", "Sort", "BinarySearch", "Min", "Max", "MinBy", "MaxBy",
    };

    private static ITypeSymbol? SortKey(IMethodSymbol method) => method.Name switch
    {
        "Sort" or "BinarySearch" => method.ContainingType.TypeArguments.FirstOrDefault() ?? method.TypeArguments.FirstOrDefault(),
        "Min" or "Max" => method.ReturnType,
        _ => method.TypeArguments.LastOrDefault(),
    };

    public static bool HoldsText(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_String || (type is INamedTypeSymbol { IsTupleType: true } tuple && tuple.TupleElements.Any(e => HoldsText(e.Type)));

    [GeneratedRegex("[0-9]{4}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FourDigits { get; }

    public static bool FormatIsModest(string format) => format.Length <= 200 && !FourDigits.IsMatch(format);

    public bool ComparesPlainly(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_String or SpecialType.System_Boolean or SpecialType.System_Char or SpecialType.System_Int32 or SpecialType.System_Int64
            or SpecialType.System_Double or SpecialType.System_Decimal or SpecialType.System_Byte or SpecialType.System_Int16 or SpecialType.System_UInt32 or SpecialType.System_UInt64
        || type.TypeKind == TypeKind.Enum
        || (type is INamedTypeSymbol { IsTupleType: true } tuple && tuple.TupleElements.All(e => ComparesPlainly(e.Type)))
        || type.GetMembers("op_Equality").OfType<IMethodSymbol>().Any(m => Refuses(m, byCompiler: false) is null);

    public static bool IsException(ITypeSymbol? type)
    {
        for (var at = type; at is not null; at = at.BaseType)
            if (at.Name == "Exception" && Space(at) == "System") return true;
        return false;
    }

    public static bool IsStep(ITypeSymbol? type)
    {
        for (var at = type; at is not null; at = at.BaseType)
            if (at.Name == "Step" && Space(at) == Language) return true;
        return false;
    }

    public static bool IsTask(ITypeSymbol? type) => type is { Name: "Task" or "ValueTask" } && Space(type) == "System.Threading.Tasks";

    public static bool HoldsStep(ITypeSymbol type) => Holds(type, IsStep);

    public static bool HoldsTask(ITypeSymbol type) => Holds(type, IsTask);

    private static bool Holds(ITypeSymbol type, Func<ITypeSymbol, bool> test) =>
        test(type) || type switch
        {
            IArrayTypeSymbol array => Holds(array.ElementType, test),
            INamedTypeSymbol named => named.TypeArguments.Any(a => Holds(a, test)),
            _ => false,
        };

    public static bool IsSite(ITypeSymbol type) => (type.Name == "Site" && Space(type) == Language) || (type is INamedTypeSymbol { Name: "Nullable" } nullable && nullable.TypeArguments.Any(IsSite));

    public static bool IsCapped(IMethodSymbol method) => method.ContainingType is { Name: "Capped" } type && Space(type) == Language;

    public bool IsLanguage(IMethodSymbol method) => method.ContainingType is { } type && !IsOwn(type.OriginalDefinition) && Space(type) == Language;

    public static bool IsPlaybookClass(ITypeSymbol type)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
            if (at.Name == "Script" && Space(at) == Language) return true;
        return false;
    }

    private const string Language = "Soar.Language";

    private static string Space(ITypeSymbol type) => type.ContainingNamespace?.ToDisplayString() ?? "";

    private (string Code, string Remedy) Remedy(string member)
    {
        var remedy = list.Remedy(member);
        if (string.IsNullOrEmpty(remedy)) return (CheckCodes.NotAllowed, "Use what language.md names, or a capability.");
        return remedy.StartsWith("SOAR", StringComparison.Ordinal) ? (remedy[..8], remedy[8..].Trim()) : (CheckCodes.NotAllowed, remedy);
    }

    private static string Say(ISymbol symbol)
    {
        if (symbol is IMethodSymbol { AssociatedSymbol: { } property }) symbol = property;
        return symbol is IMethodSymbol { MethodKind: MethodKind.Constructor }
            ? $"'new {symbol.ContainingType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}({string.Join(", ", ((IMethodSymbol)symbol).Parameters.Select(p => p.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)))})'"
            : $"'{symbol.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)}'";
    }
}
