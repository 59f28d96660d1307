using System.Threading.Channels;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Engine;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Notices;

/// <summary>What notifying works with.</summary>
internal sealed record NotifierParts(
    NoticeStore Store, NodeReader Reader, ConnectorRegistry Registry, ActionCatalog Catalog, SoarSettings Settings, SoarEngine Engine, AnswerLinks Links, IArtifacts Artifacts, Ids Ids, TimeProvider Clock, ILogger Log);

/// <summary>
/// Tells people of questions while the server runs. First it is written whom to tell, then each is told until the other side has taken it: killed anywhere in between, nobody is forgotten, and a mail that has to
/// leave again has the same Message-ID, links and code. Kill switches and budgets do not hold it: they stop effects, and people must hear of what waits.
/// </summary>
internal sealed class Notifier : IAsyncDisposable
{
    private const int AtOnce = 200, SideBySide = 4;
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromMinutes(2);

    private readonly NotifierParts parts;
    private readonly Audience audience;
    private readonly Channel<bool> bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource stop = new();
    private readonly ITimer timer;
    private readonly Task working;

    public Notifier(NotifierParts parts)
    {
        this.parts = parts;
        audience = new Audience(parts.Settings);
        timer = parts.Clock.CreateTimer(_ => Look(), null, Often, Often);
        working = Task.Run(RunAsync);
        Look();
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        await stop.CancelAsync();
        bell.Writer.TryComplete();
        await working;
        stop.Dispose();
    }

    private void Look() => bell.Writer.TryWrite(true);

    private async Task RunAsync()
    {
        await foreach (var _ in bell.Reader.ReadAllAsync())
        {
            try
            {
                await MakeAsync();
                await Parallel.ForEachAsync(await parts.Store.WaitingAsync(Now, AtOnce), new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = stop.Token }, async (notice, _) => await TellAsync(notice));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return; // what was not told waits for the next server
            }
            catch (Exception e) // dispatch: the store is away; the timer looks again
            {
                parts.Log.NoticesFailed(e);
            }
        }
    }

    private DateTimeOffset Now => parts.Clock.GetUtcNow();

    /// <summary>Writes down whom to tell of what was asked or escalated.</summary>
    private async Task MakeAsync()
    {
        IReadOnlyList<ToTell> due;
        do
        {
            due = await parts.Store.ToTellAsync(Now, AtOnce);
            foreach (var one in due)
            {
                if (await parts.Reader.Runs.FindQuestionAsync(one.Question) is not { Status: QuestionStatus.Open } question) continue;
                // Whoever tries something out without effects sits in front of it.
                var live = (await parts.Reader.Runs.FindAsync(question.Run))?.Mode == RunMode.Live;
                await parts.Store.MakeAsync(one, live ? [.. (await NewsForAsync(question)).Select(person => New(one, person))] : [], next: null);
            }
        }
        while (due.Count == AtOnce && !stop.IsCancellationRequested);
    }

    /// <summary>Those who may answer and do not know yet.</summary>
    private async Task<IReadOnlyList<Listener>> NewsForAsync(Question question)
    {
        var told = (await parts.Store.ListAsync(question.Id)).Select(notice => notice.Person).ToHashSet();
        var news = new List<Listener>();
        foreach (var person in audience.Of(question))
            if (!told.Contains(person.Name) && await parts.Engine.WhyBarredAsync(question, person.Name) is null) news.Add(person);
        return news;
    }

    private Notice New(ToTell due, Listener person) => new(
        parts.Ids.Next(), due.Question, person.Name, NoticeChannel.Mail, due.Told, Now, person.Problem is null ? NoticeState.Waiting : NoticeState.GivenUp, 0, person.Problem is null ? null : Now, person.Problem, 0);

    private async Task TellAsync(Notice notice)
    {
        var question = await parts.Reader.Runs.FindQuestionAsync(notice.Question);
        if (question is not { Status: QuestionStatus.Open } || question.AnsweredBy(notice.Person))
        {
            await parts.Store.FailedAsync(notice.Id, "It was answered or over before this could be told.", Now, again: null);
            return;
        }

        if (audience.Of(question).FirstOrDefault(p => p.Name == notice.Person) is not { Mail: { } address } person)
        {
            await parts.Store.FailedAsync(notice.Id, "It is not this person's to answer any more, or soar.yaml has no mail address for them.", Now, again: null);
            return;
        }

        var instance = parts.Settings.Notify.Mail!;
        var (action, terms) = (parts.Catalog.Find("mail.send")!, parts.Registry.Terms("Mail", instance));
        try
        {
            await SendAsync(notice, question, person, address, action, instance, terms);
            await parts.Store.SentAsync(notice.Id, Now);
        }
        catch (ConnectorFailure failure)
        {
            await FailedAsync(notice, question, terms.Mask.Text(failure.Message), failure.Kind == FailureKind.Permanent, failure.RetryAfter);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            await FailedAsync(notice, question, $"{instance} did not take it within {Durations.Say(Patience)}.", forGood: false, null);
        }
    }

    private async Task SendAsync(Notice notice, Question question, Listener person, EmailAddress address, ActionDescriptor action, string instance, InstanceTerms terms)
    {
        var run = await parts.Reader.Runs.FindAsync(question.Run);
        var text = new NoticeText(notice, question, run!, person.As, parts.Settings.Notify.Address!.ToString().TrimEnd('/'));
        var cleared = question.Tlp is { } tlp && tlp <= terms.ClearanceFor(action);
        // More than yes or no is typed where it is checked as it is typed.
        var link = cleared && question.Kind is QuestionKind.Approval or QuestionKind.Todo ? parts.Links.LinkOf(notice, question) : null;
        await parts.Store.BeginAsync(notice.Id, link is null ? null : AnswerLinks.Hash(link));
        var body = cleared ? text.Mail(link, link is null ? null : parts.Links.CodeOf(notice, question)) : text.Bare;
        var context = new ActionContext
        {
            Run = question.Run, Step = $"question {question.Id}", Key = IdempotencyKey.For(question.Run, question.Ordinal, $"notice {notice.Id}"), Attempt = notice.Attempts + 1, Artifacts = parts.Artifacts, Tlp = question.Tlp ?? Tlp.Red,
        };
        using var patience = new CancellationTokenSource(Patience, parts.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop.Token);
        var pace = terms.PaceFor(action, parts.Clock);
        if (pace is not null) await pace.WaitAsync(either.Token);
        using var turn = pace?.Begin();
        await ((IMail)parts.Registry.Find("Mail", instance, simulated: false)!).SendAsync(address, cleared ? text.Subject : "[Soar] A question waits for you", body, context: context, cancellation: either.Token);
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
