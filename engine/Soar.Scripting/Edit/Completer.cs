using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Scripting.Check;
using Soar.Scripting.Compile;

namespace Soar.Scripting.Edit;

/// <summary>What kind of thing a completion names.</summary>
public enum CompletionKind
{
    Capability,
    Action,
    Method,
    Property,
    Type,
    Value,
    Local,
}

/// <summary>Something that may be written at a place in a playbook.</summary>
/// <param name="Name">The text to write.</param>
/// <param name="Signature">As C# declares it; of the first overload.</param>
/// <param name="Overloads">How many more there are of this name.</param>
/// <param name="DocumentationId">Finds its documentation (<c>M:Soar.Facades.FirewallFacade.Block(…)</c>); empty for locals.</param>
public sealed record Completion(string Name, CompletionKind Kind, string Signature, int Overloads, string DocumentationId)
{
    /// <summary>What it does, one paragraph; empty where nothing is written about it.</summary>
    public string Summary { get; init; } = "";
}

/// <summary>
/// Tells what may be written at a place: the members of what stands before the dot, else everything in scope. Only what the checker would let pass is offered, third parties'
/// capabilities included. The text may be as unfinished as texts are while somebody writes.
/// </summary>
internal sealed class Completer(CSharpCompilation empty)
{
    // Stands where the name is missing that somebody is about to write, so that the parser sees one.
    private const string Marker = "soar_is_asked_here";

    public IReadOnlyList<Completion> At(string text, string file, int position, CancellationToken cancellation)
    {
        position = Math.Clamp(position, 0, text.Length);
        var start = position;
        while (start > 0 && IsPartOfName(text[start - 1])) start--;
        var end = position;
        while (end < text.Length && IsPartOfName(text[end])) end++;
        var begun = text[start..position];
        if (begun.Length > 0 && char.IsAsciiDigit(begun[0])) return [];

        var source = PlaybookSource.Parse(string.Concat(text.AsSpan(0, start), Marker, text.AsSpan(end)), file, cancellation, isInstrumented: true);
        var (splice, tree) = Splice.Bare(source, cancellation);
        var compilation = empty.AddSyntaxTrees(tree);
        var model = compilation.GetSemanticModel(tree);
        var token = tree.GetRoot(cancellation).FindToken(splice.ToWrapped(new(start, Marker.Length)).Start);
        if (token.ValueText != Marker) return []; // in a text, a comment, or where no name can stand

        var judge = new SymbolJudge(compilation, AllowList.Shipped.With(compilation), rewritten: false);
        return [.. Offer.At(model, token)
            .Where(symbol => symbol.CanBeReferencedByName && symbol.Name.StartsWith(begun, StringComparison.OrdinalIgnoreCase) && Offer.IsOffered(symbol, judge, Marker))
            .GroupBy(symbol => symbol.Name, StringComparer.Ordinal)
            .Select(same => Of([.. same]))
            .OrderBy(completion => completion.Kind).ThenBy(completion => completion.Name, StringComparer.Ordinal)];
    }

    private static bool IsPartOfName(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static Completion Of(IReadOnlyList<ISymbol> same)
    {
        var symbol = same.OrderBy(one => one is IMethodSymbol method ? method.Parameters.Length : 0).First();
        var kind = symbol switch
        {
            INamedTypeSymbol => CompletionKind.Type,
            IFieldSymbol => CompletionKind.Value,
            ILocalSymbol or IParameterSymbol or IRangeVariableSymbol or IMethodSymbol { MethodKind: MethodKind.LocalFunction } => CompletionKind.Local,
            IPropertySymbol { Type: INamedTypeSymbol { BaseType.Name: nameof(Language.Facade) }, ContainingType.Name: "PlaybookBase" } => CompletionKind.Capability,
            IMethodSymbol { ContainingType.BaseType.Name: nameof(Language.Facade) } => CompletionKind.Action,
            IMethodSymbol => CompletionKind.Method,
            _ => CompletionKind.Property,
        };
        return new(symbol.Name, kind, Offer.Signature(symbol), same.Count - 1, kind == CompletionKind.Local ? "" : symbol.GetDocumentationCommentId() ?? "");
    }
}
