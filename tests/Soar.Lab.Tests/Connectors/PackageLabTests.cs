using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Soar.Capabilities;
using Soar.Connectors.Europol;
using Soar.Connectors.Interpol;
using Soar.Connectors.Packages;
using Soar.Connectors.Preservation;
using Soar.Lab.Tests.Range;
using Soar.Testing;
using Soar.Tests.Connectors.Packages;

namespace Soar.Lab.Tests.Connectors;

/// <summary>What an officer abroad does with a package, by the programs that an officer abroad has: verify the signature, read the PDF, open the form in a browser and print it.</summary>
public sealed partial class PackageLabTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly HeldArtifacts artifacts = new("GET /evidence"u8.ToArray());

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("preservation", "en")]
    [InlineData("interpol", "mk")]
    [InlineData("europol", "en")]
    public async Task A_package_is_verified_read_seen_and_printed_by_other_peoples_programs(string product, string language)
    {
        Tools.Require("openssl", "sha256sum", "pdftotext", "pdftoppm", "chromium");
        Requests.NeedFonts();
        using var certificate = new TestCertificate("soc.example");
        var package = await MakeAsync(product, language, certificate.Files);
        Assert.Equal("CN=soc.example", package.SignedBy);
        using (var zip = new ZipArchive(artifacts.Open(package.Archive))) zip.ExtractToDirectory(folder.Path);

        // openssl: the manifest is what was signed, and its hashes are those of the files
        Tools.Must("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", At("manifest.p7s"), "-content", At("manifest.txt"), "-CAfile", certificate.CaFile, "-purpose", "any", "-out", At("verified.txt"));
        Assert.Equal(File.ReadAllBytes(At("manifest.txt")), File.ReadAllBytes(At("verified.txt")));
        Tools.Must("sh", "-c", $"cd {folder.Path} && sha256sum --check --strict manifest.txt");

        // every field of the form, and what the request itself says, stands in the PDF, and on every page there is something to see
        var fields = Fields(File.ReadAllText(At("form.html")));
        Assert.True(fields.Count > 15, $"only {fields.Count} fields");
        Assert.Empty(Missing(fields.Concat(Values()), Text("form.pdf")));
        Assert.All(Ink("form.pdf"), ink => Assert.InRange(ink, 0.002, 0.5));

        // so they do where a browser prints the form
        Tools.Must("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", $"--user-data-dir={At("browser")}", $"--print-to-pdf={At("printed.pdf")}", $"file://{At("form.html")}");
        Assert.Empty(Missing(fields, Text("printed.pdf")));
        Assert.All(Ink("printed.pdf"), ink => Assert.InRange(ink, 0.002, 0.5));
    }

    private async Task<RequestPackage> MakeAsync(string product, string language, string certificate)
    {
        var context = Given.Context(artifacts: artifacts) with { Tlp = Tlp.Amber };
        switch (product)
        {
            case "preservation":
                await using (var preservation = new PreservationConnector(Good(new PreservationSettings { Organisation = "Example CERT", Language = language, Certificate = certificate, Key = certificate }), Given.Services()))
                    return await preservation.PrepareAsync(Requests.Preservation(), "R-2026-0001", context, CancellationToken.None);
            case "interpol":
                var settings = new PackageSettings { Organisation = "Пример ЦЕРТ", Language = language, Certificate = certificate, Key = certificate };
                await using (var interpol = new InterpolConnector(Good(new InterpolSettings { Package = settings }), Given.Services()))
                    return await interpol.PackageAsync(Requests.Assistance(artifacts.Artifact), "R-2026-0002", context, CancellationToken.None);
            default:
                await using (var europol = new EuropolConnector(Good(new EuropolSettings { Organisation = "Example CERT", Language = language, Certificate = certificate, Key = certificate }), Given.Services()))
                    return await europol.PackageAsync(Requests.Siena(artifacts.Artifact), "R-2026-0003", context, CancellationToken.None);
        }
    }

    private static T Good<T>(T settings)
        where T : Soar.Connectors.IValidatedSettings
    {
        Assert.Empty(settings.Problems());
        return settings;
    }

    private string At(string file) => Path.Combine(folder.Path, file);

    /// <summary>Headings, labels and each line of the values, as a reader of the HTML sees them.</summary>
    private static List<string> Fields(string html) =>
        [.. Shown().Matches(html).SelectMany(match => WebUtility.HtmlDecode(match.Groups[2].Value).Split('\n')).Where(line => line.Trim().Length > 0).Distinct()];

    /// <summary>The words of the request itself. Codes and times stand on the form in people's words.</summary>
    private IEnumerable<string> Values()
    {
        using var request = JsonDocument.Parse(File.ReadAllBytes(At("request.json")));
        return [.. Leaves(request.RootElement).Where(text => text.Contains(' ', StringComparison.Ordinal) || text.Contains('.', StringComparison.Ordinal) || text.Contains('@', StringComparison.Ordinal))];
    }

    private static IEnumerable<string> Leaves(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Leaves(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Leaves),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };

    private static List<string> Missing(IEnumerable<string> wanted, string text) => [.. wanted.Where(line => !text.Contains(Solid(line), StringComparison.Ordinal) && !Broken(line, text))];

    // A label that takes two lines has the value's first line between them: its words follow each other closely all the same.
    private static bool Broken(string line, string text) => Regex.IsMatch(text, string.Join(".{0,120}?", line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Regex.Escape)), RegexOptions.None, TimeSpan.FromSeconds(5));

    /// <summary>The text in reading order without blanks: where a line breaks is the printer's matter.</summary>
    private string Text(string pdf) => Solid(Tools.Must("pdftotext", "-raw", At(pdf), "-"));

    private static string Solid(string text) => string.Concat(text.Where(character => !char.IsWhiteSpace(character) && !char.IsControl(character)));

    /// <summary>For each page, what part of it is dark.</summary>
    private List<double> Ink(string pdf)
    {
        Tools.Must("pdftoppm", "-gray", "-r", "50", At(pdf), At(pdf));
        var pages = Directory.GetFiles(folder.Path, pdf + "-*.pgm");
        Assert.NotEmpty(pages);
        return [.. pages.Select(page =>
        {
            // P5, width, height and 255 in a line each, then a byte for each dot
            var bytes = File.ReadAllBytes(page);
            var start = 0;
            for (var lines = 0; lines < 3; start++)
                if (bytes[start] == '\n') lines++;
            return bytes[start..].Count(dot => dot < 128) / (double)(bytes.Length - start);
        })];
    }

    [GeneratedRegex("<(h1|h2|dt|dd)>(.*?)</\\1>", RegexOptions.Singleline, 5000)]
    private static partial Regex Shown();
}
