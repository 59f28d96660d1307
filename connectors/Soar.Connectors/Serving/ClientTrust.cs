using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Soar.Connectors.Tls;

namespace Soar.Connectors.Serving;

/// <summary>How a server of ours knows its clients: by a certificate of one CA, and where names are given by one of them.</summary>
internal static class ClientTrust
{
    /// <param name="clientCa">PEM file of the CA of clients; null = anybody may connect.</param>
    /// <param name="names">DNS names or common names that may connect; none = every certificate of the CA.</param>
    public static SslServerAuthenticationOptions Options(X509Certificate2 own, string? clientCa, IReadOnlyList<string> names)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificate = own,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (string.IsNullOrEmpty(clientCa))
            return options;
        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(ServerTrust.Authorities(clientCa));
        options.RemoteCertificateValidationCallback = (_, given, _, errors) => errors == SslPolicyErrors.None && given is X509Certificate2 certificate && Knows(certificate, names);
        return options;
    }

    private static bool Knows(X509Certificate2 certificate, IReadOnlyList<string> names) => names.Count == 0 || names.Any(name =>
        certificate.MatchesHostname(name, allowWildcards: false, allowCommonName: true));
}
