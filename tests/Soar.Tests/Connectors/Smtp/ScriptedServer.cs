using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Soar.Tests.Connectors.Smtp;

/// <summary>A mail server for one conversation that says exactly what the test wants: command prefix → answer; "" closes the connection, null never answers.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Dictionary<string, string?> script;
    private readonly Task work;

    public ScriptedServer(params (string Command, string? Answer)[] changes)
    {
        script = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["greeting"] = "220 test ESMTP", ["EHLO"] = "250-test\r\n250-SIZE 100000\r\n250 8BITMIME", ["MAIL FROM"] = "250 ok", ["RCPT TO"] = "250 ok", ["DATA"] = "354 go", ["."] = "250 queued as 1", ["QUIT"] = "221 bye",
        };
        foreach (var (command, answer) in changes)
            script[command] = answer;
        listener.Start();
        work = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Everything the client said, line by line, the mail's lines included.</summary>
    public List<string> Heard { get; } = [];

    /// <summary>Completes when the mail with its final dot has arrived.</summary>
    public TaskCompletionSource Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Stop();
        try
        {
            await work;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // the conversation was ended by one side or the other
        }
        end.Dispose();
    }

    private async Task RunAsync()
    {
        using var client = await listener.AcceptTcpClientAsync(end.Token);
        var stream = client.GetStream();
        var reader = new StreamReader(stream, Encoding.UTF8);
        var inMail = false;
        if (!await AnswerAsync(stream, "greeting"))
            return;
        while (await reader.ReadLineAsync(end.Token) is { } line)
        {
            Heard.Add(line);
            if (inMail && line != ".")
                continue;
            if (line == ".")
                Arrived.TrySetResult();
            inMail = false;
            var command = script.Keys.Where(key => line.StartsWith(key, StringComparison.OrdinalIgnoreCase)).MaxBy(key => key.Length);
            if (!await AnswerAsync(stream, command ?? ""))
                return;
            inMail = command == "DATA" && script["DATA"]!.StartsWith("354", StringComparison.Ordinal);
        }
    }

    private async Task<bool> AnswerAsync(NetworkStream stream, string command)
    {
        var answer = script.GetValueOrDefault(command, "502 what?");
        if (answer is null)
        {
            await new TaskCompletionSource().Task.WaitAsync(end.Token); // silence until the test is over
            return false;
        }
        if (answer.Length == 0)
            return false;
        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer + "\r\n"), end.Token);
        return true;
    }
}
