namespace Soar.Scripting.Edit;

/// <summary>Where a statement goes: beside another, or into a frame or branch.</summary>
public enum EditPlace { Before, After, First, Last }

/// <summary>What a statement is put into. <c>All</c> is done at the same time as the statement that follows.</summary>
public enum EditFrame { If, ForEach, Try, All }

/// <summary>What of a header can be set.</summary>
public enum HeaderField { Version, Type, Tlp, Summary }

/// <summary>
/// One change that somebody makes to the picture of a playbook. Things are named by their ids in the diagram of the very text that is edited (<see cref="Diagram"/>); <c>First</c> and
/// <c>Last</c> take a group's id or a branch's (<see cref="DiagramBranch"/>), so that a branch that does nothing yet can be filled.
/// </summary>
public abstract record PlaybookEdit
{
    private PlaybookEdit()
    {
    }

    /// <summary>Takes statements away: with their titles, the comments behind them and their lines.</summary>
    /// <param name="Through">Another thing of the same block: everything from one through the other goes. Null = only the one.</param>
    public sealed record Delete(string Thing, string? Through = null) : PlaybookEdit;

    /// <param name="Code">Statements, indented by four spaces where they nest.</param>
    /// <param name="Result">The name that a variable for its result should have; it is made unique. Null = no variable.</param>
    public sealed record Insert(string At, EditPlace Place, string Code, string? Result = null) : PlaybookEdit;

    /// <summary>Takes a statement elsewhere, as it is.</summary>
    public sealed record Move(string Thing, string At, EditPlace Place) : PlaybookEdit;

    /// <param name="Title">Empty = none.</param>
    public sealed record SetTitle(string Thing, string Title) : PlaybookEdit;

    /// <param name="Parameter">The parameter's name; of a decision <c>condition</c>, of a loop <c>condition</c> or <c>items</c>.</param>
    /// <param name="Position">The parameter's place in the declaration, from 0.</param>
    /// <param name="Value">A C# expression; null or empty takes the argument away.</param>
    public sealed record SetArgument(string Thing, string Parameter, int Position, string? Value) : PlaybookEdit;

    /// <param name="Value">The condition of an <c>if</c>, the items of a <c>foreach</c>; nothing for a <c>try</c> or an <c>All</c>.</param>
    public sealed record Wrap(string Thing, EditFrame In, string? Value) : PlaybookEdit;

    /// <param name="Value">The text itself, or the name of the enum's member.</param>
    public sealed record SetHeader(HeaderField Field, string Value) : PlaybookEdit;

    /// <summary>Writes a trigger or an input.</summary>
    /// <param name="Line">Which one: its place in <see cref="DiagramHeader.Lines"/>; null = a new one, behind the last of its kind.</param>
    /// <param name="Code">The statement; null takes it away.</param>
    public sealed record SetHeaderLine(int? Line, string? Code) : PlaybookEdit;
}

/// <summary>What became of an edit.</summary>
/// <param name="Changes">In the order of the text, none over another; empty when it was so already.</param>
/// <param name="Text">The playbook afterwards.</param>
public sealed record EditResult(IReadOnlyList<TextChange> Changes, string Text, Diagram Diagram);
