using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting.Check;

/// <summary>
/// Gate d: what a playbook declares. Records, plain classes and enums of its own, deriving from nothing outside, with nothing static but pure functions, and
/// nothing that the runtime would call behind the playbook's back.
/// </summary>
internal static class DeclarationGate
{
    // Methods that some pattern of C# or of the runtime calls by name.
    private static readonly HashSet<string> CalledByName = new(StringComparer.Ordinal)
    {
        "GetAwaiter", "GetResult", "OnCompleted", "UnsafeOnCompleted", "GetEnumerator", "GetAsyncEnumerator", "MoveNext", "MoveNextAsync", "Dispose", "DisposeAsync", "GetHashCode",
        "Finalize", "PrintMembers", "EqualityContract", "GetType", "MemberwiseClone", "Main", "GetPinnableReference", "AppendLiteral", "AppendFormatted", "IsCompleted", "Slice",
    };

    public static IEnumerable<Finding> Check(SemanticModel model, SyntaxNode root, bool rewritten)
    {
        if (rewritten) yield break; // the rewriter adds no declarations that the playbook could have chosen
        foreach (var type in root.DescendantNodesAndSelf().OfType<BaseTypeDeclarationSyntax>())
        {
            if (model.GetDeclaredSymbol(type) is not { } symbol) continue;
            foreach (var finding in Bases(model, type, symbol)) yield return finding;
            if (type is TypeDeclarationSyntax declaration)
                foreach (var finding in Members(model, declaration)) yield return finding;
        }
    }

    private static IEnumerable<Finding> Bases(SemanticModel model, BaseTypeDeclarationSyntax type, INamedTypeSymbol symbol)
    {
        if (type is EnumDeclarationSyntax) yield break;
        foreach (var @base in type.BaseList?.Types ?? [])
        {
            if (model.GetTypeInfo(@base.Type).Type is { } outside && !SymbolEqualityComparer.Default.Equals(outside.OriginalDefinition.ContainingAssembly, symbol.ContainingAssembly))
                yield return new(CheckCodes.Derives, @base.Type.GetLocation(), $"'{symbol.Name}' derives from '{outside.ToDisplayString()}', which is not the playbook's own.", "Derive from records of this playbook only.");
            else if (model.GetTypeInfo(@base.Type).Type is INamedTypeSymbol own && SymbolJudge.IsPlaybookClass(own))
                yield return new(CheckCodes.Derives, @base.Type.GetLocation(), $"'{symbol.Name}' derives from the playbook itself.", "Derive from records of this playbook only.");
            if (@base is PrimaryConstructorBaseTypeSyntax primary)
                foreach (var finding in Creations(model, primary.ArgumentList)) yield return finding;
        }
    }

    private static IEnumerable<Finding> Members(SemanticModel model, TypeDeclarationSyntax type)
    {
        foreach (var member in type.Members)
        {
            switch (member)
            {
                case FieldDeclarationSyntax field:
                    if (field.Modifiers.Any(SyntaxKind.StaticKeyword) && !field.Modifiers.Any(SyntaxKind.ConstKeyword))
                        yield return new(CheckCodes.StaticState, field.GetLocation(), $"'{field.Declaration}' is static state.", "Use const, or a local variable.");
                    foreach (var variable in field.Declaration.Variables)
                        if (variable.Initializer is { } initializer)
                            foreach (var finding in Creations(model, initializer)) yield return finding;
                    break;
                case PropertyDeclarationSyntax property:
                    var stored = property.AccessorList?.Accessors.Any(a => a.Body is null && a.ExpressionBody is null) == true;
                    if (property.Modifiers.Any(SyntaxKind.StaticKeyword) && stored)
                        yield return new(CheckCodes.StaticState, property.Identifier.GetLocation(), $"The static property '{property.Identifier}' keeps a value.", "Use const, or compute it: static int X => …;");
                    if (CalledByName.Contains(property.Identifier.ValueText))
                        yield return Named(property.Identifier);
                    if (property.ExplicitInterfaceSpecifier is { } explicitly)
                        yield return new(CheckCodes.Derives, explicitly.GetLocation(), "Interfaces are not implemented in playbooks.", "Leave the interface's name out.");
                    if (property.Initializer is { } value)
                        foreach (var finding in Creations(model, value)) yield return finding;
                    break;
                case MethodDeclarationSyntax method:
                    if (CalledByName.Contains(method.Identifier.ValueText)) yield return Named(method.Identifier);
                    if (method.ExplicitInterfaceSpecifier is { } specifier)
                        yield return new(CheckCodes.Derives, specifier.GetLocation(), "Interfaces are not implemented in playbooks.", "Leave the interface's name out.");
                    break;
                case ConstructorDeclarationSyntax { Initializer: { } arguments }:
                    foreach (var finding in Creations(model, arguments)) yield return finding;
                    break;
                case BaseTypeDeclarationSyntax nested:
                    yield return new(CheckCodes.Declaration, nested.Identifier.GetLocation(), $"'{nested.Identifier}' is nested in '{type.Identifier}'.", "Declare it beside the others.");
                    break;
            }
        }
    }

    private static Finding Named(SyntaxToken name) => name.ValueText switch
    {
        "GetHashCode" => new(CheckCodes.HashCode, name.GetLocation(), "'GetHashCode' is refused: hash codes differ from process to process.", "Leave it out; records bring their own for dictionaries."),
        "GetAwaiter" or "GetResult" or "OnCompleted" or "UnsafeOnCompleted" or "IsCompleted" =>
            new(CheckCodes.Awaiter, name.GetLocation(), $"'{name.ValueText}' would be an awaiter of your own.", "Await steps only; choose another name."),
        _ => new(CheckCodes.Declaration, name.GetLocation(), $"'{name.ValueText}' is a name that C# or the runtime calls by itself.", "Choose another name."),
    };

    // Initialisers run before any metered code of the constructor: one that creates an object of the playbook's own can recurse unmetered.
    private static IEnumerable<Finding> Creations(SemanticModel model, SyntaxNode initializer)
    {
        foreach (var creation in initializer.DescendantNodesAndSelf().OfType<BaseObjectCreationExpressionSyntax>())
            if (model.GetTypeInfo(creation).Type is { } created && SymbolEqualityComparer.Default.Equals(created.OriginalDefinition.ContainingAssembly, model.Compilation.Assembly))
                yield return new(CheckCodes.Declaration, creation.GetLocation(), $"An initialiser creates '{created.Name}'.", "Create it where the record is made, and hand it over.");
        foreach (var with in initializer.DescendantNodesAndSelf().OfType<WithExpressionSyntax>())
            yield return new(CheckCodes.Declaration, with.GetLocation(), "An initialiser copies a record.", "Copy it where the record is made, and hand it over.");
    }
}
