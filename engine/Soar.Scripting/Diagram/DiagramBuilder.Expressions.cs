using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

internal sealed partial class DiagramBuilder
{
    /// <summary>Draws the steps of an expression in the order in which they are done; what awaits nothing is not drawn.</summary>
    private void Expression(ExpressionSyntax expression, SyntaxNode within)
    {
        if (!flow.Contains(expression)) return;
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            AsCode(expression, null);
            return;
        }
        switch (expression)
        {
            case AwaitExpressionSyntax wait: Made(wait.Expression, wait); break;
            case ConditionalExpressionSyntax either when flow.Contains(either.WhenTrue) || flow.Contains(either.WhenFalse):
                Choose(either, TitleAbove(either), arm => Expression(arm, within), null);
                break;
            case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalAndExpression or (int)SyntaxKind.LogicalOrExpression } both when flow.Contains(both.Right):
                Expression(both.Left, within);
                ShortCircuit(both, within);
                break;
            case SwitchExpressionSyntax choice: SwitchExpression(choice, TitleAbove(choice), arm => Expression(arm, within), null); break;
            case AnonymousFunctionExpressionSyntax lambda: hoisted.Enqueue((lambda.Body, Unique("lambda-" + Words(lambda.ToString(), 32)), Short(lambda.ToString()), "", lambda.Span)); break;
            default: Walk(expression, within); break;
        }
    }

    private void Walk(SyntaxNode node, SyntaxNode within)
    {
        if (node is ExpressionSyntax self && node is AwaitExpressionSyntax or ConditionalExpressionSyntax or SwitchExpressionSyntax or AnonymousFunctionExpressionSyntax && !ReferenceEquals(node, within))
        {
            Expression(self, node);
            return;
        }
        foreach (var child in node.ChildNodes())
        {
            if (!flow.Contains(child)) continue;
            if (child is ExpressionSyntax expression) Expression(expression, within);
            else if (child is not StatementSyntax) Walk(child, within);
        }
    }

    /// <summary>Draws what an awaited (or handed-over) expression does: a step, a combinator with its insides, a prepared step, a function's call.</summary>
    private void Made(ExpressionSyntax expression, AwaitExpressionSyntax? wait)
    {
        var core = StepSyntax.Core(expression);
        switch (core)
        {
            case ConditionalExpressionSyntax either: Choose(either, TitleAbove(either), arm => Made(arm, null), wait); return;
            case SwitchExpressionSyntax choice: SwitchExpression(choice, TitleAbove(choice), arm => Made(arm, null), wait); return;
            case AwaitExpressionSyntax inner:
                Expression(inner, expression);
                Leaf(DiagramNodeKind.Code, Unique("await-" + Words(core.ToString(), 32)), (null, Short(OneLine(expression))), OneLine(expression), expression.Span, more: Taking(wait));
                Claim(nodes[^1].Id, wait);
                return;
            case InvocationExpressionSyntax { Expression: SimpleNameSyntax name } call when functions.TryGetValue(name.Identifier.ValueText, out var function):
                Arguments(call);
                var callId = Leaf(DiagramNodeKind.Call, Unique("call-" + Titles.Kebab(name.Identifier.ValueText)), (TitleAbove(wait), name.Identifier.ValueText), OneLine(call.ArgumentList).Trim('(', ')'), call.Span,
                    more: node => Taking(wait)(node with { Modifiers = ModifiersOf(call) }));
                calls.Add((callId, FunctionId(function)));
                Claim(callId, wait);
                TimeoutBranch(callId, titles.At(call.Span), StepSyntax.ModifiersOf(call));
                return;
            case InvocationExpressionSyntax { Expression: SimpleNameSyntax name } call when StepSyntax.Lanes.Contains(name.Identifier.ValueText): Lanes(call, wait); return;
            case InvocationExpressionSyntax { Expression: SimpleNameSyntax name } call when StepSyntax.ItemLoops.Contains(name.Identifier.ValueText): ItemLoop(call, wait); return;
            case InvocationExpressionSyntax or ElementAccessExpressionSyntax when wait is not null || IsStep(core): Step(core, wait); return;
            default: Prepared(expression, wait); return;
        }
    }

    private void Step(ExpressionSyntax core, AwaitExpressionSyntax? wait)
    {
        if (core is InvocationExpressionSyntax call) Arguments(call);
        else Walk(core, core);
        var site = titles.At(core.Span);
        var builtIn = StepSyntax.IsBuiltIn(core);
        var kind = !builtIn ? DiagramNodeKind.Step : site.Action switch
        {
            "Ask" or "Form" or "Todo" => DiagramNodeKind.Human,
            "Wait" or "WaitUntil" or "Receive" => DiagramNodeKind.Waiting,
            "Run" or "RunAgain" => DiagramNodeKind.SubPlaybook,
            _ => DiagramNodeKind.Step,
        };
        var id = drawnSteps.Add(site.Id) ? site.Id : Unique(site.Id);
        var detail = core is InvocationExpressionSyntax { ArgumentList: var list } ? string.Join(", ", list.Arguments.Select(argument => OneLine(argument))) : OneLine(core);
        var modifiers = ModifiersOf(core);
        var words = kind == DiagramNodeKind.Human ? ((InvocationExpressionSyntax)core).ArgumentList.Arguments.Where(argument => argument.NameColon is null).Select(argument => argument.Expression).ToList() : [];
        var who = words.Count > 0 ? Plain(words[0]) : "";
        if (words.Count > 2) modifiers = modifiers.Insert(0, $"authorises {Short(OneLine(words[2]), 32)}");
        if (site.Title is not null && who.Length > 0) modifiers = modifiers.Insert(0, who);
        Leaf(kind, id, (site.Title ?? StepSyntax.SaidTitle(core), who.Length > 0 ? $"{Name(core, site)} {who}" : Name(core, site)), detail, core.Span, more: node => Taking(wait)(node with
        {
            StepId = site.Id,
            Text = words.Count > 1 ? Plain(words[1]) : "",
            Capability = site.Capability,
            Action = site.Action,
            Instance = site.Instance,
            Modifiers = modifiers,
        }));
        Claim(id, wait);
        StepBranches(id, site, core, builtIn);
    }

    private readonly HashSet<string> drawnSteps = [];

    // A step that was prepared elsewhere and is done here: it shows what was prepared.
    private void Prepared(ExpressionSyntax expression, AwaitExpressionSyntax? wait)
    {
        Walk(expression, expression);
        var source = StepSyntax.RootOf(expression) is { } name && prepared.TryGetValue(name, out var made) ? made : expression;
        var steps = StepsIn(source);
        var text = OneLine(expression);
        if (steps.Count == 0)
        {
            // Handed to a combinator, they are steps, whatever made them.
            var handed = wait is null;
            var unknown = Leaf(handed ? DiagramNodeKind.Step : DiagramNodeKind.Code, Unique("await-" + Words(text, 32)), (TitleAbove(wait), Short(text)), text, expression.Span,
                more: node => Taking(wait)(node with { Many = handed, Text = handed ? "steps prepared before" : "" }));
            Claim(unknown, wait);
            return;
        }
        var site = titles.At(steps[0].Span);
        // Handed over as a whole, or made by a lambda: many steps, one node.
        var many = wait is null && StepSyntax.Core(expression) is not ElementAccessExpressionSyntax && (source != expression ? source is not InvocationExpressionSyntax || !IsStep(StepSyntax.Core(source)) : true);
        var id = Leaf(DiagramNodeKind.Step, Unique("await-" + Words(text, 32)), (TitleAbove(wait) ?? site.Title, Name(steps[0], site)), text, expression.Span, more: node => Taking(wait)(node with
        {
            StepId = site.Id,
            Many = many,
            Text = many ? $"each of {text}" : "",
            Capability = site.Capability,
            Action = site.Action,
            Instance = site.Instance,
            Modifiers = [.. ModifiersOf(steps[0]), .. ModifiersOf(StepSyntax.Core(expression)).Except(ModifiersOf(steps[0]))],
        }));
        Claim(id, wait);
        StepBranches(id, site, steps[0], StepSyntax.IsBuiltIn(steps[0]), StepSyntax.Core(expression));
    }

    private void Lanes(InvocationExpressionSyntax call, AwaitExpressionSyntax? wait)
    {
        var site = titles.At(call.Span);
        var options = call.ArgumentList.Arguments.Where((argument, index) => IsOption(argument) || (site.Action == "AtLeast" && index == 0)).ToList();
        foreach (var option in options) Walk(option, call);
        var lanes = call.ArgumentList.Arguments.Except(options).SelectMany(argument => argument.Expression is CollectionExpressionSyntax list
            ? list.Elements.Select(element => element is ExpressionElementSyntax one ? one.Expression : ((SpreadElementSyntax)element).Expression)
            : [argument.Expression]).ToList();
        var text = site.Action switch
        {
            "Any" => "The first of these",
            "AtLeast" => $"At least {(options.Count > 0 ? OneLine(options[0]) : "some")} of these",
            _ => "All of these at once",
        };
        var id = drawnSteps.Add(site.Id) ? site.Id : Unique(site.Id);
        Group(DiagramGroupKind.Lanes, id, site.Title ?? StepSyntax.SaidTitle(call) ?? text, site.Title is null ? "" : text, call.Span, () =>
        {
            EnterAt(id);
            for (var i = 0; i < lanes.Count; i++)
            {
                var lane = Unique($"{id}-lane-{i + 1}");
                var expression = lanes[i];
                Group(DiagramGroupKind.Lane, lane, (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), "", expression.Span, () =>
                {
                    pending = [new(id, DiagramEdgeKind.Next, "", null)];
                    Handed(expression);
                });
            }
            pending = [new(id, DiagramEdgeKind.Next, "", null)];
        }, group => Combinator(group, call, site, wait));
        Claim(id, wait);
        StepBranches(id, site, call, builtIn: true);
    }

    private void ItemLoop(InvocationExpressionSyntax call, AwaitExpressionSyntax? wait)
    {
        var site = titles.At(call.Span);
        var arguments = call.ArgumentList.Arguments;
        var items = arguments.FirstOrDefault(argument => argument.NameColon is null or { Name.Identifier.ValueText: "items" });
        var body = arguments.FirstOrDefault(argument => argument != items && (argument.NameColon is null || argument.NameColon.Name.Identifier.ValueText == "body"));
        foreach (var argument in arguments)
            if (argument != body) Walk(argument, call);
        var variable = body?.Expression switch
        {
            SimpleLambdaExpressionSyntax lambda => lambda.Parameter.Identifier.ValueText,
            ParenthesizedLambdaExpressionSyntax { ParameterList.Parameters: [var first, ..] } => first.Identifier.ValueText,
            _ => "item",
        };
        var text = $"For each {variable} in {Short(items is null ? "…" : OneLine(items.Expression), 48)}";
        var id = drawnSteps.Add(site.Id) ? site.Id : Unique(site.Id);
        var tolerant = site.Action == "TryForEach";
        if (tolerant) handlers++;
        Group(DiagramGroupKind.Loop, id, site.Title ?? StepSyntax.SaidTitle(call) ?? text, site.Title is null ? "" : text, call.Span, () => Framed(id, DiagramEdgeKind.Loop, () =>
        {
            if (body is not null) Handed(body.Expression);
        }), group => Combinator(group, call, site, wait));
        if (tolerant) handlers--;
        pending = [new(id, DiagramEdgeKind.Next, "", null)];
        Claim(id, wait);
        ItemBranches(id, site, text);
        StepBranches(id, site, call, builtIn: true);
    }

    // What a combinator is given: a lambda to run, a step, or something that stands for prepared steps.
    private void Handed(ExpressionSyntax expression)
    {
        if (depth >= DeepestNesting || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            AsCode(expression, null);
            return;
        }
        depth++;
        if (StepSyntax.Core(expression) is LambdaExpressionSyntax lambda) Body(lambda.Body);
        else if (expression is IdentifierNameSyntax name && functions.TryGetValue(name.Identifier.ValueText, out var function))
        {
            var id = Leaf(DiagramNodeKind.Call, Unique("call-" + Titles.Kebab(name.Identifier.ValueText)), (null, name.Identifier.ValueText), "", expression.Span);
            calls.Add((id, FunctionId(function)));
        }
        else Made(expression, null);
        depth--;
    }

    // The result of an expression-bodied lambda or function: mostly the step that it makes.
    private void Result(ExpressionSyntax expression)
    {
        if (StepsIn(expression).Count > 0 || IsCall(StepSyntax.Core(expression))) Made(expression, null);
        else if (expression is SwitchExpressionSyntax choice) SwitchExpression(choice, null, Value, null);
        else if (expression is ThrowExpressionSyntax error) Throw(error.Expression, error, null);
        else Value(expression);
    }

    private bool IsCall(ExpressionSyntax core) => core is InvocationExpressionSyntax { Expression: SimpleNameSyntax name } && functions.ContainsKey(name.Identifier.ValueText);

    private void Value(ExpressionSyntax expression)
    {
        if (flow.Contains(expression)) Expression(expression, expression);
        else if (expression is ThrowExpressionSyntax error) Throw(error.Expression, error, null);
        else if (expression is SwitchExpressionSyntax choice) SwitchExpression(choice, null, Value, null);
        else Leaf(DiagramNodeKind.Code, Unique("code-" + Words(expression.ToString(), 32)), (null, Short(OneLine(expression))), OneLine(expression), expression.Span);
    }
}
