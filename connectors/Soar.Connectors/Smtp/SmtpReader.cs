using System.Text;

namespace Soar.Connectors.Smtp;

/// <summary>Reads replies with bounds on line length and number of lines, so that a hostile server costs nothing.</summary>
internal sealed class SmtpReader(Stream stream)
{
    private const int LongestLine = 4_096;
    private const int MostLines = 200;

    private readonly byte[] buffer = new byte[8_192];
    private int start;
    private int end;

    /// <summary>True when the server has said more than was asked.</summary>
    public bool HasBuffered => start < end;

    public async Task<SmtpReply> ReadAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellation)
    {
        using var timeout = new PhaseTimeout(limit, clock, cancellation);
        SmtpReply? reply = null;
        await timeout.Run(async token => reply = await ReadAsync(token), "waiting for the server's answer");
        return reply!;
    }

    private async Task<SmtpReply> ReadAsync(CancellationToken cancellation)
    {
        var lines = new List<string>();
        while (lines.Count < MostLines)
        {
            var line = await LineAsync(cancellation);
            if (line.Length < 3 || !char.IsAsciiDigit(line[0]) || !char.IsAsciiDigit(line[1]) || !char.IsAsciiDigit(line[2]) || (line.Length > 3 && line[3] is not (' ' or '-')))
                throw new InvalidDataException($"the server's answer is no SMTP: '{(line.Length > 100 ? line[..100] : line)}'");
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
                return new SmtpReply((line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0', lines);
        }
        throw new InvalidDataException($"the server's answer has more than {MostLines} lines");
    }

    private async Task<string> LineAsync(CancellationToken cancellation)
    {
        var line = new List<byte>();
        while (true)
        {
            if (start == end)
            {
                start = 0;
                end = await stream.ReadAsync(buffer, cancellation);
                if (end == 0)
                    throw new IOException("the server closed the connection");
            }
            var newline = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            var take = newline < 0 ? end - start : newline;
            line.AddRange(buffer.AsSpan(start, take));
            start += newline < 0 ? take : take + 1;
            if (line.Count > LongestLine)
                throw new InvalidDataException($"a line of the server's answer is longer than {LongestLine} bytes");
            if (newline >= 0)
                return Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line)).TrimEnd('\r');
        }
    }
}

/// <summary>Bounds one phase of a conversation and says which phase it was; the caller's own cancellation stays what it is.</summary>
internal sealed class PhaseTimeout(TimeSpan limit, TimeProvider clock, CancellationToken cancellation) : IDisposable
{
    private readonly CancellationTokenSource timer = new(limit, clock);

    public async Task Run(Func<CancellationToken, Task> work, string phase)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            await work(both.Token);
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{phase} took longer than {Durations.Say(limit)}", e);
        }
    }

    public void Dispose() => timer.Dispose();
}
