using System.Collections.Immutable;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

/// <summary>Reads the header for the start node, as it is written. What it means is checked elsewhere.</summary>
internal static class DiagramHeaderReader
{
    public static DiagramHeader Read(CompilationUnitSyntax root, string file)
    {
        var playbook = Statements(root).Select(CallOf).FirstOrDefault(call => StepSyntax.NameOf(call!) == "Playbook" && StepSyntax.ReceiverOf(call!) is null);
        var triggers = ImmutableArray.CreateBuilder<string>();
        var inputs = ImmutableArray.CreateBuilder<DiagramInput>();
        foreach (var statement in Statements(root))
        {
            var call = CallOf(statement)!;
            if (StepSyntax.ReceiverOf(call) is not null && StepSyntax.RootOf(call) == "On") triggers.Add(string.Join(' ', call.ToString().Split((char[])[' ', '\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)));
            if (StepSyntax.NameOf(call) == "Input") inputs.Add(Input(call));
        }
        return new(
            Argument(playbook, "name", 0) ?? Path.GetFileNameWithoutExtension(file),
            Argument(playbook, "version", 1) ?? "",
            Last(Argument(playbook, "type", 2)),
            Last(Argument(playbook, "tlp", 3)),
            Argument(playbook, "summary", 4) ?? "",
            triggers.ToImmutable(),
            inputs.ToImmutable());
    }

    public static TextSpan SpanOf(CompilationUnitSyntax root)
    {
        var header = Statements(root).ToList();
        return header.Count == 0 ? new TextSpan(0, 0) : TextSpan.FromBounds(header[0].SpanStart, header[^1].Span.End);
    }

    private static IEnumerable<StatementSyntax> Statements(CompilationUnitSyntax root) =>
        root.Members.OfType<GlobalStatementSyntax>().Select(member => member.Statement).Where(StepSyntax.IsHeader);

    private static InvocationExpressionSyntax? CallOf(StatementSyntax statement) => statement switch
    {
        ExpressionStatementSyntax { Expression: InvocationExpressionSyntax call } => call,
        LocalDeclarationStatementSyntax { Declaration.Variables: [{ Initializer.Value: InvocationExpressionSyntax call }] } => call,
        _ => null,
    };

    private static DiagramInput Input(InvocationExpressionSyntax call)
    {
        // Input<T>("name", "description", from:) is required; Input("name", default, "description") brings its default.
        var positional = call.ArgumentList.Arguments.Where(argument => argument.NameColon is null).Select(argument => argument.Expression).ToList();
        var typed = call.Expression is GenericNameSyntax;
        var texts = positional.OfType<LiteralExpressionSyntax>().Where(literal => literal.Token.Value is string).ToList();
        var standard = Named(call, "defaultValue") ?? Named(call, "default") ?? (typed || positional.Count < 3 ? null : positional[1].ToString());
        return new(
            positional.Count > 0 ? Text(positional[0]) : "",
            Named(call, "description") is { } named ? named.Trim('"') : texts.Count > 1 ? Text(texts[^1]) : "",
            standard,
            Named(call, "from"));
    }

    private static string? Named(InvocationExpressionSyntax call, string name) =>
        call.ArgumentList.Arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.ValueText == name)?.Expression.ToString();

    private static string? Argument(InvocationExpressionSyntax? call, string name, int position)
    {
        if (call is null) return null;
        var arguments = call.ArgumentList.Arguments;
        var named = arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.ValueText == name);
        var found = named ?? (position < arguments.Count && arguments[position].NameColon is null ? arguments[position] : null);
        return found is null ? null : Text(found.Expression);
    }

    private static string Text(ExpressionSyntax expression) =>
        expression is LiteralExpressionSyntax { Token.Value: string text } ? text : expression.ToString();

    private static string Last(string? name) => name is null ? "" : name[(name.LastIndexOf('.') + 1)..];
}
