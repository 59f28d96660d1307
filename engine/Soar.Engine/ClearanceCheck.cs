using Soar.Capabilities;
using Soar.Connectors;

namespace Soar.Engine;

/// <summary>
/// TLP travels with the case: what a run knows goes to no instance that is not cleared for it. Undoing is never refused: it tells the other side nothing that it does not know.
/// </summary>
internal static class ClearanceCheck
{
    /// <summary>Why not, for people; null when it may go there.</summary>
    public static string? Problem(Tlp tlp, ActionDescriptor action, string instance, InstanceTerms terms)
    {
        if (action.Effect == Effect.Lifts || action.Capability.BuiltIn) return null;
        var clearance = terms.ClearanceFor(action);
        if (tlp <= clearance) return null;
        var why = terms.Clearance is not null ? "by its settings" : terms.Outside ? "because it asks somebody outside"
            : action.Declared.Outside ? "because what this action asks is passed on to others outside" : "because this action leaves the house";
        return $"{action.Id} was not done: this run is {tlp.Words()}, and the instance '{instance}' is cleared for {clearance.Words()} only, {why}. "
            + $"Use an instance that is cleared for it, or set clearance: {tlp.Words()[4..].ToLowerInvariant()} for '{instance}' in soar.yaml if whoever it reaches may see this.";
    }
}
