using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Soar.Connectors.Packages;

/// <summary>How request packages are made: in which language, in whose name, signed by which certificate, and where they are put.</summary>
public record PackageSettings : IValidatedSettings
{
    [Setting("Our organisation's name on forms.")]
    public string Organisation { get; init; } = "";

    [Setting("Language of forms and covering texts: en, mk. Default: en.")]
    public string Language { get; init; } = "en";

    [Setting("PEM file of the certificate that signs the manifests, issuers after it. Default: none, packages are unsigned and say so.")]
    public string? Certificate { get; init; }

    [Setting("PEM file of the certificate's private key, readable by Soar only.")]
    public string? Key { get; init; }

    [Setting("Passphrase of the private key. Default: none, the key is not encrypted.")]
    public Secret? KeyPassphrase { get; init; }

    [Setting("Folder where each package is put as one ZIP file for whoever carries it over. Default: none, packages are artifacts only.")]
    public string? Outbox { get; init; }

    [Setting("TrueType font of the PDF forms. Default: /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf (Debian: fonts-dejavu-core).")]
    public string Font { get; init; } = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

    [Setting("The same font in bold. Default: /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf.")]
    public string BoldFont { get; init; } = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";

    [Setting("Largest package in bytes, attachments included. Default: 67108864 (64 MiB).")]
    public long MaxBytes { get; init; } = 64L << 20;

    public IEnumerable<string> Problems()
    {
        if (Organisation.Trim().Length == 0)
            yield return "organisation: is missing; write the name that stands on the forms";
        if (!FormWords.Languages.Contains(Language))
            yield return $"language: '{Language}' is not known; write one of {string.Join(", ", FormWords.Languages)}";
        foreach (var (field, file) in new[] { ("certificate", Certificate), ("key", Key) })
            if (file is not null && !File.Exists(file))
                yield return $"{field}: {file} does not exist";
        if (Certificate is null != Key is null)
            yield return "key: certificate and key belong together; set both or neither";
        else if (Certificate is not null && File.Exists(Certificate) && File.Exists(Key) && Mismatch() is { } why)
            yield return $"certificate: cannot sign: {why}";
        foreach (var (field, file) in new[] { ("font", Font), ("boldFont", BoldFont) })
            if (!File.Exists(file))
                yield return $"{field}: {file} does not exist; install fonts-dejavu-core or name another TrueType font";
        if (Outbox is not null && !Path.IsPathFullyQualified(Outbox))
            yield return "outbox: must be an absolute path";
        if (MaxBytes < 1 << 20)
            yield return "maxBytes: must be at least 1048576 (1 MiB)";
    }

    internal X509Certificate2 Signer() => KeyPassphrase is { } passphrase
        ? X509Certificate2.CreateFromEncryptedPemFile(Certificate!, passphrase.Reveal(), Key)
        : X509Certificate2.CreateFromPemFile(Certificate!, Key);

    private string? Mismatch()
    {
        try
        {
            using var signer = Signer();
            return signer.HasPrivateKey ? null : "its key is not in the key file";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
