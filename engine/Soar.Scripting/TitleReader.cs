using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

/// <summary>One pass over the tree that finds steps, gives titles to them and numbers the rest. Linear in the size of the file.</summary>
internal sealed class TitleReader(SyntaxTree tree, CancellationToken cancellation)
{
    private readonly Dictionary<string, List<(TextSpan Scope, string Capability, string? Instance)>> bindings = [];
    private readonly HashSet<string> declared = [];
    private readonly HashSet<SyntaxNode> awaited = [];
    private readonly HashSet<SyntaxNode> produced = [];
    private readonly HashSet<TextSpan> headers = [];
    private readonly List<ExpressionSyntax> calls = [];
    private readonly List<StatementSyntax> statements = [];

    public Titles Read()
    {
        var root = tree.GetRoot(cancellation);
        Collect(root);
        var sites = new Dictionary<TextSpan, StepSite>();
        var taken = new HashSet<string>();
        var titled = GiveTitles(taken, out var duplicates);
        var next = new Dictionary<string, int>();

        // Recognised steps first, so that a plain call of the same name never shifts a step's number.
        foreach (var call in calls.Where(IsStep).Concat(calls.Where(call => !IsStep(call))))
        {
            var (capability, instance) = CapabilityOf(call);
            var action = StepSyntax.NameOf(call) ?? "Item";
            string? title = null;
            if (titled.TryGetValue(call, out var given)) title = given.Title;
            var id = given.Id ?? Number(BaseOf(call, capability), taken, next);
            var position = tree.GetLineSpan(call.Span).StartLinePosition;
            sites[call.Span] = new(id, title, call.Span, position.Line + 1, position.Character + 1, capability, action, instance);
        }
        var steps = calls.Where(IsStep).Select(call => sites[call.Span]).OrderBy(site => site.Span.Start).ToImmutableArray();
        return Titles.Create(tree, sites, steps, duplicates, headers);
    }

    private void Collect(SyntaxNode root)
    {
        foreach (var node in root.DescendantNodes(descendIntoTrivia: false))
        {
            cancellation.ThrowIfCancellationRequested();
            switch (node)
            {
                case StatementSyntax statement:
                    if (statement.Parent is GlobalStatementSyntax global && HeaderSyntax.Of(statement) is not null)
                    {
                        headers.Add(statement.Span);
                        headers.Add(global.Span);
                    }
                    else statements.Add(statement);
                    if (statement is LocalFunctionStatementSyntax function) declared.Add(function.Identifier.ValueText);
                    if (statement is ForEachStatementSyntax each) Bind(each.Identifier, each.Expression, each.Span);
                    break;
                case BaseTypeDeclarationSyntax type: declared.Add(type.Identifier.ValueText); break;
                case VariableDeclaratorSyntax { Initializer.Value: { } value } variable:
                    Bind(variable.Identifier, value, variable.FirstAncestorOrSelf<BlockSyntax>()?.Span ?? root.FullSpan);
                    break;
                case SimpleLambdaExpressionSyntax lambda when ItemsOf(lambda) is { } items: Bind(lambda.Parameter.Identifier, items, lambda.Span); break;
                case ParenthesizedLambdaExpressionSyntax { ParameterList.Parameters: [var only, ..] } lambda when ItemsOf(lambda) is { } items:
                    Bind(only.Identifier, items, lambda.Span);
                    break;
                case AwaitExpressionSyntax wait: Mark(wait.Expression, awaited); break;
                case InvocationExpressionSyntax call:
                    calls.Add(call);
                    if (StepSyntax.IsBuiltIn(call)) MarkArguments(call);
                    break;
                case ElementAccessExpressionSyntax access: calls.Add(access); break;
            }
        }
    }

    // What an awaited or handed-over expression may come to: through ?: and switch expressions there are several calls.
    private static void Mark(ExpressionSyntax expression, HashSet<SyntaxNode> into)
    {
        var core = StepSyntax.Core(expression);
        switch (core)
        {
            case ConditionalExpressionSyntax either:
                Mark(either.WhenTrue, into);
                Mark(either.WhenFalse, into);
                break;
            case SwitchExpressionSyntax choice:
                foreach (var arm in choice.Arms) Mark(arm.Expression, into);
                break;
            default: into.Add(core); break;
        }
    }

