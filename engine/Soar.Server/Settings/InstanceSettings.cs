using System.Collections;
using Soar.Connectors;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Settings;

/// <summary>What every instance may say besides its connector's own settings. The connector never sees it: the engine keeps to it.</summary>
internal sealed record InstanceSettings
{
    [Setting("This instance is meant where a playbook names none. Default: false; without any, the first in the file.")]
    public bool Default { get; init; }

    [Setting("Answers, touches nothing, needs no settings. Default: false.")]
    public bool Simulated { get; init; }

    [Setting("The highest TLP that may reach it: clear, green, amber, amber+strict, red. Default: amber where the house is left (mail, chat, lookups at others, names that our resolver asks for), red for our own tools.")]
    public string? Clearance { get; init; }

    [Setting("How often it may be called by all runs together, for example 10/s, 4/m, 1000/d, or 4/m burst 1. Default: the connector's own rate.")]
    public Rate? Rate { get; init; }

    [Setting("How many calls of all runs together may be under way there at once; further ones stand in line, what contains before what tells, and that before what finds out. Default: no limit.")]
    public int? Parallel { get; init; }

    public static string[] Names { get; } = ["type", "default", "simulated", "clearance", "rate", "parallel"];

    public static InstanceSettings Read(YamlMappingNode entry, string where, YamlBinder binder)
    {
        var own = entry.Children.Keys.Select(key => ((YamlScalarNode)key).Value!).Where(key => key == "type" || !Names.Contains(key)).ToArray();
        var common = (InstanceSettings)binder.Bind(typeof(InstanceSettings), entry, where, own)!;
        if (common.Clearance is not null && !TlpLabel.TryParse(common.Clearance, out _))
            binder.Problem(entry.Children[new YamlScalarNode("clearance")], where + "clearance", $"is '{common.Clearance}' but must be clear, green, amber, amber+strict or red");
        if (common.Parallel is < 1 or > 10_000) binder.Problem(entry.Children[new YamlScalarNode("parallel")], where + "parallel", $"is {common.Parallel} but must be between 1 and 10000; leave it out for no limit");
        return common;
    }

    public InstanceTerms Terms(ConnectorAttribute declared, SecretMask mask, TimeProvider clock) => new()
    {
        Clearance = TlpLabel.TryParse(Clearance, out var tlp) ? tlp : null,
        Outside = declared.Outside,
        OwnRate = Rate is not null,
        Pace = Simulated ? null : new Pace(Rate ?? (declared.Rate.Length > 0 ? Soar.Connectors.Rate.Parse(declared.Rate) : null), clock),
        Places = Simulated || Parallel is not { } most ? null : new Places(most, clock),
        Mask = mask,
    };

    /// <summary>Every secret in a settings record, however deep.</summary>
    public static IEnumerable<Secret> SecretsIn(object? settings) => settings switch
    {
        null or string => [],
        Secret secret => [secret],
        IDictionary map => map.Values.Cast<object?>().SelectMany(SecretsIn),
        IEnumerable list => list.Cast<object?>().SelectMany(SecretsIn),
        _ when settings.GetType().IsClass && settings.GetType().Namespace?.StartsWith("System", StringComparison.Ordinal) != true => settings.GetType().GetProperties()
            .Where(property => property.SetMethod is not null && property.GetIndexParameters().Length == 0).SelectMany(property => SecretsIn(property.GetValue(settings))),
        _ => [],
    };
}
