using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Soar.Testing;

/// <summary>A certificate of a CA of its own, for a server or a client of a test.</summary>
public sealed class TestCertificate : IDisposable
{
    private readonly TempFolder folder = new();

    /// <param name="name">What it is made for: a DNS name or an address.</param>
    public TestCertificate(string name)
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Two CAs of one name cannot be told apart by their certificates: OpenSSL then sends the wrong one along.
        var caRequest = new CertificateRequest($"CN=Test CA {Guid.NewGuid():N}", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var ca = caRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        CaFile = folder.File("ca.pem", ca.ExportCertificatePem());
        Certificate = Issue(ca, name, out var key);
        Files = folder.File("server.pem", Certificate.ExportCertificatePem() + "\n" + key);
    }

    public X509Certificate2 Certificate { get; }
    public string CaFile { get; }

    /// <summary>Certificate and key in one PEM file.</summary>
    public string Files { get; }

    public void Dispose()
    {
        Certificate.Dispose();
        folder.Dispose();
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
}
