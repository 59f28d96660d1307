using System.Globalization;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Server.Display;

/// <summary>One thing that happened in a run, as people read it.</summary>
/// <param name="Mark">A sign that says the same as the colour: ✔ ✘ … ? ⏸ ■.</param>
/// <param name="Kind">The journal record's kind.</param>
/// <param name="Title">The title above the step in the playbook, where it has one.</param>
/// <param name="Payload">The record as it was written; with it the action's id and how the step ended. Only where everything is asked for (<c>--json</c>).</param>
internal sealed record TimelineEntry(int Seq, DateTimeOffset At, string Mark, string Colour, string Step, string Text, string Kind = "", string? Title = null, JsonElement? Payload = null, string? Action = null, DeliveryKind? Delivery = null);

/// <summary>Tells a run's journal as a story.</summary>
internal static class Timeline
{
    /// <param name="questions">All that the run asked: their journal records name only the id.</param>
    /// <param name="titles">Titles of the playbook's version by step id: reads do not journal theirs.</param>
    /// <param name="whole">With every record's payload, as a program wants it; people get it cut.</param>
    public static IReadOnlyList<TimelineEntry> Of(Run run, IReadOnlyList<JournalRecord> journal, IReadOnlyList<Question> questions, IReadOnlyDictionary<string, string> titles, bool whole = false)
    {
        // Effects and questions say their title when they begin; what has said it need not say it again when it ends.
        var said = journal.Where(record => record.Kind is JournalKind.Intent or JournalKind.Asked).Select(record => record.Ordinal).ToHashSet();
        var told = new List<TimelineEntry>();
        foreach (var record in journal)
        {
            if (Entry(run, record, questions) is not { } entry) continue;
            var title = TitleOf(record, titles);
            if (record.Kind == JournalKind.Delivered && !said.Contains(record.Ordinal)) entry = entry with { Text = Titled(title) + entry.Text };
            told.Add(whole ? entry with
            {
                Kind = record.Kind.ToString(), Title = title, Payload = Json(record), Action = record.Action.Length > 0 ? record.Action : null,
                Delivery = record.Kind == JournalKind.Delivered ? record.Delivery : null,
            } : entry with { Title = title });
        }

        return told;
    }

    private static string? TitleOf(JournalRecord record, IReadOnlyDictionary<string, string> titles)
    {
        var step = record.Path[(record.Path.LastIndexOf('/') + 1)..];
        return titles.GetValueOrDefault(step.IndexOf('#', StringComparison.Ordinal) is > 0 and var occurrence ? step[..occurrence] : step);
    }

