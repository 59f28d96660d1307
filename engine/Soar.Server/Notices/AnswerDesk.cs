using Soar.Runs;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Notices;

/// <summary>A link that counts: whom the mail was for, and what it asks.</summary>
internal sealed record ShownLink(Notice Notice, Question Question);

/// <summary>Lets in who shows a mail's link. Whoever has no right learns no more than that.</summary>
internal sealed class AnswerDesk(NodeReader reader, NoticeStore notices, AnswerLinks links, Func<string, RunId, Task<bool>> sees, TimeProvider clock)
{
    /// <summary>So many wrong codes end a link.</summary>
    public const int MostWrong = 5;

    /// <summary>Throws SOAR6070 when the link does not count: it is none, its question is over, it was answered by this person, it was made for something else than is asked now, it had too many wrong codes, the account is disabled, or does not see it any more.</summary>
    public async Task<ShownLink> OpenAsync(string link)
    {
        if (link.Length > 100 || await notices.FindAsync(AnswerLinks.Hash(link)) is not { WrongCodes: < MostWrong } notice) throw Closed();
        if (await reader.Runs.FindQuestionAsync(notice.Question) is not { Status: QuestionStatus.Open } question || question.Until <= clock.GetUtcNow()) throw Closed();
        if (question.AnsweredBy(notice.Person) || !links.IsLink(link, notice, question)) throw Closed();
        if ((await reader.Accounts.FindAsync(notice.Person))?.DisabledAt is not null) throw Closed();
        if (!await sees(notice.Person, question.Run)) throw Closed();
        return new ShownLink(notice, question);
    }

    /// <summary>Throws SOAR6071 for a wrong code, which is counted.</summary>
    public async Task CheckAsync(ShownLink shown, string code)
    {
        if (links.IsCode(code, shown.Notice, shown.Question)) return;
        await notices.WrongCodeAsync(shown.Notice.Id);
        throw new SoarException("SOAR6071", $"This is not the code that stands in the mail with this link. After {MostWrong} wrong ones the link does not count any more.");
    }

    private static SoarException Closed() => new("SOAR6070", "This link does not count, or not any more: its question is over or was answered, or it is no link of this server. Nothing was decided. Sign in to see what waits for you.");
}
