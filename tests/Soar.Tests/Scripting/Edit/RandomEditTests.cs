using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Scripting;
using Soar.Scripting.Edit;
using Soar.Tests.Scripting.Compile;
using Soar.Tests.Scripting.Diagrams;

namespace Soar.Tests.Scripting.Edit;

/// <summary>
/// Random visual edits, from a seed, on every shipped playbook and on the odd shapes of the diagram's tests, each also with CRLF and with tabs: they change only the lines of the statements
/// concerned, lose no statement and no title, the result parses and draws, and undo restores the file byte for byte.
/// </summary>
public sealed class RandomEditTests
{
    private const string Mark = "Marked";
    private const string AddedInput = "var added = Input<string>(\"added\", \"What was \\\"added\\\"\");";

    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        foreach (var folder in new[] { "playbooks", "tests/Soar.Tests/Scripting/Diagram/fixtures" })
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Compiling.Repository, folder), "*.csx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                files.Add(Path.GetRelativePath(Compiling.Repository, file));
        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Edits_change_only_the_lines_of_the_statements_concerned_and_undo_restores_the_file(string file)
    {
        var text = File.ReadAllText(Path.Combine(Compiling.Repository, file)).ReplaceLineEndings("\n");
        var applied = 0;
        foreach (var variant in new[] { text, text.ReplaceLineEndings("\r\n"), text.Replace("    ", "\t", StringComparison.Ordinal), text.TrimEnd() })
        {
            var random = new Random(variant.Length);
            applied += Enumerable.Range(0, 16).Count(_ => Try(variant, file, Some(Diagram.Of(variant, file), random)));
        }

        // The smallest file has two statements: much that chance asks of it cannot be done.
        Assert.True(applied >= 10, $"only {applied} of 64 edits could be made");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Many_edits_one_after_another_are_undone_in_reverse_to_the_byte(string file)
    {
        var text = File.ReadAllText(Path.Combine(Compiling.Repository, file));
        var random = new Random(7);
        var (now, undo) = (text, new Stack<IReadOnlyList<TextChange>>());
        for (var i = 0; i < 25; i++)
        {
            try
            {
                var result = PlaybookEditor.Apply(now, file, Some(Diagram.Of(now, file), random));
                undo.Push(TextChange.Inverse(now, result.Changes));
                now = result.Text;
            }
            catch (SoarException refused) when (refused.Code is "SOAR1953" or "SOAR1955")
            {
                // Not everything can be asked of every place; what is refused changes nothing.
            }
        }

        Assert.NotEqual(text, now);
        while (undo.TryPop(out var changes)) now = TextChange.Apply(now, changes);
        Assert.Equal(text, now);
    }

    /// <summary>What chance seldom hits: every step at the same time as the one behind it, and every line of every header.</summary>
    [Fact]
    public void Steps_are_joined_and_header_lines_written_wherever_that_can_be_done()
    {
        var (joined, written) = (0, 0);
        foreach (var file in Files().Select(row => row.Data))
        {
            var text = File.ReadAllText(Path.Combine(Compiling.Repository, file)).ReplaceLineEndings("\n");
            foreach (var variant in new[] { text, text.ReplaceLineEndings("\r\n") })
            {
                var diagram = Diagram.Of(variant, file);
                joined += diagram.Nodes.Select(node => node.Id).Concat(diagram.Groups.Select(group => group.Id)).Count(thing => Try(variant, file, new PlaybookEdit.Wrap(thing, EditFrame.All, null)));
                for (var line = 0; line < diagram.Header.Lines.Length; line++) written += HeaderLines(line).Count(edit => Try(variant, file, edit));
            }
        }

        Assert.True(joined >= 20, $"only {joined} pairs of steps could be joined");
        Assert.True(written >= 60, $"only {written} lines of headers could be written");
    }

    private static PlaybookEdit.SetHeaderLine[] HeaderLines(int? line) =>
        [new(line, AddedInput), new(line, "On.Case(state => state.Severity >= 50);"), .. line is null ? Array.Empty<PlaybookEdit.SetHeaderLine>() : [new(line, null)]];

    private static bool Try(string text, string file, PlaybookEdit edit)
    {
        EditResult result;
        try
        {
            result = PlaybookEditor.Apply(text, file, edit);
        }
        catch (SoarException refused) when (refused.Code is "SOAR1953" or "SOAR1955")
        {
            return false;
        }
        catch (SoarException broken)
        {
            throw new InvalidOperationException($"{edit} of a {(text.Contains('\r') ? "CRLF" : "LF")} text: {broken.Message}", broken);
        }

        try
        {
            Assert.Equal(result.Text, TextChange.Apply(text, result.Changes));
            Assert.Equal(text, TextChange.Apply(result.Text, TextChange.Inverse(text, result.Changes)));
            Draws(result);
            var concerned = Concerned(text, file, edit);
            Assert.All(result.Changes, change => Assert.True(Touched(text, change).All(concerned.Contains), $"{change} is outside of the lines {string.Join(",", concerned.Order())}"));
            Compare(text, result.Text, file, edit);
        }
        catch (Exception wrong) when (wrong is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{edit}\n{wrong.Message}\n----\n{result.Text}", wrong);
        }

        return true;
    }

    /// <summary>Moved ends leave what is never reached; the checker tells of it. But everything is in the picture.</summary>
    private static void Draws(EditResult result)
    {
        Assert.Empty(result.Diagram.Errors);
        Assert.Equal(Sound.Awaits(result.Text), Sound.Claimed(result.Diagram));
        var ids = result.Diagram.Nodes.Select(node => node.Id).Concat(result.Diagram.Groups.Select(group => group.Id)).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    /// <summary>What is lost and what is new: told by the tree of what was there and of what is there now, not by the changes.</summary>
    private static void Compare(string before, string after, string file, PlaybookEdit edit)
    {
        var (old, now) = (Simple(before), Simple(after));
        var (oldTitles, nowTitles) = (Titled(before), Titled(after));
        switch (edit)
        {
            case PlaybookEdit.Insert:
                Assert.Equal([$"await Note(\"{Mark}\");"], Minus(now, old));
                Assert.Empty(Minus(old, now));
                Assert.Equal(oldTitles, nowTitles);
                break;
            case PlaybookEdit.Move:
                Assert.Empty(Minus(old, now));
                Assert.Empty(Minus(now, old).Where(statement => statement != "break;"));
                Assert.Equal(oldTitles, nowTitles);
                break;
            case PlaybookEdit.Wrap { In: EditFrame.All }:
                Assert.Equal(old.Count - 1, now.Count);
                Assert.Empty(Minus(Names(before), Names(after)));
                Assert.Empty(Minus(Names(after), Names(before)).Except(["All", "Titled", "_"]));
                Assert.All(Minus(oldTitles, nowTitles), title => Assert.Contains(title, Texts(after)));
                Assert.Empty(Minus(Texts(before), Texts(after)));
                break;
            case PlaybookEdit.SetHeaderLine line:
                Assert.True(Minus(old, now).Count <= (line.Line is null ? 0 : 1), "a statement is lost");
                Assert.True(Minus(now, old).Count <= (line.Code is null ? 0 : 1), "a statement is new");
                Assert.Empty(Minus(nowTitles, oldTitles));
                break;
            case PlaybookEdit.Wrap wrap:
                Assert.Empty(Minus(old, now));
                Assert.Equal(wrap.In == EditFrame.Try ? 1 : 0, now.Count - old.Count);
                Assert.Equal(oldTitles, nowTitles);
                break;
            case PlaybookEdit.SetTitle title:
                Assert.Equal(old, now);
                Assert.Equal(Tokens(before), Tokens(after));
                if (title.Title.Length > 0) Assert.Contains(title.Title, nowTitles);
                Assert.True(Minus(oldTitles, nowTitles).Count <= 1);
                break;
            case PlaybookEdit.Delete delete:
                var span = Run(before, Diagram.Of(before, file), delete);
                var gone = Minus(old, now);
                Assert.Empty(Minus(now, old).Where(statement => statement != "break;"));
                Assert.All(gone, statement => Assert.Contains(statement, SimpleIn(before, span)));
                break;
            case PlaybookEdit.SetArgument or PlaybookEdit.SetHeader:
                // An argument may be a lambda with titles in it, which go with it.
                Assert.Empty(Minus(nowTitles, oldTitles));
                break;
        }
    }

    private static PlaybookEdit Some(Diagram diagram, Random random)
    {
        var things = diagram.Nodes.Select(node => node.Id).Concat(diagram.Groups.Select(group => group.Id)).ToList();
        var inside = diagram.Groups.Select(group => group.Id).Concat(diagram.Branches.Select(branch => branch.Id)).ToList();
        string Thing() => things[random.Next(things.Count)];
        var place = (EditPlace)random.Next(4);
        var at = place is EditPlace.First or EditPlace.Last && inside.Count > 0 ? inside[random.Next(inside.Count)] : Thing();
        return random.Next(9) switch
        {
            0 => new PlaybookEdit.Delete(Thing(), random.Next(3) == 0 ? Thing() : null),
            1 or 2 => new PlaybookEdit.Insert(at, place, $"await Note(\"{Mark}\");"),
            3 => new PlaybookEdit.Move(Thing(), at, place),
            4 => new PlaybookEdit.SetTitle(Thing(), random.Next(4) == 0 ? "" : $"Наслов {random.Next(1000)}"),
            5 => new PlaybookEdit.SetArgument(Thing(), "condition", random.Next(3), "1 + 1"),
            6 => new PlaybookEdit.Wrap(Thing(), (EditFrame)random.Next(4), "true"),
            7 => HeaderLines(random.Next(2) == 0 || diagram.Header.Lines.IsEmpty ? null : random.Next(diagram.Header.Lines.Length)) is var lines ? lines[random.Next(lines.Length)] : null!,
            _ => random.Next(2) == 0 ? new PlaybookEdit.SetHeader(HeaderField.Summary, "What \"it\" does\\is") : new PlaybookEdit.SetHeader(HeaderField.Tlp, "Red"),
        };
    }

    /// <summary>The lines (from 0) that an edit may touch: those of the statements that it names, with their titles and with what they are the body of.</summary>
    private static HashSet<int> Concerned(string text, string file, PlaybookEdit edit)
    {
        var diagram = Diagram.Of(text, file);
        string[] named = edit switch
        {
            PlaybookEdit.Delete e => [e.Thing],
            PlaybookEdit.Insert e => [e.At],
            PlaybookEdit.Move e => [e.Thing, e.At],
            PlaybookEdit.SetTitle e => [e.Thing],
            PlaybookEdit.SetArgument e => [e.Thing],
            PlaybookEdit.Wrap e => [e.Thing],
            PlaybookEdit.SetHeaderLine => [],
            _ => ["start"],
        };
        var lines = new HashSet<int>();
        if (edit is PlaybookEdit.SetHeaderLine { Line: { } place }) lines.UnionWith(LinesOf(text, new(diagram.Header.Lines[place].Span.Start, diagram.Header.Lines[place].Span.Length)));
        if (edit is PlaybookEdit.Wrap { In: EditFrame.All } joined && Next(text, Whole(text, SpanOf(diagram, joined.Thing))) is { } next) lines.UnionWith(LinesOf(text, next));
        if (edit is PlaybookEdit.Delete { Through: not null } several) lines.UnionWith(LinesOf(text, Run(text, diagram, several)));
        foreach (var name in named)
        {
            // The header's statements are one thing; so is what happens at the end.
            if (name is "start" or "end" && edit is PlaybookEdit.Insert or PlaybookEdit.Move)
            {
                lines.UnionWith(Enumerable.Range(0, text.Split('\n').Length));
                continue;
            }

            lines.UnionWith(LinesOf(text, Whole(text, SpanOf(diagram, name))));
        }

        return lines;
    }

    private static Microsoft.CodeAnalysis.Text.TextSpan Run(string text, Diagram diagram, PlaybookEdit.Delete delete)
    {
        var (one, other) = (Whole(text, SpanOf(diagram, delete.Thing)), Whole(text, SpanOf(diagram, delete.Through ?? delete.Thing)));
        return Microsoft.CodeAnalysis.Text.TextSpan.FromBounds(Math.Min(one.Start, other.Start), Math.Max(one.End, other.End));
    }

    /// <summary>With the comments above.</summary>
    private static IEnumerable<int> LinesOf(string text, Microsoft.CodeAnalysis.Text.TextSpan span)
    {
        var first = LineOf(text, span.Start);
        while (first > 0 && text.Split('\n')[first - 1].TrimStart().StartsWith("//", StringComparison.Ordinal)) first--;
        return Enumerable.Range(first, LineOf(text, span.End) - first + 1);
    }

    /// <summary>The statement behind one; what stands between the two belongs to both.</summary>
    private static Microsoft.CodeAnalysis.Text.TextSpan? Next(string text, Microsoft.CodeAnalysis.Text.TextSpan statement)
    {
        var next = Root(text).DescendantNodes().OfType<StatementSyntax>().Where(one => one is not BlockSyntax && one.SpanStart >= statement.End).OrderBy(one => one.SpanStart).FirstOrDefault();
        return next is null ? null : Microsoft.CodeAnalysis.Text.TextSpan.FromBounds(statement.End, next.Span.End);
    }

    private static List<string> Names(string text) => [.. Root(text).DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken) && token.ValueText != "var").Select(token => token.ValueText).Order(StringComparer.Ordinal)];

    private static List<string> Texts(string text) => [.. Root(text).DescendantTokens().Where(token => token.IsKind(SyntaxKind.StringLiteralToken) || token.IsKind(SyntaxKind.InterpolatedStringTextToken)).Select(token => token.ValueText).Order(StringComparer.Ordinal)];

    private static Microsoft.CodeAnalysis.Text.TextSpan SpanOf(Diagram diagram, string id)
    {
        if (diagram.Branches.FirstOrDefault(branch => branch.Id == id) is { } way) return SpanOf(diagram, way.Owner);
        var node = diagram.Nodes.FirstOrDefault(node => node.Id == id);
        var group = diagram.Groups.FirstOrDefault(group => group.Id == id);
        if (node is { Kind: DiagramNodeKind.Decision } || group is { Kind: DiagramGroupKind.Arm or DiagramGroupKind.Protected or DiagramGroupKind.Catch or DiagramGroupKind.Finally }) return SpanOf(diagram, node?.Parent ?? group!.Parent!);
        var span = node?.Span ?? group!.Span;
        return new(span.Start, span.Length);
    }

    /// <summary>The statements that hold a span; of a body without braces also what it is the body of.</summary>
    private static Microsoft.CodeAnalysis.Text.TextSpan Whole(string text, Microsoft.CodeAnalysis.Text.TextSpan span)
    {
        var root = Root(text);
        if (span.Start >= text.Length) return span;
        SyntaxNode? statement = root.FindToken(span.Start).Parent?.AncestorsAndSelf().OfType<StatementSyntax>().FirstOrDefault(one => one is not BlockSyntax && one.Span.Contains(span));
        while (statement?.Parent is StatementSyntax and not BlockSyntax or ElseClauseSyntax) statement = statement!.Parent;
        return statement?.Span ?? span;
    }

    private static IEnumerable<int> Touched(string text, TextChange change)
    {
        // Whole lines between others touch neither.
        var startsLine = change.Start == 0 || text[change.Start - 1] == '\n';
        if (change.Length == 0 && startsLine && change.Text.EndsWith('\n')) return [];
        if (change.Length == 0 && change.Start == text.Length) return [];
        var last = change.Length > 0 && text[change.Start + change.Length - 1] == '\n' ? change.Start + change.Length - 1 : change.Start + change.Length;
        var first = LineOf(text, change.Start);
        return Enumerable.Range(first, LineOf(text, last) - first + 1);
    }

    private static int LineOf(string text, int position) => text.AsSpan(0, Math.Min(position, text.Length)).Count('\n');

    private static CompilationUnitSyntax Root(string text) => CSharpSyntaxTree.ParseText(text, Diagram.ParseOptions).GetCompilationUnitRoot();

    private static List<string> Simple(string text) => [.. SimpleIn(text, new(0, text.Length))];

    private static IEnumerable<string> SimpleIn(string text, Microsoft.CodeAnalysis.Text.TextSpan span) => Root(text).DescendantNodes().OfType<StatementSyntax>()
        .Where(statement => span.Contains(statement.Span) && statement is ExpressionStatementSyntax or LocalDeclarationStatementSyntax or ReturnStatementSyntax or ThrowStatementSyntax or BreakStatementSyntax or ContinueStatementSyntax)
        .Select(statement => string.Concat(statement.DescendantTokens(node => node is not BlockSyntax).Select(token => token.Text + (token.TrailingTrivia.Count > 0 ? " " : ""))).Trim()).Order(StringComparer.Ordinal);

    private static List<string> Tokens(string text) => [.. Root(text).DescendantTokens().Select(token => token.Text)];

    private static List<string> Titled(string text)
    {
        var titles = Titles.Of(CSharpSyntaxTree.ParseText(text, Diagram.ParseOptions));
        return [.. Root(text).DescendantNodes().Where(node => node is StatementSyntax and not BlockSyntax or ElseClauseSyntax).Select(titles.TitleOf).OfType<string>().Order(StringComparer.Ordinal)];
    }

    private static List<string> Minus(IReadOnlyList<string> all, IReadOnlyList<string> without)
    {
        var rest = all.ToList();
        foreach (var one in without) rest.Remove(one);
        return rest;
    }
}
