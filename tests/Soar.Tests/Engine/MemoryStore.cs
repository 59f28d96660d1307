using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Tests.Engine;

/// <summary>
/// The store's contract in memory, for simulations of many thousand writes: what is on disk elsewhere is in these dictionaries, and survives an engine. It passes the same conformance suite as
/// the real ones.
/// </summary>
internal sealed partial class MemoryStore : IRunStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<RunId, Row> rows = [];
    private readonly Dictionary<QuestionId, Question> questions = [];
    private readonly Dictionary<Guid, Containment> ledger = [];
    private readonly List<CompiledPlaybook> versions = [];
    private int order;

    public event Action<RunId>? Arrived;

    public Task<RunId> CreateAsync(NewRun run) => DoAsync(told =>
    {
        RefuseKnown([run]);
        return Insert(run, told);
    });

    public Task WriteAsync(RunWrite write) => DoAsync(told =>
    {
        Write(write, told);
        return true;
    });

    public Task<IReadOnlyList<Run>> ClaimDueAsync(string owner, DateTimeOffset now, TimeSpan lease, int max) => DoAsync<IReadOnlyList<Run>>(_ =>
        [.. rows.Values.Where(r => IsDue(r, now)).OrderBy(r => (r.Run.WakeAt ?? r.Run.LeaseUntil ?? r.Run.CreatedAt) + (int)r.Lane * Lanes.Behind).ThenBy(r => r.Order).Take(max).ToList().Select(r =>
        {
            r.Run = r.Run with { Status = RunStatus.Running };
            return Lease(r, owner, now, lease);
        })]);

    public Task<Run?> ClaimAsync(RunId run, string owner, DateTimeOffset now, TimeSpan lease) => DoAsync<Run?>(_ =>
    {
        if (!rows.TryGetValue(run, out var row)) return null;
        if (Ended(row.Run)) return row.Run;
        if (row.Place == 0) return null;
        if (row.Run.LeaseOwner is not null && row.Run.LeaseOwner != owner && row.Run.LeaseUntil > now) return null;
        if (row.Run.Status == RunStatus.Waiting) row.Run = row.Run with { Status = RunStatus.Running };
        return Lease(row, owner, now, lease);
    });

    public Task<IReadOnlyList<RunId>> RenewLeasesAsync(string owner, IReadOnlyCollection<(RunId Run, long Epoch)> runs, DateTimeOffset now, TimeSpan lease) => DoAsync<IReadOnlyList<RunId>>(_ =>
    {
        var lost = new List<RunId>();
        foreach (var (run, epoch) in runs)
        {
            if (!rows.TryGetValue(run, out var row) || row.Run.LeaseOwner != owner || row.Run.Epoch != epoch) lost.Add(run);
            else row.Run = row.Run with { LeaseUntil = now + lease };
        }

        return lost;
    });

    public Task<bool> SendAsync(InboxItem item) => DoAsync(told => Receive(item, told));

    public Task<Question> AnswerAsync(QuestionId question, Answer answer) => DoAsync(told =>
    {
        var q = questions.GetValueOrDefault(question) ?? throw new NotFoundException("question", question.ToString(), "");
        if (string.IsNullOrWhiteSpace(answer.By)) throw new SoarException("SOAR2031", "the answer names nobody");
        if (q.Status != QuestionStatus.Open || q.AnsweredBy(answer.By)) throw new SoarException("SOAR2030", "closed, or answered by this person already");
        q = q with { Answers = [.. q.Answers, answer] };
        if (q.Kind != QuestionKind.Approval || !answer.Approve || q.Answers.Count >= q.Quorum)
        {
            q = q with { Status = QuestionStatus.Answered };
            Receive(new InboxItem(q.Run, q.Id.ToString(), InboxKind.Answer, q.Id.ToString(), JsonSerializer.SerializeToUtf8Bytes(q.Answers, SoarJson.Options), answer.At), told);
        }

        return questions[question] = q;
    });

    public Task<DateTimeOffset?> NextWakeAsync() => DoAsync(_ => rows.Values.Where(r => r is { Run.Status: RunStatus.Waiting, Woken: false }).Min(r => r.Run.WakeAt));

    public Task<Run?> FindAsync(RunId run) => DoAsync(_ => rows.GetValueOrDefault(run)?.Run);

    public Task<RunId?> FindTriggeredAsync(string key) => DoAsync(_ => rows.Values.FirstOrDefault(r => r.Run.TriggerKey == key)?.Run.Id);

    // It keeps no cases.
    public Task<Tlp?> CaseTlpAsync(string caseId) => DoAsync<Tlp?>(_ => null);

    public Task<IReadOnlyList<JournalRecord>> ReadJournalAsync(RunId run) => DoAsync<IReadOnlyList<JournalRecord>>(_ => rows.TryGetValue(run, out var row) ? [.. row.Journal] : []);

    public Task<IReadOnlyList<InboxItem>> ReadInboxAsync(RunId run) => DoAsync<IReadOnlyList<InboxItem>>(_ => rows.TryGetValue(run, out var row) ? [.. row.Inbox.Where(i => !row.Consumed.Contains(i.Id))] : []);

    public Task<IReadOnlyList<Run>> ListAsync(RunStatus? status, string? playbook, int max) =>
        DoAsync<IReadOnlyList<Run>>(_ => [.. rows.Values.Select(r => r.Run).Where(r => (status is null || r.Status == status) && (playbook is null || r.Playbook == playbook)).Reverse().Take(max)]);

    public Task<IReadOnlyList<Question>> QuestionsAsync(RunId? run, QuestionStatus? status) =>
        DoAsync<IReadOnlyList<Question>>(_ => [.. questions.Values.Where(q => (run is null || q.Run == run) && (status is null || q.Status == status)).OrderBy(q => q.AskedAt).ThenBy(q => q.Ordinal)]);

    public Task<Question?> FindQuestionAsync(QuestionId id) => DoAsync(_ => questions.GetValueOrDefault(id));

    public Task<IReadOnlyList<Containment>> ContainmentsAsync(DateTimeOffset? dueBefore, string? caseId, bool standingOnly) => DoAsync<IReadOnlyList<Containment>>(_ =>
        [.. ledger.Values.Where(c => (dueBefore is null || (c.Status == ContainmentStatus.Active && c.Until <= dueBefore)) && (caseId is null || c.Holders.Any(h => h.CaseId == caseId)) && (!standingOnly || c.Status != ContainmentStatus.Lifted))
            .OrderBy(c => c.Status == ContainmentStatus.Lifted)]);

    public Task<Containment?> FindContainmentAsync(string action, string instance, string target) => DoAsync(_ => Standing(action, instance, target));

    public Task<bool> UpdateContainmentAsync(Containment containment, ContainmentStatus expected) => DoAsync(_ =>
    {
        if (ledger.TryGetValue(containment.Id, out var stored) && (stored.Status != expected || stored.Version != containment.Version)) return false;
        RefuseSecond(containment);
        Put(containment);
        return true;
    });

    public Task PutVersionAsync(CompiledPlaybook playbook, DateTimeOffset now) => DoAsync(_ =>
    {
        versions.RemoveAll(v => v.Hash == playbook.Hash);
        versions.Add(playbook with { AssemblyPath = "" });
        return true;
    });

    public Task<CompiledPlaybook?> FindVersionAsync(string hash) => DoAsync(_ => versions.Find(v => v.Hash == hash));

    public Task<CompiledPlaybook?> NewestVersionAsync(string playbook) => DoAsync(_ => versions.FindLast(v => v.Header.Name == playbook));

    private Task<T> DoAsync<T>(Func<HashSet<RunId>, T> change)
    {
        var told = new HashSet<RunId>();
        T result;
        try
        {
            lock (gate) result = change(told);
        }
        catch (SoarException e)
        {
            return Task.FromException<T>(e);
        }

        foreach (var run in told) Arrived?.Invoke(run);
        return Task.FromResult(result);
    }

    private void RefuseKnown(IReadOnlyList<NewRun> created)
    {
        foreach (var run in created.Where(c => c.Run.TriggerKey is not { } key || rows.Values.All(r => r.Run.TriggerKey != key)).Select(c => c.Run.Id))
        {
            if (rows.ContainsKey(run) || created.Count(c => c.Run.Id == run) > 1) throw new SoarException("SOAR3009", $"run {run} exists already");
        }
    }

    private void RefuseSecond(Containment c)
    {
        if (c.Status != ContainmentStatus.Lifted && Standing(c.Action, c.Instance, c.Target) is { } other && other.Id != c.Id) throw new ContainmentChangedException(c.Action, c.Instance, c.Target);
    }

    /// <summary>Holders are added or replaced, never removed, and nobody's time is shortened by another's write.</summary>
    private void Put(Containment c)
    {
        var before = ledger.GetValueOrDefault(c.Id)?.Holders ?? [];
        var holders = before.Where(h => !c.Holders.Any(n => n.Run == h.Run && n.Ordinal == h.Ordinal)).Concat(c.Holders).OrderBy(h => h.Run.ToString(), StringComparer.Ordinal).ThenBy(h => h.Ordinal).ToList();
        var holding = holders.Where(h => h.ReleasedAt is null).ToList();
        var until = c.Until is null || holding.Count == 0 ? c.Until : holding.Exists(h => h.Until is null) ? null : new[] { c.Until, holding.Max(h => h.Until) }.Max();
        ledger[c.Id] = c with { Version = c.Version + 1, Holders = holders, Until = until };
    }

    private RunId Insert(NewRun created, HashSet<RunId> told, int? place = null)
    {
        if (created.Run.TriggerKey is { } key && rows.Values.FirstOrDefault(r => r.Run.TriggerKey == key) is { } existing) return existing.Run.Id;
        place ??= PlaceFor(created.Run);
        if (place == 0) created = created with { Run = created.Run with { LeaseOwner = null, LeaseUntil = null } };
        var leased = created.Run.LeaseOwner is not null;
        var row = new Row { Run = created.Run with { Epoch = leased ? 1 : 0 }, Order = order++, Lane = created.Lane };
        Put(row, place);
        row.Journal.Add(new JournalRecord(1, created.Run.CreatedAt.ToUnixTimeMilliseconds(), JournalKind.Started, -1, default, "", "", 0, created.Started));
        rows.Add(created.Run.Id, row);
        if (!leased && place != 0) told.Add(created.Run.Id);
        return created.Run.Id;
    }

    private void Write(RunWrite write, HashSet<RunId> told)
    {
        // First everything that can be refused, so that a refusal has written nothing.
        if (!rows.TryGetValue(write.Run, out var row)) throw new NotFoundException("run", write.Run.ToString(), "");
        if (row.Run.Epoch != write.Epoch || (row.Run.LeaseOwner is null && !(Ended(row.Run) && write.Status == RunStatus.Running))) throw new LeaseLostException(write.Run, write.Epoch);
        foreach (var c in write.Containments)
        {
            if ((ledger.GetValueOrDefault(c.Id)?.Version ?? 0) != c.Version) throw new ContainmentChangedException(c.Action, c.Instance, c.Target);
            RefuseSecond(c);
        }

        RefuseBegins(row, write);
        foreach (var item in write.Send)
            if (!rows.ContainsKey(item.Run)) throw new NotFoundException("run", item.Run.ToString(), "");
        RefuseKnown(write.Successor is null ? write.Children : [.. write.Children, write.Successor]);
        if (write.Records.Any(r => row.Seqs.Contains(r.Seq)) || write.Records.DistinctBy(r => r.Seq).Count() < write.Records.Count) throw new SoarException("SOAR3009", "a sequence number was used already");

        row.Journal.AddRange(write.Records);
        row.Seqs.UnionWith(write.Records.Select(r => r.Seq));
        foreach (var c in write.Containments) Put(c);
        Count(row, write);
        foreach (var id in write.Consume) row.Consumed.Add(id);
        foreach (var q in write.Ask)
            if (!questions.Values.Any(o => o.Run == q.Run && o.Ordinal == q.Ordinal && o.Kind == q.Kind && o.Status == QuestionStatus.Open)) questions.TryAdd(q.Id, q);
        foreach (var (id, at) in write.Escalate)
        {
            if (questions.TryGetValue(id, out var q) && q is { Status: QuestionStatus.Open, EscalatedAt: null }) questions[id] = q with { EscalatedAt = at };
        }

        foreach (var (id, status) in write.CloseQuestions)
        {
            if (questions.TryGetValue(id, out var q) && q.Status == QuestionStatus.Open) questions[id] = q with { Status = status };
        }

        foreach (var child in write.Children) Insert(child, told);
        row.Run = row.Run with { CaseId = write.CaseId ?? row.Run.CaseId, Deaths = write.Deaths ?? row.Run.Deaths, Result = write.Result ?? row.Run.Result };
        if (write.Status is { } to) Turn(row, write, to, told);
        // After the change of status, so that a run may write to itself and be woken by it.
        foreach (var item in write.Send) Receive(item, told);
    }

    private void Turn(Row row, RunWrite write, RunStatus to, HashSet<RunId> told)
    {
        row.Run = row.Run with { Status = to, WakeAt = to == RunStatus.Waiting ? write.WakeAt : null, WaitsFor = to == RunStatus.Waiting ? write.WaitsFor : null };
        row.Woken = false;
        if (to == RunStatus.Running)
        {
            if (row.Run.LeaseOwner is null)
            {
                row.Run = row.Run with { Result = null, EndedAt = null };
                Put(row, PlaceFor(row.Run));
                if (row.Place != 0) told.Add(write.Run);
            }

            return;
        }

        row.Run = row.Run with { LeaseOwner = null, LeaseUntil = null, EndedAt = Ended(row.Run) ? DateTimeOffset.UnixEpoch : null };
        if (Ended(row.Run))
        {
            foreach (var q in questions.Values.Where(q => q.Run == write.Run && q.Status == QuestionStatus.Open).ToList()) questions[q.Id] = q with { Status = QuestionStatus.Withdrawn };
            var place = row.Place;
            Put(row, null);
            if (write.Successor is not { } successor)
            {
                Fill(told);
                return;
            }

            row.Run = row.Run with { Successor = Insert(successor, told, place) };
            if (row.Inbox.Find(i => i.Kind == InboxKind.Cancel && !row.Consumed.Contains(i.Id)) is { } cancel) Receive(cancel with { Run = successor.Run.Id }, told);
            return;
        }

        row.Woken = row.Inbox.Any(i => !row.Consumed.Contains(i.Id) && i.Arrival > write.InboxSeen && WokenBy(to, i.Kind));
        if (row.Woken) told.Add(write.Run);
    }

    private bool Receive(InboxItem item, HashSet<RunId> told)
    {
        if (!rows.TryGetValue(item.Run, out var row)) throw new NotFoundException("run", item.Run.ToString(), "");
        if (Ended(row.Run)) return item.Kind == InboxKind.Cancel && row.Run.Successor is { } successor && Receive(item with { Run = successor }, told);
        if (row.Inbox.Any(i => i.Id == item.Id)) return false;
        if (row.Place == 0 && item.Kind == InboxKind.Cancel) Put(row, 1);
        row.Inbox.Add(item with { Arrival = row.Inbox.Count + 1 });
        if (row.Run.Status != RunStatus.Running && WokenBy(row.Run.Status, item.Kind)) row.Woken = true;
        told.Add(item.Run);
        return true;
    }

    private static bool WokenBy(RunStatus status, InboxKind kind) => status == RunStatus.Waiting || kind is InboxKind.Resume or InboxKind.Cancel;

    private static bool IsDue(Row row, DateTimeOffset now) => row.Place != 0 && IsDueOnceSeated(row, now);

    private static bool IsDueOnceSeated(Row row, DateTimeOffset now) => row.Run.Status == RunStatus.Running || row.Run.LeaseOwner is not null
        ? !Ended(row.Run) && (row.Run.LeaseOwner is null || row.Run.LeaseUntil <= now)
        : !Ended(row.Run) && (row.Woken || row.Run.WakeAt <= now);

    private static Run Lease(Row row, string owner, DateTimeOffset now, TimeSpan lease)
    {
        row.Woken = false;
        return row.Run = row.Run with { Epoch = row.Run.Epoch + 1, LeaseOwner = owner, LeaseUntil = now + lease, WakeAt = row.Run.Status == RunStatus.Running ? null : row.Run.WakeAt, WaitsFor = null };
    }

    private Containment? Standing(string action, string instance, string target) =>
        ledger.Values.FirstOrDefault(c => c.Status != ContainmentStatus.Lifted && c.Action == action && c.Instance == instance && c.Target == target);

    private static bool Ended(Run run) => run.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;

    private sealed class Row
    {
        public required Run Run { get; set; }
        public int Order { get; init; }
        public Lane Lane { get; init; }
        public int? Place { get; set; }
        public List<JournalRecord> Journal { get; } = [];
        public HashSet<int> Seqs { get; } = [1];
        public List<InboxItem> Inbox { get; } = [];
        public HashSet<string> Consumed { get; } = [];
        public bool Woken { get; set; }
    }
}