    private void MarkArguments(InvocationExpressionSyntax call)
    {
        var name = StepSyntax.NameOf(call)!;
        if (!StepSyntax.Lanes.Contains(name) && !StepSyntax.ItemLoops.Contains(name)) return;
        var steps = StepSyntax.Lanes.Contains(name);
        foreach (var argument in call.ArgumentList.Arguments)
        {
            if (argument.Expression is LambdaExpressionSyntax lambda)
            {
                if (lambda.ExpressionBody is { } body) Mark(body, produced);
                foreach (var result in lambda.Block?.Statements.OfType<ReturnStatementSyntax>() ?? [])
                    if (result.Expression is { } value) Mark(value, produced);
            }
            else if (steps && argument.Expression is CollectionExpressionSyntax list)
            {
                foreach (var element in list.Elements.OfType<ExpressionElementSyntax>()) Mark(element.Expression, produced);
            }
            else if (steps && argument.NameColon is null && StepSyntax.Core(argument.Expression) is InvocationExpressionSyntax)
            {
                Mark(argument.Expression, produced);
            }
        }
    }

    private bool IsStep(ExpressionSyntax call)
    {
        if (call.FirstAncestorOrSelf<GlobalStatementSyntax>() is { } global && headers.Contains(global.Span)) return false;
        if (call is InvocationExpressionSyntax { Expression: SimpleNameSyntax name })
            return !declared.Contains(name.Identifier.ValueText) && (StepSyntax.IsBuiltIn(call) || awaited.Contains(call));
        if (awaited.Contains(call)) return true;
        return call is InvocationExpressionSyntax && (produced.Contains(call) ? CapabilityOf(call).Capability is not null || !IsLinq(call) : IsFacade(call));
    }

    // Firewall.Block(x), Firewall["edge"].Block(x), firewall.Block(x) where firewall stands for instances of a capability.
    private bool IsFacade(ExpressionSyntax call)
    {
        if (IsLinq(call)) return false;
        return StepSyntax.ReceiverOf(call) switch
        {
            SimpleNameSyntax => CapabilityOf(call).Capability is not null,
            ElementAccessExpressionSyntax { Expression: SimpleNameSyntax } => CapabilityOf(call).Capability is not null,
            _ => false,
        };
    }

    private static bool IsLinq(ExpressionSyntax call) => StepSyntax.NameOf(call) is
        "Select" or "Where" or "ToList" or "ToArray" or "SelectMany" or "Concat" or "OrderBy" or "Take" or "First" or "Single" or "ToDictionary" or "Append" or "Zip" or "Any" or "All" or "Count" or "Contains";

    private Dictionary<SyntaxNode, (string? Id, string Title)> GiveTitles(HashSet<string> taken, out ImmutableArray<DuplicateTitle> duplicates)
    {
        var titled = new Dictionary<SyntaxNode, (string? Id, string Title)>();
        var first = new Dictionary<string, TextSpan>();
        var twice = ImmutableArray.CreateBuilder<DuplicateTitle>();
        var pending = new List<(StatementSyntax Statement, string Title, string Slug)>();
        foreach (var statement in statements)
        {
            if (Titles.Read(statement.GetFirstToken()) is not { } title) continue;
            if (statement.Parent is LabeledStatementSyntax) continue;   // the label's own statement has it already
            var slug = Titles.Slug(title);
            if (first.TryAdd(slug, statement.Span)) taken.Add(slug);
            else twice.Add(new(title, slug, statement.Span, first[slug]));
            pending.Add((statement, title, slug));
        }
        var next = new Dictionary<string, int>();
        var used = new HashSet<string>();
        foreach (var (statement, title, slug) in pending)
        {
            var id = used.Add(slug) ? slug : Number(slug, taken, next);
            if (FirstStep(statement) is { } step) titled[step] = (id, title);
        }
        duplicates = twice.ToImmutable();
        return titled;
    }

    private ExpressionSyntax? FirstStep(StatementSyntax statement)
    {
        if (statement is not (ExpressionStatementSyntax or LocalDeclarationStatementSyntax or ReturnStatementSyntax or ThrowStatementSyntax or YieldStatementSyntax)) return null;
        ExpressionSyntax? prepared = null;
        // A choice is named by the title itself; the steps on its ways keep their own ids.
        foreach (var node in statement.DescendantNodes(node => node is not AnonymousFunctionExpressionSyntax && !IsWay(node)))
        {
            if (IsWay(node)) continue;
            if (node is not ExpressionSyntax call || node is not (InvocationExpressionSyntax or ElementAccessExpressionSyntax) || !IsStep(call)) continue;
            if (awaited.Contains(call)) return call;
            prepared ??= call;
        }
        return prepared;
    }

