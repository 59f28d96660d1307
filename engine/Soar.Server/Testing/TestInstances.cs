using Soar.Capabilities;
using Soar.Connectors;

namespace Soar.Server.Testing;

/// <summary>The connector instances that a test pretends to have. None of them reaches a product: the deployment's simulators answer, or nothing does.</summary>
internal sealed class TestInstances(PlaybookTest test, ActionCatalog catalog, Func<string, object?> simulator, IReadOnlyDictionary<string, object> builtIns) : IConnectorInstances
{
    private const string BuiltIn = "soar";
    private static readonly object Nothing = new();
    private static readonly InstanceTerms Anything = new() { Clearance = Tlp.Red };
    private readonly Dictionary<string, object?> simulators = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, IReadOnlyList<string>> named = new(test.Instances, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether something answers this capability's actions that the test does not answer.</summary>
    public bool Simulates(string capability) => Of(capability) is not null;

    public IReadOnlyList<string> Names(string capability) => catalog.FindCapability(capability) is { BuiltIn: true }
        ? [BuiltIn]
        : named.GetValueOrDefault(capability) ?? ["test"];

    public object? Find(string capability, string instance, bool simulated) => Names(capability).Contains(instance) ? Of(capability) ?? Nothing : null;

    /// <summary>Nothing is reached: nothing is too secret, and nothing has to wait.</summary>
    public InstanceTerms Terms(string capability, string instance) => Anything;

    /// <summary>Names in the test that are no capability, for its author.</summary>
    public IEnumerable<string> Unknown() => named.Keys.Where(name => catalog.FindCapability(name) is null or { BuiltIn: true });

    private object? Of(string capability)
    {
        lock (simulators)
        {
            if (!simulators.TryGetValue(capability, out var found))
                simulators[capability] = found = catalog.FindCapability(capability) is { BuiltIn: true } ? builtIns.GetValueOrDefault(capability) : simulator(capability);
            return found;
        }
    }
}