    private static TimelineEntry? Entry(Run run, JournalRecord record, IReadOnlyList<Question> questions)
    {
        TimelineEntry Say(string mark, string colour, string text) =>
            new(record.Seq, DateTimeOffset.FromUnixTimeMilliseconds(record.At), mark, colour, record.Path.Length > 0 ? record.Path : record.Action, text);
        switch (record.Kind)
        {
            case JournalKind.Started:
                var started = Read<StartedRecord>(record);
                var inputs = string.Join(", ", started.Inputs.Select(i => $"{i.Key} = {Compact(i.Value)}"));
                var alert = started.Alert is null ? "" : $" on alert \"{started.Alert.Title}\"";
                return Say("▶", "blue", $"started by {started.StartedBy}{alert}{(inputs.Length > 0 ? $" with {inputs}" : "")}{(run.Mode switch { RunMode.DryRun => " (dry run)", RunMode.Test => " (test)", _ => "" })}");
            case JournalKind.Delivered when record is { Action: BuiltIns.Timeout, Delivery: DeliveryKind.Cancelled }:
                return null; // the step was over in time
            case JournalKind.Delivered:
                return Delivered(record, questions, Say);
            case JournalKind.Intent:
                var intent = Read<EffectIntent>(record);
                return Say("→", "blue", $"{Titled(intent.Title)}{record.Action}{At(intent.Instance)} {Compact(intent.Arguments)}{(intent.Attempt > 1 ? $", attempt {intent.Attempt}" : "")}{(intent.Simulated ? " (simulated)" : "")}");
            case JournalKind.Attempt:
                var attempt = Read<AttemptFailed>(record);
                return Say("↻", "yellow", $"attempt {attempt.Attempt} failed ({attempt.Reason}): {attempt.Message}{Next(attempt.NextAt)}");
            case JournalKind.Unknown:
                var unknown = Read<AttemptFailed>(record);
                return Say("?", "yellow", $"nobody can tell whether attempt {unknown.Attempt} arrived ({unknown.Reason}): {unknown.Message}");
            case JournalKind.NotYet:
                return Say("…", "blue", $"waits: {Read<NotYetRecord>(record).Message}");
            case JournalKind.Settled:
                var settled = Read<SettledRecord>(record);
                return Say("!", "blue", $"settled by {settled.Who ?? settled.By}: {settled.Outcome}{(settled.Note is null ? "" : $", {settled.Note}")}");
            case JournalKind.Asked:
                var asked = Read<AskedRecord>(record);
                if (asked.Child is not null) return Say("↳", "blue", $"{Titled(asked.Title)}sub-run {asked.Child} begins");
                return questions.FirstOrDefault(q => q.Id.ToString() == asked.Question) is { } question
                    ? Say("?", "blue", $"{Titled(asked.Title)}{question.Who} is asked: {question.Text}")
                    : Say("?", "blue", $"question {asked.Question} is put");
            case JournalKind.Escalated:
                return Say("?", "yellow", $"half of its time is over: {Read<EscalatedRecord>(record).To} may answer too");
            case JournalKind.Held:
                var held = Read<HeldRecord>(record);
                return Say("■", "red", string.Create(CultureInfo.InvariantCulture, $"held by the kill switch since {DateTimeOffset.FromUnixTimeMilliseconds(held.Since).UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC by {held.By} because: {held.Reason}"));
            case JournalKind.Released:
                return Say("▶", "blue", "held no more");
            case JournalKind.Decided:
                var decided = Read<DecidedRecord>(record);
                return Say(decided.Approved ? "✔" : "✘", decided.Approved ? "green" : "yellow", decided.By.Length == 0 ? decided.Reason : $"{(decided.Approved ? "approved" : "refused")} by {decided.By}{(decided.Reason.Length > 0 ? $": {decided.Reason}" : "")}");
            case JournalKind.Policy:
                return Say("!", "yellow", Read<PolicyRecord>(record).Message);
            case JournalKind.Control:
                var control = Read<ControlRecord>(record);
                return Say("■", "yellow", $"{control.What} by {control.By}{(control.Reason is null ? "" : $": {control.Reason}")}");
            case JournalKind.Superseded:
                return Say("↺", "blue", record.Path.Length > 0 ? "what was recorded for this step no longer counts: the run was resumed" : "its end no longer counts: the run was resumed");
            case JournalKind.HostDied:
                return Say("✘", "red", $"the playbook host died with this run in hand: {Compact(Json(record))}");
            case JournalKind.Authorised:
                return Say("✓", "blue", "its approval was used");
            case JournalKind.Withdrawn:
                return Say("■", "yellow", "withdrawn: its branch was cancelled");
            case JournalKind.Ended:
                return Ended(record, Say);
            default:
                return Say("·", "grey", record.Kind.ToString());
        }
    }

