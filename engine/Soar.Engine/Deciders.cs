using Soar.Runs;

namespace Soar.Engine;

/// <summary>Whose say counts for a question, and the taking of it: roles, the rota, what was handed on, four eyes.</summary>
public sealed class Deciders
{
    private readonly EngineParts engine;

    internal Deciders(EngineParts engine) => this.engine = engine;

    /// <summary>
    /// Takes a person's answer. Throws SOAR2034 when the question is not theirs to answer (now), SOAR2031 when a form is incomplete or an unknown outcome is answered with something else
    /// than not-done, done, or what the action gave as JSON, which says done.
    /// </summary>
    public async Task<Question> AnswerAsync(QuestionId id, Answer answer)
    {
        if (await engine.Store.FindQuestionAsync(id) is not { Status: QuestionStatus.Open } question)
            throw new NotFoundException("open question", id.ToString(), "It was answered, has expired or was withdrawn. See the open ones with: soar questions");
        if (Questions.Problem(question, answer, engine.Catalog) is { } problem) throw new SoarException("SOAR2031", problem);
        return await engine.Store.AnswerAsync(id, answer with { By = answer.By.Trim(), As = await RoleOfAsync(question, answer) });
    }

    /// <summary>The role in which this answer counts. Throws SOAR2034 when it is not this person's to give (now), saying who may and why they may not.</summary>
    public async Task<string> RoleOfAsync(Question question, Answer answer)
    {
        var role = Roles.Taken(OnDuty(question, answer.By.Trim()), question, answer);
        await RefuseBarredAsync(question, answer.By.Trim());
        return role;
    }

    private IReadOnlyDictionary<string, IReadOnlyList<string>> RolesNow => engine.Options.OnDuty is not { } duty ? engine.Options.Roles
        : engine.Options.Roles.ToDictionary(role => role.Key, role => duty(role.Key, engine.Now) ?? role.Value);

    /// <summary>Who holds which role now. Throws SOAR2034 for whoever holds one that is asked, and is not on duty.</summary>
    private IReadOnlyDictionary<string, IReadOnlyList<string>> OnDuty(Question question, string person)
    {
        var now = RolesNow;
        if (ReferenceEquals(now, engine.Options.Roles) || question.HandedTo(person) is not null || question.MayAnswer.Any(role => Roles.Holds(now, role, person))) return now;
        if (question.MayAnswer.FirstOrDefault(role => Roles.Holds(engine.Options.Roles, role, person)) is { } off)
            throw new SoarException("SOAR2034", $"Question {question.Id} is not {person}'s to answer now: {person} holds {off} but is not on duty; {string.Join(", ", now[off])} is. 'soar rota' shows who is on duty when; whoever is can hand it on.");
        return now;
    }

    /// <summary>Throws SOAR2034 when four eyes keep this person from answering.</summary>
    public async Task RefuseBarredAsync(Question question, string person)
    {
        if (await WhyBarredAsync(question, person) is { } why)
            throw new SoarException("SOAR2034", $"Question {question.Id} is not {person}'s to answer: it asks for four eyes, and {why}. Let somebody else answer who holds {question.Who}.");
    }

    /// <summary>Whether <see cref="AnswerAsync"/> would take this person's answer, as far as who they are goes.</summary>
    public async Task<bool> MayAnswerAsync(Question question, string person)
    {
        if (question.HandedOnBy(person) is not null || !question.MayAnswer.Any(role => Roles.Holds(RolesNow, role, person))) return false;
        return await WhyBarredAsync(question, person) is null;
    }

    /// <summary>Why four eyes keep this person from answering; null when they do not.</summary>
    public async Task<string?> WhyBarredAsync(Question question, string person)
    {
        if (!question.FourEyes || await engine.Store.FindAsync(question.Run) is not { } run) return null;
        if (engine.Options.AuthorsOf is { } authors && (await authors(run)).Contains(person, StringComparer.OrdinalIgnoreCase)) return $"{person} is an author of {run.Playbook} {run.PlaybookVersion}";
        // Of a sub-run, or of one that goes on where another ended, it is who started the first.
        while (run.StartedBy.StartsWith("run ", StringComparison.Ordinal) && Guid.TryParse(run.StartedBy.AsSpan(4), out var before) && await engine.Store.FindAsync(new RunId(before)) is { } earlier) run = earlier;
        return run.StartedBy.Equals(person, StringComparison.OrdinalIgnoreCase) ? $"{person} started the run" : null;
    }
}
