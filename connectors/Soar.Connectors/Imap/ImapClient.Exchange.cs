using System.Globalization;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Mime;
using Soar.Connectors.Sockets;

namespace Soar.Connectors.Imap;

/// <summary>One command and its answers on the wire.</summary>
internal sealed partial class ImapClient
{
    private Task<ImapStatus> AskAsync(ImapCommand command, Action<ImapResponse>? told, CancellationToken cancellation) =>
        AskAsync((stream, token) => ExchangeAsync(stream, command, told, null, token), server.Timeout, cancellation);

    private async Task<T> AskAsync<T>(Func<Stream, CancellationToken, Task<T>> exchange, TimeSpan limit, CancellationToken cancellation)
    {
        var broken = Broken;
        Broken = true; // until it ends well
        var answer = await link.AskAsync(exchange, limit, cancellation);
        Broken = broken;
        return answer;
    }

    private async Task<ImapStatus> ChangeAsync(ImapCommand command, Action<ImapResponse>? told, CancellationToken cancellation)
    {
        // what was cancelled before is not sent
        if (cancellation.IsCancellationRequested)
            throw ConnectorFailure.Transient($"The attempt was ended before {command.Name} was sent to {server}.", reason: "cancelled");
        var broken = Broken;
        Broken = true;
        var answer = await link.ChangeAsync((stream, token) => ExchangeAsync(stream, command, told, null, token), server.Timeout, cancellation);
        Broken = broken;
        return answer;
    }

    private async Task<ImapStatus> ExchangeAsync(Stream stream, ImapCommand command, Action<ImapResponse>? told, TakeMail? take, CancellationToken cancellation)
    {
        var tag = NextTag();
        var parts = command.Wire(tag, capabilities.Contains("LITERAL+") ? int.MaxValue : capabilities.Contains("LITERAL-") ? 4_096 : -1);
        for (var index = 0; index < parts.Count - 1; index++)
        {
            await WriteAsync(stream, parts[index], cancellation);
            if (await UntilAsync(stream, tag, goOn: true, told, null, cancellation) is { } refused)
                return refused;
        }
        await WriteAsync(stream, parts[^1], cancellation);
        return (await UntilAsync(stream, tag, goOn: false, told, take, cancellation))!;
    }

    /// <summary>Reads until the command's own answer; with <paramref name="goOn"/> until "go on", which is null.</summary>
    private async Task<ImapStatus?> UntilAsync(Stream stream, string tag, bool goOn, Action<ImapResponse>? told, TakeMail? take, CancellationToken cancellation)
    {
        var before = ReaderOf(stream).Counted;
        for (var count = 0; count < MostAnswers; count++)
        {
            var response = await ReaderOf(stream).ReadAsync(take, cancellation);
            if (ReaderOf(stream).Counted - before > MostTold)
                throw new InvalidDataException($"the server told more than {MostTold >> 20} MiB in answer to one command");
            if (response.IsContinuation && goOn)
                return null;
            if (response.Tag == tag)
                return response.Status ?? throw new InvalidDataException("the server answered the command with something that is no status");
            if (!response.IsUntagged)
                throw new InvalidDataException($"the server answered a command that was not given ('{ImapParser.Shown(response.Tag)}')");
            if (response.Status is { Word: "BYE" } bye)
                throw new IOException($"the server ended it: {bye.Words}");
            told?.Invoke(response);
        }
        throw new InvalidDataException($"the server told more than {MostAnswers} things in answer to one command");
    }

    private ImapReader ReaderOf(Stream stream) => reader ??= new ImapReader(stream);

    private static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await stream.WriteAsync(bytes, cancellation);
        await stream.FlushAsync(cancellation);
    }

    private string NextTag() => $"s{++commands}";
}
