using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Imap;

/// <summary>A command as it is sent: words, and texts that are quoted or sent as literals. Nothing from outside becomes a word.</summary>
internal sealed class ImapCommand
{
    private const int LongestQuoted = 1_000;

    private readonly List<byte[]> parts = []; // what goes out in one go; between two parts the server must say "go on", unless it takes literals without
    private readonly StringBuilder words = new();
    private readonly List<int> literals = []; // sizes, one less than parts once it is finished

    public ImapCommand(string words) => this.words.Append(words);

    /// <summary>The command's name, for messages; arguments may be a password.</summary>
    public string Name => words.Length > 0 && parts.Count == 0 ? First(words.ToString()) : First(Encoding.Latin1.GetString(parts[0]));

    /// <summary>Words of the protocol that stand in our own code.</summary>
    public ImapCommand Then(string more)
    {
        words.Append(' ').Append(more);
        return this;
    }

    /// <summary>Ends a list that <see cref="Then"/> began.</summary>
    public ImapCommand Close()
    {
        words.Append(')');
        return this;
    }

    public ImapCommand Number(uint number) => Then(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public ImapCommand Folder(string name) => Text(Utf7.EncodeFolder(name));

    /// <summary>A text from anywhere: quoted where that is safe, else a literal.</summary>
    public ImapCommand Text(string text)
    {
        if (text.Contains('\0'))
            throw ConnectorFailure.Permanent("A text with a NUL character cannot be sent to a mail server. Look at where the playbook takes it from.", reason: "argument");
        words.Append(' ');
        if (text.Length <= LongestQuoted && text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            words.Append('"').Append(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            return this;
        }
        var bytes = Encoding.UTF8.GetBytes(text);
        parts.Add(Encoding.Latin1.GetBytes(words.ToString()));
        words.Clear();
        literals.Add(bytes.Length);
        words.Append(Encoding.Latin1.GetString(bytes));
        return this;
    }

    /// <summary>What goes out, in order; the server is waited for before each part after the first.</summary>
    /// <param name="withoutWaiting">Literals up to this size are sent at once (LITERAL+ and LITERAL-, RFC 7888).</param>
    public IReadOnlyList<byte[]> Wire(string tag, int withoutWaiting)
    {
        var result = new List<byte[]>();
        var current = new MemoryStream();
        current.Write(Encoding.ASCII.GetBytes(tag + " "));
        for (var index = 0; index < parts.Count; index++)
        {
            current.Write(parts[index]);
            var atOnce = literals[index] <= withoutWaiting;
            current.Write(Encoding.ASCII.GetBytes($"{{{literals[index]}{(atOnce ? "+" : "")}}}\r\n"));
            if (atOnce)
                continue;
            result.Add(current.ToArray());
            current = new MemoryStream();
        }
        current.Write(Encoding.Latin1.GetBytes(words.ToString()));
        current.Write("\r\n"u8);
        result.Add(current.ToArray());
        return result;
    }

    private static string First(string text) => text.StartsWith("UID ", StringComparison.Ordinal) ? "UID " + First(text[4..]) : text.Split(' ')[0];
}
