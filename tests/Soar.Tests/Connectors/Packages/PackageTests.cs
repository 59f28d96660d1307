using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Europol;
using Soar.Connectors.Interpol;
using Soar.Connectors.Packages;
using Soar.Connectors.Preservation;
using Soar.Testing;

namespace Soar.Tests.Connectors.Packages;

/// <summary>What a package holds, that strangers can verify it, and that nothing incomplete becomes one.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly HeldArtifacts artifacts = new("GET /evidence"u8.ToArray());

    public PackageTests() => Requests.NeedFonts();

    public void Dispose() => folder.Dispose();

    private PreservationConnector Preservation(PreservationSettings? settings = null) => new(settings ?? new() { Organisation = "Example CERT" }, Given.Services());

    private ActionContext Context(Tlp tlp = Tlp.Amber) => Given.Context(artifacts: artifacts) with { Tlp = tlp };

    private byte[] Bytes(RequestPackage package, string name)
    {
        using var copy = new MemoryStream();
        artifacts.Open(package.Files.Single(file => file.Name == name)).CopyTo(copy);
        return copy.ToArray();
    }

    [Theory]
    [InlineData("authority"), InlineData("offence"), InlineData("facts"), InlineData("data"), InlineData("relationship"), InlineData("custodian"), InlineData("necessity"), InlineData("intent"), InlineData("officer")]
    [InlineData("article"), InlineData("days"), InlineData("connections")]
    public async Task A_preservation_request_that_lacks_an_item_is_refused_by_its_name(string item)
    {
        var whole = JsonSerializer.SerializeToNode(Requests.Preservation(), SoarJson.Options)!.AsObject();
        whole.Remove(item); // a null or a forgotten field, as it would arrive from a playbook
        if (item == "connections") whole.Remove("accounts");
        var request = whole.Deserialize<PreservationRequest>(SoarJson.Options)!;

        var refused = await Assert.ThrowsAsync<ConnectorFailure>(() => Preservation().PrepareAsync(request, "R-2026-0001", Context(), CancellationToken.None));

        Assert.Equal((FailureKind.Permanent, "incomplete"), (refused.Kind, refused.Reason));
        Assert.Contains($" {item} ", refused.Message);
        await Assert.ThrowsAsync<ConnectorFailure>(async () => await ((IPreservation)Preservation().Simulator).PrepareAsync(request, "R-2026-0001", Context(), CancellationToken.None));
    }

    [Fact]
    public void Times_are_UTC_ports_are_there_and_the_days_are_those_of_the_article()
    {
        var good = Requests.Preservation();
        Assert.Empty(good.Problems());
        var seen = good.Connections[0];
        Assert.Contains("connections[0].port must be", Assert.Single((good with { Connections = [seen with { Port = 0 }] }).Problems()));
        Assert.Contains("connections[0].from must be in UTC", Assert.Single((good with { Connections = [seen with { From = new DateTimeOffset(2026, 2, 28, 22, 14, 5, TimeSpan.FromHours(1)) }] }).Problems()));
        Assert.Contains("connections[0].until lies before from", Assert.Single((good with { Connections = [seen with { Until = seen.From.AddSeconds(-1) }] }).Problems()));
        Assert.Contains("connections[0].address must be one address", Assert.Single((good with { Connections = [seen with { Address = IpAddress.Parse("203.0.113.0/24") }] }).Problems()));
        Assert.Contains("days must be at least 60", Assert.Single((good with { Days = 59 }).Problems()));
        Assert.Contains("days must be 1 to 90", Assert.Single((good with { Article = PreservationArticle.Article16, Days = 91 }).Problems()));
        Assert.Empty((good with { Article = PreservationArticle.Article16, Days = 90, Connections = [] }).Problems());
    }

    [Theory]
    [InlineData("handling"), InlineData("source"), InlineData("information"), InlineData("title"), InlineData("purpose"), InlineData("recipients"), InlineData("subjects"), InlineData("unit"), InlineData("attachments")]
    [InlineData("crimeArea"), InlineData("content"), InlineData("officer")]
    public async Task A_message_for_SIENA_without_a_code_or_item_is_refused_by_its_name(string item)
    {
        var whole = JsonSerializer.SerializeToNode(Requests.Siena(), SoarJson.Options)!.AsObject();
        whole.Remove(item);
        var message = whole.Deserialize<SienaMessage>(SoarJson.Options)!;
        var europol = new EuropolConnector(new() { Organisation = "Example CERT" }, Given.Services());

        var refused = await Assert.ThrowsAsync<ConnectorFailure>(() => europol.PackageAsync(message, "R-2026-0002", Context(), CancellationToken.None));

        Assert.Contains($" {item} ", refused.Message);
    }

    [Theory]
    [InlineData("bureau"), InlineData("recipients"), InlineData("requester"), InlineData("urgency"), InlineData("offence"), InlineData("facts"), InlineData("legalBasis"), InlineData("asked"), InlineData("subjects")]
    [InlineData("conditions"), InlineData("officer"), InlineData("attachments")]
    public async Task A_request_for_the_bureau_that_lacks_an_item_is_refused_by_its_name(string item)
    {
        var whole = JsonSerializer.SerializeToNode(Requests.Assistance(), SoarJson.Options)!.AsObject();
        Assert.True(whole.Remove(item), $"it has no item {item}: {string.Join(", ", whole.Select(field => field.Key))}");
        var request = whole.Deserialize<AssistanceRequest>(SoarJson.Options)!;
        await using var interpol = new InterpolConnector(new InterpolSettings { Package = new PackageSettings { Organisation = "Example CERT" } }, Given.Services());

        var refused = await Assert.ThrowsAsync<ConnectorFailure>(() => interpol.PackageAsync(request, "R-2026-0003", Context(), CancellationToken.None));

        Assert.Equal((FailureKind.Permanent, "incomplete"), (refused.Kind, refused.Reason));
        Assert.Contains($" {item} ", refused.Message);
    }

    [Fact]
    public void No_code_of_SIENA_has_a_value_that_means_not_said_and_none_has_a_default()
    {
        foreach (var type in new[] { typeof(HandlingCode), typeof(SourceEvaluation), typeof(InformationEvaluation), typeof(RequestUrgency), typeof(PreservationArticle) })
            Assert.False(Enum.IsDefined(type, 0), type.Name);
        var parameters = typeof(SienaMessage).GetConstructors().Single(constructor => constructor.GetParameters().Length > 1).GetParameters();
        Assert.All(parameters, parameter => Assert.False(parameter.HasDefaultValue, parameter.Name));
        Assert.Contains("handlingText", Assert.Single((Requests.Siena() with { Handling = HandlingCode.H3 }).Problems()));
        Assert.Empty((Requests.Siena() with { Handling = HandlingCode.H3, HandlingText = "Not to third countries." }).Problems());
    }

    [Fact]
    public async Task A_request_for_the_bureau_carries_its_attachments_and_openssl_verifies_its_signed_manifest()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "openssl is not installed");
        using var certificate = new TestCertificate("soc.example");
        var settings = new InterpolSettings { Package = new PackageSettings { Organisation = "Example CERT", Certificate = certificate.Files, Key = certificate.Files } };
        Assert.Empty(settings.Problems());
        await using var interpol = new InterpolConnector(settings, Given.Services());

        var package = await interpol.PackageAsync(Requests.Assistance(artifacts.Artifact), "R-2026-0003", Context(), CancellationToken.None);

        Assert.Equal(["form.pdf", "form.html", "request.json", "001-sample.bin", "manifest.txt", "manifest.p7s"], package.Files.Select(file => file.Name));
        Assert.Equal("CN=soc.example", package.SignedBy);
        using (var zip = new ZipArchive(artifacts.Open(package.Archive))) zip.ExtractToDirectory(folder.Path);
        Assert.Equal("GET /evidence", File.ReadAllText(Path.Combine(folder.Path, "attachments", "001-sample.bin")));
        var verified = Tool("/usr/bin/openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "manifest.p7s", "-content", "manifest.txt", "-CAfile", certificate.CaFile, "-purpose", "any", "-out", "verified.txt");
        Assert.True(verified.Exit == 0, verified.Output);
        Assert.Equal(File.ReadAllText(Path.Combine(folder.Path, "manifest.txt")), File.ReadAllText(Path.Combine(folder.Path, "verified.txt")));
        var hashed = Tool("/usr/bin/sha256sum", "--check", "--strict", "manifest.txt");
        Assert.True(hashed.Exit == 0, hashed.Output);
        Assert.Equal(4, hashed.Output.Split(": OK").Length - 1);

        // One letter changed: the hash tells. The manifest changed with it: the signature tells.
        File.AppendAllText(Path.Combine(folder.Path, "form.html"), "x");
        Assert.NotEqual(0, Tool("/usr/bin/sha256sum", "--check", "manifest.txt").Exit);
        File.AppendAllText(Path.Combine(folder.Path, "manifest.txt"), " ");
        Assert.NotEqual(0, Tool("/usr/bin/openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "manifest.p7s", "-content", "manifest.txt", "-CAfile", certificate.CaFile, "-purpose", "any", "-out", "verified.txt").Exit);
    }

    [Fact]
    public void The_same_form_gives_the_same_file()
    {
        var form = new Form("Барање", "R-2026-0001", "TLP:AMBER", "mk", [new FormSection("Факти", [.. Enumerable.Range(0, 60).Select(i => new FormRow($"Row {i}", "ѓакон ќе џвака"))])]);
        byte[] Written() => FormPdf.Write(form, new TrueTypeFont(File.ReadAllBytes(new PackageSettings().Font)), new TrueTypeFont(File.ReadAllBytes(new PackageSettings().BoldFont)), Requests.Seen);
        Assert.Equal(Written(), Written());
    }

    [Fact]
    public async Task The_PDF_holds_every_item_as_text_in_Cyrillic_too_and_its_pages_are_valid()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/pdftotext"), "poppler-utils is not installed");
        var request = Requests.Preservation() with
        {
            Authority = "Министерство за внатрешни работи", Facts = string.Join("\n", Enumerable.Range(1, 90).Select(i => $"{i}. Закана со бомба до јавен објект, ѓакон ќе џвака љубичица њокасто.")),
            Data = "Сметка на 203.0.113.66 " + new string('Q', 200),
        };
        var package = await Preservation(new() { Organisation = "МВР", Language = "mk" }).PrepareAsync(request, "R-2026-0004", Context(Tlp.AmberStrict), CancellationToken.None);
        var pdf = folder.File("form.pdf", "");
        File.WriteAllBytes(pdf, Bytes(package, "form.pdf"));

        var text = Tool("/usr/bin/pdftotext", "-layout", "form.pdf", "-").Output;
        Assert.Contains("Барање за итно зачувување", text);
        Assert.Contains("Министерство за внатрешни работи", text);
        Assert.Contains("90. Закана со бомба до јавен објект, ѓакон ќе", text);
        Assert.Contains("203.0.113.66 порта 51234 TCP со 198.51.100.7 порта 25", text);
        Assert.Contains("2026-02-28 21:14:05 UTC", text);
        Assert.Contains("TLP:AMBER+STRICT", text);
        Assert.Equal(200, text.Count(character => character == 'Q')); // a word longer than a line goes on in the next
        var info = Tool("/usr/bin/pdfinfo", "form.pdf");
        var pages = int.Parse(info.Output.Split("Pages:")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(pages, 3, 6);
        Assert.All(Enumerable.Range(1, pages), page => Assert.Contains($"TLP:AMBER+STRICT{page}/{pages}", text.Replace(" ", "", StringComparison.Ordinal))); // poppler leaves small blanks out
        Assert.DoesNotContain("Error", info.Output);
        Assert.True(new FileInfo(pdf).Length < 120_000, "only the glyphs that are used are embedded");
    }

    [Fact]
    public async Task Values_are_text_in_HTML_and_the_same_request_lies_beside_it_as_JSON()
    {
        var request = Requests.Preservation() with { Facts = "<script>alert(1)</script>\nsecond \"line\" & more", Accounts = ["<b>@mail.example"] };
        var package = await Preservation().PrepareAsync(request, "R-2026-0005", Context(), CancellationToken.None);
        var html = Encoding.UTF8.GetString(Bytes(package, "form.html"));
        Assert.DoesNotContain("<script", html);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;\nsecond &quot;line&quot; &amp; more", html);
        Assert.Contains("default-src 'none'", html);
        Assert.Equal(JsonSerializer.Serialize(request, SoarJson.Options), Encoding.UTF8.GetString(Bytes(package, "request.json")));
        Assert.Null(package.SignedBy);
        Assert.DoesNotContain(package.Files, file => file.Name == "manifest.p7s");
    }

    [Fact]
    public async Task A_package_that_lies_in_the_outbox_is_read_back_byte_for_byte()
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "out"));
        using var certificate = new TestCertificate("soc.example"); // an EC key signs differently each time
        var settings = new PreservationSettings { Organisation = "Example CERT", Outbox = Path.Combine(folder.Path, "out"), Certificate = certificate.Files, Key = certificate.Files };
        var once = await Preservation(settings).PrepareAsync(Requests.Preservation(), "R-2026-0006", Context(), CancellationToken.None);
        var again = await Preservation(settings).PrepareAsync(Requests.Preservation(), "R-2026-0006", Context(), CancellationToken.None);
        Assert.Equal(once.Archive, again.Archive);
        Assert.Equal(once.Files, again.Files);
        Assert.Equal(once.Archive.Sha256, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Assert.Single(Directory.GetFiles(settings.Outbox))))));
    }

    [Fact]
    public async Task An_attachment_that_is_gone_stops_the_package()
    {
        var gone = new Artifact(new string('a', 64), 3, "gone.bin", "application/octet-stream");
        var europol = new EuropolConnector(new() { Organisation = "Example CERT" }, Given.Services());
        var refused = await Assert.ThrowsAsync<ConnectorFailure>(() => europol.PackageAsync(Requests.Siena(gone), "R-2026-0008", Context(), CancellationToken.None));
        Assert.Equal((FailureKind.Permanent, "attachment"), (refused.Kind, refused.Reason));
    }

    [Fact]
    public void Every_label_is_translated() => Assert.All(FormWords.Macedonian, word => Assert.True(word.Value.Length > 0 && word.Value.All(character => character is not (>= 'a' and <= 'z')), word.Key));

    private (int Exit, string Output) Tool(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
