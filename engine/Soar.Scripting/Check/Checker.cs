using Microsoft.CodeAnalysis;

namespace Soar.Scripting.Check;

/// <summary>
/// Refuses what a playbook must not do, in five gates that each fail closed (see adr/0003-checker.md): syntax, operations, symbols, declarations, and the
/// emitted assembly. The compiler calls them in this order and stops before it emits or loads anything that one of them refused.
/// </summary>
public static class Checker
{
    /// <summary>Gate a, on the playbook's own text as parsed alone.</summary>
    public static IReadOnlyList<Finding> CheckSyntax(SyntaxTree tree) => SyntaxGate.Check(tree.GetRoot(), AllowList.Shipped);

    /// <summary>
    /// Gates b, c and d, on bound code: once on the playbook as written (<paramref name="rewritten"/> false), once as rewritten.
    /// </summary>
    /// <param name="compilation">With everything the playbook may refer to; what its capabilities bring is read from here.</param>
    /// <param name="model">Of the tree that holds the roots.</param>
    /// <param name="roots">The playbook's statements and type declarations; in rewritten code the whole class and the types.</param>
    /// <param name="rewritten">True for what the rewriter made: its meter and caps are allowed, and what it should have replaced is refused.</param>
    public static IReadOnlyList<Finding> CheckOperations(Compilation compilation, SemanticModel model, IEnumerable<SyntaxNode> roots, bool rewritten)
    {
        var list = AllowList.Shipped.With(compilation);
        var nodes = roots.ToList();
        List<Finding> findings = [.. nodes.SelectMany(root => DeclarationGate.Check(model, root, rewritten))];
        findings.AddRange(new OperationGate(compilation, model, list, rewritten).Check(nodes));
        return [.. findings
            .OrderBy(f => f.Location.SourceSpan.Start).ThenBy(f => f.Location.SourceSpan.End).ThenBy(f => f.Code, StringComparer.Ordinal)
            .DistinctBy(f => (f.Location.SourceSpan, f.Code))];
    }

    /// <summary>Gate e, on the emitted assembly's tables: what it refers to, imports and derives from.</summary>
    /// <param name="assembly">The portable executable as it would be loaded.</param>
    /// <param name="compilation">The compilation that it was emitted from, for what its capabilities bring.</param>
    public static IReadOnlyList<Finding> CheckAssembly(ReadOnlyMemory<byte> assembly, Compilation compilation) =>
        AssemblyGate.Check(assembly, AllowList.Shipped.With(compilation));
}
