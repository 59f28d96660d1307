using System.Diagnostics;
using System.Text.Json;
using Soar.Testing;

namespace Soar.Server.Tests.Shipped;

/// <summary>The shipped playbooks in the real program, on alerts and mails that nobody here wrote; connectors simulated as in <c>playbooks/soar.yaml</c>.</summary>
public sealed class RealInputTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_real_intrusion_alert_is_answered()
    {
        var events = JsonDocument.Parse(File.ReadAllText(Shared("suricata-eve/samples_wrccdc-2018_alerts-only.json"))).RootElement.EnumerateArray();
        var attack = events.First(e => e.GetProperty("alert").GetProperty("category").GetString() == "Web Application Attack");

        var attacker = attack.GetProperty("src_ip").GetString()!;
        folder.File("indicators/known-bad.csv", $"type,value,verdict,details\nip,{attacker},malicious,exercise\n");
        // The exercise's attackers sit in private ranges, which nothing may be done to unless the deployment says so.
        var settings = File.ReadAllText(Path.Combine(Root(), "playbooks", "soar.yaml")).Replace("protected:\n", $"protected:\n  allow: [{attacker}]\n") + $"\nplaybooks: {Path.Combine(Root(), "playbooks")}\n";

        var (exit, output) = Soar("run", "block-attacking-address", "--alert", folder.File("eve.json", attack.GetRawText()), "--answer", "approve", "--settings", folder.File("soar.yaml", settings));

        Assert.True(exit == 0, output);
        Assert.Contains($"Block {attacker}", output);
        Assert.Contains("Contained", output);
    }

    [Theory]
    [InlineData("eml-spamassassin/spam-1-00004.eml")]
    [InlineData("eml-spamassassin/easy-ham-1-00012.eml")]
    [InlineData("eml/mail-parser__mail_malformed_2")]
    [InlineData("eml/mail-parser__mail_test_7")]
    [InlineData("eml/MimeKit__simple-embedded-message.eml")]
    public void A_real_mail_is_triaged_and_sealed_as_evidence(string mail)
    {
        var (exit, output) = Soar("run", "triage-reported-mail", "--alert", Shared(mail));

        Assert.True(exit == 0, output);
        Assert.Contains("Take the mail apart", output);
        Assert.Contains("Keep the original as evidence", output);
        Assert.True(output.Contains("Escalated", StringComparison.Ordinal) || output.Contains("FalsePositive", StringComparison.Ordinal), output);
    }

    [Fact]
    public void A_wave_of_hoax_threats_warns_every_facility_of_the_list()
    {
        var threat = File.ReadAllText(Shared("threat-mail/hoax-2018-12-13-variant-hexogen.txt"));
        Assert.Equal(0, Soar("lists", "import", "facilities", Path.Combine(Root(), "playbooks", "lists", "facilities.csv")).Exit);
        var alert = folder.File("threat.json", JsonSerializer.Serialize(new
        {
            id = "wave-1", detector = "reported-mail", title = "Bomb threat mailed to public buildings", category = "threat", severity = 90, time = "2018-12-13T18:00:00Z", payload = new { text = threat },
        }));

        var (exit, output) = Soar("run", "warn-facilities", "--alert", alert, "--answer", "approve");

        // It waits for three acknowledgements: that is what it is for.
        Assert.True(exit == 3, output);
        Assert.Equal(3, output.Split("mail-send").Length - 1);
        var run = output.Split("Run ")[1].Split(' ')[0];
        foreach (var id in new[] { "skp-001", "skp-002", "skp-003" }) Assert.Equal(0, Soar("signal", run, $"acknowledged-{id}").Exit);
        var (_, shown) = Soar("show", run);
        Assert.Contains("Every facility has acknowledged", shown);
    }

    private static string Shared(string file)
    {
        Assert.SkipUnless(SharedSamples.Folder is not null, SharedSamples.Absent);
        return SharedSamples.File(file)!;
    }

    private (int Exit, string Output) Soar(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "soar.dll"), .. arguments, .. arguments.Contains("--settings") ? Array.Empty<string>() : ["--settings", Path.Combine(Root(), "playbooks", "soar.yaml")], "--store", Path.Combine(folder.Path, ".soar")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["SOAR_CACHE"] = Path.Combine(folder.Path, "cache");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static string Root()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(here!.FullName, "Soar.sln"))) here = here.Parent;
        return here.FullName;
    }
}
