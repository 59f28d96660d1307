using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Scripting.Check;

namespace Soar.Scripting.Edit;

/// <summary>What a playbook may write at a place: for editors that complete it, and for whoever has mistyped it.</summary>
internal static class Offer
{
    private static readonly SymbolDisplayFormat Shown = SymbolDisplayFormat.MinimallyQualifiedFormat
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType)
        .WithParameterOptions(SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeDefaultValue)
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>What is in scope at this name: the members of what stands before its dot, else everything.</summary>
    public static IEnumerable<ISymbol> At(SemanticModel model, SyntaxToken token)
    {
        var at = token.SpanStart;
        if (Before(token.Parent!) is not { } left) return model.LookupSymbols(at).Where(symbol => symbol is not INamespaceSymbol);
        // "Firewall." before a line that begins with a name is read as the beginning of a declaration: then its left side is asked as an expression.
        var symbol = model.GetSymbolInfo(left).Symbol ?? (left is ExpressionSyntax ? model.GetSpeculativeSymbolInfo(at, left, SpeculativeBindingOption.BindAsExpression).Symbol : null);
        if (symbol is INamedTypeSymbol named && symbol.Name == Name(left)) return model.LookupStaticMembers(at, named);
        var type = symbol is INamespaceSymbol or null or INamedTypeSymbol ? null : TypeOf(symbol);
        type ??= model.GetTypeInfo(left).Type is { TypeKind: not TypeKind.Error } bound ? bound : model.GetSpeculativeTypeInfo(at, left, SpeculativeBindingOption.BindAsExpression).Type;
        return type is null or { TypeKind: TypeKind.Error } ? [] : model.LookupSymbols(at, type, includeReducedExtensionMethods: true).Where(member => !member.IsStatic || member is IMethodSymbol { ReducedFrom: not null });
    }

    private static string Name(SyntaxNode left) => left is MemberAccessExpressionSyntax access ? access.Name.Identifier.ValueText : left is SimpleNameSyntax simple ? simple.Identifier.ValueText : "";

    private static ITypeSymbol? TypeOf(ISymbol symbol) => symbol switch
    {
        ILocalSymbol local => local.Type,
        IParameterSymbol parameter => parameter.Type,
        IPropertySymbol property => property.Type,
        IFieldSymbol field => field.Type,
        IRangeVariableSymbol => null,
        IMethodSymbol method => method.ReturnType,
        _ => null,
    };

    /// <summary>What stands before the dot; null when the name stands alone.</summary>
    private static ExpressionSyntax? Before(SyntaxNode name) => name.Parent switch
    {
        MemberAccessExpressionSyntax access when access.Name == name => access.Expression,
        MemberBindingExpressionSyntax binding when binding.Ancestors().OfType<ConditionalAccessExpressionSyntax>().FirstOrDefault() is { } conditional => conditional.Expression,
        QualifiedNameSyntax qualified when qualified.Right == name => qualified.Left,
        _ => null,
    };

    /// <summary>True for what the checker lets a playbook write.</summary>
    public static bool IsOffered(ISymbol symbol, SymbolJudge judge, string except) => symbol switch
    {
        ILocalSymbol or IParameterSymbol or IRangeVariableSymbol => symbol.Name != except,
        INamedTypeSymbol { BaseType.Name: nameof(Language.Facade) } or INamedTypeSymbol { Name: nameof(Language.Facade) } => false, // their properties are offered
        INamedTypeSymbol type => judge.Of(type).Permission == Permission.Playbook || type.Locations.Any(location => location.IsInSource),
        IPropertySymbol property => (property.GetMethod ?? property.SetMethod) is { } accessor && judge.Refuses(accessor, byCompiler: false) is null,
        IMethodSymbol { MethodKind: MethodKind.LocalFunction } => true,
        IMethodSymbol or IFieldSymbol => judge.Refuses(symbol, byCompiler: false) is null,
        _ => false,
    };

    /// <summary>As C# declares it, without what nobody writes: the place of a call is the rewriter's to tell.</summary>
    public static string Signature(ISymbol symbol, bool withType = true)
    {
        var text = symbol.ToDisplayString(withType ? Shown : Shown.RemoveMemberOptions(SymbolDisplayMemberOptions.IncludeType));
        return symbol is IMethodSymbol { Parameters: [.., { Type.Name: nameof(Language.Site) } site] } called
            ? text.Replace($"{(called.Parameters.Length > 1 ? ", " : "")}Site {site.Name} = default(Site)", "", StringComparison.Ordinal)
            : text;
    }
}
