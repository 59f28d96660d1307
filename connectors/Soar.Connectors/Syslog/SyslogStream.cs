using System.Globalization;
using Soar.Connectors.Alerts;

namespace Soar.Connectors.Syslog;

/// <summary>
/// The messages on one connection. Each is either counted (RFC 5425, RFC 6587 3.4.1: <c>228 &lt;84&gt;1 …</c>) or ends with a line feed (RFC 6587 3.4.2); which one is told by its first byte. Nothing is
/// read while what was read is being handed over, so that TCP holds the sender back.
/// </summary>
internal sealed class SyslogStream(Stream stream, int longest, SyslogRules rules, HandOver intake, TimeProvider clock)
{
    private static readonly TimeSpan CountsWait = TimeSpan.FromSeconds(5);

    private readonly Hearing hearing = new();
    private byte[] buffer = new byte[16 * 1024];
    private int held;
    private long skip; // bytes of a counted message that is too long
    private bool skipLine;
    private DateTimeOffset handedOver;

    /// <summary>To the end of the connection. Throws <see cref="IOException"/> when the sender's framing cannot be followed any more.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        try
        {
            while (await stream.ReadAsync(buffer.AsMemory(held), cancellation) is > 0 and var more)
            {
                held += more;
                Messages();
                if (held == buffer.Length)
                    Array.Resize(ref buffer, buffer.Length * 2);
                if (hearing.Matters || hearing.Full || (hearing.Any && clock.GetUtcNow() - handedOver > CountsWait))
                    await HandOverAsync(cancellation);
            }
            if (held > 0 && skip == 0 && !skipLine)
                hearing.Unreadable(buffer.AsSpan(0, held), "The connection ended in the middle of this message.");
        }
        finally
        {
            if (hearing.Any && !cancellation.IsCancellationRequested)
                await HandOverAsync(cancellation);
        }
    }

    private async Task HandOverAsync(CancellationToken cancellation)
    {
        await intake.AcceptAsync(hearing.Take(), cancellation);
        handedOver = clock.GetUtcNow();
    }

    /// <summary>Every whole message in the buffer; what is left moves to its front.</summary>
    private void Messages()
    {
        var at = 0;
        while (at < held && Message(ref at))
        {
            // the next one
        }
        buffer.AsSpan(at, held - at).CopyTo(buffer);
        held -= at;
    }

    private bool Message(ref int at)
    {
        var left = buffer.AsMemory(at, held - at);
        if (skip > 0)
        {
            var over = (int)Math.Min(skip, left.Length);
            (skip, at) = (skip - over, at + over);
            return true;
        }
        return !skipLine && left.Span[0] is >= (byte)'1' and <= (byte)'9' ? Counted(left, ref at) : Line(left, ref at);
    }

    private bool Counted(ReadOnlyMemory<byte> left, ref int at)
    {
        var blank = left.Span[..Math.Min(left.Length, 11)].IndexOf((byte)' ');
        if (blank < 0 && left.Length < 11)
            return false;
        if (blank < 0 || !long.TryParse(left.Span[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            hearing.Unreadable(left.Span, "Where a message's length must stand there is none: the sender's framing cannot be followed, its connection was closed.");
            held = 0;
            throw new IOException("Its framing is neither counted nor by lines.");
        }
        if (count > longest)
        {
            hearing.Unreadable(left.Span[(blank + 1)..], $"The message has {count} bytes, more than maxMessage ({longest}); it was skipped.");
            (skip, at) = (count, at + blank + 1);
            return true;
        }
        if (left.Length < blank + 1 + count)
            return false;
        rules.Read(left.Slice(blank + 1, (int)count), hearing);
        at += blank + 1 + (int)count;
        // Some senders put a line feed after a counted message.
        if (at < held && buffer[at] == '\n')
            at++;
        return true;
    }

    private bool Line(ReadOnlyMemory<byte> left, ref int at)
    {
        var end = left.Span.IndexOf((byte)'\n');
        if (end < 0)
        {
            if (left.Length <= longest)
                return false;
            if (!skipLine)
                hearing.Unreadable(left.Span, $"The message is longer than maxMessage ({longest}); it was skipped.");
            (skipLine, at) = (true, at + left.Length);
            return false;
        }
        if (!skipLine && end > longest)
            hearing.Unreadable(left.Span, $"The message is longer than maxMessage ({longest}); it was skipped.");
        else if (!skipLine && end > 0)
            rules.Read(left[..end], hearing);
        (skipLine, at) = (false, at + end + 1);
        return true;
    }
}