    private static bool IsWay(SyntaxNode node) =>
        node is SwitchExpressionArmSyntax || (node.Parent is ConditionalExpressionSyntax either && node != either.Condition);

    private string BaseOf(ExpressionSyntax call, string? capability)
    {
        var action = Titles.Kebab(StepSyntax.NameOf(call) ?? "");
        var owner = capability ?? (StepSyntax.ReceiverOf(call) is { } receiver ? StepSyntax.RootOf(receiver) : null);
        // Lists["facilities"]: the key says more than "item" does.
        if (call is ElementAccessExpressionSyntax { ArgumentList.Arguments: [var key, ..] }) action = Titles.Slug(key.ToString());
        var id = owner is null ? action : action.Length == 0 ? Titles.Kebab(owner) : $"{Titles.Kebab(owner)}-{action}";
        return id.Length == 0 ? "step" : id;
    }

    private (string? Capability, string? Instance) CapabilityOf(ExpressionSyntax call) => StepSyntax.ReceiverOf(call) switch
    {
        SimpleNameSyntax name => Resolve(name.Identifier.ValueText, call.SpanStart),
        ElementAccessExpressionSyntax { Expression: SimpleNameSyntax name, ArgumentList.Arguments: [var key, ..] } =>
            Resolve(name.Identifier.ValueText, call.SpanStart).Capability is { } capability ? (capability, TextOf(key.Expression)) : (null, null),
        _ => (null, null),
    };

    private (string? Capability, string? Instance) Resolve(string name, int position)
    {
        if (bindings.TryGetValue(name, out var known))
        {
            for (var i = known.Count - 1; i >= 0; i--)
                if (known[i].Scope.Contains(position)) return (known[i].Capability, known[i].Instance);
        }
        return StepSyntax.MayBeCapability(name) && !declared.Contains(name) ? (name, null) : (null, null);
    }

    private void Bind(SyntaxToken name, ExpressionSyntax value, TextSpan scope)
    {
        var core = StepSyntax.Core(value);
        if (core is AwaitExpressionSyntax || !StepSyntax.IsInstances(core) || StepSyntax.RootOf(core) is not { } root) return;
        if (Resolve(root, value.SpanStart).Capability is not { } capability) return;
        // A list of prepared steps is not a list of instances: whatever its lambda makes, it is no receiver.
        if (core is InvocationExpressionSyntax && StepSyntax.NameOf(core) is not ("First" or "Single" or "Where" or "ToList" or "Take" or "Skip" or "OrderBy")) return;
        var instance = core is ElementAccessExpressionSyntax { Expression: SimpleNameSyntax, ArgumentList.Arguments: [var key, ..] } ? TextOf(key.Expression) : null;
        if (!bindings.TryGetValue(name.ValueText, out var list)) bindings[name.ValueText] = list = [];
        list.Add((scope, capability, instance));
    }

    // ForEach(items, item => …) and items.Select(item => …): what the lambda's parameter stands for.
    private static ExpressionSyntax? ItemsOf(LambdaExpressionSyntax lambda)
    {
        if (lambda.Parent is not ArgumentSyntax { Parent: ArgumentListSyntax { Parent: InvocationExpressionSyntax call } } argument) return null;
        if (StepSyntax.IsBuiltIn(call)) return call.ArgumentList.Arguments[0] is var items && items != argument ? items.Expression : null;
        return StepSyntax.ReceiverOf(call);
    }

    private static string Number(string name, HashSet<string> taken, Dictionary<string, int> next)
    {
        var n = next.GetValueOrDefault(name, 1);
        var id = n == 1 ? name : $"{name}-{n}";
        while (!taken.Add(id)) id = $"{name}-{++n}";
        next[name] = n + 1;
        return id;
    }

    private static string TextOf(ExpressionSyntax key) =>
        key is LiteralExpressionSyntax { Token.Value: string text } ? text : key.ToString();
}
