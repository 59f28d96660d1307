using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting.Edit;

/// <summary>Writes a title: the comment directly above a statement. Lines of decoration between which it stands stay.</summary>
internal static class TitleEdit
{
    public static IEnumerable<TextChange> Of(EditedText text, PlaybookEdit.SetTitle edit)
    {
        var target = EditTarget.Of(text, edit.Thing);
        if (!target.Whole) throw EditTarget.Impossible($"'{edit.Thing}' is a part of the statement in line {text.LineOf(target.First.SpanStart)}: the title above it names the statement.");
        var title = string.Join(' ', edit.Title.Split((char[])['\r', '\n', '\t', '\u0085', '\u2028', '\u2029', '\f', '\v'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Trim();
        if (title.Length > 0 && !title.Any(char.IsLetterOrDigit)) throw new SoarException("SOAR1955", $"'{title}' is no title: it has no letter and no digit.");
        // A code node is named by the first title among its statements.
        var statement = target.Statements.FirstOrDefault(one => Titles.Read(one.GetFirstToken()) is not null) ?? target.First;
        var first = statement is IfStatementSyntax && statement.Parent is ElseClauseSyntax otherwise && !text.BeginsLine(statement.GetFirstToken()) ? otherwise.ElseKeyword : statement.GetFirstToken();
        if (Titles.Read(first) == title || (title.Length == 0 && Titles.Read(first) is null)) return [];
        if (!text.BeginsLine(first)) return Break(text, first, title);
        var words = EditedText.Above(first).Where(comment => comment.ToString().Any(char.IsLetterOrDigit)).ToList();
        if (words.Count == 0) return [new(text.LineStart(first.SpanStart), 0, $"{text.IndentAt(first.SpanStart)}// {title}{text.BreakAt(first.SpanStart)}")];
        var gone = title.Length == 0 ? words : words.Skip(1);
        var changes = gone.Select(comment => new TextChange(text.LineStart(comment.SpanStart), NextLine(comment) - text.LineStart(comment.SpanStart), ""));
        return title.Length == 0 ? changes : changes.Prepend(Reworded(words[0], title));
    }

    // The slashes and the space behind them stay, so that only words change.
    private static TextChange Reworded(SyntaxTrivia comment, string title)
    {
        var written = comment.ToString();
        var start = 2;
        while (start < written.Length && written[start] is ' ' or '\t') start++;
        return start == 2 ? new(comment.SpanStart + 2, written.Length - 2, " " + title) : new(comment.SpanStart + start, written.Length - start, title);
    }

    private static int NextLine(SyntaxTrivia comment)
    {
        var trivia = comment.Token.LeadingTrivia;
        return trivia[trivia.IndexOf(comment) + 1].Span.End;
    }

    // A title needs a line of its own, and so does what it names.
    private static IEnumerable<TextChange> Break(EditedText text, SyntaxToken first, string title)
    {
        if (title.Length == 0) return [];
        var indent = text.IndentAt(first.SpanStart) + (first.GetPreviousToken().IsKind(SyntaxKind.SemicolonToken) ? "" : text.Unit);
        var brk = text.BreakAt(first.SpanStart);
        return [new(first.SpanStart, 0, $"{brk}{indent}// {title}{brk}{indent}")];
    }
}
