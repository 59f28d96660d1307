using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting.Edit;

/// <summary>A place for statements: where it is, and how lines are put there.</summary>
/// <param name="Anchor">A position of what it was found by: what is moved must not hold it.</param>
internal sealed record Spot(int Anchor, Func<IReadOnlyList<CodeLine>, IEnumerable<TextChange>> Put)
{
    public static Spot Of(EditedText text, string at, EditPlace place) => place switch
    {
        EditPlace.Before => BeforeThing(text, at),
        EditPlace.After => AfterThing(text, at),
        _ => WithoutElse(text, at) is { } choice ? new(choice.SpanStart, code => Braces.Else(text, choice, code)) : Inside(text, ContainerOf(text, at), place == EditPlace.First),
    };

    private static Spot BeforeThing(EditedText text, string at)
    {
        if (text.Diagram.Nodes.Any(node => node.Id == at && node is { Kind: DiagramNodeKind.End, Span.Length: 0 })) return AtTheEnd(text);
        return Before(text, EditTarget.Of(text, at).First);
    }

    private static Spot AfterThing(EditedText text, string at)
    {
        if (at != "start") return After(text, EditTarget.Of(text, at).Last);
        // Beside the first statement, not beside the header: so the blank line between them stays where it is.
        var body = Top(text).FirstOrDefault(statement => HeaderSyntax.Of(statement) is null && statement is not LocalFunctionStatementSyntax);
        return body is null ? AtTheEnd(text) : Before(text, body);
    }

    private static IEnumerable<StatementSyntax> Top(EditedText text) => text.Root.Members.OfType<GlobalStatementSyntax>().Select(member => member.Statement);

    private static Spot AtTheEnd(EditedText text) => Top(text).LastOrDefault(statement => statement is not LocalFunctionStatementSyntax) is { } last
        ? After(text, last)
        : new(text.Text.Length, code => [new(text.Text.Length, 0, string.Concat(code.Select(line => line.Written("", "\n"))))]);

    private static Spot Before(EditedText text, StatementSyntax statement) => new(statement.SpanStart, code =>
    {
        if (EditTarget.Siblings(statement) is null) return Braces.Around(text, statement, code, []);
        var first = statement.GetFirstToken();
        var (indent, brk) = (text.IndentAt(first.SpanStart), text.BreakAt(first.SpanStart));
        if (text.BeginsLine(first)) return [new(text.TitleStart(first), 0, Written(code, indent, brk))];
        return IsOneLine(code) ? [new(first.SpanStart, 0, code[0].Text + " ")] : [new(first.SpanStart, 0, brk + Written(code, indent + text.Unit, brk) + indent + text.Unit)];
    });

    /// <summary>On the lines behind a statement.</summary>
    public static Spot After(EditedText text, StatementSyntax statement) => new(statement.SpanStart, code =>
    {
        if (EditTarget.Siblings(statement) is null) return Braces.Around(text, statement, [], code);
        var last = statement.GetLastToken();
        var first = statement.GetFirstToken();
        var (indent, brk) = (text.IndentAt(first.SpanStart), text.BreakAt(first.SpanStart));
        if (!text.BeginsLine(first)) indent += text.Unit;
        if (text.EndsLine(last)) return [AtLineEnd(text, last, Written(code, indent, brk), brk)];
        return IsOneLine(code) ? [new(last.Span.End, 0, " " + code[0].Text)] : [new(last.Span.End, 0, brk + Written(code, indent, brk) + text.IndentAt(last.SpanStart))];
    });

    /// <summary>Whole lines behind the line that a token ends, also behind one without a line break at the end of the file.</summary>
    public static TextChange AtLineEnd(EditedText text, SyntaxToken last, string written, string brk) =>
        EditedText.EndBeforeBreak(last) == last.FullSpan.End && last.FullSpan.End == text.Text.Length
            ? new(last.FullSpan.End, 0, brk + written[..^brk.Length])
            : new(last.FullSpan.End, 0, written);

    public static string Written(IEnumerable<CodeLine> code, string indent, string brk) => string.Concat(code.Select(line => line.Written(indent, brk)));

    public static bool IsOneLine(IReadOnlyList<CodeLine> code) => code is [{ Fixed: false } only] && !only.Text.Contains("//", StringComparison.Ordinal);

