using System.Reflection;
using Microsoft.Extensions.Logging;
using Soar.Alerts;
using Soar.Capabilities;
using Soar.Connectors;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Settings;

/// <summary>One instance from <c>soar.yaml</c>.</summary>
/// <param name="Settings">Its connector's own.</param>
internal sealed record ConnectorInstance(string Name, ConnectorType Type, IConnector Connector, bool Simulated, bool IsDefault, InstanceTerms Terms, object? Settings);

/// <summary>A connector class found in an assembly.</summary>
internal sealed record ConnectorType(ConnectorAttribute Declared, Type Class, Type Settings, IReadOnlyList<CapabilityDescriptor> Capabilities);

/// <summary>
/// The deployment's connector instances: made once from the settings, used by every run. Built-in capabilities (cases, evidence, lists, mime,
/// JavaScript) are added as the instance <c>soar</c>.
/// </summary>
internal sealed class ConnectorRegistry : IConnectorInstances, IAsyncDisposable
{
    public const string BuiltInName = "soar";

    private readonly List<ConnectorInstance> instances = [];
    private readonly Dictionary<string, (object Real, object Simulator)> builtIns = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<ConnectorInstance> ended = [];
    private readonly Dictionary<string, (string Instance, long Line)> defaults = new(StringComparer.Ordinal);
    private readonly ActionCatalog catalog;
    private readonly SecretMask mask = new();

    public ConnectorRegistry(ActionCatalog catalog, params IEnumerable<Assembly> assemblies)
    {
        this.catalog = catalog;
        Types = assemblies.SelectMany(a => a.GetExportedTypes())
            .Select(t => (Type: t, Connector: t.GetCustomAttribute<ConnectorAttribute>()))
            .Where(t => t.Connector is not null)
            .Select(t => Describe(t.Type, t.Connector!))
            .GroupBy(t => t.Declared.Type, StringComparer.Ordinal).OrderBy(t => t.Key, StringComparer.Ordinal).Select(Only)
            .ToDictionary(t => t.Declared.Type, StringComparer.Ordinal);
    }

    public IReadOnlyDictionary<string, ConnectorType> Types { get; }

    /// <summary>Connector assemblies that could not be used: a type that nobody knows may be theirs.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];
    public IReadOnlyList<ConnectorInstance> Instances => instances;

    /// <summary>These too are kept out of whatever a connector says or returns.</summary>
    public void Mask(IEnumerable<Secret> secrets) => mask.Add(secrets);

    /// <inheritdoc cref="Mask(IEnumerable{Secret})"/>
    public void Mask(Secret secret) => mask.Add(secret);

    /// <summary>What reads only is its own simulator.</summary>
    public void AddBuiltIn(string capability, object implementation, object? simulator) => builtIns.Add(capability, (implementation, simulator ?? implementation));

    /// <summary>Reads one entry of <c>connectors:</c>. Problems go to the binder.</summary>
    public void Add(string name, YamlMappingNode entry, YamlBinder binder, Func<string, ConnectorServices> services)
    {
        var where = $"connectors.{name}.";
        var typeName = Scalar(entry, "type");
        if (typeName is null) { binder.Problem(entry, where + "type", $"is missing. Known types: {string.Join(", ", Types.Keys)}."); return; }
        if (!Types.TryGetValue(typeName, out var type)) { binder.Problem(entry, where + "type", $"'{typeName}' is not a connector.{YamlBinder.Suggest(typeName, Types.Keys)}{(LeftOut.Count > 0 ? $" Not loaded: {string.Join(" ", LeftOut)}" : "")}"); return; }
        var before = binder.Problems.Count;
        var settings = binder.Bind(type.Settings, entry, where, InstanceSettings.Names);
        var common = InstanceSettings.Read(entry, where, binder);
        // A simulated instance touches nothing: it needs no addresses and credentials.
        var simulated = common.Simulated;
        if (!simulated && settings is IValidatedSettings validated) binder.Validate(validated, entry, where);
        if (common.Default) OneDefault(name, type, entry, binder);
        if (binder.Problems.Count > before) return;
        var given = services(name);
        mask.Add(InstanceSettings.SecretsIn(settings));
        var terms = common.Terms(type.Declared, mask, given.Clock);
        try
        {
            var connector = (IConnector)Activator.CreateInstance(type.Class, settings, given with { Pace = terms.Pace ?? given.Pace, Log = new MaskedLog(given.Log, mask), Mask = mask })!;
            instances.Add(new ConnectorInstance(name, type, connector, simulated, common.Default, terms, settings));
        }
        catch (TargetInvocationException failure) // a third party's constructor may throw anything; its words may hold a secret
        {
            var cause = failure.InnerException!;
            binder.Problem(entry, $"connectors.{name}", mask.Text(cause is SoarException ? cause.Message : $"cannot be made: its connector failed with {cause.GetType().Name}: {cause.Message}"));
        }
    }

