using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Scripting.Check;

namespace Soar.Scripting.Compile;

/// <summary>
/// Names that the compiler does not know here and every C# author does: <c>Task.Delay</c>, <c>File.ReadAllText</c>, <c>HttpClient</c>. Their namespaces are not in scope, so that the checker never
/// sees them; what it would say helps more than that the name does not exist.
/// </summary>
internal sealed class RefusedNames(CSharpCompilation compilation, AllowList list)
{
    /// <summary>The refusal of a name that stands alone or before a dot; null where it is nobody's that the list has a word for.</summary>
    public CompilerWord? Of(SimpleNameSyntax name)
    {
        var word = name.Identifier.ValueText;
        var (shown, member) = name.Parent is MemberAccessExpressionSyntax access && access.Expression == name ? ($"{word}.{access.Name.Identifier.ValueText}", access.Name.Identifier.ValueText) : (word, null);
        foreach (var type in Named(compilation.GlobalNamespace, word).OrderBy(found => found.Arity == name.Arity ? 0 : 1).Select(MemberNames.OpenType).Concat(list.RefusedTypes(word)))
        {
            if (list.Type(type) == Permission.Playbook || (member is null && IsObscure(type))) continue;
            if ((member is not null ? list.Remedy($"{type}::{member}") : null) is { Length: > 0 } ofMember) return Word(shown, ofMember);
            if (list.Remedy(type) is { Length: > 0 } ofType) return Word(shown, ofType);
        }

        return null;
    }

    /// <summary>The refusal of a name with its namespace, of which nothing is there: <c>System.Timers.Timer</c>.</summary>
    public CompilerWord? Qualified(NameSyntax name) => list.Remedy(name.ToString()) is { Length: > 0 } remedy ? Word(name.ToString(), remedy) : null;

    // Missing, Pointer, Container: words that anybody may have mistyped, and few know as types.
    private static bool IsObscure(string type) => new[] { "System.Reflection.", "System.Runtime.", "System.ComponentModel.", "Microsoft." }.Any(space => type.StartsWith(space, StringComparison.Ordinal));

    private static CompilerWord? Word(string shown, string remedy) =>
        remedy.StartsWith("SOAR", StringComparison.Ordinal) ? new(remedy[..8], $"'{shown}' is refused: it is not on the allow-list.", remedy[8..].Trim()) : new(CheckCodes.NotAllowed, $"'{shown}' is refused: it is not on the allow-list.", remedy);

    // The framework's own, not what our assemblies keep to themselves.
    private static IEnumerable<INamedTypeSymbol> Named(INamespaceSymbol space, string name)
    {
        foreach (var type in space.GetTypeMembers(name))
            if (type.DeclaredAccessibility == Accessibility.Public) yield return type;
        foreach (var inner in space.GetNamespaceMembers())
        {
            if (space.IsGlobalNamespace && inner.Name is not ("System" or "Microsoft")) continue;
            foreach (var type in Named(inner, name)) yield return type;
        }
    }
}
