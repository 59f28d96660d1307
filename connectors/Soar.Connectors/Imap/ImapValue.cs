using System.Text;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Imap;

/// <summary>One value of an answer: an atom, a string, a list, or NIL. Texts are Latin-1, each character a byte as it came.</summary>
internal sealed class ImapValue
{
    private ImapValue(string? raw, bool isAtom, IReadOnlyList<ImapValue>? items)
    {
        Raw = raw;
        IsAtom = isAtom;
        Items = items;
    }

    public static ImapValue Nil { get; } = new(null, isAtom: true, items: null);

    /// <summary>An atom or a string; null for NIL and lists.</summary>
    public string? Raw { get; }
    public bool IsAtom { get; }

    /// <summary>A list's values; null for everything else.</summary>
    public IReadOnlyList<ImapValue>? Items { get; }

    public static ImapValue Atom(string raw) => string.Equals(raw, "NIL", StringComparison.OrdinalIgnoreCase) ? Nil : new(raw, isAtom: true, items: null);
    public static ImapValue String(string raw) => new(raw, isAtom: false, items: null);
    public static ImapValue List(IReadOnlyList<ImapValue> items) => new(null, isAtom: false, items);

    /// <summary>The text as people read it.</summary>
    public string? Text => Raw is null ? null : Charsets.Guess(Encoding.Latin1.GetBytes(Raw));

    public bool Is(string word) => IsAtom && string.Equals(Raw, word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>How the server judged a command, or what it says of itself.</summary>
/// <param name="Word">OK, NO, BAD, BYE or PREAUTH.</param>
/// <param name="Code">The word in brackets, such as <c>COPYUID</c>; empty when there is none.</param>
/// <param name="Argument">What follows the code inside the brackets.</param>
/// <param name="Words">What it says to people: one line, bounded, without control characters.</param>
internal sealed record ImapStatus(string Word, string Code, string Argument, string Words)
{
    public bool Ok => Word == "OK";

    public override string ToString() => $"{Word}{(Code.Length > 0 ? $" [{Code}]" : "")} {Words}".TrimEnd();
}

/// <summary>
/// One answer of the server, taken apart. <see cref="Tag"/> is <c>*</c> for what it tells, <c>+</c> for "go on", else the command that it answers. <see cref="Word"/> says what
/// it is: <c>EXISTS</c>, <c>FETCH</c>, <c>SEARCH</c>, <c>OK</c> …
/// </summary>
internal sealed record ImapResponse(string Tag, string Word, uint Number, ImapStatus? Status, IReadOnlyList<ImapValue> Values)
{
    public bool IsUntagged => Tag == "*";
    public bool IsContinuation => Tag == "+";
}
