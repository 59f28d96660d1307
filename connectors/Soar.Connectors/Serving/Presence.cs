using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Soar.Connectors.Serving;

/// <summary>Asked from any process: does the one that owns the store listen where these settings say?</summary>
internal static class Presence
{
    /// <summary>What a web listener of ours says to anybody who gives no credentials.</summary>
    public const string Realm = "realm=\"soar\"";

    /// <summary>Null when it does; else what is missing.</summary>
    /// <param name="web">It is a web server; else anything that takes connections.</param>
    public static async Task<string?> AbsentAsync(ListenSettings settings, bool web, TimeProvider clock, CancellationToken cancellation)
    {
        var address = settings.Listen.ToIPAddress();
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            address = settings.Listen.IsV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var ours = false;
        try
        {
            using var client = new TcpClient(address.AddressFamily);
            await client.ConnectAsync(address, settings.Port, both.Token);
            if (!settings.Tls)
                return !web || await IsOursAsync(client.GetStream(), both.Token) ? null : $"Somebody else answers at {settings.Endpoint}. Give it another port, or end the other program.";
            using var own = settings.ReadCertificate();
            // Who answers with our key is ours, whatever name the certificate carries, and also when it then wants a certificate of us.
            await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, given, _, _) => ours = given?.GetCertHashString() == own.GetCertHashString());
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.ToString() }, both.Token);
            return null;
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return ours ? null : $"Nobody listens at {settings.Endpoint} now ({(e is OperationCanceledException ? "no answer within 5 seconds" : e.Message.TrimEnd('.'))}). 'soar serve' does.";
        }
    }

    private static async Task<bool> IsOursAsync(Stream stream, CancellationToken cancellation)
    {
        await stream.WriteAsync("HEAD / HTTP/1.1\r\nHost: soar\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
        var answer = new byte[4_096];
        var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, cancellation);
        return System.Text.Encoding.ASCII.GetString(answer, 0, length).Contains(Realm, StringComparison.Ordinal);
    }
}
