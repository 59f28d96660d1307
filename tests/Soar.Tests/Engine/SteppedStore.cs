using Soar.Hosting;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>A store that writes on a thread of its own, seen from a world that has only one: every call is over when it returns, and what it told is told then.</summary>
internal sealed class SteppedStore : IRunStore
{
    private readonly IRunStore inner;
    private readonly Queue<RunId> arrived = new();

    public SteppedStore(IRunStore inner)
    {
        this.inner = inner;
        inner.Arrived += run =>
        {
            lock (arrived) arrived.Enqueue(run);
        };
    }

    public event Action<RunId>? Arrived;

    public Task<RunId> CreateAsync(NewRun run) => Now(() => inner.CreateAsync(run));

    public Task WriteAsync(RunWrite write) => Now(async () =>
    {
        await inner.WriteAsync(write);
        return true;
    });

    public Task<IReadOnlyList<Run>> ClaimDueAsync(string owner, DateTimeOffset now, TimeSpan lease, int max) => Now(() => inner.ClaimDueAsync(owner, now, lease, max));

    public Task<Run?> ClaimAsync(RunId run, string owner, DateTimeOffset now, TimeSpan lease) => Now(() => inner.ClaimAsync(run, owner, now, lease));

    public Task<IReadOnlyList<RunId>> RenewLeasesAsync(string owner, IReadOnlyCollection<(RunId Run, long Epoch)> runs, DateTimeOffset now, TimeSpan lease) =>
        Now(() => inner.RenewLeasesAsync(owner, runs, now, lease));

    public Task<bool> SendAsync(InboxItem item) => Now(() => inner.SendAsync(item));

    public Task<Question> AnswerAsync(QuestionId question, Answer answer) => Now(() => inner.AnswerAsync(question, answer));

    public Task LimitAsync(IReadOnlyCollection<RunLimit> limits) => Now(async () =>
    {
        await inner.LimitAsync(limits);
        return true;
    });

    public Task<InLine?> InLineAsync(RunId run) => Now(() => inner.InLineAsync(run));

    public Task<KillSwitch> SwitchOnAsync(KillSwitch killSwitch) => Now(() => inner.SwitchOnAsync(killSwitch));

    public Task<KillSwitch> SwitchOffAsync(Guid killSwitch, string by, string reason, DateTimeOffset at) => Now(() => inner.SwitchOffAsync(killSwitch, by, reason, at));

    public Task<IReadOnlyList<KillSwitch>> SwitchesAsync(bool all) => Now(() => inner.SwitchesAsync(all));

    public Task<IReadOnlyList<HeldEffect>> HeldAsync(RunId? run) => Now(() => inner.HeldAsync(run));

    public Task<DateTimeOffset?> NextWakeAsync() => Now(() => inner.NextWakeAsync());

    public Task<Run?> FindAsync(RunId run) => Now(() => inner.FindAsync(run));

    public Task<RunId?> FindTriggeredAsync(string key) => Now(() => inner.FindTriggeredAsync(key));

    public Task<Tlp?> CaseTlpAsync(string caseId) => Now(() => inner.CaseTlpAsync(caseId));

    public Task<IReadOnlyList<JournalRecord>> ReadJournalAsync(RunId run) => Now(() => inner.ReadJournalAsync(run));

    public Task<IReadOnlyList<InboxItem>> ReadInboxAsync(RunId run) => Now(() => inner.ReadInboxAsync(run));

    public Task<IReadOnlyList<Run>> ListAsync(RunStatus? status, string? playbook, int max) => Now(() => inner.ListAsync(status, playbook, max));

    public Task<IReadOnlyList<Question>> QuestionsAsync(RunId? run, QuestionStatus? status) => Now(() => inner.QuestionsAsync(run, status));

    public Task<Question?> FindQuestionAsync(QuestionId id) => Now(() => inner.FindQuestionAsync(id));

    public Task<IReadOnlyList<Containment>> ContainmentsAsync(DateTimeOffset? dueBefore, string? caseId, bool standingOnly) => Now(() => inner.ContainmentsAsync(dueBefore, caseId, standingOnly));

    public Task<Containment?> FindContainmentAsync(string action, string instance, string target) => Now(() => inner.FindContainmentAsync(action, instance, target));

    public Task<bool> UpdateContainmentAsync(Containment containment, ContainmentStatus expected) => Now(() => inner.UpdateContainmentAsync(containment, expected));

    public Task PutVersionAsync(CompiledPlaybook playbook, DateTimeOffset now) => Now(async () =>
    {
        await inner.PutVersionAsync(playbook, now);
        return true;
    });

    public Task<CompiledPlaybook?> FindVersionAsync(string hash) => Now(() => inner.FindVersionAsync(hash));

    public Task<CompiledPlaybook?> NewestVersionAsync(string playbook) => Now(() => inner.NewestVersionAsync(playbook));

    private Task<T> Now<T>(Func<Task<T>> call)
    {
        var task = Interleaving.Outside(call);
        // The writer tells what arrived before it lets its callers go on, so all of it is here when the call is over.
        while (true)
        {
            RunId run;
            lock (arrived)
            {
                if (!arrived.TryDequeue(out run)) return task;
            }

            Arrived?.Invoke(run);
        }
    }
}
