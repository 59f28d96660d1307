using System.Collections.Concurrent;
using Soar.Capabilities;

namespace Soar.Connectors;

/// <summary>What the engine keeps to at one connector instance: the common settings <c>clearance</c>, <c>rate</c> and <c>parallel</c>, and which words are secret.</summary>
public sealed record InstanceTerms
{
    private readonly ConcurrentDictionary<string, Pace> ofActions = new(StringComparer.Ordinal);

    /// <summary>For what is not from the settings: our own capabilities, tests.</summary>
    public static InstanceTerms Own { get; } = new();

    /// <summary>The highest TLP that may reach it, when the settings say; otherwise it follows from what is done there.</summary>
    public Tlp? Clearance { get; init; }

    /// <summary>Its connector asks somebody outside (<see cref="ConnectorAttribute.Outside"/>).</summary>
    public bool Outside { get; init; }

    /// <summary>The instance's bucket; null where nothing is limited because nothing is reached.</summary>
    public Pace? Pace { get; init; }

    /// <summary>How many calls may be under way there at once; null = as many as are made.</summary>
    public Places? Places { get; init; }

    /// <summary>The settings name a rate themselves: it holds for every action.</summary>
    public bool OwnRate { get; init; }

    public SecretMask Mask { get; init; } = SecretMask.None;

    /// <summary>AMBER where the house is left: by what the action does or asks, or by whom the connector asks. RED for our own tools.</summary>
    public Tlp ClearanceFor(ActionDescriptor action) => Clearance ?? (Outside || action.Declared.Outside || action.Effect == Effect.Notifies ? Tlp.Amber : Tlp.Red);

    /// <summary>The bucket that this action's attempts take their turns from.</summary>
    public Pace? PaceFor(ActionDescriptor action, TimeProvider clock) => Pace is null || OwnRate || action.Declared.Rate.Length == 0
        ? Pace
        : ofActions.GetOrAdd(action.Id, static (_, given) => new Pace(Rate.Parse(given.Declared.Rate), given.clock), (action.Declared, clock));
}
