using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Soar.Scripting.Edit;

/// <summary>Writes triggers and inputs: the statements of the header behind <c>Playbook(…)</c>.</summary>
internal static class HeaderEdit
{
    public static IEnumerable<TextChange> Of(EditedText text, PlaybookEdit.SetHeaderLine edit)
    {
        var lines = HeaderSyntax.In(text.Root).ToList();
        if (edit.Line is not { } place) return Add(text, lines, Written(edit.Code ?? ""));
        if (place < 0 || place >= lines.Count) throw EditTarget.Unknown($"header line {place}");
        var line = lines[place];
        if (line.Word == "Playbook") throw EditTarget.Impossible("A playbook needs its first statement: it is changed by its fields.");
        if (edit.Code is null) return Removal.Of(text, new EditTarget("start", [line.Statement], Whole: true));
        return Differing(line.Statement.SpanStart, line.Statement.ToString(), Written(edit.Code).Statement.ToString());
    }

    private static HeaderCall Written(string code)
    {
        var written = code.ReplaceLineEndings("\n").Trim();
        return PlaybookEditor.Statements(written).Root.Members is [GlobalStatementSyntax { Statement: var statement }] && statement.ToString() == written && HeaderSyntax.Of(statement) is { Word: not "Playbook" } call
            ? call
            : throw new SoarException("SOAR1955", $"'{written}' is no trigger and no input: they are On.Alert(…), On.Case(…), On.Schedule(…), On.Webhook(…) and Input(…), one statement each, ended by a semicolon.");
    }

    // Triggers stand with triggers, inputs with inputs.
    private static IEnumerable<TextChange> Add(EditedText text, List<HeaderCall> lines, HeaderCall added)
    {
        var behind = lines.LastOrDefault(line => IsTrigger(line) == IsTrigger(added) && line.Word != "Playbook") ?? (IsTrigger(added) ? lines.FirstOrDefault(line => line.Word == "Playbook") : lines.LastOrDefault())
            ?? throw EditTarget.Impossible("""The text does not begin with Playbook("…", …): write it in the code first.""");
        var code = added.Statement.ToString().Split('\n').Select(line => new CodeLine(line, Fixed: false, null));
        return Spot.After(text, behind.Statement).Put([.. code]);
    }

    private static bool IsTrigger(HeaderCall call) => call.Word.StartsWith("On.", StringComparison.Ordinal);

    // What is alike at both ends stays.
    private static IEnumerable<TextChange> Differing(int start, string old, string now)
    {
        if (old == now) return [];
        var same = 0;
        while (same < old.Length && same < now.Length && old[same] == now[same]) same++;
        var tail = 0;
        while (tail < old.Length - same && tail < now.Length - same && old[^(tail + 1)] == now[^(tail + 1)]) tail++;
        return [new(start + same, old.Length - same - tail, now[same..^tail])];
    }
}
