using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Server.Display;

/// <summary>A run's result and a question's details in words.</summary>
internal static class RunText
{
    public static string Result(RunStatus status, string? result)
    {
        if (result is null) return Word(status);
        if (status == RunStatus.Completed)
        {
            var outcome = JsonSerializer.Deserialize<Outcome>(result, SoarJson.Options);
            return outcome?.ToString() ?? Word(status);
        }

        try
        {
            var failure = JsonSerializer.Deserialize<RunFailure>(result, SoarJson.Options)!;
            var where = failure.Line is null ? "" : $" ({Path.GetFileName(failure.File)}:{failure.Line})";
            return $"{Word(status)}: {failure.Message}{where}";
        }
        catch (JsonException)
        {
            // Not a failure record (a cancellation's reason): shown as it is.
            return $"{Word(status)}: {result}";
        }
    }

    public static string Word(RunStatus status) => status.ToString().ToLowerInvariant();
}

internal static class QuestionText
{
    public static IEnumerable<string> Details(Question question)
    {
        var json = JsonDocument.Parse(question.Details).RootElement;
        if (json.TryGetProperty("steps", out var steps) && steps.ValueKind == JsonValueKind.Array)
        {
            foreach (var step in steps.Deserialize<List<PreparedStep>>(SoarJson.Options)!)
                yield return $"→ {Terminal.Safe(step.Action)} on {Terminal.Safe(step.Instance)}: {Terminal.Safe(Timeline.Compact(step.Arguments, 400))}";
        }

        if (question.Kind == QuestionKind.UnknownOutcome) yield return $"→ {Terminal.Safe(Timeline.Compact(json, 600))}";
        if (question.Quorum > 1) yield return $"{question.Quorum} different people must agree; {question.Answers.Count} did so far.";
    }

    public static IReadOnlyList<FormField> Fields(Question question) =>
        JsonSerializer.Deserialize<FormArguments>(question.Details, SoarJson.Options)!.Fields;
}
