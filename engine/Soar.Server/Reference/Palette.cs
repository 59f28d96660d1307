using Soar.Server.Node;

namespace Soar.Server.Reference;

/// <summary>Something that can be put into a playbook.</summary>
/// <param name="Group">The capability's name, or Language, Flow, Playbooks.</param>
/// <param name="Code">C# with placeholders: a parameter's name stands for its value, so that a variable of that name fits at once and the checker names what is still to be given.</param>
/// <param name="Result">The name of a variable for what comes back; null where nothing worth a name does.</param>
internal sealed record PaletteEntry(string Group, string Name, string Summary, string? Effect, string Code, string? Result, IReadOnlyList<ParameterEntry> Parameters);

/// <summary>Everything that the designer can insert, from the same reference as <c>soar actions</c>.</summary>
internal static class Palette
{
    /// <summary>Words whose parameters' names alone would make no sentence.</summary>
    private static readonly IReadOnlyDictionary<string, string> Words = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Ask"] = "await Ask(\"shift-lead\", \"May we go on?\", within: 1.Hours);",
        ["Todo"] = "await Todo(\"analyst\", \"What is to be done\");",
        ["Form"] = "await Form<string>(\"analyst\", \"What is the answer?\");",
        ["Note"] = "await Note(\"What happened\");",
        ["Wait"] = "await Wait(1.Hours);",
        ["WaitUntil"] = "await WaitUntil(Now.AddHours(1));",
        ["Receive"] = "await Receive<string>(\"signal\", within: 1.Hours);",
        ["All"] = "await All(\n    Note(\"One\"),\n    Note(\"Another\"));",
        ["Any"] = "await Any(\n    Wait(1.Hours),\n    Receive<string>(\"signal\"));",
        ["ForEach"] = "await ForEach(items, item => Note($\"{item}\"), parallel: 4);",
        ["TryForEach"] = "await TryForEach(items, item => Note($\"{item}\"), parallel: 4);",
    };

    private static readonly IReadOnlyDictionary<string, string> Results = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Ask"] = "decision", ["Form"] = "answer", ["Receive"] = "signal", ["ForEach"] = "results", ["TryForEach"] = "results",
    };

    /// <summary>What is no step: how flow goes, and where it ends.</summary>
    private static readonly IReadOnlyList<PaletteEntry> Flow =
    [
        new("Flow", "If", "Does what is inside when the condition holds.", null, "if (true)\n{\n}", null, []),
        new("Flow", "For each", "Does what is inside for each of several, one after another.", null, "foreach (var item in items)\n{\n}", null, []),
        new("Flow", "Try", "Goes on with the second part when a step of the first one fails.", null, "try\n{\n}\ncatch (StepException failure)\n{\n    await Note(failure.Message);\n}", null, []),
        new("Flow", "Code", "A statement of C#.", null, "var value = 0;", null, []),
        new("Flow", "End: contained", "Ends the run: the threat is contained.", null, "return Outcome.Contained();", null, []),
        new("Flow", "End: completed", "Ends the run: done.", null, "return Outcome.Completed();", null, []),
        new("Flow", "End: false positive", "Ends the run: it was no threat.", null, "return Outcome.FalsePositive(\"Why\");", null, []),
        new("Flow", "End: escalated", "Ends the run: somebody else goes on with it.", null, "return Outcome.Escalated(\"Why\");", null, []),
    ];

    public const string Playbooks = "Playbooks";

    public static IReadOnlyList<PaletteEntry> Of(Toolchain tools) =>
    [
        .. Flow,
        .. ActionReference.Of(tools).SelectMany(capability => capability.Actions.Where(action => capability.Name != ActionReference.Language || action.Name is not ("RunAgain" or "AsJson" or "Run" or "AtLeast")).Select(action => Entry(capability, action))),
        .. tools.Workspace.PlaybookFiles().Select(file => Path.GetFileNameWithoutExtension(file)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => new PaletteEntry(Playbooks, name, "Runs this playbook and waits for its outcome.", null, $"await Run(\"{name}\", new {{ }});", null, [])),
    ];

    private static PaletteEntry Entry(CapabilityEntry capability, ActionEntry action)
    {
        if (capability.Name == ActionReference.Language)
            return new(capability.Name, action.Name, action.Summary, null, Words.GetValueOrDefault(action.Name) ?? Call(action.Name, action), Results.GetValueOrDefault(action.Name), action.Parameters);
        var result = action.Effect == nameof(Capabilities.Effect.ReadsOnly) && action.Result is not null ? char.ToLowerInvariant(action.Name[0]) + action.Name[1..] : null;
        return new(capability.Name, action.Name, action.Summary, action.Effect, Call($"{capability.Name}.{action.Name}", action), result, action.Parameters);
    }

    private static string Call(string called, ActionEntry action) => $"await {called}({string.Join(", ", action.Parameters.Where(parameter => parameter.Default is null).Select(parameter => parameter.Name))});";
}
