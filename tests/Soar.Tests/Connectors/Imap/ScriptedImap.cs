using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Soar.Connectors;
using Soar.Connectors.Imap;
using Soar.Testing;

namespace Soar.Tests.Connectors.Imap;

/// <summary>
/// An IMAP server that says exactly what the test wants: command prefix → answer, where <c>TAG</c> stands for the command's tag. Several answers for one command are given one after the
/// other, the last one for all further. "" closes the connection, <c>CLOSE</c> at an answer's end closes it after what stands before, null never answers.
/// </summary>
internal sealed class ScriptedImap : IAsyncDisposable
{
    public const string Capabilities = "IMAP4rev1 SASL-IR LITERAL+ IDLE MOVE UIDPLUS";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly TestCertificate certificate = new("localhost");
    private readonly Dictionary<string, Queue<string?>> script = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Task> conversations = [];
    private readonly ConcurrentDictionary<int, Func<string, Task>> open = new();
    private readonly bool startTls;
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task work;

    public ScriptedImap(params (string Command, string? Answer)[] changes) : this(startTls: false, changes)
    {
    }

    public ScriptedImap(bool startTls, params (string Command, string? Answer)[] changes)
    {
        this.startTls = startTls;
        foreach (var group in changes.GroupBy(change => change.Command))
            script[group.Key] = new Queue<string?>(group.Select(change => change.Answer));
        foreach (var (command, answer) in new[]
        {
            ("greeting", "* OK ready"), ("CAPABILITY", $"* CAPABILITY {(startTls ? "IMAP4rev1 STARTTLS LOGINDISABLED" : "IMAP4rev1 AUTH=PLAIN SASL-IR")}\r\nTAG OK done"), ("STARTTLS", "TAG OK go"),
            ("AUTHENTICATE", $"TAG OK [CAPABILITY {Capabilities}] in"), ("LOGIN", $"TAG OK [CAPABILITY {Capabilities}] in"), ("NOOP", "TAG OK done"),
            ("EXAMINE", Folder(count: 1)), ("SELECT", Folder(count: 1)), ("LIST", "* LIST () \"/\" INBOX\r\nTAG OK done"),
        })
            script.TryAdd(command, new Queue<string?>([answer]));
        listener.Start();
        work = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Every command without its tag, of all connections; literals stand as <c>{n}text</c>.</summary>
    public ConcurrentQueue<string> Heard { get; } = new();
    public int Connections { get; private set; }

    public static string Folder(int count, int validity = 7, int next = 6) => $"* {count} EXISTS\r\n* OK [UIDVALIDITY {validity}] valid\r\n* OK [UIDNEXT {next}] next\r\nTAG OK [READ-WRITE] open";

    /// <summary>A FETCH as our summary asks for it.</summary>
    public static string Fetch(int uid, string headers, int size = 100, string received = "17-Jul-2026 02:44:25 +0200", string flags = "")
    {
        var block = headers.ReplaceLineEndings("\r\n").TrimEnd() + "\r\n\r\n";
        return $"* 1 FETCH (UID {uid} FLAGS ({flags}) INTERNALDATE \"{received}\" RFC822.SIZE {size} BODY[HEADER.FIELDS (MESSAGE-ID FROM)]<0> {{{Encoding.UTF8.GetByteCount(block)}}}\r\n{block})";
    }

    public ImapSettings Settings(Func<ImapSettings, ImapSettings>? with = null)
    {
        var settings = new ImapSettings
        {
            Host = "localhost", Port = Port, CaFile = certificate.CaFile, User = "soc", Password = new Secret("hunter2"), Tls = startTls ? ImapTls.StartTls : ImapTls.Implicit, Timeout = TimeSpan.FromSeconds(10),
        };
        return with?.Invoke(settings) ?? settings;
    }

    /// <summary>Ends when the commands heard so far are as the test wants them.</summary>
    public async Task WhenHeardAsync(Func<IEnumerable<string>, bool> enough, CancellationToken cancellation)
    {
        while (true)
        {
            var next = Volatile.Read(ref news);
            if (enough(Heard))
                return;
            await next.Task.WaitAsync(cancellation);
        }
    }

    private void Hear(string command)
    {
        Heard.Enqueue(command);
        Interlocked.Exchange(ref news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Says something unasked on every open connection.</summary>
    public Task TellAsync(string line) => Task.WhenAll(open.Values.Select(say => say(line + "\r\n")));

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Stop();
        try
        {
            await work;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // stopped
        }
        await Task.WhenAll(conversations);
        certificate.Dispose();
        end.Dispose();
    }

    private async Task RunAsync()
    {
        while (!end.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(end.Token);
            conversations.Add(SpeakAsync(client, ++Connections));
        }
    }

    private async Task SpeakAsync(TcpClient client, int number)
    {
        using var owned = client;
        try
        {
            Stream stream = client.GetStream();
            if (!startTls)
                stream = await SecureAsync(stream);
            if (!await AnswerAsync(stream, "greeting", "*"))
                return;
            open[number] = text => SayAsync(stream, text);
            var tag = "";
            while (await ImapLines.CommandAsync(stream, line => SayAsync(stream, line + "\r\n"), end.Token) is { } line)
            {
                // what goes on with a command (DONE, an answer to a challenge) has no tag of its own
                var blank = line.IndexOf(' ');
                if (blank > 0)
                    tag = line[..blank];
                var command = line[(blank + 1)..];
                Hear(command);
                var key = script.Keys.Where(known => command.StartsWith(known, StringComparison.Ordinal)).MaxBy(known => known.Length);
                if (!await AnswerAsync(stream, key ?? "", tag))
                    return;
                if (command == "STARTTLS")
                    stream = await SecureAsync(stream);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // one side left
        }
        finally
        {
            open.TryRemove(number, out _);
        }
    }

    private async Task<Stream> SecureAsync(Stream stream)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate.Certificate }, end.Token);
        return tls;
    }

    private async Task<bool> AnswerAsync(Stream stream, string command, string tag)
    {
        var answer = "TAG BAD what?";
        if (script.TryGetValue(command, out var answers))
            lock (answers)
                answer = answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        if (answer is null)
            await new TaskCompletionSource().Task.WaitAsync(end.Token); // silence until the test is over
        if (answer!.Length == 0)
            return false;
        var cut = answer.EndsWith("CLOSE", StringComparison.Ordinal);
        await SayAsync(stream, (cut ? answer[..^5] : answer + "\r\n").Replace("TAG", tag, StringComparison.Ordinal));
        return !cut;
    }

    private Task SayAsync(Stream stream, string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), end.Token).AsTask();
}
