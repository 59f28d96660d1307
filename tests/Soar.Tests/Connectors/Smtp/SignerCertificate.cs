using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Soar.Connectors.Smtp;
using Soar.Testing;

namespace Soar.Tests.Connectors.Smtp;

/// <summary>A certificate for signing mail, with its issuer's, in files of a test's own.</summary>
internal sealed class SignerCertificate : IDisposable
{
    private readonly TempFolder folder = new();

    public SignerCertificate(string mail = "soc@cert.example", bool elliptic = false, int validDays = 1)
    {
        using var caKey = RSA.Create(2048);
        var caRequest = new CertificateRequest("CN=Test mail CA", caKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var ca = caRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(10));
        using var rsa = elliptic ? null : RSA.Create(2048);
        using var ec = elliptic ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
        var request = rsa is not null ? new CertificateRequest($"CN=SOC", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest("CN=SOC", ec!, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddEmailAddress(mail);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.4")], critical: false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using var issued = request.Create(ca.SubjectName, X509SignatureGenerator.CreateForRSA(caKey, RSASignaturePadding.Pkcs1), DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(validDays), [1, 2, 3]);
        CaFile = folder.File("ca.pem", ca.ExportCertificatePem());
        File = folder.File("soc.pem", issued.ExportCertificatePem() + "\n" + ca.ExportCertificatePem());
        KeyFile = folder.File("soc.key", (rsa as AsymmetricAlgorithm ?? ec!).ExportPkcs8PrivateKeyPem());
    }

    public string CaFile { get; }
    public string File { get; }
    public string KeyFile { get; }

    public SmtpSettings In(SmtpSettings settings) => settings with { SignCertificate = File, SignKey = KeyFile };

    public void Dispose() => folder.Dispose();
}
