using System.Buffers.Text;
using System.Security.Cryptography;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>Large values go by reference: a playbook whose own budget is smaller than they are holds a handle, and every step gets the bytes.</summary>
public sealed class LargeValueTests : IDisposable
{
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    [Fact]
    public void Sixty_four_megabytes_go_through_steps_of_a_real_run()
    {
        var content = new byte[49_000_000]; // 67 million as base64: just under the 64 MiB that a mail may have
        new Random(1).NextBytes(content);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        using (var mail = File.Create(Path.Combine(deployment.Home, "large.eml")))
        {
            mail.Write("From: a@example.org\r\nSubject: large\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=dump.bin\r\nContent-Disposition: attachment; filename=dump.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"u8);
            var line = new byte[78];
            for (var at = 0; at < content.Length; at += 57)
            {
                Base64.EncodeToUtf8(content.AsSpan(at, Math.Min(57, content.Length - at)), line, out _, out var written);
                "\r\n"u8.CopyTo(line.AsSpan(written));
                mail.Write(line.AsSpan(0, written + 2));
            }
        }

        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 1\n");
        // Read apart by one step, sealed by the next, each with all of the bytes; the run's own code sees their handle.
        deployment.File("large.csx", """
            Playbook("large", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "A test.");
            On.Alert(alert => true);
            var mail = await Mime.Read(Alert.Raw!);
            var dump = mail.Attachments.Single();
            await Evidence.Seal(dump.Artifact!, "the dump");
            return Outcome.Completed($"{dump.Size} {dump.Sha256} {Alert.Raw!.Size > 67_000_000}");
            """);

        var (exit, output) = deployment.Soar("run", "large", "--alert", Path.Combine(deployment.Home, "large.eml"));

        Assert.True(exit == 0, output);
        Assert.Contains($"Completed: {content.Length} {sha256} True", output);
        // The bytes are kept once, under their hash.
        using var kept = File.OpenRead(Assert.Single(Directory.GetFiles(deployment.Store, sha256, SearchOption.AllDirectories)));
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(kept)));
    }
}
