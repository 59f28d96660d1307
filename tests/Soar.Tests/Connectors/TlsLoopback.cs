using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Soar.Tests.Connectors;

/// <summary>A TLS server on the loopback address with a certificate of its own CA. It tells of each connection what client certificate it saw, and speaks as the test says.</summary>
internal sealed class TlsLoopback : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Soar.Testing.TempFolder folder = new();
    private readonly X509Certificate2 certificate;
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
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=Test CA", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var ca = caRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        CaFile = folder.File("ca.pem", ca.ExportCertificatePem());
        certificate = Issue(ca, name, out var key);
        ServerFiles = folder.File("server.pem", certificate.ExportCertificatePem() + "\n" + key);
        listener.Start();
        work = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;
    public string CaFile { get; }

    /// <summary>Certificate and key in one file: serves as a client certificate too.</summary>
    public string ServerFiles { get; }

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
        folder.Dispose();
        end.Dispose();
    }

    private static X509Certificate2 Issue(X509Certificate2 ca, string name, out string keyPem)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(ca, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3, 4]);
        keyPem = key.ExportPkcs8PrivateKeyPem();
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
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
                    ServerCertificate = certificate, ClientCertificateRequired = true, RemoteCertificateValidationCallback = (_, _, _, _) => true,
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
