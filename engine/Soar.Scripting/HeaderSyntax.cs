using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting;

/// <summary>
/// The header by its shape alone: which statements it has, and what stands where in them. Everything that looks at headers begins here: the compiler, which knows the
/// types and reports what is wrong (<see cref="Compile.HeaderReader"/>), the diagram, which also draws what does not compile, and the search for a playbook by its name.
/// </summary>
internal static class HeaderSyntax
{
    /// <summary><c>Playbook(…)</c>, <c>On.X(…)</c> or <c>[var x =] Input(…)</c> as a statement of its own; null for every other statement.</summary>
    public static HeaderCall? Of(StatementSyntax statement)
    {
        var call = statement switch
        {
            ExpressionStatementSyntax { Expression: InvocationExpressionSyntax bare } => bare,
            LocalDeclarationStatementSyntax { Declaration.Variables: [{ Initializer.Value: InvocationExpressionSyntax value }] } => value,
            _ => null,
        };
        return call is not null && WordOf(call) is { } word ? new HeaderCall(word, statement, call) : null;
    }

    /// <summary>All of them, in the order of the file, also those that stand too late.</summary>
    public static IEnumerable<HeaderCall> In(CompilationUnitSyntax root) => root.Members.OfType<GlobalStatementSyntax>().Select(member => Of(member.Statement)).OfType<HeaderCall>();

    /// <summary><c>Playbook</c>, <c>Input</c> or <c>On.Alert</c>; null for a call of anything else.</summary>
    public static string? WordOf(InvocationExpressionSyntax call) => call.Expression switch
    {
        SimpleNameSyntax { Identifier.ValueText: "Playbook" or "Input" } name => name.Identifier.ValueText,
        MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "On" }, Name: var name } => "On." + name.Identifier.ValueText,
        _ => null,
    };
}

/// <summary>One statement of a header.</summary>
internal sealed record HeaderCall(string Word, StatementSyntax Statement, InvocationExpressionSyntax Call)
{
    private static readonly string[] OfPlaybook = ["name", "version", "type", "tlp", "summary"];
    private static readonly string[] OfWebhook = ["name"];
    private static readonly string[] OfRequiredInput = ["name", "description", "from"];
    private static readonly string[] OfInputWithDefault = ["name", "default", "description"];

    /// <summary>What is given for a parameter, by its name or by its place; null when nothing is.</summary>
    public ExpressionSyntax? this[string parameter]
    {
        get
        {
            var arguments = Call.ArgumentList.Arguments;
            var place = Array.IndexOf(Parameters, parameter);
            return (arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.ValueText == parameter)
                ?? (place >= 0 && place < arguments.Count && arguments[place].NameColon is null ? arguments[place] : null))?.Expression;
        }
    }

    /// <summary>The text that is given for a parameter; what is no literal, as it is written.</summary>
    public string? Text(string parameter) => this[parameter] is { } given ? given is LiteralExpressionSyntax { Token.Value: string text } ? text : given.ToString() : null;

    private string[] Parameters => Word switch { "Playbook" => OfPlaybook, "Input" => HasDefault ? OfInputWithDefault : OfRequiredInput, "On.Webhook" => OfWebhook, _ => [] };

    /// <summary><c>Input("ttl", 24.Hours, "How long")</c>, not <c>Input&lt;T&gt;("ttl", "How long", alert => …)</c>.</summary>
    private bool HasDefault
    {
        get
        {
            var arguments = Call.ArgumentList.Arguments;
            var byPlace = arguments.Where(argument => argument.NameColon is null).Select(argument => argument.Expression).ToList();
            var named = arguments.Select(argument => argument.NameColon?.Name.Identifier.ValueText).ToList();
            return named.Contains("default") || (byPlace.Count == 2 && named.Contains("description")) || (byPlace.Count >= 3 && byPlace[2] is not LambdaExpressionSyntax);
        }
    }
}
