using System.Text.Json;
using System.Text.Json.Nodes;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;
using Soar.Scripting;
using Soar.Server.Display;
using Soar.Server.Settings;

namespace Soar.Server.Testing;

/// <summary>Compares what happened with what a test expects. Every difference is a failure of its own, said in full.</summary>
internal sealed class TestJudge(PlaybookTest test, TestStory story, ActionCatalog catalog, CompiledPlaybook playbook)
{
    private readonly List<string> failures = [];

    private IEnumerable<string> Actions => catalog.Capabilities.SelectMany(c => c.Actions).Select(a => a.Id).Concat([BuiltIns.Ask, BuiltIns.Form, BuiltIns.Todo, BuiltIns.Wait, BuiltIns.Receive, BuiltIns.Run]);

    private Lazy<IReadOnlyList<string>> StepIds { get; } = new(() =>
    {
        var diagram = Diagram.Of(playbook.Source, playbook.File);
        return [.. diagram.Nodes.Select(n => n.StepId).Concat(diagram.Groups.Select(g => g.StepId)).OfType<string>().Distinct(StringComparer.Ordinal)];
    });

    public IReadOnlyList<string> Judge()
    {
        failures.AddRange(story.Problems);
        if (story.Stuck is { } stuck) failures.Add(stuck);
        else JudgeEnd();
        JudgeSteps();
        foreach (var never in test.Expect.Never)
        {
            if (!playbook.Header.Actions.Contains(BuiltIns.Run) && !never.What.CouldFit(StepIds.Value, Actions))
                Fail(never.Line, $"'{never.What}' can never happen, so that saying so proves nothing: no step or action has this name.{YamlBinder.Suggest(never.What.Text, never.What.Text.Contains('.') ? Actions : StepIds.Value)}");
            if (story.Steps.FirstOrDefault(s => s.Happened && (s.Fits(never.What) || s.IsIn(never.What)) && (s.Effect is null or Effect.ReadsOnly || s.Dispatched > 0)) is { } step)
                Fail(never.Line, $"'{never.What}' must never happen, but it did: {step}");
        }

        JudgeEffects();
        foreach (var question in test.Expect.Questions)
        {
            if (!story.Questions.Any(q => q.Text.Contains(question.What, StringComparison.OrdinalIgnoreCase)))
                Fail(question.Line, $"nobody was asked \"{question.What}\". Asked was {(story.Questions.Count == 0 ? "nothing" : string.Join("; ", story.Questions.Select(q => $"\"{q.Text}\" ({q.Who})")))}");
        }

        failures.AddRange(story.Unused);
        foreach (var signal in story.Undelivered) failures.Add($"signal {signal} was never received: no 'Receive' waited for it");
        return failures;
    }

    private void JudgeEnd()
    {
        var expect = test.Expect;
        var actual = story.Outcome?.ToString() ?? (story.Failure is { } f ? $"failed: {f.Message}{(f.File is null ? "" : $" ({Path.GetRelativePath(Environment.CurrentDirectory, f.File)}:{f.Line})")}" : story.Root.Status.ToString().ToLowerInvariant());
        if (expect.Outcome is { } outcome)
        {
            if (!string.Equals(story.Outcome?.Kind, outcome, StringComparison.OrdinalIgnoreCase)) failures.Add($"expected the outcome {outcome}, but the run ended {actual}");
        }
        else if (expect.Failed is { } failed)
        {
            if (story.Failure?.Message.Contains(failed, StringComparison.OrdinalIgnoreCase) != true) failures.Add($"expected the run to fail with \"{failed}\", but it ended {actual}");
        }
        else if (expect.Cancelled)
        {
            if (story.Root.Status != RunStatus.Cancelled) failures.Add($"expected the run to be cancelled, but it ended {actual}");
        }
        else if (story.Outcome is null)
        {
            failures.Add($"expected the run to complete, but it ended {actual}");
        }

        if (expect.Reason is { } reason && story.Outcome?.Reason?.Contains(reason, StringComparison.OrdinalIgnoreCase) != true)
            failures.Add($"expected a reason with \"{reason}\", but the run ended {actual}");
        if (expect.Duration is { } duration && (story.Duration - duration).Duration() > TimeSpan.FromSeconds(1))
            failures.Add($"expected it to take {Durations.Say(duration)}, but it took {Durations.Say(story.Duration)}");
    }

    private void JudgeSteps()
    {
        var happened = story.Steps.Where(s => s.Happened).ToList();
        var from = 0;
        string? before = null;
        foreach (var expected in test.Expect.Steps)
        {
            var index = happened.FindIndex(from, s => s.Fits(expected.What) || s.IsIn(expected.What));
            if (index >= 0)
            {
                // What only holds the step leaves it to be named itself.
                (from, before) = (happened[index].Fits(expected.What) ? index + 1 : index, expected.What.Text);
                continue;
            }

            Fail(expected.Line, happened.Exists(s => s.Fits(expected.What) || s.IsIn(expected.What))
                ? $"step '{expected.What}' came before '{before}', but must come after it"
                : $"step '{expected.What}' never came.{YamlBinder.Suggest(expected.What.Text, happened.Select(s => s.Path).Concat(happened.Select(s => s.Action)).Distinct().Take(30))}");
        }
    }

    private void JudgeEffects()
    {
        if (test.Expect.Effects is not { } expected) return;
        var left = story.Steps.Where(s => s.Dispatched > 0).ToList();
        var json = new YamlJson(Path.GetRelativePath(Environment.CurrentDirectory, test.File));
        foreach (var (effect, line) in expected.Select(e => (e.What, e.Line)))
        {
            if (catalog.Find(effect.Action) is not { } action)
            {
                Fail(line, $"'{effect.Action}' is no action.{YamlBinder.Suggest(effect.Action, catalog.Capabilities.SelectMany(c => c.Actions).Select(a => a.Id))}");
                continue;
            }

            var arguments = Arguments(effect, action, json);
            var found = left.Where(s => s.Action == effect.Action && (effect.Instance is null || s.Instance == effect.Instance) && Contains(s, arguments)).Take(effect.Times).ToList();
            foreach (var step in found) left.Remove(step);
            if (found.Count == effect.Times) continue;
            var others = left.Where(s => s.Action == effect.Action).ToList();
            Fail(line, $"expected {Say(effect, arguments)}{(effect.Times == 1 ? "" : $" {effect.Times} times")}, but it was dispatched {(found.Count == 0 ? "never" : $"{Plural.Of(found.Count, "time")}")}"
                + (others.Count == 0 ? "" : $". Dispatched was {string.Join("; ", others.Take(5).Select(Say))}{(others.Count > 5 ? $" and {others.Count - 5} more" : "")}"));
        }

        failures.AddRange(json.Problems);
        if (test.Expect.EffectsInclude) return;
        // What is written in our own tools counts only where the test speaks of that action.
        var spoken = expected.Select(e => e.What.Action).ToHashSet();
        var unexpected = left.Where(s => s.Effect != Effect.Records || spoken.Contains(s.Action)).ToList();
        foreach (var step in unexpected.Take(5)) failures.Add($"an effect was dispatched that the test does not expect: {Say(step)}");
        if (unexpected.Count > 5) failures.Add($"… and {unexpected.Count - 5} more");
    }

    private static Dictionary<string, JsonElement> Arguments(ExpectedEffect effect, ActionDescriptor action, YamlJson json)
    {
        var arguments = new Dictionary<string, JsonElement>();
        foreach (var (key, node) in effect.Arguments?.Children ?? Enumerable.Empty<KeyValuePair<YamlDotNet.RepresentationModel.YamlNode, YamlDotNet.RepresentationModel.YamlNode>>())
        {
            var name = key.ToString();
            var parameter = action.Parameters.FirstOrDefault(p => p.Name == name);
            if (parameter is null) json.Problems.Add($"{action.Id} has no argument '{name}'.{YamlBinder.Suggest(name, action.Parameters.Select(p => p.Name))}");
            else if (json.Read(node, parameter.Type, $"arguments.{name}") is { } value) arguments[name] = value;
        }

        return arguments;
    }

    private static bool Contains(StoryStep step, Dictionary<string, JsonElement> arguments)
    {
        if (arguments.Count == 0) return true;
        var given = step.ArgumentsJson();
        return arguments.All(a => given.TryGetProperty(a.Key, out var value) && JsonNode.DeepEquals(JsonNode.Parse(value.GetRawText()), JsonNode.Parse(a.Value.GetRawText())));
    }

    private static string Say(ExpectedEffect effect, Dictionary<string, JsonElement> arguments) =>
        $"{effect.Action}{(effect.Instance is null ? "" : $" at {effect.Instance}")}{(arguments.Count == 0 ? "" : $" with {string.Join(", ", arguments.Select(a => $"{a.Key} {a.Value.GetRawText()}"))}")}";

    private static string Say(StoryStep step) => $"{step.Action} at {step.Instance} with {(step.Arguments.Length > 300 ? "…" : step.ArgumentsJson().GetRawText())}";

    private void Fail(int line, string what) => failures.Add($"line {line}: {what}");
}
