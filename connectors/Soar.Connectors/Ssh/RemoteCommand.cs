using System.Text;
using Soar.Capabilities;

namespace Soar.Connectors.Ssh;

/// <summary>
/// A command for another host. sshd hands one string to the user's shell, so each argument stands in single quotes, in which a POSIX shell gives no character a meaning but the quote itself.
/// </summary>
internal static class RemoteCommand
{
    // Linux takes 128 KiB as one argument of the shell.
    private const int MostBytes = 120_000;

    public static string Quote(IReadOnlyList<string> command)
    {
        if (command.Count == 0 || string.IsNullOrWhiteSpace(command[0]))
            throw ConnectorFailure.Permanent("The command names no program. Write it word by word, for example [\"uptime\", \"-p\"].", reason: "command");
        foreach (var word in command)
            if (word is null || word.Contains('\0') || !WellFormed(word))
                throw ConnectorFailure.Permanent($"The command of {command[0].Split('\0')[0]} has an argument with a character that no argument can have (NUL, or half a surrogate pair). Nothing was run.", reason: "command");
        var text = string.Join(' ', command.Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        return Encoding.UTF8.GetByteCount(text) <= MostBytes ? text : throw ConnectorFailure.Permanent($"The command is longer than {MostBytes} bytes. Nothing was run; pass less.", reason: "too-large");
    }

    /// <summary>Whether one of the listed commands is meant: the same words, with <c>*</c> for one that is no option.</summary>
    public static bool IsListed(IReadOnlyList<string> command, IReadOnlyList<string> listed) => listed.Any(one =>
    {
        var words = one.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == command.Count && words.Zip(command).All(pair => pair.First == "*" ? !pair.Second.StartsWith('-') : pair.First == pair.Second);
    });

    // Otherwise something else would arrive than was said.
    private static bool WellFormed(string word)
    {
        for (var rest = word.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var used) != System.Buffers.OperationStatus.Done)
                return false;
            rest = rest[used..];
        }
        return true;
    }
}
