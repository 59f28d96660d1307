using Soar.Scripting.Edit;

namespace Soar.Server.Http;

/// <summary>What is to be done in the diagram.</summary>
internal enum EditWord { Delete, Insert, Move, SetTitle, SetArgument, Wrap, SetHeader, SetHeaderLine }

/// <summary>A change as a request names it: the word, and of the rest what that word needs.</summary>
/// <param name="Thing">Id of a node or group of the diagram: what is changed.</param>
/// <param name="Through">To be deleted together with everything between: another thing in the same block.</param>
/// <param name="At">Id of a node, group or branch: where something goes.</param>
/// <param name="Code">Statements to insert, or a trigger or input; null takes that away.</param>
/// <param name="Result">The name of a variable for what is inserted; it is made unique.</param>
/// <param name="Parameter">Name of the argument; of a decision "condition", of a loop "condition" or "items".</param>
/// <param name="Position">The parameter's place in the declaration, from 0.</param>
/// <param name="Value">A C# expression, or a header field's text; null takes an argument away.</param>
/// <param name="Line">Which trigger or input: its place in the graph's <c>header.lines</c>; null = a new one.</param>
internal sealed record EditAsked(
    EditWord Do, string? Thing = null, string? At = null, EditPlace? Place = null, string? Code = null, string? Result = null, string? Title = null,
    string? Parameter = null, int? Position = null, string? Value = null, EditFrame? In = null, HeaderField? Field = null, int? Line = null, string? Through = null)
{
    public PlaybookEdit ToEdit() => Do switch
    {
        EditWord.Delete => new PlaybookEdit.Delete(Given(Thing, "thing"), Through),
        EditWord.Insert => new PlaybookEdit.Insert(Given(At, "at"), Given(Place, "place"), Given(Code, "code"), Result),
        EditWord.Move => new PlaybookEdit.Move(Given(Thing, "thing"), Given(At, "at"), Given(Place, "place")),
        EditWord.SetTitle => new PlaybookEdit.SetTitle(Given(Thing, "thing"), Given(Title, "title")),
        EditWord.SetArgument => new PlaybookEdit.SetArgument(Given(Thing, "thing"), Given(Parameter, "parameter"), Given(Position, "position"), Value),
        EditWord.Wrap => new PlaybookEdit.Wrap(Given(Thing, "thing"), Given(In, "in"), Value),
        EditWord.SetHeaderLine => new PlaybookEdit.SetHeaderLine(Line, Code ?? (Line is null ? throw Missing("code") : null)),
        _ => new PlaybookEdit.SetHeader(Given(Field, "field"), Given(Value, "value")),
    };

    private string Given(string? value, string field) => value ?? throw Missing(field);

    private T Given<T>(T? value, string field)
        where T : struct => value ?? throw Missing(field);

    private SoarException Missing(string field) => new("SOAR6007", $"'edit.{field}' is missing: {Do} needs it.");
}
