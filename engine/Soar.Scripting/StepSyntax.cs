using System.Collections.Frozen;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting;

/// <summary>
/// How steps look in the syntax alone. The file must suffice (a half-written playbook still draws), so everything here is
/// decided by names and shapes; the compiler, which knows the types, asks <see cref="Titles"/> for the same nodes.
/// </summary>
internal static class StepSyntax
{
    /// <summary>The words of the language that are steps without a capability in front.</summary>
    public static readonly FrozenSet<string> BuiltIns = FrozenSet.Create(
        "All", "Any", "AtLeast", "ForEach", "TryForEach", "Run", "RunAgain", "Ask", "Form", "Todo", "Wait", "WaitUntil", "Receive", "Note");

    public static readonly FrozenSet<string> Lanes = FrozenSet.Create("All", "Any", "AtLeast");
    public static readonly FrozenSet<string> ItemLoops = FrozenSet.Create("ForEach", "TryForEach");

    private static readonly FrozenSet<string> Modifiers = FrozenSet.Create("Retry", "Timeout", "Titled");

    // Names in front of a dot that are types of the language or of .NET, never capabilities.
    private static readonly FrozenSet<string> Types = FrozenSet.Create(
        "On", "Outcome", "Text", "Until", "Tlp", "PlaybookType", "Verdict", "DecisionKind", "IpAddress", "EmailAddress", "DomainName",
        "Math", "String", "Convert", "Regex", "TimeSpan", "DateTime", "DateTimeOffset", "DateOnly", "TimeOnly", "Enumerable", "Enum",
        "Uri", "Encoding", "JsonSerializer", "JsonDocument", "Guid", "Array", "List", "Dictionary", "Environment", "Console",
        "StringComparer", "StringComparison", "CultureInfo", "Char", "Int32", "Int64", "Double", "Decimal", "Boolean", "Task",
        "Path", "File", "Object", "Tuple", "KeyValuePair", "Version", "BitConverter", "HashSet", "Interlocked", "Thread");

