using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting.Edit;

/// <summary>The statements behind a thing of the diagram.</summary>
/// <param name="Statements">In the order of the text, in one list; of a code node as many as it stands for.</param>
/// <param name="Whole">False for a thing that is a part of its statement: a lane of <c>All</c>, a step in the condition of an <c>if</c>.</param>
internal sealed record EditTarget(string Id, IReadOnlyList<StatementSyntax> Statements, bool Whole)
{
    public StatementSyntax First => Statements[0];

    public StatementSyntax Last => Statements[^1];

    public static EditTarget Of(EditedText text, string id)
    {
        if (id == "start") throw Impossible("The header is no statement: it is changed by its fields.");
        var span = SpanOf(text.Diagram, id) ?? throw Unknown(id);
        if (text.Diagram.Nodes.Any(node => node.Id == id && node.Kind == DiagramNodeKind.Code) && Run(text.Root, span) is { Count: > 0 } run) return new(id, run, Whole: true);
        var statement = Innermost(text.Root, span) ?? throw Impossible($"'{id}' is no statement of its own: it is what happens when the last one is done.");
        return new(id, [statement], !IsArm(text.Diagram, id) && Owns(text, statement, span));
    }

    /// <summary>The same, for what changes a statement as a whole.</summary>
    public static EditTarget WholeOf(EditedText text, string id)
    {
        var target = Of(text, id);
        if (!target.Whole) throw Impossible($"'{id}' is a part of the statement in line {text.LineOf(target.First.SpanStart)}, not a statement of its own: change it in the code.");
        if (target.First.Parent is LabeledStatementSyntax || target.First is LabeledStatementSyntax) throw Impossible($"'{id}' has a label, which a goto may want: change it in the code.");
        return target;
    }

    /// <summary>Everything from one thing through another of the same block, whichever stands first.</summary>
    public static EditTarget RunOf(EditedText text, string id, string? through)
    {
        var one = WholeOf(text, id);
        if (through is null || through == id) return one;
        var other = WholeOf(text, through);
        List<StatementSyntax> siblings = [.. Siblings(one.First) ?? []];
        if (!siblings.Contains(other.First)) throw Impossible($"'{id}' and '{through}' do not stand in one block, so there is no run of statements from one through the other: choose both in the same one.");
        var (from, to) = (Math.Min(siblings.IndexOf(one.First), siblings.IndexOf(other.First)), Math.Max(siblings.IndexOf(one.Last), siblings.IndexOf(other.Last)));
        var run = siblings.GetRange(from, to - from + 1);
        if (run.Find(statement => statement is LabeledStatementSyntax) is { } labelled) throw Impossible($"The statement in line {text.LineOf(labelled.SpanStart)} between them has a label, which a goto may want: change it in the code.");
        return new(id, run, Whole: true);
    }

    public static SoarException Impossible(string message) => new("SOAR1953", message);

    public static SoarException Unknown(string id) => new("SOAR1954", $"There is no '{id}' in the diagram of this text. The text has changed since it was drawn: draw it again.");

    public static TextSpan? SpanOf(Diagram diagram, string id)
    {
        // A decision stands for its if or switch, the inside of a try for the try.
        if (diagram.Nodes.FirstOrDefault(node => node.Id == id) is { } node)
            return node is { Kind: DiagramNodeKind.Decision, Parent: { } choice } ? SpanOf(diagram, choice) : Span(node.Span);
        return diagram.Groups.FirstOrDefault(group => group.Id == id) switch
        {
            null => null,
            { Kind: DiagramGroupKind.Protected, Parent: { } attempt } => SpanOf(diagram, attempt),
            var group => Span(group.Span),
        };
    }

    public static TextSpan Span(DiagramSpan span) => new(span.Start, span.Length);

    public static StatementSyntax? Innermost(CompilationUnitSyntax root, TextSpan span) =>
        span.Start >= root.FullSpan.End ? null : root.FindToken(span.Start).Parent?.AncestorsAndSelf().OfType<StatementSyntax>().FirstOrDefault(statement => statement is not BlockSyntax && statement.Span.Contains(span));

    /// <summary>The statements beside this one, itself among them; null for one that is a body without braces.</summary>
    public static IReadOnlyList<StatementSyntax>? Siblings(StatementSyntax statement) => statement.Parent switch
    {
        GlobalStatementSyntax { Parent: CompilationUnitSyntax root } => [.. root.Members.OfType<GlobalStatementSyntax>().Select(member => member.Statement)],
        BlockSyntax block => block.Statements,
        SwitchSectionSyntax section => section.Statements,
        _ => null,
    };

    // A code node: the plain statements that follow each other. Local functions between them are drawn elsewhere.
    private static List<StatementSyntax> Run(CompilationUnitSyntax root, TextSpan span)
    {
        var first = root.FindToken(span.Start).Parent?.AncestorsAndSelf().OfType<StatementSyntax>().LastOrDefault(statement => statement is not BlockSyntax && statement.SpanStart == span.Start && statement.Span.End <= span.End);
        if (first is null) return [];
        return Siblings(first) is { } siblings ? [.. siblings.Where(statement => span.Contains(statement.Span) && statement is not LocalFunctionStatementSyntax)] : [first];
    }

    // An arm without braces is as long as the statement in it, and yet another thing.
    private static bool IsArm(Diagram diagram, string id) => diagram.Groups.Any(group => group.Id == id && group.Kind == DiagramGroupKind.Arm);

    private static bool Owns(EditedText text, StatementSyntax statement, TextSpan span)
    {
        if (statement.Span == span) return true;
        if (statement is not (ExpressionStatementSyntax or LocalDeclarationStatementSyntax or ReturnStatementSyntax or ThrowStatementSyntax or YieldStatementSyntax)) return false;
        return text.Diagram.Nodes.Select(node => node.Span).Concat(text.Diagram.Groups.Where(group => group.Kind != DiagramGroupKind.Arm).Select(group => group.Span)).Select(Span)
            .Where(other => other.Length > 0 && statement.Span.Contains(other) && Innermost(text.Root, other) == statement).All(span.Contains);
    }
}
