using System.Globalization;
using System.Text;

namespace Soar.Tests.Connectors.Imap;

/// <summary>Reads commands as a server does: a line, with the literals that it announces.</summary>
internal static class ImapLines
{
    /// <summary>The command with its tag; literals stand as <c>{n}text</c>. Null when the client left.</summary>
    public static async Task<string?> CommandAsync(Stream stream, Func<string, Task> say, CancellationToken end)
    {
        var command = await LineAsync(stream, end);
        while (command?.EndsWith('}') == true)
        {
            var size = command[(command.LastIndexOf('{') + 1)..^1];
            if (!size.EndsWith('+'))
                await say("+ go on");
            var literal = new byte[int.Parse(size.TrimEnd('+'), CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(literal, end);
            command += Encoding.UTF8.GetString(literal) + await LineAsync(stream, end);
        }
        return command;
    }

    private static async Task<string?> LineAsync(Stream stream, CancellationToken end)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one, end) == 1)
        {
            if (one[0] == '\n')
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Add(one[0]);
        }
        return null;
    }
}
