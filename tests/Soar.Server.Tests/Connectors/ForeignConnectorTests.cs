using System.Text.Json.Nodes;
using Soar.Testing.Contract;

namespace Soar.Server.Tests.Connectors;

/// <summary>A third party's connector with a capability of its own, loaded from a folder: settings, catalogue, playbook, jailed compiler and host, ledger.</summary>
public sealed class ForeignConnectorTests
{
    private const string Playbook = """
        Playbook("sound-siren", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "Sounds a siren and tells what sounds.");
        var zone = Input<string>("zone", "The zone");

        // Sound it
        var state = await Siren.Sound(zone, 5.Minutes);
        var sounding = await Siren["roof"].Sounding();
        return Outcome.Completed($"{state.Evidence}; {sounding.Count} in all, until {state.Until}");
        """;

    private static HttpOtherSide Controller(Dictionary<string, JsonNode> zones) => new(request =>
    {
        var name = request.Path["/zones".Length..].TrimStart('/');
        if (request.Method == "DELETE") return new HttpTold(zones.Remove(name) ? 204 : 404);
        if (request.Method == "PUT")
        {
            var zone = zones[name] = JsonNode.Parse(request.Body)!;
            zone["name"] = name;
            return new HttpTold(200, zone.ToJsonString());
        }

        return name.Length == 0 ? new HttpTold(200, $"[{string.Join(",", zones.Values.Select(zone => zone.ToJsonString()))}]")
            : zones.TryGetValue(name, out var found) ? new HttpTold(200, found.ToJsonString()) : new HttpTold(404);
    }, () => string.Join("\n", zones.Keys));

    private static Deployment Deployed(HttpOtherSide controller)
    {
        var deployment = new Deployment();
        deployment.InstallSiren();
        deployment.Set("SIREN_TOKEN", "t0ken-t0ken");
        deployment.File("soar.yaml", $$"""
            approvals: []
            connectors:
              roof: { type: siren, address: "{{controller.Address}}", token: env:SIREN_TOKEN }
            """);
        deployment.File("sound-siren.csx", Playbook);
        return deployment;
    }

    [Fact]
    public async Task A_playbook_uses_its_capability_end_to_end_and_the_ledger_lifts_what_it_did()
    {
        var zones = new Dictionary<string, JsonNode>();
        await using var controller = Controller(zones);
        using var deployment = Deployed(controller);

        var (listed, list) = deployment.Soar("connectors");
        Assert.True(listed == 0 && list.Contains("roof: siren (Siren)", StringComparison.Ordinal) && list.Contains("unproven", StringComparison.Ordinal), list);
        Assert.Contains("1 of 1 reached", deployment.Soar("connectors", "test").Output);
        var (_, catalog) = deployment.Soar("catalog");
        Assert.Contains("Siren", catalog);

        var (ran, output) = deployment.Soar("run", "sound-siren", "--input", "zone=b2");
        Assert.True(ran == 0 && output.Contains("zone b2 sounds until", StringComparison.Ordinal) && output.Contains("1 in all", StringComparison.Ordinal), output);
        Assert.Equal(32, zones["b2"]["key"]!.GetValue<string>().Length); // the idempotency key is there for the probe

        var (_, standing) = deployment.Soar("containments");
        Assert.Contains("b2", standing);
        var (lifted, said) = deployment.Soar("lift", "b2");
        Assert.True(lifted == 0 && zones.Count == 0, said);
    }

    [Fact]
    public async Task An_editor_is_offered_its_capability_and_its_actions()
    {
        await using var controller = Controller([]);
        using var deployment = Deployed(controller);
        deployment.File("unfinished.csx", Playbook.Replace("Siren.Sound(zone, 5.Minutes)", "Siren.", StringComparison.Ordinal));
        var (done, actions) = deployment.Soar("complete", "unfinished", "5:25");
        Assert.True(done == 0 && actions.Contains("Sound  Action  Step<", StringComparison.Ordinal) && actions.Contains("Sounding  Action", StringComparison.Ordinal), actions);
        Assert.Contains("Siren  Capability", deployment.Soar("complete", "unfinished", "5:22").Output);
        var (wrong, why) = deployment.Soar("complete", "unfinished", "5:240");
        Assert.True(wrong == 2 && why.Contains("'5:240' is no place in this text", StringComparison.Ordinal), why);
    }

    [Fact]
    public async Task A_dry_run_asks_its_simulator_and_touches_nothing()
    {
        await using var controller = Controller([]);
        using var deployment = Deployed(controller);
        var (ran, output) = deployment.Soar("run", "sound-siren", "--input", "zone=b2", "--dry-run");
        Assert.True(ran == 0 && output.Contains("simulated", StringComparison.Ordinal), output);
        Assert.All(controller.Requests, request => Assert.Equal("GET", request.Method));
    }

    [Fact]
    public async Task Broken_assemblies_are_told_by_name_and_harm_nothing_else()
    {
        await using var controller = Controller([]);
        using var deployment = Deployed(controller);
        deployment.File("connectors/rotten.dll", "this is no assembly");
        Directory.CreateDirectory(Path.Combine(deployment.Home, "connectors", "twice"));
        foreach (var file in Directory.GetFiles(Path.Combine(deployment.Home, "connectors", "siren"))) File.Copy(file, Path.Combine(deployment.Home, "connectors", "twice", Path.GetFileName(file)));

        var (listed, list) = deployment.Soar("connectors");
        Assert.Equal(0, listed);
        Assert.Contains("rotten.dll: it is no assembly", list);
        Assert.Contains("twice/Example.Siren.dll: it cannot be used: The capability Siren is brought by Example.Siren and Example.Siren", list);
        var (ran, output) = deployment.Soar("run", "sound-siren", "--input", "zone=b2");
        Assert.True(ran == 0, output);

        File.Delete(Path.Combine(deployment.Home, "connectors", "siren", "Example.Siren.dll"));
        Directory.Delete(Path.Combine(deployment.Home, "connectors", "twice"), recursive: true);
        var (failed, why) = deployment.Soar("connectors");
        Assert.Equal(2, failed);
        Assert.Contains("'siren' is not a connector", why);
        Assert.Contains("Not loaded:", why);
        Assert.Contains("rotten.dll", why);
    }
}
