using Soar.Engine;
using Soar.Runs;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Node;

/// <param name="Release">True: whoever had it sees to it no more.</param>
/// <param name="TakeOver">Also when another person has it.</param>
internal sealed record ClaimCall(Guid Question, string By, bool Release, bool TakeOver);

internal sealed record DelegateCall(Guid Question, string To, string Reason, string By);

/// <summary>What people do with a question besides answering it: see to it, hand it on.</summary>
internal sealed class QuestionDesk(RunStore runs, AccountStore accounts, SoarEngine engine, SoarSettings settings, TimeProvider clock)
{
    /// <summary>Whoever may answer it sees to it; the others see that, and may answer all the same.</summary>
    public async Task<Question> ClaimAsync(ClaimCall call)
    {
        var question = await FindAsync(call.Question);
        if (!call.Release) await engine.Deciders.RoleOfAsync(question, new Answer(call.By, Approve: true, "", clock.GetUtcNow()));
        return await runs.ClaimAsync(question.Id, call.Release ? null : call.By, call.By, call.TakeOver, clock.GetUtcNow());
    }

    /// <summary>Hands the caller's own say to another person.</summary>
    public async Task<Question> DelegateAsync(DelegateCall call)
    {
        var (question, to) = (await FindAsync(call.Question), call.To.Trim().ToLowerInvariant());
        if (call.Reason.Trim().Length == 0) throw new SoarException("SOAR5001", "Say why it is handed on: whoever gets it and the record need to know.");
        var role = await engine.Deciders.RoleOfAsync(question, new Answer(call.By, Approve: true, "", clock.GetUtcNow()));
        if (to.Equals(call.By, StringComparison.OrdinalIgnoreCase)) throw new SoarException("SOAR5001", $"{call.By} has it already: hand it to somebody else.");
        await KnownAsync(to);
        await engine.Deciders.RefuseBarredAsync(question, to);
        if (question.HandedOnBy(to) is null && await engine.Deciders.MayAnswerAsync(question, to)) throw new SoarException("SOAR5001", $"{to} may answer question {question.Id} anyway, with a say of their own; one person has one.");
        return await runs.DelegateAsync(question.Id, new Delegation(call.By, to, role, call.Reason.Trim(), clock.GetUtcNow()));
    }

    private async Task<Question> FindAsync(Guid id) => await runs.FindQuestionAsync(new QuestionId(id)) ?? throw new NotFoundException("question", id.ToString(), "'soar questions' lists those that are open.");

    /// <summary>A name with a typing error would wait for nobody.</summary>
    private async Task KnownAsync(string person)
    {
        var account = await accounts.FindAsync(person);
        if (account is { DisabledAt: not null }) throw new SoarException("SOAR5001", $"The account of {person} is disabled: hand it to somebody else.");
        if (account is null && !settings.People.Keys.Concat(settings.Roles.Values.SelectMany(names => names)).Contains(person, StringComparer.OrdinalIgnoreCase))
            throw new NotFoundException("person", person, "They are a user ('soar users'), or stand under people: or roles: in soar.yaml.");
    }
}
