using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Tls;

namespace Soar.Connectors.Smtp;

/// <summary>
/// Hands one mail to a server (RFC 5321) and knows exactly how that ended. Until the final dot is written nothing can have been sent: every failure is
/// Transient or Permanent. From then on only the server's answer tells: 4xx and 5xx mean that it did not take the mail; silence, a broken connection or
/// an answer that is none mean Unknown.
/// </summary>
internal sealed partial class SmtpClient : IAsyncDisposable
{
    private readonly SmtpServer server;
    private readonly TimeProvider clock;
    private readonly TcpClient tcp = new() { NoDelay = true };
    private Stream stream = Stream.Null;
    private SmtpReader reader;
    private Dictionary<string, string> capabilities = new(StringComparer.OrdinalIgnoreCase);
    private bool dotWritten;

    private SmtpClient(SmtpServer server, TimeProvider clock)
    {
        this.server = server;
        this.clock = clock;
        reader = new SmtpReader(stream);
    }

    /// <summary>EHLO keywords with their arguments.</summary>
    public IReadOnlyDictionary<string, string> Capabilities => capabilities;

    /// <summary>Connects, secures and authenticates. Every failure is a <see cref="ConnectorFailure"/> that is surely not done.</summary>
    public static async Task<SmtpClient> ConnectAsync(SmtpServer server, TimeProvider clock, CancellationToken cancellation)
    {
        var client = new SmtpClient(server, clock);
        try
        {
            await client.Guarded(client.OpenAsync, cancellation);
            return client;
        }
        catch // whatever went wrong, the connection is closed, and the caller hears why
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends one mail. <paramref name="message"/> is the finished mail with CRLF line ends; dots are stuffed here.</summary>
    public async Task<SmtpAccepted> SendAsync(string from, IReadOnlyList<string> recipients, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        SmtpAccepted? accepted = null;
        await Guarded(async token => accepted = await TransactionAsync(from, recipients, message, token), cancellation);
        return accepted!;
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        tcp.Dispose();
    }

    /// <summary>Says goodbye if the server still listens; how that goes changes nothing.</summary>
    public async Task QuitAsync(CancellationToken cancellation)
    {
        try
        {
            await WriteLineAsync("QUIT", TimeSpan.FromSeconds(2), cancellation);
            await reader.ReadAsync(TimeSpan.FromSeconds(2), clock, cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or TimeoutException or InvalidDataException)
        {
            // the mail's fate was decided before
        }
    }

    private async Task<SmtpAccepted> TransactionAsync(string from, IReadOnlyList<string> recipients, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        var eightBit = message.Span.ContainsAnyExceptInRange((byte)0, (byte)127);
        var options = Options(message, eightBit, recipients.Prepend(from).Any(address => !Ascii.IsValid(address)));
        Require(await CommandAsync($"MAIL FROM:<{from}>{options}", cancellation), reply => reply.Ok, $"the sender {from}");
        var refused = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        SmtpReply? last = null;
        foreach (var recipient in recipients)
        {
            var reply = await CommandAsync($"RCPT TO:<{recipient}>", cancellation);
            if (reply.Ok)
                continue;
            refused[recipient] = reply.ToString();
            // "try later" for one recipient is worth another attempt even when the others are refused for good
            last = last is { Transient: true } ? last : reply;
        }
        if (refused.Count == recipients.Count)
            Require(last!, ok: false, recipients.Count == 1 ? $"the recipient {recipients[0]}" : $"all {recipients.Count} recipients");
        Require(await CommandAsync("DATA", cancellation), reply => reply.Code == 354, "DATA");
        await WriteMessageAsync(message, cancellation);
        if (HasHungUp(tcp.Client))
            throw new IOException("the server hung up in the middle of the mail");
        dotWritten = true; // from here on the mail may be sent
        try
        {
            await WriteAsync(".\r\n"u8.ToArray(), server.DataTimeout, cancellation);
        }
        catch (IOException)
        {
            dotWritten = false; // the system did not take it: the dot never left
            throw;
        }
        var final = await ReplyAsync(server.FinalTimeout, cancellation);
        if (final.Code is < 200 or >= 600 or (>= 300 and < 400))
            throw new InvalidDataException($"it answered '{final}'");
        dotWritten = false; // the server has spoken
        Require(final, final.Ok, "the mail");
        return new SmtpAccepted(final.ToString(), refused);
    }

    /// <summary>Whether the other side has hung up, as far as the system knows. What it may still say does not count: that is read as its answer.</summary>
    internal static bool HasHungUp(Socket socket) => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;

    private string Options(ReadOnlyMemory<byte> message, bool eightBit, bool international)
    {
        var options = "";
        if (capabilities.TryGetValue("SIZE", out var size))
        {
            if (long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 && message.Length > limit)
                throw Permanent($"The mail has {message.Length} bytes; {server} takes at most {limit}. Send fewer or smaller attachments.", "too-large");
            options += $" SIZE={message.Length}";
        }
        if (eightBit)
        {
            if (!capabilities.ContainsKey("8BITMIME"))
                throw Permanent($"{server} takes no 8-bit mail (8BITMIME).", "no-8bitmime");
            options += " BODY=8BITMIME";
        }
        if (international)
        {
            if (!capabilities.ContainsKey("SMTPUTF8"))
                throw Permanent($"An address has characters beyond ASCII and {server} does not offer SMTPUTF8. Use an ASCII address, or a server that takes such addresses.", "no-smtputf8");
            options += " SMTPUTF8";
        }
        return options;
    }

    /// <summary>The mail with its dots stuffed (RFC 5321 §4.5.2), ending with a line break but without the final dot.</summary>
    private async Task WriteMessageAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        var stuffed = Stuff(message.Span);
        for (var at = 0; at < stuffed.Length; at += 64 * 1024)
            await WriteAsync(stuffed.AsMemory(at, Math.Min(64 * 1024, stuffed.Length - at)), server.DataTimeout, cancellation);
    }

    internal static byte[] Stuff(ReadOnlySpan<byte> message)
    {
        var result = new List<byte>(message.Length + 64);
        var lineStart = true;
        for (var index = 0; index < message.Length; index++)
        {
            var current = message[index];
            if (current == '\r' && index + 1 < message.Length && message[index + 1] == '\n')
                index++;
            if (current is (byte)'\r' or (byte)'\n')
            {
                // a lone CR or LF would be a line end to some servers and none to others (SMTP smuggling)
                result.AddRange("\r\n"u8);
                lineStart = true;
                continue;
            }
            if (lineStart && current == '.')
                result.Add((byte)'.');
            result.Add(current);
            lineStart = false;
        }
        if (!lineStart)
            result.AddRange("\r\n"u8);
        return [.. result];
    }

    private async Task<SmtpReply> CommandAsync(string command, CancellationToken cancellation)
    {
        await WriteLineAsync(command, server.CommandTimeout, cancellation);
        return await ReplyAsync(server.CommandTimeout, cancellation);
    }

    private Task WriteLineAsync(string command, TimeSpan timeout, CancellationToken cancellation)
    {
        // Every argument was checked before; this is the last gate before the wire.
        if (command.AsSpan().ContainsAny('\r', '\n', '\0'))
            throw Permanent("A line break in an SMTP command was refused.", "injection");
        return WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), timeout, cancellation);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, TimeSpan limit, CancellationToken cancellation)
    {
        using var timeout = Timeout(limit, cancellation);
        await timeout.Run(async token =>
        {
            await stream.WriteAsync(bytes, token);
            await stream.FlushAsync(token);
        }, $"sending to {server}");
    }

    private Task<SmtpReply> ReplyAsync(TimeSpan timeout, CancellationToken cancellation) => reader.ReadAsync(timeout, clock, cancellation);

    private PhaseTimeout Timeout(TimeSpan limit, CancellationToken cancellation) => new(limit, clock, cancellation);

    private void Require(SmtpReply reply, Func<SmtpReply, bool> ok, string what) => Require(reply, ok(reply), what);

    private void Require(SmtpReply reply, bool ok, string what)
    {
        if (ok)
            return;
        var message = $"{server} refused {what}: {reply}".TrimEnd('.') + ".";
        throw reply.Transient
            ? ConnectorFailure.Transient($"{message} It is surely not sent; it can be tried again.", reason: reply.Code.ToString(CultureInfo.InvariantCulture))
            : Permanent($"{message} It is surely not sent.", reply.Code.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Turns what can go wrong into the one thing the engine needs to know.</summary>
    private async Task Guarded(Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        try
        {
            await work(cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            var what = e is OperationCanceledException ? "the attempt was cancelled" : e.Message.TrimEnd('.');
            if (dotWritten)
                throw ConnectorFailure.Unknown($"{server} had the whole mail and did not answer for it: {what}. It may have been sent: look for its Message-ID in the server's log.", e, "no-answer");
            throw ConnectorFailure.Transient($"{server}: {what}. The mail is surely not sent.", inner: e, reason: "connection");
        }
    }

    private static ConnectorFailure Permanent(string message, string reason) => ConnectorFailure.Permanent(message, reason: reason);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
