using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Soar.Capabilities;

namespace Soar.Connectors.Packages;

/// <summary>What is put into a package besides its form.</summary>
/// <param name="Request">The request itself, for machines.</param>
/// <param name="Template">Name of the covering text in the templates.</param>
/// <param name="Holes">What stands in its holes.</param>
internal sealed record PackageContent(Form Form, object Request, IReadOnlyList<Artifact> Attachments, string Template, IReadOnlyDictionary<string, string> Holes);

/// <summary>
/// Makes packages: form as PDF and HTML, request as JSON, attachments, a manifest with the SHA-256 of each, its detached CMS signature (RFC 5652), and all of it in one ZIP file.
/// A package that lies in the outbox under the same key is read back, never made anew.
/// </summary>
internal sealed class PackageMaker(PackageSettings settings, ConnectorServices services)
{
    private const string ManifestName = "manifest.txt", SignatureName = "manifest.p7s";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["form.pdf"] = "application/pdf", ["form.html"] = "text/html", ["request.json"] = "application/json", [ManifestName] = "text/plain", [SignatureName] = "application/pkcs7-signature",
    };

    public async Task<RequestPackage> MakeAsync(PackageContent content, ActionContext context, CancellationToken cancellation)
    {
        var text = Cover(content);
        var place = settings.Outbox is { } outbox ? Path.Combine(outbox, $"{content.Form.Reference}-{context.Key.Value[..12]}.zip") : null;
        try
        {
            using var signer = settings.Certificate is null ? null : settings.Signer();
            byte[] archive;
            if (place is not null && File.Exists(place))
            {
                archive = await File.ReadAllBytesAsync(place, cancellation);
            }
            else
            {
                archive = Archive(await FilesAsync(content, signer, context, cancellation));
                if (place is not null)
                    await PutAsync(place, archive, cancellation);
            }
            return await StoreAsync(content, text, archive, signer, place, context);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or InvalidDataException)
        {
            // Nothing stands in the outbox under its name before it is whole.
            throw ConnectorFailure.Permanent($"The package {content.Form.Reference} was not made: {e.Message} Look at outbox, certificate, key and fonts ('soar connectors test').", e, "package");
        }
    }

    /// <summary>What would be refused when the package is made, without making it.</summary>
    public RenderedTemplate Cover(PackageContent content)
    {
        try
        {
            return services.Templates.Render(content.Template, settings.Language, content.Holes);
        }
        catch (SoarException e)
        {
            throw ConnectorFailure.Permanent($"{e.Message} Nothing was made.", e, "template");
        }
    }

    /// <summary>Answers dry runs: everything is checked, nothing is made.</summary>
    public RequestPackage Simulate(PackageContent content)
    {
        var text = Cover(content);
        var archive = new Artifact(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content.Form.Reference))), 1, $"{content.Form.Reference}.zip", "application/zip");
        return new RequestPackage(content.Form.Reference, text.Subject, text.Body, [archive with { Name = "form.pdf", MediaType = "application/pdf" }], archive, SignedBy: null, Place: null);
    }

    /// <summary>Whether packages can be made: fonts, certificate, outbox. Makes none.</summary>
    public ConnectorTest Test()
    {
        try
        {
            _ = (Font(settings.Font), Font(settings.BoldFont));
            var (signed, ok) = ("Packages are unsigned: no certificate is set.", true);
            if (settings.Certificate is not null)
            {
                using var signer = settings.Signer();
                var now = services.Clock.GetUtcNow().UtcDateTime;
                ok = signer.NotBefore.ToUniversalTime() <= now && now <= signer.NotAfter.ToUniversalTime();
                signed = $"{signer.Subject} signs, valid until {signer.NotAfter.ToUniversalTime():yyyy-MM-dd}{(ok ? "" : ": it is not valid now, renew it")}.";
            }
            if (settings.Outbox is { } outbox && !Directory.Exists(outbox))
                return new ConnectorTest(false, $"The outbox {outbox} does not exist. Make the folder, writable for Soar.");
            return new ConnectorTest(ok, $"{signed} {(settings.Outbox is null ? "No outbox is set." : $"Packages are put into {settings.Outbox}.")}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or InvalidDataException or ArgumentException)
        {
            return new ConnectorTest(false, $"Packages cannot be made: {e.Message}");
        }
    }

    /// <summary>Refuses what lacks an item, naming every one.</summary>
    public static void Demand(string what, IReadOnlyList<string> problems, string reference)
    {
        var all = problems.Concat(reference.Length is 0 or > 40 || !reference.All(character => char.IsAsciiLetterOrDigit(character) || character is '-')
            ? ["reference must be letters, digits and dashes: take it from Requests.Open"] : Array.Empty<string>()).ToList();
        if (all.Count > 0)
            throw ConnectorFailure.Permanent($"The {what} was not made. {string.Join("; ", all)}.", reason: "incomplete");
    }

    private async Task<List<(string Name, byte[] Bytes)>> FilesAsync(PackageContent content, X509Certificate2? signer, ActionContext context, CancellationToken cancellation)
    {
        var files = new List<(string Name, byte[] Bytes)>
        {
            ("form.pdf", FormPdf.Write(content.Form, Font(settings.Font), Font(settings.BoldFont), services.Clock.GetUtcNow())),
            ("form.html", FormHtml.Write(content.Form)),
            ("request.json", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(content.Request, content.Request.GetType(), SoarJson.Options)),
        };
        var total = files.Sum(file => (long)file.Bytes.Length) + content.Attachments.Sum(attachment => attachment.Size);
        if (total > settings.MaxBytes)
            throw ConnectorFailure.Permanent($"The package would have {total} bytes; at most {settings.MaxBytes} are made (setting maxBytes). Attach less.", reason: "too-large");
        for (var i = 0; i < content.Attachments.Count; i++)
            files.Add((AttachmentName(i, content.Attachments[i]), await Load(content.Attachments[i], context, cancellation)));
        var manifest = Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(file.Bytes))}  {file.Name}\n")));
        files.Add((ManifestName, manifest));
        if (signer is not null)
            files.Add((SignatureName, Sign(manifest, signer)));
        return files;
    }

    private static async Task<byte[]> Load(Artifact artifact, ActionContext context, CancellationToken cancellation)
    {
        try
        {
            await using var stream = context.Artifacts.Open(artifact);
            using var content = new MemoryStream();
            await stream.CopyToAsync(content, cancellation);
            var bytes = content.ToArray();
            return Convert.ToHexStringLower(SHA256.HashData(bytes)) == artifact.Sha256
                ? bytes
                : throw ConnectorFailure.Permanent($"The attachment '{artifact.Name}' is not what it was: its hash differs. Nothing was made; restore the artifact.", reason: "attachment");
        }
        catch (NotFoundException e)
        {
            throw ConnectorFailure.Permanent($"The attachment '{artifact.Name}' is not in the store any more; nothing was made. {e.Message}", e, "attachment");
        }
    }

    private byte[] Sign(byte[] manifest, X509Certificate2 certificate)
    {
        var signed = new SignedCms(new ContentInfo(manifest), detached: true);
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, certificate) { DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"), IncludeOption = X509IncludeOption.EndCertOnly };
        signer.SignedAttributes.Add(new Pkcs9SigningTime(services.Clock.GetUtcNow().UtcDateTime));
        var issuers = new X509Certificate2Collection();
        issuers.ImportFromPemFile(settings.Certificate!);
        foreach (var issuer in issuers.Where(issuer => issuer.Thumbprint != certificate.Thumbprint))
            signer.Certificates.Add(issuer);
        signed.ComputeSignature(signer, silent: true);
        return signed.Encode();
    }

    // Times of the entries are fixed: the same files are the same archive.
    private static byte[] Archive(List<(string Name, byte[] Bytes)> files)
    {
        using var output = new MemoryStream();
        using (var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, bytes) in files)
            {
                var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
                entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var stream = entry.Open();
                stream.Write(bytes);
            }
        return output.ToArray();
    }

    private static async Task PutAsync(string place, byte[] archive, CancellationToken cancellation)
    {
        var half = place + ".part";
        await using (var file = new FileStream(half, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await file.WriteAsync(archive, cancellation);
            file.Flush(flushToDisk: true);
        }
        File.Move(half, place, overwrite: false);
    }

    private static async Task<RequestPackage> StoreAsync(PackageContent content, RenderedTemplate text, byte[] archive, X509Certificate2? signer, string? place, ActionContext context)
    {
        var files = new List<Artifact>();
        using var zip = new ZipArchive(new MemoryStream(archive, writable: false), ZipArchiveMode.Read);
        foreach (var entry in zip.Entries)
        {
            await using var stream = entry.Open();
            var attachment = entry.FullName.StartsWith("attachments/", StringComparison.Ordinal) ? content.Attachments[int.Parse(entry.FullName.AsSpan(12, 3), System.Globalization.CultureInfo.InvariantCulture) - 1] : null;
            files.Add(await context.Artifacts.PutAsync(stream, entry.Name, attachment?.MediaType ?? Types[entry.FullName], CancellationToken.None)); // it lies in the outbox: finish
        }
        var whole = await context.Artifacts.PutAsync(new MemoryStream(archive, writable: false), $"{content.Form.Reference}.zip", "application/zip", CancellationToken.None);
        return new RequestPackage(content.Form.Reference, text.Subject, text.Body, files, whole, signer?.Subject, place);
    }

    private static string AttachmentName(int index, Artifact artifact) =>
        $"attachments/{index + 1:000}-{string.Concat(artifact.Name.Select(character => char.IsLetterOrDigit(character) || character is '.' or '-' or '_' ? character : '_')).TrimStart('.')}";

    private static TrueTypeFont Font(string file)
    {
        try
        {
            return new TrueTypeFont(File.ReadAllBytes(file));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"The font {file} cannot be used: {e.Message}.", e);
        }
    }
}
