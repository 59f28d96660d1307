using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What people are asked by <c>Ask</c>, <c>Form</c> and <c>Todo</c>, and what their answers become.</summary>
internal static class Questions
{
    /// <summary>The question that a call asks, and its journal record. Throws <see cref="SoarException"/> SOAR2032 when a prepared step is not what it claims to be.</summary>
    /// <param name="until">When it expires (see <see cref="DueOf"/>); null = never.</param>
    public static (Question Question, AskedRecord Record) Of(StepCall call, QuestionId id, DateTimeOffset now, DateTimeOffset? until)
    {
        var question = new Question
        {
            Id = id, Run = call.Run, Ordinal = call.Ordinal, AskedAt = now, Details = Encoding.UTF8.GetString(call.Arguments.Span),
            Kind = call.Action switch { BuiltIns.Ask => QuestionKind.Approval, BuiltIns.Form => QuestionKind.Form, _ => QuestionKind.Todo },
            Who = "", Text = "",
        };
        switch (question.Kind)
        {
            case QuestionKind.Approval:
                var ask = Json.Read<AskArguments>(call.Arguments);
                question = question with { Who = ask.Who, Text = ask.Question, Until = until, Quorum = Math.Max(1, ask.Quorum), EscalateTo = ask.EscalateTo, FourEyes = ask.FourEyes == true };
                return (question, new AskedRecord(id.ToString(), [.. (ask.Steps ?? []).Select(HashOf)], Title: call.Options?.Title));
            case QuestionKind.Form:
                var form = Json.Read<FormArguments>(call.Arguments);
                return (question with { Who = form.Who, Text = form.Title, Until = until }, new AskedRecord(id.ToString(), Title: call.Options?.Title));
            default:
                var todo = Json.Read<TodoArguments>(call.Arguments);
                return (question with { Who = todo.Who, Text = todo.Text, Until = until }, new AskedRecord(id.ToString(), Title: call.Options?.Title));
        }
    }

    /// <summary>When a question, a wait or a receive is over by the clock. A person who resumed the run after it had passed gave whoever is waited for their whole time again.</summary>
    public static DateTimeOffset? DueOf(StepCall call, DateTimeOffset? resumedAt)
    {
        var until = At(call.Action switch
        {
            BuiltIns.Ask => Json.Read<AskArguments>(call.Arguments).Until,
            BuiltIns.Form => Json.Read<FormArguments>(call.Arguments).Until,
            BuiltIns.Todo => Json.Read<TodoArguments>(call.Arguments).Until,
            BuiltIns.Wait => Json.Read<WaitArguments>(call.Arguments).Until,
            _ => Json.Read<ReceiveArguments>(call.Arguments).Until,
        });
        return until <= resumedAt && call.Options?.TimeoutMs is { } within ? resumedAt.Value + TimeSpan.FromMilliseconds(within) : until;
    }

    /// <summary>When, and to whom, this call's question escalates; null when it does not.</summary>
    public static (DateTimeOffset At, string To)? EscalationOf(StepCall call, DateTimeOffset asked, DateTimeOffset? until) =>
        call.Action == BuiltIns.Ask && until is { } end && Json.Read<AskArguments>(call.Arguments).EscalateTo is { } to ? (Question.HalfOf(asked, end), to) : null;

    /// <summary>What the answers that decided a question deliver.</summary>
    public static StepEnd Answered(string action, IReadOnlyList<Answer> answers)
    {
        var refused = answers.FirstOrDefault(a => !a.Approve);
        var last = refused ?? answers[^1];
        if (action != BuiltIns.Form)
            return StepEnd.Done(Json.Of(new Decision(refused is null ? DecisionKind.Approved : DecisionKind.Refused, last.By, last.Reason, last.At)));
        return refused is null
            ? StepEnd.Done(Encoding.UTF8.GetBytes(last.Value ?? "{}"))
            : StepEnd.Refused("form-refused", $"{refused.By} did not fill in the form: {refused.Reason}");
    }

    /// <summary>What a deadline delivers.</summary>
    public static StepEnd Expired(StepCall call, DateTimeOffset now) => call.Action switch
    {
        BuiltIns.Wait => StepEnd.Done(Json.Null),
        BuiltIns.Receive => StepEnd.TimedOut($"No signal '{Json.Read<ReceiveArguments>(call.Arguments).Signal}' arrived in time.", 1),
        BuiltIns.Form => StepEnd.TimedOut("Nobody filled in the form in time.", 1),
        BuiltIns.Timeout => OutOfTime(call),
        _ => StepEnd.Done(Json.Of(new Decision(DecisionKind.Expired, "", "Nobody answered in time.", now))),
    };

