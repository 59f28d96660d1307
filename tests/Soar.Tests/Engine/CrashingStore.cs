using Soar.Hosting;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>One engine's connection to the store, which dies just before or just after its n-th change: from then on nothing gets through and nothing is answered.</summary>
internal sealed class CrashingStore(IRunStore inner, int crashAt, bool after) : IRunStore
{
    private int changes;
    private volatile bool crashed;

    public bool Crashed => crashed;

    /// <summary>It dies now.</summary>
    public void Crash() => crashed = true;

    /// <summary>Changes that reached the store.</summary>
    public int Changes => Volatile.Read(ref changes);

    public event Action<RunId>? Arrived
    {
        add => inner.Arrived += value;
        remove => inner.Arrived -= value;
    }

    public Task<RunId> CreateAsync(NewRun run) => ChangeAsync(() => inner.CreateAsync(run));

    public Task WriteAsync(RunWrite write) => ChangeAsync(async () =>
    {
        await inner.WriteAsync(write);
        return true;
    });

    public Task<bool> SendAsync(InboxItem item) => ChangeAsync(() => inner.SendAsync(item));

    public Task<Question> AnswerAsync(QuestionId question, Answer answer) => ChangeAsync(() => inner.AnswerAsync(question, answer));

    public Task<bool> UpdateContainmentAsync(Containment containment, ContainmentStatus expected) => ChangeAsync(() => inner.UpdateContainmentAsync(containment, expected));

    // It changes nothing where it was said before: no instant of its own.
    public async Task LimitAsync(IReadOnlyCollection<RunLimit> limits) => await AskAsync(async () =>
    {
        await inner.LimitAsync(limits);
        return true;
    });

    public Task<InLine?> InLineAsync(RunId run) => AskAsync(() => inner.InLineAsync(run));

    public Task<KillSwitch> SwitchOnAsync(KillSwitch killSwitch) => ChangeAsync(() => inner.SwitchOnAsync(killSwitch));

    public Task<KillSwitch> SwitchOffAsync(Guid killSwitch, string by, string reason, DateTimeOffset at) => ChangeAsync(() => inner.SwitchOffAsync(killSwitch, by, reason, at));

    public Task<IReadOnlyList<KillSwitch>> SwitchesAsync(bool all) => AskAsync(() => inner.SwitchesAsync(all));

    public Task<IReadOnlyList<HeldEffect>> HeldAsync(RunId? run) => AskAsync(() => inner.HeldAsync(run));

    public Task<IReadOnlyList<Run>> ClaimDueAsync(string owner, DateTimeOffset now, TimeSpan lease, int max) => AskAsync(() => inner.ClaimDueAsync(owner, now, lease, max));

    public Task<Run?> ClaimAsync(RunId run, string owner, DateTimeOffset now, TimeSpan lease) => AskAsync(() => inner.ClaimAsync(run, owner, now, lease));

    public Task<IReadOnlyList<RunId>> RenewLeasesAsync(string owner, IReadOnlyCollection<(RunId Run, long Epoch)> runs, DateTimeOffset now, TimeSpan lease) =>
        AskAsync(() => inner.RenewLeasesAsync(owner, runs, now, lease));

    public Task<DateTimeOffset?> NextWakeAsync() => AskAsync(inner.NextWakeAsync);

    public Task<Run?> FindAsync(RunId run) => AskAsync(() => inner.FindAsync(run));

    public Task<RunId?> FindTriggeredAsync(string key) => AskAsync(() => inner.FindTriggeredAsync(key));

    public Task<Tlp?> CaseTlpAsync(string caseId) => AskAsync(() => inner.CaseTlpAsync(caseId));

    public Task<IReadOnlyList<JournalRecord>> ReadJournalAsync(RunId run) => AskAsync(() => inner.ReadJournalAsync(run));

    public Task<IReadOnlyList<InboxItem>> ReadInboxAsync(RunId run) => AskAsync(() => inner.ReadInboxAsync(run));

    public Task<IReadOnlyList<Run>> ListAsync(RunStatus? status, string? playbook, int max) => AskAsync(() => inner.ListAsync(status, playbook, max));

    public Task<IReadOnlyList<Question>> QuestionsAsync(RunId? run, QuestionStatus? status) => AskAsync(() => inner.QuestionsAsync(run, status));

    public Task<Question?> FindQuestionAsync(QuestionId id) => AskAsync(() => inner.FindQuestionAsync(id));

    public Task<IReadOnlyList<Containment>> ContainmentsAsync(DateTimeOffset? dueBefore, string? caseId, bool standingOnly) => AskAsync(() => inner.ContainmentsAsync(dueBefore, caseId, standingOnly));

    public Task<Containment?> FindContainmentAsync(string action, string instance, string target) => AskAsync(() => inner.FindContainmentAsync(action, instance, target));

    public async Task PutVersionAsync(CompiledPlaybook playbook, DateTimeOffset now) => await AskAsync(async () =>
    {
        await inner.PutVersionAsync(playbook, now);
        return true;
    });

    public Task<CompiledPlaybook?> FindVersionAsync(string hash) => AskAsync(() => inner.FindVersionAsync(hash));

    public Task<CompiledPlaybook?> NewestVersionAsync(string playbook) => AskAsync(() => inner.NewestVersionAsync(playbook));

    private Task<T> AskAsync<T>(Func<Task<T>> ask) => crashed ? Task.FromException<T>(new CrashException()) : ask();

    private async Task<T> ChangeAsync<T>(Func<Task<T>> change)
    {
        if (crashed) throw new CrashException();
        var mine = Interlocked.Increment(ref changes);
        if (mine == crashAt && !after) crashed = true;
        if (crashed) throw new CrashException();
        T result;
        try
        {
            result = await change();
        }
        finally
        {
            // Also just after one that the store refuses: an effect that is held, a budget that is spent.
            if (mine == crashAt) crashed = true;
        }

        return crashed ? throw new CrashException() : result;
    }
}

internal sealed class CrashException() : Exception("The process is dead.");