    /// <summary>Takes parentheses, <c>!</c>, casts and the modifiers <c>.Retry .Timeout .Titled</c> off, down to the call that makes the step.</summary>
    public static ExpressionSyntax Core(ExpressionSyntax expression)
    {
        while (true)
        {
            switch (expression)
            {
                case ParenthesizedExpressionSyntax inner: expression = inner.Expression; continue;
                case PostfixUnaryExpressionSyntax suppress when suppress.IsKind(SyntaxKind.SuppressNullableWarningExpression): expression = suppress.Operand; continue;
                case CastExpressionSyntax cast: expression = cast.Expression; continue;
                case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } when IsModifier(access): expression = access.Expression; continue;
                case ConditionalAccessExpressionSyntax conditional when LastCall(conditional) is { } call: return call;
                default: return expression;
            }
        }
    }

    /// <summary>The modifier calls around a step's own call, innermost first.</summary>
    public static IEnumerable<(string Name, InvocationExpressionSyntax Call)> ModifiersOf(ExpressionSyntax core)
    {
        for (SyntaxNode? node = core.Parent, from = core; node is not null; from = node, node = node.Parent)
        {
            if (node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } call && from == access && IsModifier(access))
                yield return (access.Name.Identifier.ValueText, call);
            else if (node is not (MemberAccessExpressionSyntax or ParenthesizedExpressionSyntax or PostfixUnaryExpressionSyntax or CastExpressionSyntax))
                yield break;
        }
    }

    /// <summary>What <c>.Titled(…)</c> says of a step, where it is a text without values; the last one counts.</summary>
    public static string? SaidTitle(ExpressionSyntax core) => ModifiersOf(core).LastOrDefault(modifier => modifier.Name == "Titled").Call?.ArgumentList.Arguments is [{ Expression: var said }]
        ? said switch
        {
            LiteralExpressionSyntax { Token.Value: string text } => text,
            InterpolatedStringExpressionSyntax text when text.Contents.All(part => part is InterpolatedStringTextSyntax) => string.Concat(text.Contents.OfType<InterpolatedStringTextSyntax>().Select(part => part.TextToken.ValueText)),
            _ => null,
        }
        : null;

    /// <summary>The name that is called: <c>Block</c> of <c>Firewall.Block(x)</c>, <c>Ask</c> of <c>Ask(…)</c>; null for anything else.</summary>
    public static string? NameOf(ExpressionSyntax expression) => expression switch
    {
        InvocationExpressionSyntax { Expression: SimpleNameSyntax name } => name.Identifier.ValueText,
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } => access.Name.Identifier.ValueText,
        InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax binding } => binding.Name.Identifier.ValueText,
        _ => null,
    };

    /// <summary>What stands before the dot of a call, or null for a call without one.</summary>
    public static ExpressionSyntax? ReceiverOf(ExpressionSyntax expression) => expression switch
    {
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } => access.Expression,
        InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax binding } =>
            binding.FirstAncestorOrSelf<ConditionalAccessExpressionSyntax>()?.Expression,
        ElementAccessExpressionSyntax access => access.Expression,
        _ => null,
    };

    /// <summary><c>Ask(…)</c>, <c>All(…)</c>, …: a word of the language that is a step by itself.</summary>
    public static bool IsBuiltIn(ExpressionSyntax expression) =>
        expression is InvocationExpressionSyntax { Expression: SimpleNameSyntax name } && BuiltIns.Contains(name.Identifier.ValueText);

    /// <summary>Whether a bare name before a dot can be a capability: it starts with an upper-case letter and is no known type.</summary>
    public static bool MayBeCapability(string name) => name.Length > 0 && char.IsUpper(name[0]) && !Types.Contains(name);

    /// <summary>The name at the far left of a chain of dots, brackets and calls; null when there is none.</summary>
    public static string? RootOf(ExpressionSyntax? expression)
    {
        while (true)
        {
            switch (expression)
            {
                case SimpleNameSyntax name: return name.Identifier.ValueText;
                case MemberAccessExpressionSyntax access: expression = access.Expression; continue;
                case ElementAccessExpressionSyntax access: expression = access.Expression; continue;
                case InvocationExpressionSyntax call: expression = call.Expression; continue;
                case ConditionalAccessExpressionSyntax conditional: expression = conditional.Expression; continue;
                case ParenthesizedExpressionSyntax inner: expression = inner.Expression; continue;
                case PostfixUnaryExpressionSyntax postfix: expression = postfix.Operand; continue;
                case CastExpressionSyntax cast: expression = cast.Expression; continue;
                case AwaitExpressionSyntax awaited: expression = awaited.Expression; continue;
                default: return null;
            }
        }
    }

    /// <summary>
    /// Whether an expression stands for instances of a capability: <c>Firewall["edge"]</c>, <c>Firewall.All</c> and what is chained onto them.
    /// An awaited or called action does not: <c>Isp.Owner(a)</c> is an owner, not an Isp.
    /// </summary>
    public static bool IsInstances(ExpressionSyntax expression)
    {
        while (true)
        {
            switch (expression)
            {
                case ElementAccessExpressionSyntax { Expression: SimpleNameSyntax }: return true;
                case MemberAccessExpressionSyntax { Expression: SimpleNameSyntax, Name.Identifier.ValueText: "All" }: return true;
                case MemberAccessExpressionSyntax access: expression = access.Expression; continue;
                case ElementAccessExpressionSyntax access: expression = access.Expression; continue;
                case InvocationExpressionSyntax call: expression = call.Expression; continue;
                case ParenthesizedExpressionSyntax inner: expression = inner.Expression; continue;
                case SimpleNameSyntax name: return name.Identifier.ValueText is [>= 'a' and <= 'z', ..];
                default: return false;
            }
        }
    }

    private static bool IsModifier(MemberAccessExpressionSyntax access) =>
        Modifiers.Contains(access.Name.Identifier.ValueText) && !(access.Expression is SimpleNameSyntax name && MayBeCapability(name.Identifier.ValueText));

    private static InvocationExpressionSyntax? LastCall(ConditionalAccessExpressionSyntax conditional)
    {
        ExpressionSyntax end = conditional.WhenNotNull;
        while (end is ConditionalAccessExpressionSyntax next) end = next.WhenNotNull;
        while (end is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } && IsModifier(access)) end = access.Expression;
        return end as InvocationExpressionSyntax;
    }
}