    private static Spot Inside(EditedText text, SyntaxNode container, bool first)
    {
        switch (container)
        {
            case BlockSyntax { Statements: [var top, .., var bottom] }: return first ? Before(text, top) : Behind(text, bottom);
            case BlockSyntax { Statements: [var only] }: return first ? Before(text, only) : Behind(text, only);
            case BlockSyntax block: return new(block.SpanStart, code => Braces.Fill(text, block, code));
            case SwitchSectionSyntax section: return first ? Before(text, section.Statements[0]) : Behind(text, section.Statements[^1]);
            case StatementSyntax body: return first ? Before(text, body) : Behind(text, body);
            default: throw EditTarget.Impossible("There is one expression here and no room for statements: change it in the code.");
        }
    }

    // Nothing is done after a return.
    private static Spot Behind(EditedText text, StatementSyntax last) =>
        last is ReturnStatementSyntax or ThrowStatementSyntax or BreakStatementSyntax or ContinueStatementSyntax or GotoStatementSyntax ? Before(text, last) : After(text, last);

    /// <summary>The <c>if</c> whose other way is meant, where it has no <c>else</c> yet.</summary>
    private static IfStatementSyntax? WithoutElse(EditedText text, string at) =>
        text.Diagram.Branches.FirstOrDefault(branch => branch.Id == at) is { Kind: DiagramBranchKind.False } branch && EditTarget.SpanOf(text.Diagram, branch.Owner) is { } span
            && EditTarget.Innermost(text.Root, span) is IfStatementSyntax { Else: null } choice && choice.Span == span ? choice : null;

    /// <summary>What a group or branch holds: a block, a switch section, a body without braces.</summary>
    private static SyntaxNode ContainerOf(EditedText text, string at)
    {
        if (text.Diagram.Branches.FirstOrDefault(branch => branch.Id == at) is { } branch) return WayOf(text, branch);
        if (text.Diagram.Nodes.Any(node => node.Id == at)) throw EditTarget.Impossible($"'{at}' is a single thing: nothing goes into it.");
        var group = text.Diagram.Groups.FirstOrDefault(group => group.Id == at) ?? throw EditTarget.Unknown(at);
        if (group.Kind == DiagramGroupKind.Branch) throw EditTarget.Impossible($"'{at}' has several ways: say which.");
        var span = EditTarget.Span(group.Span);
        var token = text.Root.FindToken(span.Start);
        var node = token.Parent!.AncestorsAndSelf().FirstOrDefault(node => node.Span == span && node is StatementSyntax or ElseClauseSyntax or SwitchSectionSyntax or CatchClauseSyntax or FinallyClauseSyntax or InvocationExpressionSyntax);
        return node switch
        {
            InvocationExpressionSyntax call => call.ArgumentList.Arguments.Select(argument => argument.Expression).OfType<LambdaExpressionSyntax>().LastOrDefault()?.Block as SyntaxNode ?? call,
            null => token.Parent,
            _ => BodyOf(node),
        };
    }

    private static SyntaxNode WayOf(EditedText text, DiagramBranch branch)
    {
        var about = EditTarget.SpanOf(text.Diagram, branch.Owner) ?? EditTarget.Span(branch.Span);
        var choice = EditTarget.Innermost(text.Root, about);
        return (branch.Kind, choice) switch
        {
            (DiagramBranchKind.True, IfStatementSyntax yes) when yes.Span == about => yes.Statement,
            (DiagramBranchKind.False, IfStatementSyntax no) when no.Span == about => no.Else!.Statement,
            (DiagramBranchKind.Case, SwitchStatementSyntax cases) => cases.Sections.First(section => section.Labels[0].Span.Start == branch.Span.Start),
            (DiagramBranchKind.Entered, { } loop) when loop.Span == about => BodyOf(loop),
            _ => throw EditTarget.Impossible($"'{branch.Label}' has no place for statements in the text: change it in the code."),
        };
    }

    private static SyntaxNode BodyOf(SyntaxNode node) => node switch
    {
        ElseClauseSyntax otherwise => otherwise.Statement,
        CommonForEachStatementSyntax loop => loop.Statement,
        ForStatementSyntax loop => loop.Statement,
        WhileStatementSyntax loop => loop.Statement,
        DoStatementSyntax loop => loop.Statement,
        TryStatementSyntax attempt => attempt.Block,
        CatchClauseSyntax handler => handler.Block,
        FinallyClauseSyntax last => last.Block,
        LocalFunctionStatementSyntax { Body: { } body } => body,
        LocalFunctionStatementSyntax { ExpressionBody: { } one } => one,
        _ => node,
    };
}
