using YamlDotNet.RepresentationModel;

namespace Soar.Server.Testing;

/// <summary>Reads the <c>expect:</c> of a test.</summary>
internal sealed class ExpectationReader(YamlFields fields)
{
    public Expectation Read(YamlNode node)
    {
        if (fields.Map(node, "expect", "outcome", "failed", "cancelled", "reason", "duration", "steps", "effects", "effects-include", "never", "questions") is not { } map) return new Expectation();
        if (map.Children.Count == 0) fields.Problem(map, "expect", "says nothing: a test that expects nothing cannot fail.");
        var ends = new[] { "outcome", "failed", "cancelled" }.Where(k => fields.Find(map, k) is not null).ToList();
        if (ends.Count > 1) fields.Problem(map, string.Join(" and ", ends), "cannot both be: a run ends in one way.");
        var exact = fields.Find(map, "effects");
        var include = fields.Find(map, "effects-include");
        if (exact is not null && include is not null) fields.Problem(map, "effects and effects-include", "cannot both be: the first says that there are no others.");
        return new Expectation
        {
            Outcome = fields.Text(map, "outcome"),
            Failed = fields.Text(map, "failed"),
            Cancelled = fields.Flag(map, "cancelled"),
            Reason = fields.Text(map, "reason"),
            Duration = fields.Duration(map, "duration"),
            Steps = Patterns(map, "steps"),
            Never = Patterns(map, "never"),
            Questions = [.. fields.Items(map, "questions").Select(n => new Expected<string>((n as YamlScalarNode)?.Value ?? "", (int)n.Start.Line))],
            Effects = (exact ?? include) is { } effects ? [.. YamlFields.OneOrMany(effects).Select(Effect).OfType<Expected<ExpectedEffect>>()] : null,
            EffectsInclude = include is not null,
        };
    }

    private IReadOnlyList<Expected<StepPattern>> Patterns(YamlMappingNode map, string key) => fields.Find(map, key) is { } node
        ? [.. YamlFields.OneOrMany(node).Where(n => n is YamlScalarNode { Value.Length: > 0 }).Select(n => new Expected<StepPattern>(new StepPattern(((YamlScalarNode)n).Value!), (int)n.Start.Line))]
        : [];

    private Expected<ExpectedEffect>? Effect(YamlNode node)
    {
        if (fields.Map(node, "an effect", "action", "instance", "arguments", "times") is not { } map) return null;
        var action = fields.Text(map, "action");
        if (action is null) fields.Problem(map, "action", "is missing: for example firewall.block.");
        var arguments = fields.Find(map, "arguments");
        if (arguments is not null and not YamlMappingNode) fields.Problem(arguments, "arguments", "must be a mapping of names and values.");
        return action is null ? null : new(new ExpectedEffect(action, fields.Text(map, "instance"), arguments as YamlMappingNode, fields.Number(map, "times") ?? 1), (int)map.Start.Line);
    }
}
