using System.Net.Security;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Http;
using Soar.Connectors.Rdap;
using Soar.Connectors.Smtp;

namespace Soar.Tests.Connectors;

/// <summary>Certificates are verified by every connector the same way, and secrets travel only behind them.</summary>
public sealed class TlsTests
{
    private static async Task Http(StreamReader reader, Func<string, Task> write)
    {
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // the request's headers
        }
        await write(LoopbackHttp.Answer(200, "{}"));
    }

    /// <summary>A server that knows AUTH LOGIN only, and one that knows PLAIN.</summary>
    private static Func<StreamReader, Func<string, Task>, Task> Smtp(string mechanisms, bool greet, List<string> heard) => async (reader, write) =>
    {
        if (greet)
            await write("220 test\r\n");
        while (await reader.ReadLineAsync() is { } line)
        {
            heard.Add(line);
            await write(line switch
            {
                _ when line.StartsWith("EHLO", StringComparison.Ordinal) => $"250-test\r\n250 AUTH {mechanisms}\r\n",
                "AUTH LOGIN" => "334 VXNlcm5hbWU6\r\n",
                "c29j" => "334 UGFzc3dvcmQ6\r\n", // soc
                "aHVudGVyMg==" => "235 ok\r\n", // hunter2
                "AUTH PLAIN AHNvYwBodW50ZXIy" => "235 ok\r\n",
                _ when line.StartsWith("AUTH", StringComparison.Ordinal) => "535 no\r\n",
                _ => "221 bye\r\n",
            });
        }
    };

    private static SmtpServer Server(TlsLoopback loopback, SmtpTls tls, string? ca) => new()
    {
        Host = "127.0.0.1", Port = loopback.Port, Tls = tls, CaFile = ca, User = "soc", Password = new Secret("hunter2"),
    };

    [Theory]
    [InlineData("LOGIN", SmtpTls.Implicit)]
    [InlineData("LOGIN CRAM-MD5", SmtpTls.StartTls)]
    [InlineData("LOGIN PLAIN", SmtpTls.Implicit)]
    public async Task A_login_works_by_what_the_server_offers(string mechanisms, SmtpTls tls)
    {
        var heard = new List<string>();
        await using var loopback = new TlsLoopback("127.0.0.1", Smtp(mechanisms, greet: tls == SmtpTls.Implicit, heard), startTls: tls == SmtpTls.StartTls);
        await using var client = await SmtpClient.ConnectAsync(Server(loopback, tls, loopback.CaFile), TimeProvider.System, CancellationToken.None);
        Assert.Contains(heard, line => line.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_a_login_that_we_know_is_permanent()
    {
        await using var loopback = new TlsLoopback("127.0.0.1", Smtp("CRAM-MD5 GSSAPI", greet: true, []));
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => SmtpClient.ConnectAsync(Server(loopback, SmtpTls.Implicit, loopback.CaFile), TimeProvider.System, CancellationToken.None));
        Assert.Equal("no-auth", failure.Reason);
        Assert.Contains("CRAM-MD5, GSSAPI", failure.Message);
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("other.example", true)]
    public async Task A_wrong_name_or_an_unknown_CA_is_refused_before_any_secret_is_sent(string name, bool knownCa)
    {
        foreach (var tls in new[] { SmtpTls.Implicit, SmtpTls.StartTls })
        {
            var heard = new List<string>();
            await using var mail = new TlsLoopback(name, Smtp("PLAIN", greet: tls == SmtpTls.Implicit, heard), startTls: tls == SmtpTls.StartTls);
            var refused = await Assert.ThrowsAsync<ConnectorFailure>(() => SmtpClient.ConnectAsync(Server(mail, tls, knownCa ? mail.CaFile : null), TimeProvider.System, CancellationToken.None));
            Assert.Equal((FailureKind.Permanent, "certificate"), (refused.Kind, refused.Reason));
            Assert.Empty(heard);
        }
        await using var web = new TlsLoopback(name, Http);
        await using var connector = Connector(web, settings => settings with { CaFile = knownCa ? web.CaFile : null });
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.GetAsync("x", Given.Context(), CancellationToken.None));
        Assert.Equal((FailureKind.Permanent, "certificate"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public async Task A_private_CA_and_a_client_certificate_are_used_by_setting()
    {
        await using var web = new TlsLoopback("127.0.0.1", Http);
        await using (var without = Connector(web, settings => settings with { CaFile = web.CaFile }))
            Assert.Equal(200, (await without.GetAsync("x", Given.Context(), CancellationToken.None)).Status);
        await using (var with = Connector(web, settings => settings with { CaFile = web.CaFile, ClientCertificate = web.ServerFiles }))
            Assert.Equal(200, (await with.GetAsync("x", Given.Context(), CancellationToken.None)).Status);
        Assert.Equal(["none", "CN=127.0.0.1"], web.ClientCertificates);
    }

    [Theory]
    [InlineData("rdap.declared.example", true)]
    [InlineData("RDAP.Declared.example", true)]
    [InlineData("rdap.elsewhere.example", false)]
    public void A_client_certificate_is_shown_to_declared_hosts_only(string host, bool shown)
    {
        using var certificate = new TestCertificate("client");
        var settings = new RdapSettings { ClientCertificate = certificate.Files };
        using var access = new HttpAccess(settings.RulesFor("rdap.declared.example") with { AnyPublicHost = true }, Given.Services());
        Assert.Equal(shown, access.CertificateFor(host, [certificate.Certificate]) is not null);
    }

    [Fact]
    public async Task A_proxy_is_used_by_setting_and_the_declared_host_is_still_the_only_one()
    {
        await using var proxy = new LoopbackHttp(request => request.Target.StartsWith("http://service.example/", StringComparison.Ordinal)
            ? request.Target.EndsWith("/away", StringComparison.Ordinal) ? LoopbackHttp.Answer(302, "", "text/plain", "Location: http://elsewhere.example/") : LoopbackHttp.Answer(200, "{}")
            : LoopbackHttp.Answer(500, "not asked for that"));
        await using var connector = new HttpConnector(new HttpSettings { Address = new Uri("http://service.example/"), Proxy = proxy.Address, Timeout = TimeSpan.FromSeconds(5) }, Given.Services());
        Assert.Equal(200, (await connector.GetAsync("here", Given.Context(), CancellationToken.None)).Status);
        Assert.Equal("undeclared-host", (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.GetAsync("away", Given.Context(), CancellationToken.None))).Reason);
        Assert.Equal(["http://service.example/here", "http://service.example/away"], proxy.Requests.Select(request => request.Target));
    }

    [Theory]
    [InlineData("https://169.254.169.254/latest/meta-data/", "private-address")]
    [InlineData("https://[fd00::1]/", "private-address")]
    [InlineData("https://[::ffff:10.0.0.1]/", "private-address")]
    [InlineData("https://localhost/", "private-address")]
    [InlineData("https://no-such-host.invalid/", "connection")]
    public async Task A_proxy_hears_of_no_internal_or_unknown_host_that_a_registry_redirects_to(string location, string reason)
    {
        await using var proxy = new LoopbackHttp(request => request.Method == "GET" ? LoopbackHttp.Answer(302, "", "text/plain", $"Location: {location}") : LoopbackHttp.Answer(500, "connected"));
        await using var connector = Registry(proxy);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.OwnerAsync(IpAddress.Parse("203.0.113.66"), Given.Context(), CancellationToken.None));
        Assert.Equal(reason, failure.Reason);
        Assert.Equal(["GET http://registry.example/ip/203.0.113.66"], proxy.Requests.Select(request => $"{request.Method} {request.Target}"));
    }

    [Fact]
    public async Task A_proxy_is_asked_for_a_public_host_that_a_registry_redirects_to()
    {
        await using var proxy = new LoopbackHttp(request => request.Method == "GET" ? LoopbackHttp.Answer(302, "", "text/plain", "Location: https://198.51.100.9/ip/x") : LoopbackHttp.Answer(500, "no"));
        await using var connector = Registry(proxy);
        await Assert.ThrowsAsync<ConnectorFailure>(() => connector.OwnerAsync(IpAddress.Parse("203.0.113.66"), Given.Context(), CancellationToken.None));
        Assert.Equal("CONNECT 198.51.100.9:443", proxy.Requests.Select(request => $"{request.Method} {request.Target}").Last());
    }

    [Fact]
    public async Task A_host_that_a_registry_redirects_to_cannot_make_every_run_of_the_instance_wait()
    {
        using var certificate = new TestCertificate("198.51.100.9");
        await using var proxy = new LoopbackTcp(async (stream, end) =>
        {
            if (!(await HeadAsync(stream)).StartsWith("CONNECT", StringComparison.Ordinal))
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(LoopbackHttp.Answer(302, "", "text/plain", "Location: https://198.51.100.9/ip/x")), end);
                return;
            }
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), end);
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate.Certificate }, end);
            await HeadAsync(tls);
            await tls.WriteAsync(Encoding.ASCII.GetBytes(LoopbackHttp.Answer(429, "", "text/plain", "Retry-After: 99999999")), end);
        });
        var pace = Pace.Unlimited(TimeProvider.System);
        var settings = new RdapSettings { BaseAddress = new Uri("http://registry.example/"), Proxy = new Uri($"http://127.0.0.1:{proxy.Port}/"), CaFile = certificate.CaFile, Timeout = TimeSpan.FromSeconds(10) };
        await using var connector = new RdapConnector(settings, Given.Services() with { Pace = pace });
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.OwnerAsync(IpAddress.Parse("203.0.113.66"), Given.Context(), CancellationToken.None));
        Assert.Equal("429", failure.Reason);
        Assert.Null(pace.Turn("another run"));

        static async Task<string> HeadAsync(Stream stream)
        {
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var first = await reader.ReadLineAsync() ?? "";
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
                // the request's headers
            }
            return first;
        }
    }

    private static RdapConnector Registry(LoopbackHttp proxy) =>
        new(new RdapSettings { BaseAddress = new Uri("http://registry.example/"), Proxy = proxy.Address, Timeout = TimeSpan.FromSeconds(10) }, Given.Services());

    private static HttpConnector Connector(TlsLoopback server, Func<HttpSettings, HttpSettings> with) =>
        new(with(new HttpSettings { Address = new Uri($"https://127.0.0.1:{server.Port}/"), Timeout = TimeSpan.FromSeconds(5) }), Given.Services());
}
