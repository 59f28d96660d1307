using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Http;
using Soar.Server.Reference;
using Soar.Server.Settings;
using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>What somebody looks up who writes a playbook or a soar.yaml: made from the code, so that it cannot be wrong.</summary>
public sealed class ReferenceTests : IDisposable
{
    private readonly Deployment deployment = new();

    public ReferenceTests() => deployment.File("soar.yaml", "connectors: { edge-1: { type: nftables, simulated: true } }\n");

    public void Dispose() => deployment.Dispose();

    [Fact]
    public void The_committed_page_of_settings_is_what_the_program_says()
    {
        var registry = new ConnectorRegistry(new ActionCatalog(), typeof(HttpConnector).Assembly);
        var committed = File.ReadAllText(Path.Combine(Root(), "engine/docs/settings.md"));
        Assert.True(SettingsReference.Markdown(registry.Types.Values) == committed, "engine/docs/settings.md is not what the program says: write it anew with soar settings > engine/docs/settings.md");
    }

    [Fact]
    public void Every_setting_that_may_be_left_out_says_what_counts_then()
    {
        var registry = new ConnectorRegistry(new ActionCatalog(), typeof(HttpConnector).Assembly);
        var silent = registry.Types.Values.Select(type => type.Settings).Append(typeof(SoarSettings)).Append(typeof(InstanceSettings)).SelectMany(All).Distinct()
            .Where(property => !property.IsDefined(typeof(RequiredMemberAttribute)) && property.GetCustomAttribute<SettingAttribute>() is not { Summary.Length: > 10 })
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}");
        Assert.Empty(silent);

        static IEnumerable<PropertyInfo> All(Type settings) => settings.GetProperties().Where(property => property.SetMethod is not null)
            .SelectMany(property => property.PropertyType.Assembly == settings.Assembly && property.PropertyType.IsClass ? All(property.PropertyType).Prepend(property) : [property]);
    }

    [Fact]
    public void The_list_of_actions_names_capabilities_instances_effects_and_the_words_of_the_language()
    {
        var (exit, list) = deployment.Soar("actions");
        Assert.Equal(0, exit);
        foreach (var line in new[]
        {
            "Language: Words of the language itself", "  Ask(string who, Text question, ", "  Wait(TimeSpan duration)\n", "Case (built in): The case this run belongs to.", "Firewall (edge-1): Blocks addresses",
            "  Firewall.Block(IpAddress address, TimeSpan duration) → FirewallBlock  Contains\n", "  Firewall.Blocked() → IReadOnlyList<FirewallBlock>\n", "Mail (no instance in soar.yaml): Sends mail.",
        }) Assert.Contains(line, list);
        Assert.DoesNotContain("Site", list);
    }

    [Fact]
    public void One_action_is_told_with_its_parameters_its_result_and_how_the_engine_treats_it()
    {
        var said = deployment.Soar("actions", "firewall.block").Output;
        foreach (var line in new[]
        {
            "Blocks all traffic from and to an address or network, for a time.", "address (the target, must not be empty): One address or a network.", "duration (the time of the lease, must not be empty): How long; Until.Lifted for no end.",
            "gives FirewallBlock: Address (IpAddress), Until (DateTimeOffset?), Evidence (string)", "Contains; safe to repeat under its key; undone by Unblock; has a probe; 3 attempts of 30 seconds.",
        }) Assert.Contains(line, said);
        Assert.DoesNotContain("Firewall.Unblock(", said);
        Assert.Contains("attachments (may be empty)", deployment.Soar("actions", "Mail.Send").Output);

        var ask = deployment.Soar("actions", "Ask").Output;
        Assert.Contains("escalateTo: Who may answer too once half of the time has passed.", ask);
        Assert.Contains("gives Decision: Kind (DecisionKind)", ask);
    }

    [Fact]
    public void A_mistyped_action_is_answered_with_the_nearest()
    {
        var (exit, said) = deployment.Soar("actions", "Firewall.Blok");
        Assert.True(exit == 2 && said.Contains("Firewall has no action 'Blok'. Did you mean 'Block'?", StringComparison.Ordinal), said);
        Assert.Contains("Did you mean 'Firewall'?", deployment.Soar("actions", "Firewal").Output);
    }

    [Fact]
    public void A_program_gets_the_actions_as_JSON()
    {
        var all = JsonSerializer.Deserialize<JsonElement>(deployment.Soar("actions", "--json").Output).EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        var block = all["Firewall"].GetProperty("actions").EnumerateArray().Single(a => a.GetProperty("name").GetString() == "Block");
        Assert.Equal(("Contains", true, "Unblock", true), (block.GetProperty("effect").GetString(), block.GetProperty("safeToRepeat").GetBoolean(), block.GetProperty("undoneBy").GetString(), block.GetProperty("hasProbe").GetBoolean()));
        Assert.False(block.GetProperty("parameters")[0].GetProperty("mayBeEmpty").GetBoolean());
        Assert.Equal("edge-1", all["Firewall"].GetProperty("instances")[0].GetString());
        // Whatever playbooks can call is written about.
        Assert.Empty(all.Values.SelectMany(c => c.GetProperty("actions").EnumerateArray()).Where(a => a.GetProperty("summary").GetString()!.Length == 0).Select(a => a.GetProperty("signature").GetString()));
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Soar.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Soar.sln is not above the tests.");
        return folder;
    }
}
