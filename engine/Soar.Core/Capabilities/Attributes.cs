namespace Soar.Capabilities;

/// <summary>
/// Marks an interface as a capability: what playbooks call, whoever the product. <see cref="Name"/> is the word in playbooks (<c>Firewall</c>).
/// Every method is an action: it returns <c>Task</c> or <c>Task&lt;T&gt;</c>, is named <c>…Async</c>, carries <see cref="ActionAttribute"/>, and
/// ends with <see cref="ActionContext"/> and <see cref="CancellationToken"/>. Playbooks see it without those and without <c>Async</c>.
/// Results and arguments are JSON-serialisable. Interfaces only grow.
/// </summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class CapabilityAttribute(string name, string summary) : Attribute
{
    public string Name { get; } = name;
    public string Summary { get; } = summary;

    /// <summary>True for what the engine itself brings (cases, evidence, lists): one instance named <c>soar</c>, no <c>[…]</c> and no <c>.All</c>.</summary>
    public bool BuiltIn { get; init; }

    /// <summary>What proves it, where it is built in; a connector says so itself (<see cref="Soar.Connectors.ConnectorAttribute.Proven"/>).</summary>
    public string Proven { get; init; } = "";
}

/// <summary>Declares an action's effect and how the engine may treat it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ActionAttribute(Effect effect) : Attribute
{
    public Effect Effect { get; } = effect;

    /// <summary>True when repeating it under the same idempotency key changes nothing further. Reads always are.</summary>
    public bool SafeToRepeat { get; init; }

    /// <summary>
    /// True when a repeat is safe only because it first looks for what the first attempt left (a ticket that carries the key), not because the product itself does it once. It cannot see what the
    /// product is still at work on, so an attempt that nobody has told about is repeated only once it is older than its time-out.
    /// </summary>
    public bool LooksFirst { get; init; }

    /// <summary>
    /// The method (of the same interface) that undoes this one. Its parameters are filled by name from this action's arguments; a parameter
    /// named <c>result</c> gets this action's result.
    /// </summary>
    public string? Inverse { get; init; }

    /// <summary>Why there is no inverse; required for an effect without one.</summary>
    public string? NoInverse { get; init; }

    /// <summary>
    /// The method (of the same interface, not itself an action, same parameters) returning <c>Task&lt;Probe&lt;T&gt;&gt;</c> that tells whether this
    /// effect is in place. T is this action's result type.
    /// </summary>
    public string? Probe { get; init; }

    /// <summary>
    /// True for a read that waits until there is something to tell, be it for weeks: it ends with <see cref="ConnectorFailure.NotYet"/> until then and is asked again by
    /// the clock, the run forgotten meanwhile. <c>.Timeout(…)</c> says how long the whole wait may last. Dry runs have it answered by the simulator.
    /// </summary>
    public bool Waits { get; init; }

    /// <summary>
    /// True when what it is asked leaves the house although the instance's product stands in it: a resolver asks the name servers of whoever owns the name. Cleared for TLP:AMBER then, unless
    /// the instance's settings say otherwise. A <see cref="Effect.Notifies"/> always leaves the house.
    /// </summary>
    public bool Outside { get; init; }

    /// <summary>Attempts in all when the playbook says nothing; 1 = no retry.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Time-out of one attempt in seconds when the playbook says nothing.</summary>
    public int TimeoutSeconds { get; init; } = 30;

    /// <summary>
    /// How often it may be done at one instance whose settings do not say <c>rate</c>, for example <c>60/m</c>: a bucket of its own beside the instance's. Empty = the instance's only.
    /// </summary>
    public string Rate { get; init; } = "";
}

/// <summary>Marks the argument that a containment holds (address, account, name): the ledger's target, and what protected assets are compared with.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TargetAttribute : Attribute
{
    /// <summary>True where the product takes <c>Alice</c> and <c>alice</c> for one and the same: then the ledger does too.</summary>
    public bool IgnoreCase { get; init; }
}

/// <summary>Marks the <see cref="TimeSpan"/> argument that says how long a containment lasts. <see cref="Until.Lifted"/> means without end.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class LeaseTimeAttribute : Attribute;

/// <summary>This argument of an effect may be null, empty or missing. All others fail the step when they are.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class MayBeEmptyAttribute : Attribute;

/// <summary>A probe method or other non-action member of a capability interface.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProbeAttribute : Attribute;
