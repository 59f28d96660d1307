using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Soar.Tests.Connectors;

/// <summary>A TLS server on the loopback address with a certificate of its own CA. It tells of each connection what client certificate it saw, and speaks as the test says.</summary>
internal sealed class TlsLoopback : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly TestCertificate certificate;
    private readonly Func<Stream, CancellationToken, Task> speak;
    private readonly bool plainFirst;
    private readonly Task work;

    /// <param name="name">What the certificate is made for: a DNS name or an address.</param>
    /// <param name="speak">The conversation after the handshake.</param>
    /// <param name="startTls">First an SMTP greeting, EHLO and STARTTLS in plain text.</param>
    public TlsLoopback(string name, Func<StreamReader, Func<string, Task>, Task> speak, bool startTls = false)
        : this(name, async (stream, token) =>
        {
            using var reader = new StreamReader(stream, Encoding.UTF8);
            await speak(reader, async line => await stream.WriteAsync(Encoding.UTF8.GetBytes(line), token));
        }, startTls)
    {
    }

    /// <param name="name">What the certificate is made for: a DNS name or an address.</param>
    /// <param name="speak">The conversation after the handshake, in bytes.</param>
    /// <param name="startTls">First an SMTP greeting, EHLO and STARTTLS in plain text.</param>
    public TlsLoopback(string name, Func<Stream, CancellationToken, Task> speak, bool startTls = false)
    {
        this.speak = speak;
        plainFirst = startTls;
        certificate = new TestCertificate(name);
        listener.Start();
        work = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;
    public string CaFile => certificate.CaFile;

    /// <summary>Certificate and key in one file: serves as a client certificate too.</summary>
    public string ServerFiles => certificate.Files;

    public List<string> ClientCertificates { get; } = [];

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
        certificate.Dispose();
        end.Dispose();
    }

    private async Task RunAsync()
    {
        while (!end.IsCancellationRequested)
        {
            using var client = await listener.AcceptTcpClientAsync(end.Token);
            try
            {
                Stream stream = client.GetStream();
                if (plainFirst)
                    await PlainAsync(stream);
                await using var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate.Certificate, ClientCertificateRequired = true, RemoteCertificateValidationCallback = (_, _, _, _) => true,
                }, end.Token);
                ClientCertificates.Add(tls.RemoteCertificate?.Subject ?? "none");
                await speak(tls, end.Token);
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // the client refused us
            }
        }
    }

    private async Task PlainAsync(Stream stream)
    {
        async Task Say(string line) => await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), end.Token);
        var buffer = new byte[1_000];
        await Say("220 test");
        _ = await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, end.Token);
        await Say("250-test\r\n250 STARTTLS");
        _ = await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, end.Token);
        await Say("220 go");
    }
}
