using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Storage;

namespace Soar.Server.Testing;

/// <summary>The people and senders of a test: they answer what they are asked and send what they are to send, when the virtual clock says so.</summary>
internal sealed class TestPeople(PlaybookTest test, RunStore store, SoarEngine engine, VirtualClock clock)
{
    /// <summary>The name in <c>people:</c> that answers questions about unknown outcomes.</summary>
    public const string UnknownOutcome = "unknown-outcome";

    private readonly Dictionary<QuestionId, Taken> taken = [];
    private readonly Dictionary<string, int> turns = [];
    private readonly HashSet<(string Who, int Answer)> used = [];
    private readonly List<ScriptedSignal> unsent = [.. test.Signals.OrderBy(s => s.After)];
    private readonly List<string> problems = [];

    private sealed record Taken(PersonAnswer Answer, string Who, DateTimeOffset At)
    {
        public int Votes { get; set; }
    }

    public IReadOnlyList<string> Problems => problems;

    /// <summary>When somebody does something next; null when nobody will.</summary>
    public DateTimeOffset? Next { get; private set; }

    /// <summary>Does everything that is due. False when nothing was.</summary>
    public async Task<bool> ActAsync(RunId run)
    {
        var now = clock.GetUtcNow();
        var acted = false;
        Next = null;
        while (unsent.Count > 0 && test.Now + unsent[0].After <= now)
        {
            var signal = unsent[0];
            unsent.RemoveAt(0);
            acted = true;
            using var value = JsonDocument.Parse(signal.Value);
            await engine.SignalAsync(run, signal.Name, value.RootElement, signal.Id);
        }

        if (unsent.Count > 0) Note(test.Now + unsent[0].After);
        foreach (var question in (await store.QuestionsAsync(null, QuestionStatus.Open)).OrderBy(q => q.AskedAt).ThenBy(q => q.Ordinal))
        {
            if (!taken.TryGetValue(question.Id, out var mine))
            {
                if (Choose(question) is not { } chosen) continue;
                taken[question.Id] = mine = new Taken(chosen.Answer, chosen.Who, chosen.At);
            }

            if (mine.Answer.Kind == AnswerKind.Silent || mine.Votes > 0 && mine.Votes >= mine.Answer.By.Count) continue;
            if (mine.At > now) Note(mine.At);
            else acted |= await AnswerAsync(question, mine);
        }

        return acted;
    }

    /// <summary>Whom or what the run waits for and will never get, for the test's author.</summary>
    public async Task<string?> WaitsForAsync(RunId run)
    {
        var open = (await store.QuestionsAsync(null, QuestionStatus.Open)).FirstOrDefault();
        if (open is not null)
        {
            var who = open.Kind == QuestionKind.UnknownOutcome ? UnknownOutcome : open.Who;
            var answer = open.Kind switch { QuestionKind.Approval => "approve: \"…\"", QuestionKind.Form => "form: { … }", _ => "done: \"…\"" };
            return $"{who} is asked \"{open.Text}\" and nobody answers: add to 'people:'\n      {who}: {{ {answer} }}";
        }

        var running = (await store.FindAsync(run))!;
        return $"the run waits ({running.Status}) for a signal that no 'signals:' of the test sends";
    }

    public IEnumerable<string> Unused()
    {
        foreach (var person in test.People.Values.Where(p => p.Own))
        {
            for (var i = 0; i < person.Answers.Count; i++)
            {
                if (!used.Contains((person.Who, i)))
                    yield return person.Answers.Count == 1 ? $"line {person.Line}: {person.Who} was never asked" : $"line {person.Answers[i].Line}: {person.Who} was not asked a question for answer {i + 1}";
            }
        }

        foreach (var signal in unsent) yield return $"line {signal.Line}: signal {signal.Name} was never sent: the run had ended before {Durations.Say(signal.After)}";
    }

