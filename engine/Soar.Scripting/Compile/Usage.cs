using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting.Compile;

/// <summary>Which capabilities and actions a playbook uses, from what its names are bound to; and whether it reads an alert that nothing brings.</summary>
internal sealed class Usage(PlaybookSurface surface, SemanticModel model, Splice splice, PlaybookSource source)
{
    private readonly SortedSet<string> capabilities = new(StringComparer.Ordinal);
    private readonly SortedSet<string> actions = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Capabilities => [.. capabilities];
    public IReadOnlyList<string> Actions => [.. actions];

    public IEnumerable<PlaybookDiagnostic> Read(IEnumerable<SyntaxNode> roots, HeaderReading reading)
    {
        var findings = new List<PlaybookDiagnostic>();
        foreach (var name in roots.SelectMany(root => root.DescendantNodes()).OfType<SimpleNameSyntax>())
        {
            if (splice.ToBare(name.Span) is not { } span) continue;
            switch (model.GetSymbolInfo(name).Symbol)
            {
                case IMethodSymbol method when IsFacade(method.ContainingType): Action(method.ContainingType, method.Name); break;
                case IPropertySymbol property when property.ContainingType.Name == "PlaybookBase" && IsFacade(property.ContainingType):
                    if (surface.Capabilities.Contains(property.Name)) capabilities.Add(property.Name);
                    break;
                case IPropertySymbol { Name: "Alert", IsStatic: false } property when property.ContainingType.ToDisplayString() == "Soar.Language.Script":
                    Alert(span, reading, findings);
                    break;
            }
        }

        return findings;
    }

    private static bool IsFacade(INamedTypeSymbol? type) => type?.ContainingNamespace?.ToDisplayString() == "Soar.Facades";

    private void Action(INamedTypeSymbol facade, string method)
    {
        var owner = facade.Name.EndsWith("Facade", StringComparison.Ordinal) ? facade.Name[..^"Facade".Length] : facade.Name;
        if (!surface.Capabilities.Contains(owner)) return;
        capabilities.Add(owner);
        var id = $"{owner}.{method}".ToLowerInvariant();
        if (surface.Actions.Contains(id)) actions.Add(id);
    }

    private void Alert(Microsoft.CodeAnalysis.Text.TextSpan span, HeaderReading reading, List<PlaybookDiagnostic> findings)
    {
        if (reading.Header is null || reading.Header.Triggers.Any(trigger => trigger.Kind == "alert")) return;
        findings.Add(source.At(span, "SOAR1031", "No trigger of this playbook brings an alert.", "Add On.Alert(alert => …), or take what you need as an Input."));
    }
}
