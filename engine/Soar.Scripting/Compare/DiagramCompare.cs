namespace Soar.Scripting.Compare;

public enum ThingChange { Added, Removed, Changed, Moved }

/// <summary>One thing that two diagrams show differently.</summary>
/// <param name="Id">Of the node or group, in the second diagram; of what was removed, in the first.</param>
/// <param name="Fields">Of what changed: each field with what it was and what it is.</param>
/// <param name="FromLine">Where it stands in the first text; null when it does not.</param>
public sealed record DiagramChange(ThingChange Change, string Id, string Kind, string Label, IReadOnlyList<FieldChange> Fields, int? FromLine, int? ToLine);

public sealed record FieldChange(string Field, string From, string To);

/// <param name="Header">What the header says otherwise.</param>
/// <param name="Things">In the order of the second text; what was removed stands where it stood.</param>
public sealed record DiagramDifferences(IReadOnlyList<FieldChange> Header, IReadOnlyList<DiagramChange> Things);

/// <summary>Two diagrams thing by thing. What says the same in the same order is the same, whatever its id: ids of steps without a title count on when another is put before them.</summary>
public static class DiagramCompare
{
    public static DiagramDifferences Of(Diagram from, Diagram to)
    {
        var (first, second) = (Things(from), Things(to));
        var kept = Sequences.Common([.. first.Select(t => t.Says)], [.. second.Select(t => t.Says)], StringComparer.Ordinal);
        var (oldKept, newKept) = (kept.Select(pair => pair.From).ToHashSet(), kept.Select(pair => pair.To).ToHashSet());
        var gone = first.Where((_, i) => !oldKept.Contains(i)).ToDictionary(t => t.Id);
        var changes = new List<(int At, DiagramChange Change)>();
        foreach (var (thing, at) in second.Select((t, i) => (t, i)).Where(t => !newKept.Contains(t.i)))
        {
            if (!gone.Remove(thing.Id, out var was)) changes.Add((at, Change(ThingChange.Added, thing, null, thing.Line)));
            else if (was.Says == thing.Says) changes.Add((at, Change(ThingChange.Moved, thing, was.Line, thing.Line)));
            else changes.Add((at, Change(ThingChange.Changed, thing, was.Line, thing.Line) with { Fields = Fields(was.Fields, thing.Fields) }));
        }

        foreach (var was in gone.Values)
        {
            var place = kept.Where(pair => first[pair.From].Start < was.Start).Select(pair => pair.To).DefaultIfEmpty(-1).Last();
            changes.Add((place, Change(ThingChange.Removed, was, was.Line, null)));
        }

        return new DiagramDifferences(Fields(Header(from.Header), Header(to.Header)), [.. changes.OrderBy(c => c.At).Select(c => c.Change)]);
    }

    private static DiagramChange Change(ThingChange change, Thing thing, int? fromLine, int? toLine) => new(change, thing.Id, thing.Kind, thing.Label, [], fromLine, toLine);

    private sealed record Thing(string Id, string Kind, string Label, int Start, int Line, IReadOnlyDictionary<string, string> Fields)
    {
        /// <summary>Everything that a person would see differ.</summary>
        public string Says { get; } = string.Join('\n', Fields.Select(f => $"{f.Key}={f.Value}"));
    }

    // The start node is the header, which is compared by itself.
    private static List<Thing> Things(Diagram diagram) =>
    [
        .. diagram.Nodes.Where(n => n.Kind != DiagramNodeKind.Start).Select(n => new Thing(n.Id, n.Kind.ToString(), n.Label, n.Span.Start, n.Span.Line, new Dictionary<string, string>
        {
            ["kind"] = n.Kind.ToString(), ["label"] = n.Label, ["action"] = n.Capability is null ? n.Action ?? "" : $"{n.Capability}.{n.Action}", ["instance"] = n.Instance ?? "", ["detail"] = n.Detail, ["text"] = n.Text,
            ["modifiers"] = string.Join(", ", n.Modifiers), ["result"] = n.Result ?? "",
        })).Concat(diagram.Groups.Where(g => g.Kind is not (DiagramGroupKind.Branch or DiagramGroupKind.Arm)).Select(g => new Thing(g.Id, g.Kind.ToString(), g.Label, g.Span.Start, g.Span.Line, new Dictionary<string, string>
        {
            ["kind"] = g.Kind.ToString(), ["label"] = g.Label, ["action"] = g.Action ?? "", ["detail"] = g.Detail, ["modifiers"] = string.Join(", ", g.Modifiers), ["result"] = g.Result ?? "",
        }))).OrderBy(t => t.Start),
    ];

    private static Dictionary<string, string> Header(DiagramHeader header)
    {
        var says = new Dictionary<string, string>
        {
            ["name"] = header.Name, ["version"] = header.Version, ["type"] = header.Type, ["tlp"] = header.Tlp, ["summary"] = header.Summary, ["triggers"] = string.Join("\n", header.Triggers),
        };
        // Two of one name are an error, which is drawn all the same.
        foreach (var input in header.Inputs) says.TryAdd($"input {input.Name}", $"{input.Description}{(input.Default is null ? "" : $", default {input.Default}")}{(input.From is null ? "" : $", from {input.From}")}");
        return says;
    }

    private static List<FieldChange> Fields(IReadOnlyDictionary<string, string> from, IReadOnlyDictionary<string, string> to) =>
        [.. to.Keys.Union(from.Keys).Select(name => new FieldChange(name, from.GetValueOrDefault(name, ""), to.GetValueOrDefault(name, ""))).Where(f => f.From != f.To)];
}
