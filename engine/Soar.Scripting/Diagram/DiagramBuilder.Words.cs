using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

internal sealed partial class DiagramBuilder
{
    // ---- small questions

    private bool IsStep(ExpressionSyntax core) => StepsIn(core) is [var first, ..] && first == core;

    /// <summary>The steps that an expression makes, outermost first.</summary>
    private List<ExpressionSyntax> StepsIn(ExpressionSyntax expression)
    {
        stepSpans ??= [.. titles.Steps.Select(step => step.Span)];
        return [.. expression.DescendantNodesAndSelf().OfType<ExpressionSyntax>().Where(node => node is InvocationExpressionSyntax or ElementAccessExpressionSyntax && stepSpans.Contains(node.Span))];
    }

    private HashSet<TextSpan>? stepSpans;

    private void Arguments(InvocationExpressionSyntax call)
    {
        if (flow.Contains(call.ArgumentList)) Walk(call.ArgumentList, call);
        if (call.Expression is MemberAccessExpressionSyntax access && flow.Contains(access)) Walk(access, call);
    }

    private static bool IsOption(ArgumentSyntax argument) => argument.NameColon is { Name.Identifier.ValueText: not ("steps" or "first" or "second") };

    private DiagramGroup Combinator(DiagramGroup group, InvocationExpressionSyntax call, StepSite site, AwaitExpressionSyntax? wait) => group with
    {
        StepId = site.Id,
        Action = site.Action,
        Result = ResultOf(wait),
        Modifiers = [.. call.ArgumentList.Arguments.Where(argument => argument.NameColon is { Name.Identifier.ValueText: not ("items" or "body" or "steps") }).Select(argument => OneLine(argument)), .. ModifiersOf(call)],
    };

    private ImmutableArray<string> ModifiersOf(ExpressionSyntax core) =>
    [
        .. StepSyntax.ModifiersOf(core).Where(modifier => modifier.Name != "Titled").Select(modifier => $"{modifier.Name}({string.Join(", ", modifier.Call.ArgumentList.Arguments.Select(argument => OneLine(argument)))})"),
        .. StepSyntax.IsBuiltIn(core) && core is InvocationExpressionSyntax call && !StepSyntax.Lanes.Contains(StepSyntax.NameOf(call)!) && !StepSyntax.ItemLoops.Contains(StepSyntax.NameOf(call)!)
            ? call.ArgumentList.Arguments.Where(argument => argument.NameColon is { Name.Identifier.ValueText: "within" or "quorum" or "escalateTo" or "fourEyes" }).Select(argument => OneLine(argument))
            : [],
    ];

    private static string Name(ExpressionSyntax core, StepSite site)
    {
        if (core is ElementAccessExpressionSyntax) return Short(OneLine(core));
        if (site.Capability is { } capability) return site.Instance is { } instance ? $"{capability}[{instance}].{site.Action}" : $"{capability}.{site.Action}";
        if (site.Action == "Run" && core is InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: LiteralExpressionSyntax { Token.Value: string playbook } }, ..] }) return "Run " + playbook;
        return StepSyntax.ReceiverOf(core) is { } receiver ? $"{Short(OneLine(receiver), 32)}.{site.Action}" : Spaced(site.Action);
    }

    // A text as people read it: without the quotes around it.
    private static string Plain(ExpressionSyntax expression) => expression switch
    {
        LiteralExpressionSyntax { Token.Value: string text } => string.Join(' ', text.Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)),
        InterpolatedStringExpressionSyntax text => string.Join(' ', string.Concat(text.Contents.Select(part => part is InterpolatedStringTextSyntax words ? words.TextToken.ValueText : part.ToString())).Split((char[])['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)),
        _ => OneLine(expression),
    };

    // FalsePositive → False positive.
    private static string Spaced(string name)
    {
        if (name.Any(c => !char.IsLetterOrDigit(c)) || name.Length == 0) return name;
        var words = Titles.Kebab(name).Replace('-', ' ');
        return words.Length == 0 ? name : char.ToUpperInvariant(words[0]) + words[1..];
    }

    // The title of a statement, for what stands at its very top: the awaited call or the choice itself, not one of its parts.
    private string? TitleAbove(SyntaxNode? node)
    {
        while (node is not null)
        {
            node = node.Parent;
            if (node is ExpressionStatementSyntax or LocalDeclarationStatementSyntax or ReturnStatementSyntax) return titles.TitleOf(node);
            if (node is not (ParenthesizedExpressionSyntax or AwaitExpressionSyntax or CastExpressionSyntax or AssignmentExpressionSyntax or EqualsValueClauseSyntax or VariableDeclaratorSyntax or VariableDeclarationSyntax)) return null;
        }
        return null;
    }

    // What a person reads of code: that it is awaited, the picture shows.
    private static string Quiet(ExpressionSyntax expression) => Quiet(OneLine(expression));

    private static string Quiet(string source) => source.Replace("await ", "", StringComparison.Ordinal);

    private static Func<DiagramNode, DiagramNode> Taking(AwaitExpressionSyntax? wait) => node => node with { Result = ResultOf(wait) };

    private static string? ResultOf(AwaitExpressionSyntax? wait)
    {
        if (wait is null) return null;
        SyntaxNode node = wait;
        while (node.Parent is ParenthesizedExpressionSyntax or CastExpressionSyntax) node = node.Parent;
        return node.Parent switch
        {
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax variable } => variable.Identifier.ValueText,
            AssignmentExpressionSyntax assignment when assignment.Right == node => OneLine(assignment.Left is DeclarationExpressionSyntax declared ? declared.Designation : assignment.Left),
            _ => null,
        };
    }
}
