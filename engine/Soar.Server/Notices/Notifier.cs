using System.Threading.Channels;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Engine;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Server.Rotas;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Notices;

/// <summary>What notifying works with.</summary>
/// <param name="Sees">Whether a person sees a run.</param>
internal sealed record NotifierParts(
    NoticeStore Store, NodeReader Reader, ConnectorRegistry Registry, ActionCatalog Catalog, SoarSettings Settings, SoarEngine Engine, Rota Rota, AnswerLinks Links, IArtifacts Artifacts, Ids Ids, TimeProvider Clock, ILogger Log, Func<string, RunId, Task<bool>> Sees);

/// <summary>
/// Tells people of questions while the server runs. First it is written whom to tell, then each is told until the other side has taken it: killed anywhere in between, nobody is forgotten, and a mail that has to
/// leave again has the same Message-ID, links and code. Kill switches and budgets do not hold it: they stop effects, and people must hear of what waits.
/// </summary>
internal sealed class Notifier : IAsyncDisposable
{
    private const int AtOnce = 200, SideBySide = 4;
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(1);

    private readonly NotifierParts parts;
    private readonly Audience audience;
    private readonly Messenger messenger;
    private readonly Channel<bool> bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource stop = new();
    private readonly ITimer timer;
    private readonly Task working;

    public Notifier(NotifierParts parts)
    {
        this.parts = parts;
        audience = new Audience(parts.Settings, parts.Rota, parts.Clock);
        messenger = new Messenger(parts, audience, stop.Token);
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
                await Parallel.ForEachAsync(await parts.Store.WaitingAsync(Now, AtOnce), new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = stop.Token }, async (notice, _) => await messenger.TellAsync(notice));
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
                await parts.Store.MakeAsync(one, live ? await NewsAsync(one, question) : [], live ? Next(question) : null);
            }
        }
        while (due.Count == AtOnce && !stop.IsCancellationRequested);
    }

    /// <summary>Those who may answer and do not know yet, or were told so long ago that they are reminded; and once, and when it escalates, the team's channel.</summary>
    private async Task<IReadOnlyList<Notice>> NewsAsync(ToTell due, Question question)
    {
        var told = await parts.Store.ListAsync(question.Id);
        var news = new List<Notice>();
        foreach (var person in parts.Settings.Notify.Mail is null ? [] : audience.Of(question))
        {
            var last = told.LastOrDefault(notice => notice.Channel == NoticeChannel.Mail && notice.Person == person.Name);
            if (last is not null && !Reminds(question, person, last)) continue;
            if (await parts.Engine.Deciders.WhyBarredAsync(question, person.Name) is null)
                news.Add(New(due, NoticeChannel.Mail, await parts.Sees(person.Name, question.Run) ? person : person with { Problem = Unseen }, due.Told));
        }

        // One round for each reason to say it: nobody reads a channel that repeats itself.
        if (parts.Settings.Notify.Chat is { } chat) news.Add(New(due, NoticeChannel.Chat, new Listener(chat, question.Who, null, null), question.EscalatedAt is null ? 0 : 1));
        return news;
    }

    /// <summary>Whoever has it in hand is reminded; while somebody has, the others are not.</summary>
    private bool Reminds(Question question, Listener person, Notice last)
    {
        var every = parts.Settings.Notify.RemindEvery;
        var mine = question.ClaimedBy is not { } claimer || claimer.Equals(person.Name, StringComparison.OrdinalIgnoreCase);
        return mine && person.Problem is null && every > TimeSpan.Zero && last.MadeAt + every <= Now;
    }

    /// <summary>When to look at it again: to remind, or because somebody else comes on duty.</summary>
    private DateTimeOffset? Next(Question question)
    {
        var every = parts.Settings.Notify.RemindEvery;
        var times = question.MayAnswer.Select(role => parts.Rota.NextChange(role, Now)).Append(every > TimeSpan.Zero ? Now + every : null).OfType<DateTimeOffset>().Where(at => question.Until is null || at < question.Until).ToList();
        return times.Count == 0 ? null : times.Min();
    }

    /// <summary>It tells nothing of what is asked.</summary>
    public const string Unseen = "They do not see what is asked about: their clearance, or the folders of playbooks that they see, do not reach it (soar users sight).";

    private Notice New(ToTell due, NoticeChannel channel, Listener person, int round) => new(
        parts.Ids.Next(), due.Question, person.Name, channel, round, Now, person.Problem is null ? NoticeState.Waiting : NoticeState.GivenUp, 0, person.Problem is null ? null : Now, person.Problem, 0);
}
