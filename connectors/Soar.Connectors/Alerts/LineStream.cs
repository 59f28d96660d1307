namespace Soar.Connectors.Alerts;

/// <summary>A connection on which each line is a message. Nothing is read while what was read is being handed over.</summary>
internal sealed class LineStream(Stream stream, int longest, Action<ReadOnlyMemory<byte>, Hearing> readLine, HandOver intake)
{
    private readonly Hearing hearing = new();
    private byte[] buffer = new byte[64 * 1024];
    private bool skipping;

    /// <summary>To the end of the connection.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        var held = 0;
        while (await stream.ReadAsync(buffer.AsMemory(held), cancellation) is > 0 and var more)
        {
            held += more;
            var end = buffer.AsSpan(0, held).LastIndexOf((byte)'\n') + 1;
            if (end > 0)
                Lines(buffer.AsMemory(0, end));
            buffer.AsSpan(end, held - end).CopyTo(buffer);
            held -= end;
            if (held == buffer.Length)
                held = MoreRoom(held);
            if (hearing.Matters || hearing.Full)
                await intake.AcceptAsync(hearing.Take(), cancellation);
        }
        // The sender went in the middle of a line: it will not send the rest.
        if (held > 0 && !skipping)
            readLine(buffer.AsMemory(0, held), hearing);
        if (hearing.Any)
            await intake.AcceptAsync(hearing.Take(), cancellation);
    }

    private int MoreRoom(int held)
    {
        if (buffer.Length < longest)
        {
            Array.Resize(ref buffer, Math.Min(buffer.Length * 4, longest));
            return held;
        }
        if (!skipping)
            hearing.Unreadable(buffer, $"A line is longer than {longest >> 20} MiB; it was skipped.");
        skipping = true;
        return 0;
    }

    private void Lines(ReadOnlyMemory<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            var end = lines.Span.IndexOf((byte)'\n');
            if (skipping)
                skipping = false;
            else
                readLine(lines[..end], hearing);
            lines = lines[(end + 1)..];
        }
    }
}
