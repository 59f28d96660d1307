using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Runs;

namespace Soar.Server.Display;

/// <summary>An effect in words: what, where, with which arguments.</summary>
internal static class EffectText
{
    public static string Of(string action, string instance, JsonElement arguments) =>
        $"→ {Terminal.Safe(action)}{(instance is "" or Settings.ConnectorRegistry.BuiltInName ? "" : $" on {Terminal.Safe(instance)}")} {{{Terminal.Safe(Timeline.Compact(arguments, 400))}}} (simulated)";

    /// <summary>What policy would have done about the effects of a dry run.</summary>
    public static IReadOnlyList<string> Policy(IReadOnlyList<JournalRecord> journal) =>
        [.. journal.Where(record => record.Kind == JournalKind.Policy).Select(record => $"{Terminal.Safe(record.Path)}: {Terminal.Safe(JsonSerializer.Deserialize<PolicyRecord>(record.Payload.Span, SoarJson.Options)!.Message)}")];

    /// <summary>What a run did in a dry run or test, once for each effect however many attempts it took, in the order in which they began.</summary>
    public static IReadOnlyList<string> Simulated(IReadOnlyList<JournalRecord> journal) =>
    [
        .. journal.Where(record => record.Kind == JournalKind.Intent)
            .Select(record => (record.Action, Intent: JsonSerializer.Deserialize<EffectIntent>(record.Payload.Span, SoarJson.Options)!))
            .Where(effect => effect.Intent.Simulated).DistinctBy(effect => effect.Intent.Key)
            .Select(effect => Of(effect.Action, effect.Intent.Instance, effect.Intent.Arguments)),
    ];
}
