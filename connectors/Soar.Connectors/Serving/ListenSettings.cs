using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Soar.Connectors.Serving;

/// <summary>Where a connector listens, and with which certificate. Plain text is for loopback only, unless it is asked for in so many words.</summary>
public abstract record ListenSettings : IValidatedSettings
{
    [Setting("Address to listen on. Default: 127.0.0.1; 0.0.0.0 or :: for every address of this machine.")]
    public IpAddress Listen { get; init; } = IpAddress.Parse("127.0.0.1");

    /// <summary>Each connector has a default of its own.</summary>
    public abstract int Port { get; init; }

    [Setting("PEM file of the server's certificate with its chain; read again when it changes. Default: none, plain text.")]
    public string? Certificate { get; init; }

    [Setting("PEM file of the certificate's key, where the certificate's file does not hold it.")]
    public string? Key { get; init; }

    [Setting("Speak plain text on other addresses than loopback, secrets included: a management network of its own only. Default: false.")]
    public bool AllowPlain { get; init; }

    internal bool Tls => !string.IsNullOrEmpty(Certificate);

    /// <summary>Host and port as people write them.</summary>
    internal string Endpoint => $"{(Listen.IsV6 ? $"[{Listen}]" : Listen.ToString())}:{Port}";

    public virtual IEnumerable<string> Problems()
    {
        if (Listen.IsNetwork)
            yield return $"listen: {Listen} is a network; write one address";
        if (Port is < 1 or > 65535)
            yield return $"port: {Port} is no TCP port";
        if (Key is not null && Certificate is null)
            yield return "key: a key without certificate; set both";
        if (Tls && Unusable() is { } why)
            yield return $"certificate: {Certificate} cannot be used ({why}); it must be PEM with its private key, or name the key file in key";
        if (!Tls && !AllowPlain && !Listen.IsNetwork && !System.Net.IPAddress.IsLoopback(Listen.ToIPAddress()))
            yield return $"listen: {Listen} without a certificate would take secrets in the clear; set certificate, or allowPlain on a management network of its own";
    }

    internal X509Certificate2 ReadCertificate() => X509Certificate2.CreateFromPemFile(Certificate!, string.IsNullOrEmpty(Key) ? null : Key);

    private string? Unusable()
    {
        try
        {
            ReadCertificate().Dispose();
            return null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
