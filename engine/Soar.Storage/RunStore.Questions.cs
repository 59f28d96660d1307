using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;

namespace Soar.Storage;

/// <summary>Questions to people and their answers.</summary>
public sealed partial class RunStore
{
    private const string QuestionColumns = "q.id, r.id, q.ordinal, q.kind, q.who, q.text, q.details, q.asked_at, q.until, q.quorum, q.escalate_to, q.status, q.escalated_at, q.tlp, q.four_eyes, q.claimed_by, q.claimed_at, q.delegations";

    /// <inheritdoc/>
    public Task<IReadOnlyList<Question>> QuestionsAsync(RunId? run, QuestionStatus? status) => database.Readers.ReadAsync<IReadOnlyList<Question>>(reader =>
    {
        var questions = new List<Question>();
        using (var s = reader.Once($"""
            SELECT {QuestionColumns} FROM questions AS q JOIN runs AS r ON r.run_no = q.run_no
            WHERE 1 = 1{(run is null ? "" : " AND r.id = @run")}{(status is null ? "" : " AND q.status = @status")} ORDER BY q.asked_at, q.id
            """))
        {
            if (run is { } asking) s.Add(asking.Value);
            if (status is { } wanted) s.Add((long)wanted);
            while (s.Step()) questions.Add(ReadQuestion(s));
        }

        for (var i = 0; i < questions.Count; i++)
        {
            var id = questions[i].Id;
            questions[i] = questions[i] with { Answers = ReadAnswers(reader[SelectAnswers].Add(id.Value)) };
        }

        return questions;
    });

    /// <inheritdoc/>
    public Task<Question?> FindQuestionAsync(QuestionId id) => database.Readers.ReadAsync(reader =>
    {
        using var s = reader.Once($"SELECT {QuestionColumns} FROM questions AS q JOIN runs AS r ON r.run_no = q.run_no WHERE q.id = @id").Add(id.Value);
        if (!s.Step()) return null;
        var question = ReadQuestion(s);
        s.Reset();
        return question with { Answers = ReadAnswers(reader[SelectAnswers].Add(id.Value)) };
    });

    /// <inheritdoc/>
    public Task<Question> AnswerAsync(QuestionId question, Answer answer) => database.WriteAsync(session =>
    {
        var s = session[$"SELECT {QuestionColumns} FROM questions AS q JOIN runs AS r ON r.run_no = q.run_no WHERE q.id = @id"].Add(question.Value);
        if (!s.Step()) throw new NotFoundException("question", question.ToString(), "See 'soar answer' for those that are open.");
        var asked = ReadQuestion(s);
        s.Reset();
        var before = ReadAnswers(session[SelectAnswers].Add(question.Value));
        asked = asked with { Answers = before };
        if (asked.Status != QuestionStatus.Open)
            throw new SoarException("SOAR2030", $"Question {question} is closed ({asked.Status}); the answer of {answer.By} does not count. See 'soar show {asked.Run}'.");
        if (string.IsNullOrWhiteSpace(answer.By))
            throw new SoarException("SOAR2031", $"The answer to question {question} names nobody. Say who answers.");
        if (asked.AnsweredBy(answer.By))
            throw new SoarException("SOAR2030", $"{answer.By} has answered question {question} already. Somebody else must answer: {asked.Quorum} people are needed, {before.Count} answered.");

        if (asked.HandedOnBy(answer.By) is { } gone)
            throw new SoarException("SOAR2034", $"{answer.By} has handed question {question} on to {gone.To}, who answers it.");

        session["INSERT INTO answers (question_id, person, position, approve, reason, at, value, role) VALUES (@id, @person, @position, @approve, @reason, @at, @value, @role)"]
            .Add(question.Value).Add(answer.By).Add(before.Count + 1).Add(answer.Approve ? 1 : 0).Add(answer.Reason).Add(answer.At.ToUnixTimeMilliseconds()).Add(answer.Value).Add(answer.As).Run();
        var after = asked with { Answers = [.. before, answer] };
        if (!Decides(after)) return after;

        session["UPDATE questions SET status = 1 WHERE id = @id"].Add(question.Value).Run();
        var payload = JsonSerializer.SerializeToUtf8Bytes(after.Answers, SoarJson.Options);
        Receive(session, new InboxItem(asked.Run, question.ToString(), InboxKind.Answer, question.ToString(), payload, answer.At), large: null);
        return after with { Status = QuestionStatus.Answered };
    });

    /// <summary>
    /// Notes who sees to an open question, or with null that nobody does any more. Throws <see cref="NotFoundException"/>, and SOAR2030 when it is over, or another person has it and
    /// <paramref name="takeOver"/> is not said.
    /// </summary>
    /// <param name="by">Who says so.</param>
    public Task<Question> ClaimAsync(QuestionId id, string? person, string by, bool takeOver, DateTimeOffset at) => database.WriteAsync(session =>
    {
        var open = Open(session, id, by);
        if (open.ClaimedBy is { } other && !other.Equals(by, StringComparison.OrdinalIgnoreCase) && !takeOver)
            throw new SoarException("SOAR2030", $"{other} has taken up question {id} already. Take it over if you see to it instead; answering it needs no claim.");
        var since = person is null ? (DateTimeOffset?)null : at;
        session["UPDATE questions SET claimed_by = @person, claimed_at = @at WHERE id = @id"].Add(person).Add(since?.ToUnixTimeMilliseconds()).Add(id.Value).Run();
        return open with { ClaimedBy = person, ClaimedAt = Whole(since) };
    });

