using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Errors;
using Soar.Scripting.Check;
using Soar.Scripting.Edit;

namespace Soar.Scripting.Compile;

/// <summary>What the C# compiler reports, as somebody is told who knows playbooks and not our frame around them: what is wrong, and what to write instead.</summary>
/// <param name="Code">The compiler's own; one of ours where what it does not find is something that playbooks do not have.</param>
internal sealed record CompilerWord(string Code, string Message, string Remedy);

/// <summary>Puts the compiler's reports into these words.</summary>
internal sealed partial class CompilerWords(PlaybookSurface surface, CSharpCompilation compilation, SemanticModel model)
{
    private const int ManyMembers = 16;

    private readonly Lazy<AllowList> list = new(() => AllowList.Shipped.With(compilation));

    public CompilerWord Of(Diagnostic diagnostic)
    {
        var message = Said(diagnostic.GetMessage(CultureInfo.InvariantCulture));
        var place = diagnostic.Location.SourceTree?.GetRoot().FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        var name = place as SimpleNameSyntax ?? place?.ChildNodes().OfType<SimpleNameSyntax>().LastOrDefault();
        return diagnostic.Id switch
        {
            "CS0103" or "CS0246" when name is not null && new RefusedNames(compilation, list.Value).Of(name) is { } refused => refused,
            "CS0234" or "CS1069" when place?.FirstAncestorOrSelf<NameSyntax>(outer => outer.Parent is not NameSyntax) is { } whole && new RefusedNames(compilation, list.Value).Qualified(whole) is { } refused => refused,
            _ => new(diagnostic.Id, message, Remedy(diagnostic.Id, message, place, name)),
        };
    }

    private string Remedy(string code, string message, SyntaxNode? place, SimpleNameSyntax? name) => code switch
    {
        "CS0126" or "CS0161" => "Return an outcome: return Outcome.Completed();",
        "CS1061" or "CS8129" or "CS8130" or "CS0029" or "CS0266" or "CS1503" or "CS0019" or "CS1579" when StepWord().IsMatch(message) => "A step gives its result when it is awaited: write await before it.",
        "CS0103" or "CS0246" or "CS0234" when name is not null => UnknownName(name),
        "CS1061" or "CS0117" when name is not null => UnknownMember(name),
        "CS1739" when place is not null => UnknownParameter(message, place),
        "CS7036" or "CS1501" or "CS1729" when place is not null && Called(place) is { } method => $"Write {Shape(method)}.",
        "CS1503" or "CS0029" or "CS0266" or "CS0019" => new Conversions(compilation).Remedy(message, place),
        "CS8602" or "CS8604" or "CS8629" when place is ExpressionSyntax or ArgumentSyntax => $"It may be null: test it first, if ({place} is {{ }} known), and use what is known.",
        "CS0034" or "CS0121" => "Name the parameter or the type to say which one is meant.",
        _ => "",
    };

    private string UnknownName(SimpleNameSyntax name)
    {
        var word = name.Identifier.ValueText;
        if (Nearest.To(word, Offered(name)) is { } meant) return $"Did you mean '{meant}'?";
        return word is [>= 'A' and <= 'Z', ..]
            ? $"This deployment's capabilities are {string.Join(", ", surface.Capabilities)}."
            : "Declare it before this line with var, or as an Input; 'soar actions' and language.md say what is in scope.";
    }

    private string UnknownMember(SimpleNameSyntax name)
    {
        var known = Offered(name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (Nearest.To(name.Identifier.ValueText, known) is { } meant) return $"Did you mean '{meant}'?";
        var own = known.Except(["Equals", "ToString", "CompareTo", "Deconstruct"]).ToList();
        return own.Count is > 0 and <= ManyMembers ? $"It has {string.Join(", ", own)}." : "";
    }

    private IEnumerable<string> Offered(SimpleNameSyntax name)
    {
        var judge = new SymbolJudge(compilation, list.Value, rewritten: false);
        return Offer.At(model, name.Identifier).Where(symbol => symbol.CanBeReferencedByName && Offer.IsOffered(symbol, judge, except: name.Identifier.ValueText)).Select(symbol => symbol.Name);
    }

    private string UnknownParameter(string message, SyntaxNode place)
    {
        if (Called(place) is not { } method) return "";
        var word = message.Split('\'') is [_, _, _, var parameter, ..] ? parameter : "";
        return Nearest.To(word, method.Parameters.Select(p => p.Name)) is { } meant ? $"Did you mean '{meant}:'?" : $"Write {Shape(method)}.";
    }

    /// <summary>What the call around this place means to call, where it is one thing only.</summary>
    private IMethodSymbol? Called(SyntaxNode place)
    {
        if (place.FirstAncestorOrSelf<SyntaxNode>(node => node is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax) is not { } call) return null;
        var info = model.GetSymbolInfo(call);
        var methods = info.Symbol is IMethodSymbol found ? [found] : info.CandidateSymbols.OfType<IMethodSymbol>().ToList();
        // A record has a second constructor, that of its copies, which nobody calls.
        if (call is BaseObjectCreationExpressionSyntax) methods.RemoveAll(method => method.Parameters is [{ Type: var only }] && SymbolEqualityComparer.Default.Equals(only, method.ContainingType));
        return methods.Count == 1 ? methods[0] : null;
    }

    private static string Shape(IMethodSymbol method)
    {
        var signature = Offer.Signature(method, withType: false);
        if (method.MethodKind == MethodKind.Constructor) return $"new {signature}";
        return method.ContainingType is { BaseType.Name: nameof(Language.Facade) } facade ? $"{facade.Name[..^nameof(Language.Facade).Length]}.{signature}" : signature;
    }

    /// <summary>
    /// Without what an author of playbooks cannot follow: there are no references to add, a facade is the capability, the namespaces are in scope, and nobody writes the place of a call.
    /// </summary>
    private static string Said(string message)
    {
        foreach (var from in (ReadOnlySpan<string>)[" and no accessible extension method ", " (are you missing a "])
        {
            if (message.IndexOf(from, StringComparison.Ordinal) is > 0 and var at) message = message[..at];
        }

        message = HiddenPlace().Replace(OurNamespace().Replace(message, ""), match => match.Value[0] == '(' ? "()" : ")");
        return FacadeName().Replace(message, "").Replace("'ThisPlaybook.", "'", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\bSoar\.((Capabilities|Language|Facades|Playbooks)\.)?(?=[A-Z])", RegexOptions.None, 1000)]
    private static partial Regex OurNamespace();

    [GeneratedRegex(@"(, |\()Site( \w+ = default\(\w*\))?\)", RegexOptions.None, 1000)]
    private static partial Regex HiddenPlace();

    [GeneratedRegex(@"(?<=\w)Facade(?=['.?\]>,)])", RegexOptions.None, 1000)]
    private static partial Regex FacadeName();

    [GeneratedRegex(@"\bStep\b", RegexOptions.None, 1000)]
    private static partial Regex StepWord();
}
