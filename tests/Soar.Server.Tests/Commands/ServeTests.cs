using System.Text.Json;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Server.Tests.Connectors;
using Soar.Server.Tests.Crash;

namespace Soar.Server.Tests.Commands;

/// <summary><c>soar serve</c> as people use it: the real program, with what it prints.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    private static string Head(string name) => $"Playbook(\"{name}\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\n";

    [Fact]
    public async Task A_case_starts_the_playbooks_that_want_it_once_and_every_line_names_its_run()
    {
        var opener = deployment.File("opener.csx", Head("opener") + "await Case.Open(\"Intrusion\", severity: 80);\nawait Case.Observable(new Observable(\"ip\", \"203.0.113.66\"), Verdict.Malicious);\n");
        deployment.File("enrich.csx", Head("enrich") + "On.Case(incident => incident.Severity >= 70 && incident.Observables.Any(o => o.Verdict == Verdict.Malicious));\nawait Note(\"looked at\");\nreturn Outcome.Completed(\"enriched\");\n");
        deployment.File("broken.csx", Head("broken") + "On.Case(incident => incident.Observables[5].Value == \"x\");\nreturn Outcome.Completed();\n");
        var settings = deployment.File("soar.yaml", "approvals: []\n");
        await using var soar = new SoarProcess(deployment.Home, settings);
        await soar.StartAsync();
        await soar.TryCallAsync(Calls.Run, new RunCall(opener, null, new Dictionary<string, JsonElement>(), RunMode.Live, "ana"));
        var ended = await soar.LineAsync(l => l.Contains("enrich") && l.Contains("enriched"));

        var runs = JsonSerializer.Deserialize<JsonElement>(deployment.Soar("runs", "--json").Output).EnumerateArray().ToList();
        var enriched = Assert.Single(runs, r => r.GetProperty("playbook").GetString() == "enrich");
        Assert.Equal("case 1", enriched.GetProperty("startedBy").GetString());
        var id = enriched.GetProperty("id").GetString()!;
        Assert.Contains($"enrich {id[^8..]} ■ Completed: enriched", ended);
        Assert.Contains(soar.Lines, l => l.Contains($"enrich {id[^8..]} ✔ note"));
        Assert.Contains(soar.Lines, l => l.Contains($"enrich {id[^8..]} ▶ run {id} of enrich 1.0.0, started by case 1"));
        Assert.Contains(soar.Lines, l => l.Contains("opener "));
        Assert.DoesNotContain(soar.Lines, l => l.Contains('\u001b'));

        var triggers = deployment.Soar("triggers").Output;
        Assert.Contains(id, triggers);
        Assert.Contains("broken@1.0.0 was not started for case 1", triggers);
        Assert.Contains("ArgumentOutOfRangeException", triggers);

        // Health asks the process that drives the store.
        Assert.Contains("driven by another soar process: 0 runs in hand", deployment.Soar("health").Output);

        await soar.KillAsync();
        await soar.StartAsync();
        await soar.TryCallAsync(Calls.Ping, new { });
        Assert.Single(JsonSerializer.Deserialize<JsonElement>(deployment.Soar("runs", "--json", "--playbook", "enrich").Output).EnumerateArray());
    }

    [Fact]
    public async Task Serving_begins_with_what_will_surprise_in_the_playbooks_as_they_stand()
    {
        deployment.File("look.csx", Head("look") + "await Firewall[\"edge-9\"].Blocked();\n");
        var settings = deployment.File("soar.yaml", "connectors: { edge-1: { type: nftables, simulated: true } }\n");
        await using var soar = new SoarProcess(deployment.Home, settings);
        await soar.StartAsync();
        Assert.Contains("look.csx:2: SOAR4006: Firewall has no instance 'edge-9' in soar.yaml. Did you mean 'edge-1'?", await soar.LineAsync(l => l.Contains("SOAR4006")));
    }
}
