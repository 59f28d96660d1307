using System.Globalization;
using System.Text;

namespace Soar.Connectors.Imap;

/// <summary>Takes a mail as it comes over the wire instead of having it kept in memory: its size, and its bytes.</summary>
internal delegate Task TakeMail(long size, Stream content, CancellationToken cancellation);

/// <summary>Reads answers with bounds on everything, so that a hostile server costs nothing: 8 MiB an answer, mails that are handed on not counted.</summary>
internal sealed class ImapReader(Stream stream)
{
    internal const int MostBytes = 8 * 1024 * 1024;
    private const int MostLiterals = 10_000;

    private readonly byte[] buffer = new byte[32 * 1024];
    private int start;
    private int end;

    /// <summary>True when the server has said more than was asked.</summary>
    public bool HasBuffered => start < end;

    /// <summary>Bytes of all answers so far, mails that were handed on not counted.</summary>
    public long Counted { get; private set; }

    /// <summary>The next answer. The literal of a <c>BODY[]</c> goes to <paramref name="take"/>, where that is given; its value is empty then.</summary>
    public async ValueTask<ImapResponse> ReadAsync(TakeMail? take, CancellationToken cancellation)
    {
        var pieces = new List<ImapPiece>(1);
        var left = MostBytes;
        while (true)
        {
            var line = await LineAsync(left, cancellation);
            left -= line.Length;
            Counted += line.Length;
            if ((pieces.Count == 0 && ImapParser.IsStatusLine(line)) || Announced(line) is not { } size)
            {
                pieces.Add(new ImapPiece(line, null));
                return ImapParser.Parse(pieces);
            }
            if (pieces.Count == MostLiterals)
                throw new InvalidDataException($"the server's answer has more than {MostLiterals} literals");
            if (take is not null && IsWholeMail(line))
            {
                await HandOverAsync(take, size, cancellation);
                pieces.Add(new ImapPiece(line, ""));
                continue;
            }
            if (size > left)
                throw TooLong();
            left -= (int)size;
            Counted += size;
            pieces.Add(new ImapPiece(line, await LiteralAsync((int)size, cancellation)));
        }
    }

    /// <summary>The size of the literal that a line ends with: <c>{310}</c>; null when it announces none.</summary>
    private static long? Announced(string line)
    {
        if (!line.EndsWith('}'))
            return null;
        var open = line.LastIndexOf('{');
        if (open < 0)
            return null;
        var digits = line.AsSpan(open + 1, line.Length - open - 2).TrimEnd('+');
        if (digits.Length == 0 || digits.ContainsAnyExceptInRange('0', '9'))
            return null;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : throw TooLong();
    }

    private static bool IsWholeMail(string line)
    {
        var before = line.AsSpan(0, line.LastIndexOf('{')).TrimEnd(' ');
        return before.EndsWith("BODY[]", StringComparison.OrdinalIgnoreCase);
    }

    private async Task HandOverAsync(TakeMail take, long size, CancellationToken cancellation)
    {
        var content = new LiteralStream(this, size);
        try
        {
            await take(size, content, cancellation);
        }
        catch (Exception e) when (content.Broken is { } broken && e is not OperationCanceledException)
        {
            // whoever stored it saw a reading error and cannot know whose it was
            throw new IOException(broken.Message, e);
        }
        if (content.Left > 0)
            throw new InvalidDataException("a mail was not read to its end");
    }

    private async ValueTask<string> LineAsync(int most, CancellationToken cancellation)
    {
        StringBuilder? line = null;
        while (true)
        {
            await FillAsync(cancellation);
            var span = buffer.AsSpan(start, end - start);
            var newline = span.IndexOf((byte)'\n');
            var part = Encoding.Latin1.GetString(newline < 0 ? span : span[..newline]);
            start += newline < 0 ? span.Length : newline + 1;
            if (part.Length + (line?.Length ?? 0) > most)
                throw TooLong();
            if (newline < 0)
            {
                (line ??= new StringBuilder()).Append(part);
                continue;
            }
            return (line is null ? part : line.Append(part).ToString()).TrimEnd('\r');
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (start < end)
            return;
        start = 0;
        end = 0; // a read that is cancelled leaves nothing half done
        end = await stream.ReadAsync(buffer, cancellation);
        if (end == 0)
            throw new IOException("the server closed the connection");
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> into, CancellationToken cancellation)
    {
        await FillAsync(cancellation);
        var count = Math.Min(into.Length, end - start);
        buffer.AsMemory(start, count).CopyTo(into);
        start += count;
        return count;
    }

    // It takes the memory of what has come, not of what was announced.
    private async ValueTask<string> LiteralAsync(int size, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        while (text.Length < size)
        {
            await FillAsync(cancellation);
            var count = Math.Min(size - text.Length, end - start);
            text.Append(Encoding.Latin1.GetString(buffer, start, count));
            start += count;
        }
        return text.ToString();
    }

    private static InvalidDataException TooLong() => new($"the server's answer is larger than {MostBytes} bytes");

    /// <summary>A literal while it comes in; it ends where the server said that it would.</summary>
    private sealed class LiteralStream(ImapReader reader, long size) : Stream
    {
        public long Left { get; private set; } = size;

        /// <summary>What broke the connection in the middle.</summary>
        public Exception? Broken { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation = default)
        {
            if (Left == 0 || into.Length == 0)
                return 0;
            try
            {
                var read = await reader.ReadSomeAsync(into[..(int)Math.Min(into.Length, Left)], cancellation);
                Left -= read;
                return read;
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
            {
                Broken = e;
                throw;
            }
        }

        public override Task<int> ReadAsync(byte[] into, int offset, int count, CancellationToken cancellation) => ReadAsync(into.AsMemory(offset, count), cancellation).AsTask();
        public override int Read(byte[] into, int offset, int count) => throw new NotSupportedException("A connection is read asynchronously.");
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] from, int offset, int count) => throw new NotSupportedException();
    }
}
