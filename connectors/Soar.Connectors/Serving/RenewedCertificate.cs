using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Soar.Connectors.Serving;

/// <summary>The certificate to show now: a renewed one is used at the next handshake; one that cannot be read leaves the last one in use.</summary>
internal sealed class RenewedCertificate(ListenSettings settings)
{
    private readonly Lock gate = new();
    private (string Stamp, X509Certificate2 Value)? last;

    public X509Certificate2 Current
    {
        get
        {
            lock (gate)
            {
                var now = Stamp(settings.Certificate!) + Stamp(settings.Key);
                if (last?.Stamp == now)
                    return last.Value.Value;
                try
                {
                    last = (now, settings.ReadCertificate());
                }
                catch (Exception e) when (last is not null && e is CryptographicException or IOException or UnauthorizedAccessException)
                {
                    // it is being replaced, or broken: TestAsync tells
                }
                return last!.Value.Value;
            }
        }
    }

    private static string Stamp(string? path) => path is not null && new FileInfo(path) is { Exists: true } found ? $"{found.LastWriteTimeUtc.Ticks}/{found.Length};" : "none;";
}
