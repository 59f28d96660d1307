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
                var callId = Leaf(DiagramNodeKind.Call, Unique("call-" + Titles.Kebab(name.Identifier.ValueText)), (TitleAbove(wait), name.Identifier.ValueText), OneLine(call.ArgumentList).Trim('(', ')'), call.Span, more: Taking(wait));
                calls.Add((callId, FunctionId(function)));
                Claim(callId, wait);
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
        Leaf(kind, id, (site.Title ?? Titled(core), who.Length > 0 ? $"{Name(core, site)} {who}" : Name(core, site)), detail, core.Span, more: node => Taking(wait)(node with
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
        Group(DiagramGroupKind.Lanes, id, site.Title ?? Titled(call) ?? text, site.Title is null ? "" : text, call.Span, () =>
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
        Group(DiagramGroupKind.Loop, id, site.Title ?? Titled(call) ?? text, site.Title is null ? "" : text, call.Span, () => Framed(id, DiagramEdgeKind.Loop, () =>
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

    // ---- branches inside expressions

    private void Choose(ConditionalExpressionSyntax either, string? title, Action<ExpressionSyntax> arm, AwaitExpressionSyntax? wait)
    {
        Expression(either.Condition, either);
        var id = IdOf(title, "if-" + Words(either.Condition.ToString()));
        var ways = Ways(either.Condition);
        Group(DiagramGroupKind.Branch, Unique(id + "-branch"), title ?? "", "", either.Span, () =>
        {
            Leaf(DiagramNodeKind.Decision, id, (title, ways.Question), OneLine(either.Condition), either.Condition.Span, more: node => node with { Text = ways.Text });
            Claim(id, wait);
            var (yes, no) = ConditionBranches(id, either.Condition, either.SpanStart);
            var exits = new List<Exit>();
            Arm(id, new(id, ways.True, ways.TrueLabel, yes), either.WhenTrue.Span, () => arm(either.WhenTrue), exits, "then");
            Arm(id, new(id, ways.False, ways.FalseLabel, no), either.WhenFalse.Span, () => arm(either.WhenFalse), exits, "else");
            pending = exits;
        });
    }

    private void ShortCircuit(BinaryExpressionSyntax both, SyntaxNode within)
    {
        var id = Unique("if-" + Words(both.Left.ToString()));
        var and = both.IsKind(SyntaxKind.LogicalAndExpression);
        var ways = Ways(both.Left);
        Group(DiagramGroupKind.Branch, Unique(id + "-branch"), "", "", both.Span, () =>
        {
            Leaf(DiagramNodeKind.Decision, id, (null, ways.Question), OneLine(both.Left), both.Left.Span, more: node => node with { Text = ways.Text });
            var (yes, no) = ConditionBranches(id, both.Left, both.SpanStart);
            var exits = new List<Exit>();
            Arm(id, new(id, ways.True, ways.TrueLabel, yes), both.Right.Span, () => { if (and) Expression(both.Right, within); }, exits, "then");
            Arm(id, new(id, ways.False, ways.FalseLabel, no), both.Right.Span, () => { if (!and) Expression(both.Right, within); }, exits, "else");
            pending = exits;
        });
    }

    private void SwitchExpression(SwitchExpressionSyntax choice, string? title, Action<ExpressionSyntax> arm, AwaitExpressionSyntax? wait)
    {
        Expression(choice.GoverningExpression, choice);
        var id = IdOf(title, "switch-" + Words(choice.GoverningExpression.ToString()));
        Group(DiagramGroupKind.Branch, Unique(id + "-branch"), title ?? "", "", choice.Span, () =>
        {
            Leaf(DiagramNodeKind.Decision, id, (title, Short(Quiet(choice.GoverningExpression), 48) + "?"), OneLine(choice.GoverningExpression), choice.GoverningExpression.Span, more: node => node with { Text = Quiet(choice.GoverningExpression) + "?" });
            Claim(id, wait);
            var exits = new List<Exit>();
            foreach (var one in choice.Arms)
            {
                var words = one is { Pattern: DiscardPatternSyntax, WhenClause: null } ? "otherwise" : OneLine(one.Pattern) + (one.WhenClause is { } when ? " " + OneLine(when) : "");
                var branch = ArmBranch(id, one, words);
                Arm(id, new(id, CaseKind(words), titles.TitleOf(one) ?? WayOf(words), branch), one.Span, () =>
                {
                    if (one.Expression is ThrowExpressionSyntax error) Throw(error.Expression, error, null);
                    else arm(one.Expression);
                }, exits, Words(words));
            }
            pending = exits;
        });
    }

    private static string WayOf(string words) => CaseKind(words) == DiagramEdgeKind.Case || words.Contains(' ') ? words : words[(words.LastIndexOf('.') + 1)..].ToLowerInvariant();

    private static DiagramEdgeKind CaseKind(string label) =>
        label.EndsWith("DecisionKind.Approved", StringComparison.Ordinal) ? DiagramEdgeKind.Approved
        : label.EndsWith("DecisionKind.Refused", StringComparison.Ordinal) ? DiagramEdgeKind.Refused
        : label.EndsWith("DecisionKind.Expired", StringComparison.Ordinal) ? DiagramEdgeKind.Expired
        : DiagramEdgeKind.Case;

    private readonly record struct TwoWays(string Question, DiagramEdgeKind True, string TrueLabel, DiagramEdgeKind False, string FalseLabel, string Text = "");

    /// <summary>What the two ways of a condition mean; after an Ask they are approved, refused, expired.</summary>
    private TwoWays Ways(ExpressionSyntax condition)
    {
        var negated = false;
        var core = condition;
        while (true)
        {
            if (core is ParenthesizedExpressionSyntax inner) core = inner.Expression;
            else if (core is PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not) (core, negated) = (not.Operand, !negated);
            else break;
        }
        var plain = new TwoWays(Short(Quiet(condition), 64) + "?", DiagramEdgeKind.True, "yes", DiagramEdgeKind.False, "no", Quiet(condition) + "?");
        if (core is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Approved" } approved && IsDecision(approved.Expression))
        {
            return negated
                ? new("Approved?", DiagramEdgeKind.Refused, "refused or expired", DiagramEdgeKind.Approved, "approved")
                : new("Approved?", DiagramEdgeKind.Approved, "approved", DiagramEdgeKind.Refused, "refused or expired");
        }
        var (subject, kind) = core switch
        {
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression } equal => (equal.Left, equal.Right.ToString()),
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.NotEqualsExpression } unequal => (unequal.Left, unequal.Right.ToString()),
            IsPatternExpressionSyntax { Pattern: ConstantPatternSyntax constant } matches => (matches.Expression, constant.ToString()),
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.IsExpression } matches => (matches.Left, matches.Right.ToString()),
            _ => (core, ""),
        };
        if (CaseKind(kind) is var meaning and not DiagramEdgeKind.Case && subject is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Kind" } member && IsDecision(member.Expression))
        {
            if (core.IsKind(SyntaxKind.NotEqualsExpression)) negated = !negated;
            var word = kind[(kind.LastIndexOf('.') + 1)..];
            var (yes, no) = ((meaning, word.ToLowerInvariant()), (DiagramEdgeKind.False, "not " + word.ToLowerInvariant()));
            return negated ? new($"{word}?", no.Item1, no.Item2, yes.meaning, yes.Item2) : new($"{word}?", yes.meaning, yes.Item2, no.Item1, no.Item2);
        }
        return plain;
    }

    private bool IsDecision(ExpressionSyntax expression) => StepSyntax.Core(expression) switch
    {
        IdentifierNameSyntax name => decisions.Contains(name.Identifier.ValueText),
        AwaitExpressionSyntax wait => StepSyntax.NameOf(StepSyntax.Core(wait.Expression)) is "Ask" or "Todo",
        _ => false,
    };

    // ---- ends

    private void Return(ExpressionSyntax? result, SyntaxNode statement, string? title)
    {
        switch (result)
        {
            case ConditionalExpressionSyntax either: Choose(either, title, arm => Return(arm, arm, null), null); return;
            case SwitchExpressionSyntax choice: SwitchExpression(choice, title, arm => Return(arm, arm, null), null); return;
            case ThrowExpressionSyntax error: Throw(error.Expression, error, title); return;
        }
        if (result is not null) Expression(result, statement);
        // A prepared step that a lambda gives back is done by the combinator around it.
        if (inFunction && result is not null && !flow.Contains(result) && IsStep(StepSyntax.Core(result)))
        {
            Made(result, null);
            pending = [];
            return;
        }
        var text = result is null ? "" : OneLine(result);
        if (inFunction)
        {
            Leaf(DiagramNodeKind.Return, IdOf(title, "return-" + Words(result?.ToString() ?? "", 32)), (title, ("Return " + Short(Quiet(text), 40)).Trim()), text, statement.Span, ends: true);
            return;
        }
        var outcome = result is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "Outcome" } } access } call
            ? (Name: access.Name.Identifier.ValueText, Reason: string.Join(", ", call.ArgumentList.Arguments.Select(argument => OneLine(argument))))
            : (Name: result is AwaitExpressionSyntax { Expression: var awaited } && StepSyntax.NameOf(awaited) == "RunAgain" ? "Begin again" : "End", Reason: text);
        Leaf(DiagramNodeKind.End, IdOf(title, "end-" + Words(result is InvocationExpressionSyntax ? Titles.Kebab(outcome.Name) : text)), (title, Spaced(outcome.Name)), outcome.Reason, statement.Span, ends: true,
            more: node => node with { Action = outcome.Name, Text = result switch { InvocationExpressionSyntax { ArgumentList.Arguments: [var reason, ..] } => Plain(reason.Expression), InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "Outcome" } } } or AwaitExpressionSyntax or null => "", _ => Quiet(text) } });
    }

    private void Throw(ExpressionSyntax? error, SyntaxNode statement, string? title)
    {
        if (error is not null) Expression(error, statement);
        var text = error is null ? "throw;" : OneLine(error);
        var label = error switch { null => "the same error again", ObjectCreationExpressionSyntax created => created.Type.ToString(), _ => Short(text, 48) };
        Leaf(DiagramNodeKind.ErrorEnd, IdOf(title, "throw-" + Words(text, 32)), (title, "Throw " + label), text, statement.Span, ends: true,
            more: node => node with { Text = error is ObjectCreationExpressionSyntax { ArgumentList.Arguments: [var message, ..] } ? Plain(message.Expression) : "" });
    }

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
            ? call.ArgumentList.Arguments.Where(argument => argument.NameColon is { Name.Identifier.ValueText: "within" or "quorum" or "escalateTo" }).Select(argument => OneLine(argument))
            : [],
    ];

    private static string? Titled(ExpressionSyntax core) => StepSyntax.ModifiersOf(core)
        .Where(modifier => modifier.Name == "Titled" && modifier.Call.ArgumentList.Arguments is [{ Expression: LiteralExpressionSyntax { Token.Value: string } }, ..])
        .Select(modifier => (string?)((LiteralExpressionSyntax)modifier.Call.ArgumentList.Arguments[0].Expression).Token.Value).FirstOrDefault();

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
