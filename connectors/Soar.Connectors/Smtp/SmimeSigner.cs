using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Soar.Capabilities;

namespace Soar.Connectors.Smtp;

/// <summary>
/// Signs mails (S/MIME, RFC 8551): a detached CMS signature with SHA-256, the certificate and its chain with it. A certificate that has run out signs nothing: a mail that says of itself
/// that it is not to be trusted is worse than one that is not sent and says why.
/// </summary>
internal sealed class SmimeSigner : IDisposable
{
    private readonly X509Certificate2 certificate;
    private readonly X509Certificate2Collection chain;

    private SmimeSigner(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        this.certificate = certificate;
        this.chain = chain;
    }

    /// <summary>Null where the settings name no certificate. Files are read each time: a renewed certificate counts at once.</summary>
    public static SmimeSigner? Load(SmtpSettings settings, TimeProvider clock)
    {
        if (string.IsNullOrEmpty(settings.SignCertificate))
            return null;
        X509Certificate2? loaded = null;
        try
        {
            loaded = X509Certificate2.CreateFromPemFile(settings.SignCertificate, string.IsNullOrEmpty(settings.SignKey) ? null : settings.SignKey);
            var issuers = new X509Certificate2Collection();
            issuers.ImportFromPemFile(settings.SignCertificate);
            var now = clock.GetUtcNow().UtcDateTime;
            var (from, until) = (loaded.NotBefore.ToUniversalTime(), loaded.NotAfter.ToUniversalTime());
            if (now < from || now > until)
                throw Permanent($"The certificate {settings.SignCertificate} is valid from {from:yyyy-MM-dd} to {until:yyyy-MM-dd} only, so nothing is signed with it or sent. Renew it, or remove signCertificate to send unsigned.", null);
            return new SmimeSigner(loaded, issuers);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            loaded?.Dispose();
            throw Permanent($"The certificate {settings.SignCertificate} or its key cannot be read ({e.Message}). Both must be PEM; a key of its own is named by signKey. Nothing was sent.", e);
        }
        catch // our own refusal above included: the key is let go, and the caller hears why
        {
            loaded?.Dispose();
            throw;
        }
    }

    public DateTimeOffset Until => new(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);

    /// <summary>Whether mail programs will take it for this sender's: they compare the addresses.</summary>
    public bool IsFor(EmailAddress sender) =>
        string.Equals(certificate.GetNameInfo(X509NameType.EmailName, forIssuer: false), sender.Value, StringComparison.OrdinalIgnoreCase);

    /// <summary>The signature over exactly these bytes, as DER.</summary>
    public byte[] Sign(byte[] content, DateTimeOffset time)
    {
        var cms = new SignedCms(new ContentInfo(content), detached: true);
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, certificate) { DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"), IncludeOption = X509IncludeOption.EndCertOnly };
        signer.SignedAttributes.Add(new Pkcs9SigningTime(time.UtcDateTime));
        foreach (var issuer in chain.Where(issuer => issuer.Thumbprint != certificate.Thumbprint))
            signer.Certificates.Add(issuer);
        try
        {
            cms.ComputeSignature(signer, silent: true);
        }
        catch (CryptographicException e)
        {
            throw Permanent($"The mail could not be signed with {certificate.Subject} ({e.Message}). Nothing was sent.", e);
        }
        return cms.Encode();
    }

    public void Dispose()
    {
        certificate.Dispose();
        foreach (var issuer in chain)
            issuer.Dispose();
    }

    private static ConnectorFailure Permanent(string message, Exception? inner) => ConnectorFailure.Permanent(message, inner, "signature");
}
