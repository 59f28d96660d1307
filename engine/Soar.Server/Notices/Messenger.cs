using Soar.Capabilities;
using Soar.Connectors;
using Soar.Runs;
using Soar.Storage;

namespace Soar.Server.Notices;

/// <summary>Hands one notice over, by mail or to the team's channel, and writes down what became of it.</summary>
internal sealed class Messenger(NotifierParts parts, Audience audience, CancellationToken stopping)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private DateTimeOffset Now => parts.Clock.GetUtcNow();

    public async Task TellAsync(Notice notice)
    {
        var question = await parts.Reader.Runs.FindQuestionAsync(notice.Question);
        if (question is not { Status: QuestionStatus.Open } || question.AnsweredBy(notice.Person))
        {
            await parts.Store.FailedAsync(notice.Id, "It was answered or over before this could be told.", Now, again: null);
            return;
        }

        var (capability, action, instance) = notice.Channel == NoticeChannel.Mail ? ("Mail", "mail.send", parts.Settings.Notify.Mail) : ("Chat", "chat.post", parts.Settings.Notify.Chat);
        var person = notice.Channel == NoticeChannel.Chat ? new Listener(notice.Person, question.Who, null, null) : audience.Of(question).FirstOrDefault(p => p.Name == notice.Person && p.Mail is not null);
        if (person is null || instance is null)
        {
            await parts.Store.FailedAsync(notice.Id, "It is not theirs to answer any more, or soar.yaml names no way to tell them.", Now, again: null);
            return;
        }

        if (notice.Channel == NoticeChannel.Mail && !await parts.Sees(notice.Person, question.Run))
        {
            await parts.Store.FailedAsync(notice.Id, Notifier.Unseen, Now, again: null);
            return;
        }

        var way = new Way(parts.Catalog.Find(action)!, instance, parts.Registry.Terms(capability, instance));
        try
        {
            await SendAsync(notice, question, person, way);
            await parts.Store.SentAsync(notice.Id, Now);
        }
        catch (ConnectorFailure failure)
        {
            // Nobody can ask a channel what was posted: saying it twice there is noise, a mail twice is the same mail.
            await FailedAsync(notice, question, way.Terms.Mask.Text(failure.Message), failure.Kind == FailureKind.Permanent || (failure.Kind == FailureKind.Unknown && notice.Channel == NoticeChannel.Chat), failure.RetryAfter);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            await FailedAsync(notice, question, $"{instance} did not take it within {Durations.Say(Patience)}.", notice.Channel == NoticeChannel.Chat, null);
        }
    }

    private sealed record Way(ActionDescriptor Action, string Instance, InstanceTerms Terms);

    private async Task SendAsync(Notice notice, Question question, Listener person, Way way)
    {
        var run = await parts.Reader.Runs.FindAsync(question.Run);
        var text = new NoticeText(notice, question, run!, person.As, parts.Settings.Notify.Address!.ToString().TrimEnd('/'));
        var cleared = question.Tlp is { } tlp && tlp <= way.Terms.ClearanceFor(way.Action);
        // More than yes or no is typed where it is checked as it is typed; and a channel is read by many.
        var link = cleared && person.Mail is not null && question.Kind is QuestionKind.Approval or QuestionKind.Todo ? parts.Links.LinkOf(notice, question) : null;
        await parts.Store.BeginAsync(notice.Id, link is null ? null : AnswerLinks.Hash(link));
        var context = new ActionContext
        {
            Run = question.Run, Step = $"question {question.Id}", Key = IdempotencyKey.For(question.Run, question.Ordinal, $"notice {notice.Id}"), Attempt = notice.Attempts + 1, Artifacts = parts.Artifacts, Tlp = question.Tlp ?? Tlp.Red,
        };
        using var patience = new CancellationTokenSource(Patience, parts.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
        var pace = way.Terms.PaceFor(way.Action, parts.Clock);
        if (pace is not null) await pace.WaitAsync(either.Token);
        using var turn = pace?.Begin();
        if (person.Mail is not { } address)
        {
            await ((IChat)parts.Registry.Find("Chat", way.Instance, simulated: false)!).PostAsync(cleared ? text.Chat : text.Bare, context, either.Token);
            return;
        }

        var body = cleared ? text.Mail(link, link is null ? null : parts.Links.CodeOf(notice, question)) : text.Bare;
        await ((IMail)parts.Registry.Find("Mail", way.Instance, simulated: false)!).SendAsync(address, cleared ? text.Subject : "[Soar] A question waits for you", body, context: context, cancellation: either.Token);
    }

    private async Task FailedAsync(Notice notice, Question question, string problem, bool forGood, TimeSpan? asked)
    {
        // 10 s, 20 s, 40 s … up to ten minutes, for as long as it matters.
        var wait = asked ?? TimeSpan.FromSeconds(Math.Min(600, 10 * Math.Pow(2, Math.Min(notice.Attempts, 10))));
        var again = forGood || question.Until <= Now + wait ? (DateTimeOffset?)null : Now + wait;
        await parts.Store.FailedAsync(notice.Id, problem, Now, again);
        parts.Log.NotTold(notice.Person, question.Id, problem);
    }
}
