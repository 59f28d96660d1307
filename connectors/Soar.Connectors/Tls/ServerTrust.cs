using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Soar.Capabilities;

namespace Soar.Connectors.Tls;

/// <summary>How a server's certificate is verified, the same for every protocol: name and chain always; a private CA replaces the system's, it is not added to it.</summary>
public static class ServerTrust
{
    public static SslClientAuthenticationOptions Options(string host, string? caFile, string? certificateFile = null, string? keyFile = null)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (!string.IsNullOrEmpty(caFile))
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Authorities(caFile));
        }
        if (!string.IsNullOrEmpty(certificateFile))
        {
            try
            {
                options.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificateFile, string.IsNullOrEmpty(keyFile) ? null : keyFile)];
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw ConnectorFailure.Permanent($"The client certificate {certificateFile} cannot be read ({e.Message}). It must be PEM with its private key, or name the key file.", e, "certificate-file");
            }
        }
        return options;
    }

    /// <summary>The certificates of a PEM file. Throws a Permanent failure that names the file.</summary>
    internal static X509Certificate2Collection Authorities(string caFile)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(caFile);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw ConnectorFailure.Permanent($"The CA file {caFile} cannot be read ({e.Message}). It must hold one or more certificates in PEM.", e, "ca-file");
        }
        if (authorities.Count == 0)
            throw ConnectorFailure.Permanent($"The CA file {caFile} holds no certificate. It must hold one or more in PEM.", reason: "ca-file");
        return authorities;
    }
}
