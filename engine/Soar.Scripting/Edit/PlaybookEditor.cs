using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting.Edit;

/// <summary>
/// Makes a change to a playbook's text that was asked for in its diagram: as few characters as can be, found through the syntax tree. Whatever was not asked to change stays to the character:
/// blank lines, comments that belong to nothing, directives, line breaks. What an edit would break is refused, and the text stays.
/// </summary>
public static class PlaybookEditor
{
    // What code that comes from outside is indented by.
    private const string Spaces = "    ";

    /// <exception cref="SoarException">SOAR1952 to SOAR1956: the edit cannot be made; the message says why.</exception>
    public static EditResult Apply(string text, string file, PlaybookEdit edit, CancellationToken cancellation = default)
    {
        var edited = new EditedText(text, file, cancellation);
        if (edited.Diagram.Errors is [var first, ..])
            throw new SoarException("SOAR1952", $"The text does not parse: line {first.Line}, column {first.Column}: {first.Message}. Mend it in the code first; what it means is not known before.");
        var made = edit switch
        {
            PlaybookEdit.Delete delete => Removal.Of(edited, EditTarget.RunOf(edited, delete.Thing, delete.Through)),
            PlaybookEdit.Insert insert => Insert(edited, insert),
            PlaybookEdit.Move move => Move(edited, move),
            PlaybookEdit.SetTitle title => TitleEdit.Of(edited, title),
            PlaybookEdit.SetArgument argument => ArgumentEdit.Of(edited, argument),
            PlaybookEdit.Wrap { In: EditFrame.All } wrap => Together.Of(edited, wrap),
            PlaybookEdit.Wrap wrap => Wrapping.Of(edited, wrap),
            PlaybookEdit.SetHeader header => ArgumentEdit.Of(edited, header),
            PlaybookEdit.SetHeaderLine line => HeaderEdit.Of(edited, line),
            _ => throw new ArgumentOutOfRangeException(nameof(edit)),
        };
        var changes = TextChange.Ordered(made) ?? throw EditTarget.Impossible("Both ends of this change are in the same lines: make it in the code.");
        var after = TextChange.Apply(text, changes);
        var diagram = Diagram.Of(after, file, cancellation);
        if (diagram.Errors is [var broken, ..])
            throw new SoarException("SOAR1956", $"The text would not parse any more: line {broken.Line}: {broken.Message}. Nothing was changed; make the change in the code.");
        return new(changes, after, diagram);
    }

    /// <summary>The statements of a thing with their title and the comments behind them, not indented: what <see cref="PlaybookEdit.Insert"/> puts elsewhere, also into another playbook.</summary>
    /// <param name="through">Another thing of the same block: everything from one through the other. Null = only the one.</param>
    /// <exception cref="SoarException">SOAR1952 to SOAR1954: there is no such statement.</exception>
    public static string Copy(string text, string file, string thing, string? through = null, CancellationToken cancellation = default)
    {
        var edited = new EditedText(text, file, cancellation);
        var target = EditTarget.RunOf(edited, thing, through);
        var lines = edited.Lines(Removal.Run(edited, target), edited.IndentAt(target.First.SpanStart));
        return Spot.Written(lines.Select(line => line.Fixed || edited.Unit == Spaces ? line : line with { Text = Levels(line.Text, edited.Unit, Spaces) }).Select(line => line with { Break = null }), "", "\n");
    }

    private static List<TextChange> Insert(EditedText text, PlaybookEdit.Insert insert)
    {
        var code = (insert.Result is { Length: > 0 } wanted ? $"var {Unused(text, wanted)} = {insert.Code}" : insert.Code).ReplaceLineEndings("\n").Trim('\n');
        var parsed = Statements(code);
        var lines = parsed.Lines(new Owned(0, code.Length, Lines: true), "").Select(line => line.Fixed ? line : line with { Text = Levels(line.Text, Spaces, text.Unit).TrimEnd() });
        return [.. Spot.Of(text, insert.At, insert.Place).Put([.. lines.Select(line => line with { Break = null })])];
    }

    /// <summary>A text that is statements and nothing else.</summary>
    internal static EditedText Statements(string code)
    {
        var parsed = new EditedText(code, "The code", CancellationToken.None);
        if (parsed.Root.Members.Count == 0 || parsed.Root.ContainsDirectives || parsed.Root.Members.Any(member => member is not GlobalStatementSyntax) || parsed.Root.GetDiagnostics().Any(found => found.Severity == DiagnosticSeverity.Error))
            throw new SoarException("SOAR1955", $"'{code}' is no statement, so it cannot be inserted.");
        return parsed;
    }

    private static List<TextChange> Move(EditedText text, PlaybookEdit.Move move)
    {
        var target = EditTarget.WholeOf(text, move.Thing);
        if (target.First.Parent is ElseClauseSyntax) throw EditTarget.Impossible($"'{move.Thing}' is what an else does, which goes nowhere else: move it in the code.");
        var owned = Removal.Run(text, target);
        var spot = Spot.Of(text, move.At, move.Place);
        if (spot.Anchor >= owned.Start && spot.Anchor < owned.End) throw EditTarget.Impossible($"'{move.Thing}' cannot go where it is itself.");
        var lines = text.Lines(owned, text.IndentAt(target.First.SpanStart));
        return [.. Removal.Of(text, target), .. spot.Put([.. lines])];
    }

    // Every level of indentation in another unit.
    private static string Levels(string line, string from, string to)
    {
        var levels = 0;
        while (line.AsSpan(levels * from.Length).StartsWith(from, StringComparison.Ordinal)) levels++;
        return string.Concat(Enumerable.Repeat(to, levels)) + line[(levels * from.Length)..];
    }

    /// <summary>A name that nothing in the playbook has.</summary>
    internal static string Unused(EditedText text, string wanted)
    {
        if (!SyntaxFacts.IsValidIdentifier(wanted) || SyntaxFacts.GetKeywordKind(wanted) != SyntaxKind.None) wanted = "result";
        var taken = text.Root.DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken)).Select(token => token.ValueText).ToHashSet(StringComparer.Ordinal);
        var name = wanted;
        for (var n = 2; taken.Contains(name); n++) name = $"{wanted}{n}";
        return name;
    }
}