    /// <summary>When a step's time is over. A person who resumed the run after it had passed gave the step its whole time again.</summary>
    public static DateTimeOffset LimitOf(StepCall call, DateTimeOffset? resumedAt)
    {
        var limit = Json.Read<TimeoutArguments>(call.Arguments);
        var until = DateTimeOffset.FromUnixTimeMilliseconds(limit.Until);
        return until <= resumedAt ? resumedAt.Value + TimeSpan.FromMilliseconds(limit.After) : until;
    }

    private static StepEnd OutOfTime(StepCall call)
    {
        var limit = Json.Read<TimeoutArguments>(call.Arguments);
        var time = Durations.Say(TimeSpan.FromMilliseconds(limit.After));
        return StepEnd.TimedOut(limit.Grace == true ? $"{call.Path} did not tidy up within {time} after it was cancelled: it was given up." : $"{call.Path} was not done within {time}.", 1);
    }

    /// <summary>A signal as <c>Receive</c> returns it.</summary>
    public static StepEnd Received(InboxItem signal)
    {
        using var value = JsonDocument.Parse(signal.Payload.Length == 0 ? Json.Null : signal.Payload);
        return StepEnd.Done(Json.Of(new Signal<JsonElement>(signal.Id, signal.Key, value.RootElement, signal.At)));
    }

    /// <summary>Why an answer cannot be taken; null when it can.</summary>
    public static string? Problem(Question question, Answer answer, ActionCatalog catalog)
    {
        switch (question.Kind)
        {
            case QuestionKind.UnknownOutcome:
                return ToldOutcome.Problem(question, answer, catalog);
            case QuestionKind.Form when answer.Approve:
                try
                {
                    using var values = JsonDocument.Parse(answer.Value ?? "");
                    return FormProblem(JsonSerializer.Deserialize<FormArguments>(question.Details, SoarJson.Options)!.Fields, values.RootElement);
                }
                catch (Exception e) when (e is JsonException or InvalidOperationException)
                {
                    return $"The form's values are not a JSON object: {e.Message}";
                }

            default:
                return null;
        }
    }

    private static string? FormProblem(IReadOnlyList<FormField> fields, JsonElement values)
    {
        var problems = new List<string>();
        var missing = fields.Where(f => f.Required && IsEmpty(values, f)).Select(f => f.Name).ToList();
        if (missing.Count > 0) problems.Add($"these fields are missing: {string.Join(", ", missing)}");
        foreach (var field in fields.Where(f => !missing.Contains(f.Name)))
        {
            if (values.TryGetProperty(field.Name, out var value) && value.ValueKind != JsonValueKind.Null && Misfit(field, value) is { } shape)
                problems.Add($"{field.Name} is {value.GetRawText()} but must be {shape}");
        }

        problems.AddRange(values.EnumerateObject().Where(p => fields.All(f => f.Name != p.Name)).Select(p => $"it has no field {p.Name}; it has {string.Join(", ", fields.Select(f => f.Name))}"));
        return problems.Count == 0 ? null : $"The form is not complete: {string.Join("; ", problems)}.";
    }

    private static bool IsEmpty(JsonElement values, FormField field) =>
        !values.TryGetProperty(field.Name, out var value) || value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0);

    /// <summary>What it must be instead; null when it fits. A text may be of a type that only the playbook knows.</summary>
    private static string? Misfit(FormField field, JsonElement value) => field.Type switch
    {
        "choice" when value.ValueKind != JsonValueKind.String || field.Choices?.Contains(value.GetString()!) == false => $"one of {string.Join(", ", field.Choices ?? [])}",
        "bool" when InputTypes.Problem("bool", value) is not null => "true or false",
        "int" when InputTypes.Problem("long", value) is not null => "a whole number",
        "number" when InputTypes.Problem("double", value) is not null => "a number",
        "date" when InputTypes.Problem("DateTimeOffset", value) is not null => "a date such as 2026-03-29, or a time such as 2026-03-29T14:30:00Z",
        "duration" when InputTypes.Problem("TimeSpan", value) is not null => "a duration: \"01:30:00\" is an hour and a half, \"2.00:00:00\" two days",
        _ => null,
    };

    /// <summary>
    /// The full hash of a prepared step, from what people are shown. The playbook's side sent a hash too; where the two differ, somebody would approve something else
    /// than what is done.
    /// </summary>
    private static string HashOf(PreparedStep step)
    {
        var hash = CallHash.Full(step.Action, step.Instance, Encoding.UTF8.GetBytes(step.Arguments.GetRawText()));
        return hash == step.Hash
            ? hash
            : throw new SoarException("SOAR2032", $"The prepared step {step.Action} at {step.Instance} is not what its hash says. Nobody is asked about it.");
    }

    private static DateTimeOffset? At(long? ms) => ms is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
}
