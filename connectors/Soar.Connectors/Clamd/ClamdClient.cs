using System.Buffers.Binary;
using System.Text;
using Soar.Connectors.Sockets;

namespace Soar.Connectors.Clamd;

/// <summary>Speaks clamd's protocol (clamd(8)): one command per connection, answers end with NUL.</summary>
internal sealed class ClamdClient(ClamdSettings settings, TimeProvider clock)
{
    private const int Chunk = 64 * 1024;
    private const int LongestAnswer = 64 * 1024;

    public string Where => $"clamd at {settings.Target}";

    /// <summary>Version of the engine and of the signatures, for example <c>ClamAV 1.4.6/27400/Mon Nov 23 …</c>.</summary>
    public Task<string> VersionAsync(CancellationToken cancellation) => CommandAsync("VERSION", null, cancellation);

    /// <summary>Streams the bytes and returns clamd's answer, for example <c>stream: OK</c>.</summary>
    public Task<string> ScanAsync(Stream content, CancellationToken cancellation) => CommandAsync("INSTREAM", content, cancellation);

    private async Task<string> CommandAsync(string command, Stream? content, CancellationToken cancellation)
    {
        await using var link = await Link.ConnectAsync(settings.Target, settings.ConnectTimeout, clock, cancellation);
        return await link.AskAsync(
            async (stream, token) =>
            {
                // Read while sending: a clamd that has had enough says so and reads no more, and would otherwise never be heard.
                using var enough = CancellationTokenSource.CreateLinkedTokenSource(token);
                var answer = ReadAsync(stream, token);
                var sending = SendAsync(command, content, stream, enough.Token);
                if (await Task.WhenAny(answer, sending) == answer)
                    await enough.CancelAsync();
                try
                {
                    await sending;
                }
                catch (Exception e) when ((e is IOException || enough.IsCancellationRequested) && !token.IsCancellationRequested)
                {
                    // it closed, or answered, while we were still sending: its words tell why
                }
                return await answer;
            },
            settings.Timeout,
            cancellation);
    }

    private static async Task SendAsync(string command, Stream? content, Stream stream, CancellationToken cancellation)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"z{command}\0"), cancellation);
        if (content is null)
            return;
        var buffer = new byte[4 + Chunk];
        int read;
        while ((read = await StoredBytes.ReadAsync(content, buffer.AsMemory(4), cancellation)) > 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(buffer, (uint)read);
            await stream.WriteAsync(buffer.AsMemory(0, 4 + read), cancellation);
        }
        await stream.WriteAsync(new byte[4], cancellation); // no more chunks
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var buffer = new byte[LongestAnswer];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellation);
            if (read == 0)
                throw new EndOfStreamException("clamd closed the connection without an answer");
            length += read;
            if (buffer.AsSpan(0, length).IndexOf((byte)0) is var end and >= 0)
                return Encoding.UTF8.GetString(buffer, 0, end).Trim();
        }
        throw new InvalidDataException($"more than {LongestAnswer} bytes without an end");
    }
}
