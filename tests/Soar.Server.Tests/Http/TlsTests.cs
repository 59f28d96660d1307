using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Soar.Server.Http;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Http;

/// <summary>TLS as <c>http.certificate</c> sets it: the certificate and its chain, the protocols, and what cookies and headers say under it.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private X509Certificate2 root = null!;
    private SoarNode node = null!;
    private HttpServer server = null!;

    private Uri Address => new(server.Addresses[0]);

    public async ValueTask InitializeAsync()
    {
        // A CA, one below it, and the server's own: a client that trusts the first must be sent the second.
        root = Issue("CN=Root", null, ca: true);
        using var middle = Issue("CN=Middle", root, ca: true);
        using var own = Issue("CN=127.0.0.1", middle, ca: false);
        folder.File("server.pem", own.ExportCertificatePem() + "\n" + middle.ExportCertificatePem());
        folder.File("server-key.pem", own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var settings = folder.File("soar.yaml", "http: { listen: [\"https://127.0.0.1:0\"], certificate: server.pem, certificateKey: server-key.pem }\n");
        node = await SoarNode.OpenAsync(Workspace.Find(settings, null, Path.Combine(folder.Path, ".soar")), TimeProvider.System, CancellationToken.None);
        server = await HttpServer.StartAsync(node, listen: null, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await node.DisposeAsync();
        root.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Whoever_trusts_the_CA_is_sent_the_whole_chain_and_answered(SslProtocols protocol)
    {
        Assert.Equal("https", Address.Scheme);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Address.Port);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", EnabledSslProtocols = protocol, CertificateChainPolicy = Trusting() });
        Assert.Equal(protocol, tls.SslProtocol);
        await tls.WriteAsync("GET /health/live HTTP/1.1\r\nHost: soar\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(tls);
        var answer = await reader.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("Strict-Transport-Security: max-age=31536000", answer, StringComparison.Ordinal);
    }

    /// <summary>By hand, byte for byte, because no library here would speak them any more.</summary>
    [Theory]
    [InlineData(0)] // SSL 3.0
    [InlineData(1)] // TLS 1.0
    [InlineData(2)] // TLS 1.1
    public async Task An_older_protocol_is_refused_by_the_server_itself(byte minor)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Address.Port);
        var stream = tcp.GetStream();
        byte[] suites = [0xC0, 0x09, 0xC0, 0x0A, 0xC0, 0x13, 0xC0, 0x14, 0x00, 0x2F, 0x00, 0x35];
        byte[] extensions = [0x00, 0x0A, 0x00, 0x04, 0x00, 0x02, 0x00, 0x17, 0x00, 0x0B, 0x00, 0x02, 0x01, 0x00]; // P-256, uncompressed points
        byte[] body = [3, minor, .. RandomNumberGenerator.GetBytes(32), 0, 0, (byte)suites.Length, .. suites, 1, 0, 0, (byte)extensions.Length, .. extensions];
        byte[] hello = [1, 0, 0, (byte)body.Length, .. body];
        await stream.WriteAsync((byte[])[22, 3, minor, 0, (byte)hello.Length, .. hello]);
        var answer = new byte[7];
        var got = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false);
        // An alert, fatal: protocol_version (70), or handshake_failure (40) for what has no name for it; or nothing at all. Never a ServerHello (22).
        if (got > 0) Assert.Equal((21, 2), (answer[0], answer[5]));
        if (minor > 0) Assert.Equal(70, answer[6]);
    }

    [Fact]
    public async Task Plain_HTTP_gets_no_answer_at_the_port_and_cookies_are_for_TLS_only()
    {
        using var plain = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync($"http://127.0.0.1:{Address.Port}/health/live"));

        using var trusting = new HttpClient(new SocketsHttpHandler { UseCookies = false, SslOptions = { CertificateChainPolicy = Trusting() } }) { BaseAddress = Address };
        var code = await node.Logins.OfferSetUpAsync();
        using var setUp = await trusting.PostAsync("/api/setup", Json(new { code, name = "ana", password = Served.Password }));
        Assert.Equal(HttpStatusCode.NoContent, setUp.StatusCode);
        using var login = await trusting.PostAsync("/api/login", Json(new { name = "ana", password = Served.Password }));
        var cookie = login.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("__Host-soar=", StringComparison.Ordinal)).ToLowerInvariant();
        foreach (var word in new[] { "secure", "httponly", "samesite=strict", "path=/" }) Assert.Contains(word, cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_does_not_trust_the_CA_goes_away()
    {
        using var stranger = new HttpClient { BaseAddress = Address };
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync("/health/live"));
    }

    [Fact]
    public async Task A_certificate_that_does_not_fit_its_key_or_is_not_there_is_told_by_the_settings_names()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        folder.File("server-key.pem", other.ExportPkcs8PrivateKeyPem());
        Assert.Contains("http.certificate and http.certificateKey", (await RefusedAsync()).Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(folder.Path, "server.pem"));
        Assert.Contains("server.pem", (await RefusedAsync()).Message, StringComparison.Ordinal);

        async Task<SoarException> RefusedAsync()
        {
            var refused = await Assert.ThrowsAsync<SoarException>(() => HttpServer.StartAsync(node, listen: null, CancellationToken.None));
            Assert.Equal("SOAR6017", refused.Code);
            return refused;
        }
    }

    private X509ChainPolicy Trusting()
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        trust.CustomTrustStore.Add(root);
        return trust;
    }

    private static StringContent Json(object value) => new(JsonSerializer.Serialize(value), null, "application/json");

    private static X509Certificate2 Issue(string name, X509Certificate2? by, bool ca)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(ca, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (!ca)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        var now = TimeProvider.System.GetUtcNow();
        if (by is null) return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(3));
        using var issued = request.Create(by, now.AddDays(-1), now.AddDays(ca ? 2 : 1), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