    /// <summary>Hands somebody's say to another person, who is told of it. Throws <see cref="NotFoundException"/>, and SOAR2030 when the question is over or either of them has answered.</summary>
    public Task<Question> DelegateAsync(QuestionId id, Delegation delegation) => database.WriteAsync(session =>
    {
        var open = Open(session, id, delegation.From);
        if (open.AnsweredBy(delegation.From) || open.AnsweredBy(delegation.To))
            throw new SoarException("SOAR2030", $"{(open.AnsweredBy(delegation.From) ? delegation.From : delegation.To)} has answered question {id} already: a say that was given is not handed on.");
        if (open.HandedOnBy(delegation.From) is { } gone) throw new SoarException("SOAR2034", $"{delegation.From} has handed question {id} on to {gone.To} already.");
        var after = open with { Delegations = [.. open.Delegations, delegation with { At = Whole(delegation.At)!.Value }] };
        session["UPDATE questions SET delegations = @all, tell_at = @at WHERE id = @id"].Add(JsonSerializer.Serialize(after.Delegations, SoarJson.Options)).Add(delegation.At.ToUnixTimeMilliseconds()).Add(id.Value).Run();
        return after;
    });

    private static Question Open(WriteSession session, QuestionId id, string by)
    {
        var s = session[$"SELECT {QuestionColumns} FROM questions AS q JOIN runs AS r ON r.run_no = q.run_no WHERE q.id = @id"].Add(id.Value);
        if (!s.Step()) throw new NotFoundException("question", id.ToString(), "See 'soar questions' for those that are open.");
        var question = ReadQuestion(s);
        s.Reset();
        return question.Status == QuestionStatus.Open
            ? question with { Answers = ReadAnswers(session[SelectAnswers].Add(id.Value)) }
            : throw new SoarException("SOAR2030", $"Question {id} is closed ({question.Status}); {by} can do nothing about it any more.");
    }

    // As it is kept.
    private static DateTimeOffset? Whole(DateTimeOffset? at) => at is { } time ? Time(time.ToUnixTimeMilliseconds()) : null;

    /// <summary>One refusal decides; approvals need the quorum; whatever is no approval is answered once.</summary>
    private static bool Decides(Question question) =>
        question.Kind != QuestionKind.Approval || !question.Answers[^1].Approve || question.Answers.Count >= question.Quorum;

    private static void Ask(WriteSession session, RunRow row, Question question) => session["""
        INSERT INTO questions (id, run_no, ordinal, kind, who, text, details, asked_at, until, quorum, escalate_to, tlp, four_eyes, status)
        VALUES (@id, @run, @ordinal, @kind, @who, @text, @details, @asked, @until, @quorum, @escalate, @tlp, @four, 0)
        ON CONFLICT DO NOTHING
        """].Add(question.Id.Value).Add(row.No).Add(question.Ordinal).Add((long)question.Kind).Add(question.Who).Add(question.Text).Add(question.Details)
        .Add(question.AskedAt.ToUnixTimeMilliseconds()).Add(question.Until?.ToUnixTimeMilliseconds()).Add(question.Quorum).Add(question.EscalateTo).Add((long?)question.Tlp).Add(question.FourEyes ? 1 : 0).Run();

    private const string SelectAnswers = "SELECT person, approve, reason, at, value, role FROM answers WHERE question_id = @id ORDER BY position";

    private static List<Answer> ReadAnswers(Statement s)
    {
        var answers = new List<Answer>();
        while (s.Step()) answers.Add(new Answer(s.Text(0), s.Int32(1) != 0, s.Text(2), Time(s.Int64(3)), s.TextOrNull(4), s.TextOrNull(5)));
        return answers;
    }

    private static Question ReadQuestion(Statement s) => new()
    {
        Id = new QuestionId(Guid.Parse(s.Text(0))),
        Run = RunId.Parse(s.Text(1)),
        Ordinal = s.Int32(2),
        Kind = (QuestionKind)s.Int32(3),
        Who = s.Text(4),
        Text = s.Text(5),
        Details = s.Text(6),
        AskedAt = Time(s.Int64(7)),
        Until = Time(s.Int64OrNull(8)),
        Quorum = s.Int32(9),
        EscalateTo = s.TextOrNull(10),
        Status = (QuestionStatus)s.Int32(11),
        EscalatedAt = Time(s.Int64OrNull(12)),
        Tlp = s.IsNull(13) ? null : (Tlp)s.Int32(13),
        FourEyes = s.Int32(14) != 0,
        ClaimedBy = s.TextOrNull(15),
        ClaimedAt = Time(s.Int64OrNull(16)),
        Delegations = s.TextOrNull(17) is { } handed ? JsonSerializer.Deserialize<List<Delegation>>(handed, SoarJson.Options)! : [],
    };
}
