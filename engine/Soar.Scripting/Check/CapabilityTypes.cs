using Microsoft.CodeAnalysis;

namespace Soar.Scripting.Check;

/// <summary>The data types that a deployment's capabilities bring: what their actions take and return, and what those are made of.</summary>
internal static class CapabilityTypes
{
    private const string Mark = "Soar.Capabilities.CapabilityAttribute";

    public static IReadOnlyCollection<INamedTypeSymbol> Of(Compilation compilation)
    {
        var found = new HashSet<INamedTypeSymbol>(SymbolEqualityComparer.Default);
        foreach (var reference in compilation.References)
        {
            if (compilation.GetAssemblyOrModuleSymbol(reference) is not IAssemblySymbol assembly || !MayBringCapabilities(assembly)) continue;
            foreach (var type in Types(assembly.GlobalNamespace))
            {
                if (type.TypeKind != TypeKind.Interface || !type.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == Mark)) continue;
                foreach (var method in type.GetMembers().OfType<IMethodSymbol>())
                {
                    Reach(method.ReturnType, assembly, found);
                    // The last two are the engine's: context and cancellation.
                    foreach (var parameter in method.Parameters.SkipLast(2)) Reach(parameter.Type, assembly, found);
                }
            }
        }

        return found;
    }

    private static bool MayBringCapabilities(IAssemblySymbol assembly) =>
        assembly.Name == "Soar.Core" || assembly.Modules.Any(m => m.ReferencedAssemblies.Any(r => r.Name == "Soar.Core"));

    private static void Reach(ITypeSymbol type, IAssemblySymbol home, HashSet<INamedTypeSymbol> found)
    {
        if (type is IArrayTypeSymbol array)
        {
            Reach(array.ElementType, home, found);
            return;
        }

        if (type is not INamedTypeSymbol named) return;
        foreach (var argument in named.TypeArguments) Reach(argument, home, found);
        if (!SymbolEqualityComparer.Default.Equals(named.ContainingAssembly, home) || named.DeclaredAccessibility != Accessibility.Public) return;
        if (!(named.IsRecord || named.TypeKind == TypeKind.Enum) || !found.Add(named.OriginalDefinition)) return;
        foreach (var property in named.GetMembers().OfType<IPropertySymbol>())
            if (property is { DeclaredAccessibility: Accessibility.Public, IsStatic: false }) Reach(property.Type, home, found);
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceSymbol space) =>
        space.GetTypeMembers().Concat(space.GetNamespaceMembers().SelectMany(Types));
}
