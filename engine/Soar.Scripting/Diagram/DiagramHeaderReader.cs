using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

/// <summary>The header for the start node, as it is written. What it means is checked by the compiler.</summary>
internal static class DiagramHeaderReader
{
    public static DiagramHeader Read(CompilationUnitSyntax root, string file)
    {
        var calls = HeaderSyntax.In(root).ToList();
        var playbook = calls.Find(call => call.Word == "Playbook");
        return new(
            playbook?.Text("name") ?? Path.GetFileNameWithoutExtension(file),
            playbook?.Text("version") ?? "",
            Last(playbook?.Text("type")),
            Last(playbook?.Text("tlp")),
            playbook?.Text("summary") ?? "",
            [.. calls.Where(call => call.Word.StartsWith("On.", StringComparison.Ordinal)).Select(call => OnOneLine(call.Call))],
            [.. calls.Where(call => call.Word == "Input").Select(call => new DiagramInput(call.Text("name") ?? "", call.Text("description") ?? "", call["default"]?.ToString(), call["from"]?.ToString()))])
        {
            Lines = [.. calls.Select(call => new DiagramHeaderLine(call.Word, DiagramSpan.Of(root.SyntaxTree, call.Statement.Span)))],
        };
    }

    public static TextSpan SpanOf(CompilationUnitSyntax root)
    {
        var calls = HeaderSyntax.In(root).ToList();
        return calls.Count == 0 ? new TextSpan(0, 0) : TextSpan.FromBounds(calls[0].Statement.SpanStart, calls[^1].Statement.Span.End);
    }

    private static string OnOneLine(InvocationExpressionSyntax call) => string.Join(' ', call.ToString().Split((char[])[' ', '\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static string Last(string? name) => name is null ? "" : name[(name.LastIndexOf('.') + 1)..];
}