    private static TimelineEntry Delivered(JournalRecord record, IReadOnlyList<Question> questions, Func<string, string, string, TimelineEntry> say)
    {
        switch (record.Delivery)
        {
            case DeliveryKind.Done when record.Action is BuiltIns.Ask or BuiltIns.Todo:
                var decision = Read<Decision>(record);
                var votes = questions.FirstOrDefault(q => q.Ordinal == record.Ordinal && q.Answers.Count > 0 && q.Answers[^1].By == decision.By);
                return say(decision.Approved ? "✔" : "✘", decision.Approved ? "green" : "yellow", votes is not null ? QuestionText.Votes(votes) :
                    $"{decision.Kind.ToString().ToLowerInvariant()}{(decision.By.Length > 0 ? $" by {decision.By}" : "")}{(decision.Reason.Length > 0 ? $": {decision.Reason}" : "")}");
            case DeliveryKind.Done when record.Action == BuiltIns.Run:
                return say("✔", "green", RunText.Said(Read<Outcome>(record)));
            case DeliveryKind.Done:
                return say("✔", "green", Compact(Json(record)));
            case DeliveryKind.CancelRun:
                var cancel = Read<ControlRecord>(record);
                return say("■", "yellow", $"the run is cancelled by {cancel.By}{(cancel.Reason is null ? "" : $": {cancel.Reason}")}");
            case DeliveryKind.Cancelled:
                return say("■", "yellow", "cancelled");
            default:
                var error = Read<StepError>(record);
                var word = record.Delivery switch { DeliveryKind.TimedOut => "timed out", DeliveryKind.Refused => "refused", _ => "failed" };
                return say("✘", "red", $"{word} ({error.Code}{(error.Attempts > 1 ? $", {error.Attempts} attempts" : "")}): {error.Message}");
        }
    }

    private static TimelineEntry Ended(JournalRecord record, Func<string, string, string, TimelineEntry> say)
    {
        var ended = Read<EndedRecord>(record);
        var left = ended.Undelivered is { Count: > 0 } signals ? $"; signals nobody received: {string.Join(", ", signals.Select(s => s.Name))}" : "";
        if (ended.Failure is { } failure)
            return say("✘", "red", $"{ended.Kind.ToLowerInvariant()}: {failure.Message}{(failure.Line is null ? "" : $" ({Path.GetFileName(failure.File)}:{failure.Line})")}{left}");
        if (ended.Successor is not null) return say("▶", "green", $"goes on as run {ended.Successor}{left}");
        return say(ended.Outcome is null ? "■" : "✔", ended.Outcome is null ? "yellow" : "green", $"{(ended.Outcome is null ? ended.Kind.ToLowerInvariant() : RunText.Said(ended.Outcome))}{left}");
    }

    public static string Compact(JsonElement value, int length = 160)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Object => string.Join(", ", value.EnumerateObject().Select(p => $"{p.Name}: {Compact(p.Value, 60)}")),
            JsonValueKind.Array => value.GetArrayLength() > 5
                ? Plural.Of(value.GetArrayLength(), "item")
                : $"[{string.Join(", ", value.EnumerateArray().Select(v => Compact(v, 60)))}]",
            JsonValueKind.String => Words(value.GetString()!),
            JsonValueKind.Null or JsonValueKind.Undefined => "done",
            _ => value.GetRawText(),
        };
        return text.Length <= length ? text : text[..(length - 1)] + "…";
    }

    // "1.00:00:00" is how JSON has a duration; people read "24 hours".
    private static string Words(string text) => text.Length is >= 8 and <= 26 && text.Contains(':') && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var duration)
        ? Durations.Say(duration)
        : text;

    private static string Titled(string? title) => string.IsNullOrEmpty(title) ? "" : title[^1] is '?' or '!' or '.' or ':' or '…' ? $"{title} " : $"{title}: ";

    private static string At(string instance) => instance.Length > 0 ? $" on {instance}" : "";

    private static string Next(long? at) => at is null ? "" : $"; again at {DateTimeOffset.FromUnixTimeMilliseconds(at.Value):HH:mm:ss}";

    private static T Read<T>(JournalRecord record) => JsonSerializer.Deserialize<T>(record.Payload.Span, SoarJson.Options)
        ?? throw new SoarException("SOAR2003", $"Journal record {record.Seq} is empty. Restore the last backup.");

    private static JsonElement Json(JournalRecord record) => record.Payload.IsEmpty ? JsonDocument.Parse("null").RootElement : JsonDocument.Parse(record.Payload).RootElement;
}
