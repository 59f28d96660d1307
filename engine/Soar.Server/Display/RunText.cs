using System.Globalization;
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
            return outcome is null ? Word(status) : Said(outcome);
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

    /// <summary>An outcome, with the value that it gives.</summary>
    public static string Said(Outcome outcome) => outcome.Value is { } value ? $"{outcome} → {Timeline.Compact(value)}" : outcome.ToString();

    /// <summary>What a waiting run waits for, and what a kill switch holds of any; empty when it is neither.</summary>
    /// <param name="held">What is held of this run.</param>
    public static string Waits(Run run, IEnumerable<HeldEffect> held)
    {
        if (run.InLine) return $"stands in line (triggers.{run.Playbook} in soar.yaml)";
        var effects = held.ToList();
        var switched = effects.Count == 0 ? "" : $"{(effects.Count == 1 ? "is " : $"has {effects.Count} effects ")}{HeldBy(effects[0].By)}";
        if (run.Status != RunStatus.Waiting) return switched;
        var waits = Waits(run);
        return switched.Length == 0 ? waits : waits is "" or "waits" ? switched : $"{switched}; {waits}";
    }

    /// <summary>By which switch an effect is held.</summary>
    public static string HeldBy(KillSwitch? by) => by is null ? "held no more and goes on" : $"held by the kill switch {by.Words()}";

    private static string Waits(Run run)
    {
        var parts = new List<string>();
        if (run.WaitsFor is { } waits)
        {
            if (waits.Signals.Count > 0) parts.Add($"{Plural.Word(waits.Signals.Count, "signal")} {string.Join(", ", waits.Signals)}{(waits.Signals.Count == Awaited.MostNames ? " …" : "")}");
            if (waits.Questions > 0) parts.Add(waits.Questions == 1 ? "an answer" : $"{waits.Questions} answers");
            if (waits.InLine > 0) parts.Add(waits.InLine == 1 ? "a free place at a connector instance" : $"{waits.InLine} free places at connector instances");
            if (waits.Runs > 0) parts.Add(waits.Runs == 1 ? "a sub-run" : $"{waits.Runs} sub-runs");
        }

        var until = run.WakeAt is { } wake ? string.Create(CultureInfo.InvariantCulture, $"until {wake.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") : "";
        return parts.Count == 0 ? $"waits {until}".TrimEnd() : $"waits for {string.Join(" and ", parts)}{(until.Length == 0 ? "" : $", {until} at the latest")}";
    }

    /// <summary>What resuming a failed run means, for whoever did it.</summary>
    public static string Resumed(string? result)
    {
        var failure = result is null ? null : JsonSerializer.Deserialize<RunFailure>(result, SoarJson.Options);
        if (failure is null) return "";
        if (failure.Step is { } step && failure.Code is not ("SOAR2040" or "bad-result")) return $" {step} is tried again; what was done after it is not done twice.";
        var where = failure.Line is null ? "" : $" at {Path.GetFileName(failure.File)}:{failure.Line}";
        return $" No step failed it but its own code{where} ({failure.Code}), so the same version runs again from its journal. Where nothing outside was the reason it fails again: mend the playbook then, and start it anew.";
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
        if (question.Quorum > 1) yield return Terminal.Safe($"{question.Quorum} different people must agree, one refusal decides; so far {(question.Answers.Count == 0 ? "nobody did" : Votes(question))}.");
    }

    /// <summary>Who may answer now, and who from when on.</summary>
    public static string For(Question question) => question switch
    {
        { Status: QuestionStatus.Open, EscalatedAt: null, EscalateAt: { } half } =>
            string.Create(CultureInfo.InvariantCulture, $"{question.Who} ({question.EscalateTo} too from {half.UtcDateTime:yyyy-MM-dd HH:mm:ss} on)"),
        { EscalatedAt: not null } => $"{question.Who} or {question.EscalateTo}",
        _ => question.Who,
    };

    /// <summary>Who answered what, in which role.</summary>
    public static string Votes(Question question) => string.Join(", ", question.Answers.Select(a =>
        $"{(a.Approve ? question.Kind is QuestionKind.Approval ? "approved" : question.Kind == QuestionKind.UnknownOutcome ? a.Value == "not-done" ? "not-done" : "done" : a.Value == "done" ? "done" : "answered" : a.Value ?? "refused")} by {a.By}{(a.As is null || a.As == a.By ? "" : $" as {a.As}")}{(a.Reason.Length > 0 ? $": {a.Reason}" : "")}"));

    public static string Word(QuestionKind kind) => kind switch { QuestionKind.Todo => "to do", QuestionKind.UnknownOutcome => "unknown outcome", _ => kind.ToString().ToLowerInvariant() };

    /// <summary>Of an unknown outcome: JSON of the shape that the action gives, where the playbook goes on with that; else null.</summary>
    public static string? ExampleResult(Question question) =>
        question.Kind == QuestionKind.UnknownOutcome && JsonDocument.Parse(question.Details).RootElement.TryGetProperty("result", out var result) ? result.GetRawText() : null;

    /// <summary>How to answer it.</summary>
    public static string Command(Question question) =>
        $"soar answer {ShortId.Of(question.Id)} {question.Kind switch { QuestionKind.UnknownOutcome => ExampleResult(question) is { } result ? $"not-done, or: soar answer {ShortId.Of(question.Id)} done --value '{result}'" : "done|not-done", QuestionKind.Form => "approve --value '{…}'", QuestionKind.Todo => "done|refuse", _ => "approve|refuse" }}";

    /// <summary>What a form's field takes, in words.</summary>
    public static string Shape(FormField field) => field.Choices is { Count: > 0 } choices ? string.Join(", ", choices) : field.Type == "string" ? "text" : Settings.InputText.Shape(field.Type);

    /// <summary>A form's fields, each on a line, and how to answer them all in one command.</summary>
    public static string HowToFill(Question question)
    {
        var fields = Fields(question);
        var lines = fields.Select(field => $"  {field.Name}: {Shape(field)}{(field.Required ? "" : ", may be left out")}");
        var example = JsonSerializer.Serialize(fields.ToDictionary(field => field.Name, Example, StringComparer.Ordinal), SoarJson.Options);
        return $"{string.Join('\n', lines)}\n  soar answer {ShortId.Of(question.Id)} approve --value '{example}'";
    }

    private static object Example(FormField field) => field.Type switch
    {
        "choice" when field.Choices is [var first, ..] => first,
        "bool" => true,
        "int" => 1,
        "number" => 1.5,
        "date" => "2026-03-29",
        "duration" => "01:30:00",
        _ => "…",
    };

    public static IReadOnlyList<FormField> Fields(Question question) =>
        JsonSerializer.Deserialize<FormArguments>(question.Details, SoarJson.Options)!.Fields;
}