    private (PersonAnswer Answer, string Who, DateTimeOffset At)? Choose(Question question)
    {
        string[] names = question.Kind == QuestionKind.UnknownOutcome ? [UnknownOutcome, question.Who] : question.EscalateTo is { } next ? [question.Who, next] : [question.Who];
        foreach (var who in names)
        {
            if (!test.People.TryGetValue(who, out var person)) continue;
            var from = turns.GetValueOrDefault(who);
            var fitting = Enumerable.Range(0, person.Answers.Count).Where(i => person.Answers[i].Question is not { } text || question.Text.Contains(text, StringComparison.OrdinalIgnoreCase)).ToList();
            if (fitting.Count == 0) continue;
            // In their order; the last one for all further questions.
            var index = fitting.FirstOrDefault(i => i >= from, fitting[^1]);
            turns[who] = index + 1;
            used.Add((who, index));
            var answer = person.Answers[index];
            var asked = who != question.Who && who == question.EscalateTo ? question.EscalateAt ?? question.AskedAt : question.AskedAt;
            return (answer, who, asked + answer.After);
        }

        return test.Everybody is { } agrees && Say(question, agrees) is { } said ? (said, question.Who, question.AskedAt) : null;
    }

    private static PersonAnswer? Say(Question question, bool agrees)
    {
        AnswerKind? kind = question.Kind switch
        {
            QuestionKind.Form => null,
            QuestionKind.Approval => agrees ? AnswerKind.Approve : AnswerKind.Refuse,
            _ => agrees ? AnswerKind.Done : AnswerKind.NotDone,
        };
        string[] by = question.Quorum > 1 ? [.. Enumerable.Range(1, question.Quorum).Select(n => $"{question.Who} {n}")] : [];
        return kind is { } word ? new PersonAnswer(word, agrees ? "" : "Everybody refuses.", null, TimeSpan.Zero, by, null, 0) : null;
    }

    private async Task<bool> AnswerAsync(Question question, Taken mine)
    {
        var (answer, who) = (mine.Answer, mine.Who);
        var fits = question.Kind switch
        {
            QuestionKind.Approval => answer.Kind is AnswerKind.Approve or AnswerKind.Refuse,
            QuestionKind.Form => answer.Kind is AnswerKind.Form or AnswerKind.Refuse,
            _ => answer.Kind is AnswerKind.Done or AnswerKind.NotDone,
        };
        var by = answer.By.Count == 0 ? who : answer.By[mine.Votes];
        mine.Votes++;
        if (!fits)
        {
            problems.Add($"line {answer.Line}: {who} is asked \"{question.Text}\" ({question.Kind}), which cannot be answered with {answer.Kind}");
            return false;
        }

        string? value = answer.Kind switch { AnswerKind.Done => QuestionText.ExampleResult(question) ?? "done", AnswerKind.NotDone => "not-done", _ => null };
        if (answer.Kind == AnswerKind.Form)
        {
            var json = new YamlJson(Path.GetRelativePath(Environment.CurrentDirectory, test.File));
            value = FormOf(question, answer, json)?.GetRawText();
            problems.AddRange(json.Problems);
        }

        try
        {
            await engine.Deciders.AnswerAsync(question.Id, new Answer(by, answer.Kind is AnswerKind.Approve or AnswerKind.Done or AnswerKind.Form, answer.Reason, clock.GetUtcNow(), value, who == UnknownOutcome ? null : who));
            return true;
        }
        catch (SoarException problem)
        {
            problems.Add($"line {answer.Line}: the answer of {who} to \"{question.Text}\" was not taken: {problem.Message}");
            return false;
        }
    }

    // What a form's field is decides what a value means: 1 may be a text.
    private static JsonElement? FormOf(Question question, PersonAnswer answer, YamlJson json)
    {
        var fields = JsonSerializer.Deserialize<FormArguments>(question.Details, SoarJson.Options)!.Fields;
        if (answer.Form is not YamlDotNet.RepresentationModel.YamlMappingNode map) return json.Read(answer.Form!, typeof(Dictionary<string, string>), "form");
        var values = new Dictionary<string, JsonElement>();
        foreach (var (key, node) in map.Children)
        {
            var name = key.ToString();
            var type = fields.FirstOrDefault(f => f.Name == name)?.Type switch { "string" or "choice" or "date" => typeof(string), "int" => typeof(long), "number" => typeof(decimal), "bool" => typeof(bool), "duration" => typeof(TimeSpan), _ => null };
            if (json.Read(node, type, $"form.{name}") is { } value) values[name] = value;
        }

        return JsonSerializer.SerializeToElement(values, SoarJson.Options);
    }

    private void Note(DateTimeOffset at)
    {
        if (Next is null || at < Next) Next = at;
    }
}
