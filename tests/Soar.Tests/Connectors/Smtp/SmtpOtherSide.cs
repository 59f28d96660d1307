using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Soar.Capabilities;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Smtp;

/// <summary>A mail server with implicit TLS and a login, which keeps the mails that it took.</summary>
public sealed class SmtpOtherSide : OtherSide
{
    private readonly TestCertificate certificate = new("127.0.0.1");
    private readonly LoopbackTcp server;
    private readonly TcpListener silent = new(IPAddress.Loopback, 0);
    private readonly List<string> taken = [];
    private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> logins = [];
    private Trouble? trouble;
    private bool everywhere;
    private int? elsewhere;

    public SmtpOtherSide()
    {
        server = new LoopbackTcp(ServeAsync);
        silent.Start();
    }

    public int Port => elsewhere ?? server.Port;
    public string CaFile => certificate.CaFile;
    public override TimeSpan? Wait => null; // SMTP has no word for it
    public override Task WhenAsked => asked.Task;
    public override IReadOnlyList<Trouble> CanEcho => [Trouble.Unauthorised];
    public override IEnumerable<string> Credentials => logins;

    public override string State
    {
        get
        {
            lock (taken) return string.Join("\n", taken);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        silent.Dispose();
        await server.DisposeAsync();
        certificate.Dispose();
    }

    protected override Expectation Bring(Trouble which, bool changesOnly)
    {
        (trouble, everywhere) = (which, !changesOnly);
        elsewhere = which switch { Trouble.Refused => 1, Trouble.SilentBefore => ((IPEndPoint)silent.LocalEndpoint).Port, _ => null };
        return which switch
        {
            Trouble.Conflict => Expectation.Not("SMTP knows no state that a mail could be in conflict with"),
            Trouble.ServerError => Expectation.Means(FailureKind.Transient), // 451 after the final dot says that it did not take the mail
            _ => Expectation.Usual,
        };
    }

    private async Task ServeAsync(NetworkStream stream, CancellationToken end)
    {
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(certificate.Certificate);
        using var reader = new StreamReader(tls, Encoding.UTF8);
        var mail = new StringBuilder();
        var inMail = false;
        async Task<bool> Say(string answer)
        {
            await tls.WriteAsync(Encoding.UTF8.GetBytes(answer + "\r\n"), end);
            return true;
        }

        await Say(trouble == Trouble.Unavailable ? "421 closing" : "220 test ESMTP");
        while (await reader.ReadLineAsync(end) is { } line)
        {
            if (inMail && line != ".")
            {
                mail.AppendLine(line);
                continue;
            }

            if (line == ".")
            {
                if (!await FinishAsync(tls, mail.ToString(), end)) return;
                inMail = false;
                continue;
            }

            inMail = line == "DATA" && await Say("354 go");
            if (inMail) continue;
            if (everywhere && trouble == Trouble.SilentAfter) // a connection test never comes to the final dot
            {
                asked.TrySetResult();
                await LoopbackTcp.Silence(end);
            }

            await Say(line.Split(' ', ':')[0] switch
            {
                "EHLO" => "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN",
                "AUTH" => trouble == Trouble.Unauthorised ? $"535 5.7.8 no{(Echoes ? Sent(line) : "")}" : "235 ok",
                "MAIL" => trouble switch { Trouble.Forbidden => "554 5.7.1 not from you", Trouble.Limited => "450 4.7.1 slow down", _ => "250 ok" },
                "RCPT" => trouble == Trouble.Missing ? "550 5.1.1 no such user" : "250 ok",
                _ => "221 bye",
            });
        }
    }

    /// <summary>The login as it came and as it reads.</summary>
    private string Sent(string line)
    {
        var login = line.Split(' ')[^1];
        logins.Add(login);
        return $": you sent {line}, {Encoding.UTF8.GetString(Convert.FromBase64String(login)).Replace('\0', ' ')}";
    }

    private async Task<bool> FinishAsync(SslStream tls, string mail, CancellationToken end)
    {
        asked.TrySetResult();
        if (trouble is not Trouble.ServerError)
            lock (taken) taken.Add(mail.Split("\r\n").Concat(mail.Split('\n')).First(line => line.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase)));
        switch (trouble)
        {
            case Trouble.SilentAfter:
                await LoopbackTcp.Silence(end);
                return false;
            case Trouble.BrokenAfter:
                return false;
            case Trouble.Huge:
                for (var i = 0; i < 10_000; i++) await tls.WriteAsync(Encoding.ASCII.GetBytes(new string('x', 1_000)), end);
                return false;
        }

        await tls.WriteAsync(Encoding.ASCII.GetBytes(trouble switch
        {
            Trouble.Garbage => "HTTP/1.1 200 OK\r\n",
            Trouble.Truncated => "25",
            Trouble.ServerError => "451 4.3.0 cannot queue\r\n",
            _ => "250 2.0.0 queued as 1\r\n",
        }), end);
        return trouble is not (Trouble.Truncated or Trouble.Garbage);
    }
}
