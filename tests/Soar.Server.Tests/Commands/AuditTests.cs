using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>What people change by commands is on record, and the record tells when somebody changes it.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly Deployment deployment = new();

    public AuditTests()
    {
        deployment.File("soar.yaml", "approvals: [contains]\nroles: { shift-lead: [ana] }\nconnectors: { edge: { type: nftables, simulated: true } }\n");
        deployment.Set("SOAR_USER", "ana");
        deployment.File("block.csx", """
            Playbook("block", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "A test.");
            var word = Input<string>("word", "A word");
            var block = Firewall.Block(IpAddress.Parse("203.0.113.66"), 2.Hours);
            var decision = await Ask("shift-lead", "Block it?", block, within: 2.Hours);
            if (decision.Approved) await block;
            return Outcome.Contained();
            """);
    }

    public void Dispose() => deployment.Dispose();

    private JsonElement[] Records() => [.. JsonSerializer.Deserialize<JsonElement>(deployment.Soar("audit", "--json").Output).EnumerateArray()];

    [Fact]
    public void Who_started_answered_and_lifted_is_listed_refusals_too_and_no_input_is_told()
    {
        deployment.Soar("run", "block", "--input", "word=hunter2");
        var run = Records().Single().GetProperty("target").GetString()!;
        var question = JsonSerializer.Deserialize<JsonElement>(deployment.Soar("questions", "--json").Output)[0].GetProperty("id").GetString()!;
        deployment.Set("SOAR_USER", "ivan");
        Assert.NotEqual(0, deployment.Soar("answer", question, "approve").Exit);
        deployment.Set("SOAR_USER", "ana");
        deployment.Soar("answer", question, "approve", "--reason", "seen it");
        deployment.Soar("lift", "203.0.113.66", "--reason", "a mistake");

        var records = Records();
        Assert.Equal(["lift", "answer", "answer", "start"], records.Select(record => record.GetProperty("what").GetString()));
        Assert.Equal(["ana", "ana", "ivan", "ana"], records.Select(record => record.GetProperty("who").GetString()));
        Assert.Equal("done", records[1].GetProperty("outcome").GetString());
        Assert.StartsWith("SOAR2034", records[2].GetProperty("outcome").GetString(), StringComparison.Ordinal);
        Assert.Equal("seen it", records[1].GetProperty("details").GetProperty("reason").GetString());
        Assert.Contains(run, deployment.Soar("audit", "--on", run).Output);
        Assert.DoesNotContain("hunter2", deployment.Soar("audit", "export").Output);
        var line = deployment.Soar("audit", "export", "--syslog").Output.Split('\n')[0];
        Assert.Matches("^<109>1 [0-9T:.Z-]+ \\S+ soar [0-9]+ start \\[audit@32473 number=\"1\" who=\"ana\"", line);
    }

    [Fact]
    public void Verify_finds_a_changed_record_a_backup_verifies_and_so_does_the_key_that_was_kept_elsewhere()
    {
        deployment.Soar("run", "block", "--input", "word=x");
        var (verified, said) = deployment.Soar("audit", "verify");
        Assert.True(verified == 0 && said.Contains("1 record,", StringComparison.Ordinal), said);
        Assert.Contains("All of them are signed.", said, StringComparison.Ordinal);
        var key = deployment.File("key.pem", deployment.Soar("audit", "key").Output);
        var backup = Path.Combine(deployment.Home, "backup");
        Assert.Equal(0, deployment.Soar("backup", backup).Exit);
        using var restored = new Deployment();
        restored.File("soar.yaml", "");
        Directory.Move(backup, restored.Store);
        (verified, said) = restored.Soar("audit", "verify", "--key", key);
        Assert.True(verified == 0, said);

        using (var connection = new SqliteConnection($"Data Source={Path.Combine(deployment.Store, "soar.db")};Pooling=False"))
        {
            connection.Open();
            connection.Execute("UPDATE audit SET who = 'nobody' WHERE number = 1");
        }

        (verified, said) = deployment.Soar("audit", "verify", "--key", key);
        Assert.True(verified == 1 && said.Contains("Audit record 1 was changed", StringComparison.Ordinal), said);
    }
}