    /// <summary>Two instances that both are the one that is meant where none is named: nobody could tell which.</summary>
    private void OneDefault(string name, ConnectorType type, YamlMappingNode entry, YamlBinder binder)
    {
        var place = entry.Children.Keys.First(key => key is YamlScalarNode { Value: "default" });
        var clashes = new List<string>();
        foreach (var capability in type.Capabilities)
        {
            if (!defaults.TryAdd(capability.Name, (name, place.Start.Line))) clashes.Add(capability.Name);
        }

        if (clashes.Count == 0) return;
        var (other, line) = defaults[clashes[0]];
        binder.Problem(place, $"connectors.{name}.default", $"is true, and so is connectors.{other}.default in line {line}: both bring {string.Join(" and ", clashes)}, and only one of them can be meant where a playbook names none. Take it away from one of them");
    }

    public IReadOnlyList<string> Names(string capability) => builtIns.ContainsKey(capability)
        ? [BuiltInName]
        : [.. instances.Where(i => Brings(i, capability)).OrderByDescending(i => i.IsDefault).Select(i => i.Name)];

    public object? Find(string capability, string instance, bool simulated)
    {
        if (builtIns.TryGetValue(capability, out var builtIn)) return instance != BuiltInName ? null : simulated ? builtIn.Simulator : builtIn.Real;
        var found = instances.FirstOrDefault(i => i.Name == instance && Brings(i, capability));
        return found is null ? null : simulated || found.Simulated ? found.Connector.Simulator : found.Connector;
    }

    public InstanceTerms Terms(string capability, string instance) =>
        instances.FirstOrDefault(i => i.Name == instance && Brings(i, capability))?.Terms ?? InstanceTerms.Own;

    /// <summary>Starts what serves, listens or watches by itself; for the process that owns the store.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var instance in instances.Where(i => !i.Simulated))
            if (instance.Connector is IServingConnector serving) await serving.StartAsync(cancellation);
    }

    /// <summary>Starts what hears of alerts, each with an intake of its own; for the process whose triggers are looked at.</summary>
    public async Task StartSourcesAsync(Func<string, IAlertIntake> intake, CancellationToken cancellation)
    {
        foreach (var instance in instances.Where(i => !i.Simulated))
            if (instance.Connector is IAlertSource source) await source.StartAsync(intake(instance.Name), cancellation);
    }

    /// <summary>Ends them, before what takes their alerts ends.</summary>
    public async Task StopSourcesAsync()
    {
        foreach (var source in instances.Where(i => i.Connector is IAlertSource && ended.Add(i))) await source.Connector.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in instances.Where(ended.Add)) await instance.Connector.DisposeAsync();
    }

    private static bool Brings(ConnectorInstance instance, string capability) =>
        instance.Type.Capabilities.Any(c => string.Equals(c.Name, capability, StringComparison.OrdinalIgnoreCase));

    private static ConnectorType Only(IGrouping<string, ConnectorType> same) => same.Count() == 1
        ? same.First()
        : throw new SoarException("SOAR4011", $"The connector type '{same.Key}' is brought by {string.Join(" and ", same.Select(t => t.Class.Assembly.GetName().Name))}. Rename one of them.");

    private ConnectorType Describe(Type type, ConnectorAttribute declared)
    {
        var constructors = type.GetConstructors();
        var parameters = constructors.Length == 1 ? constructors[0].GetParameters() : [];
        if (parameters.Length != 2 || parameters[1].ParameterType != typeof(ConnectorServices))
            throw new SoarException("SOAR4011", $"Connector {type.FullName} must have exactly one public constructor (settings, ConnectorServices).");
        return new(declared, type, parameters[0].ParameterType, [.. catalog.Capabilities.Where(c => c.Type.IsAssignableFrom(type))]);
    }

    private static string? Scalar(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? (node as YamlScalarNode)?.Value : null;
}
