using System.Buffers.Binary;
using System.Text;
using Soar.Scripting.Jail;

namespace Soar.Scripting.JavaScript;

/// <summary>The worker's side: one snippet after the other until the parent closes the pipe. Runs in the jail, for <see cref="JavaScriptRunner"/>.</summary>
public static class JavaScriptWorker
{
    /// <summary>The verb under which the executable hands control to <see cref="Body"/>.</summary>
    public const string Verb = "javascript-worker";

    /// <summary>What the executable registers with <see cref="JailEntry"/>.</summary>
    public static JailBody Body { get; } = Serve;

    private static async Task<int> Serve(IReadOnlyList<string> arguments, Stream fromParent, Stream toParent)
    {
        _ = JintEngine.Run("input.length + 1", "[1]"); // compiled before the first snippet's clock runs
        while (await JavaScriptWire.ReadTextOrEnd(fromParent, int.MaxValue) is { } code)
        {
            var input = await JavaScriptWire.ReadTextOrEnd(fromParent, int.MaxValue) ?? throw new EndOfStreamException();
            try
            {
                await JavaScriptWire.WriteAnswer(toParent, JavaScriptWire.Result, 0, JintEngine.Run(code, input));
            }
            catch (JavaScriptFailure failure)
            {
                await JavaScriptWire.WriteAnswer(toParent, (byte)failure.Kind, failure.Line ?? 0, failure.Message);
            }
        }
        return 0;
    }
}

/// <summary>Length and UTF-8 bytes; an answer begins with its kind and line.</summary>
internal static class JavaScriptWire
{
    internal const byte Result = 255;

    internal static async Task WriteRequest(Stream stream, byte[] code, byte[] input, CancellationToken cancellation)
    {
        var frame = new byte[8 + code.Length + input.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, code.Length);
        code.CopyTo(frame, 4);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4 + code.Length), input.Length);
        input.CopyTo(frame, 8 + code.Length);
        await stream.WriteAsync(frame, cancellation);
    }

    internal static async Task WriteAnswer(Stream stream, byte kind, int line, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var frame = new byte[9 + bytes.Length];
        frame[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(1), line);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(5), bytes.Length);
        bytes.CopyTo(frame, 9);
        await stream.WriteAsync(frame);
    }

    /// <summary>The answer, or <c>null</c> if the worker ended before it was whole.</summary>
    internal static async Task<(byte Kind, int Line, string Text)?> ReadAnswerOrEnd(Stream stream, int longest)
    {
        var head = new byte[5];
        if (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) < head.Length)
            return null;
        return await ReadTextOrEnd(stream, longest) is { } text ? (head[0], BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(1)), text) : null;
    }

    internal static async Task<string?> ReadTextOrEnd(Stream stream, int longest)
    {
        var head = new byte[4];
        if (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) < head.Length)
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length < 0 || length > longest)
            throw new InvalidDataException($"A text of {length} bytes was announced, at most {longest} are taken.");
        var bytes = new byte[length];
        return await stream.ReadAtLeastAsync(bytes, length, throwOnEndOfStream: false) < length ? null : Encoding.UTF8.GetString(bytes);
    }
}
