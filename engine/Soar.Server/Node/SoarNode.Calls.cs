using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Accounts;
using Soar.Server.Credentials;
using Soar.Server.Settings;

namespace Soar.Server.Node;

// What a node does for each call, and how a run is followed.
internal sealed partial class SoarNode
{
    /// <summary>One call of another command, or of this process's own. What is done stands here, so that it is four calls at most from here to the SQL (<c>HopBudgetTests</c>).</summary>
    public async Task<object?> HandleAsync(string call, JsonElement arguments, Actor actor, Func<object, Task> send, CancellationToken cancellation)
    {
        T Read<T>() => arguments.Deserialize<T>(SoarJson.Options)!;
        object? done = null;
        string? refusal = null;
        try
        {
            switch (call)
            {
                case Calls.Ping:
                    return engine.Health();
                case Calls.Run:
                    RunId? started = null;
                    return await FollowAsync(async () => started = (RunId)(await HandleAsync(Calls.Start, arguments, actor, send, cancellation))!, () => started!.Value, throughWaits: false, send, cancellation);
                case Calls.Start:
                    var start = Read<RunCall>();
                    var playbook = await ToRunAsync(start, cancellation);
                    var inputs = InputText.Read(playbook.Header, start.Inputs);
                    foreach (var warning in await new PlaybookWarnings(tools, Reader).OfRunAsync(playbook, start.Playbook))
                        await send(new RunEvent(default, RunEventKind.Warned, clock.GetUtcNow(), Detail: PlaybookWarnings.Text(warning)));
                    return done = await engine.StartAsync(playbook, new StartRequest { Alert = start.Alert, Inputs = inputs, Mode = start.Mode, StartedBy = start.By });
                case Calls.Follow:
                    var follow = Read<FollowCall>();
                    Func<Task>? begin = follow.Change is null ? null : () => HandleAsync(follow.Change, follow.Arguments!.Value, actor, send, cancellation);
                    return await FollowAsync(begin, () => follow.Run, follow.ThroughWaits, send, cancellation);
                case Calls.Answer:
                    var answer = Read<AnswerCall>();
                    return await engine.Deciders.AnswerAsync(new QuestionId(answer.Question), Answers.Of(answer, clock.GetUtcNow()));
                case Calls.Claim:
                    return await Questions.ClaimAsync(Read<ClaimCall>());
                case Calls.Delegate:
                    return await Questions.DelegateAsync(Read<DelegateCall>());
                case Calls.Signal:
                    var signal = Read<SignalCall>();
                    return await engine.SignalAsync(signal.Run, signal.Name, JsonDocument.Parse(signal.ValueJson).RootElement, signal.Id);
                case Calls.Cancel:
                    var cancel = Read<ControlCall>();
                    return await engine.CancelAsync(cancel.Run, cancel.By, cancel.Reason);
                case Calls.Pause:
                    var pause = Read<ControlCall>();
                    return await engine.PauseAsync(pause.Run, pause.By, pause.Reason);
                case Calls.Resume:
                    var resume = Read<ControlCall>();
                    await engine.ResumeAsync(resume.Run, resume.By, resume.Reason);
                    return true;
                case Calls.Lift when Read<LiftCall>() is { CaseId: { } ofCase } all:
                    var held = await engine.LiftCaseAsync((await cases.FindAsync(ofCase) ?? throw NodeReader.NoCase(ofCase)).Id.ToString(), all.By, all.Reason);
                    var rows = (await runs.ContainmentsAsync(null, null, standingOnly: false)).ToDictionary(c => c.Id);
                    return held.Select(one => Lifted(rows[one.Containment], one.Status, one.Problem)).ToArray();
                case Calls.Lift:
                    var lift = Read<LiftCall>();
                    var status = await engine.LiftAsync(lift.Containment!.Value, lift.By, force: lift.Force, reason: lift.Reason);
                    return new[] { Lifted((await runs.ContainmentsAsync(null, null, standingOnly: false)).First(c => c.Id == lift.Containment), status, null) };
                case Calls.StopEffects:
                    var stop = Read<StopEffectsCall>();
                    // A switch that holds nothing because of a typing error would be believed in.
                    if (stop.Connector is { } named && !tools.Registry.Instances.Any(i => i.Name.Equals(named, StringComparison.OrdinalIgnoreCase)))
                        throw new NotFoundException("connector instance", named, "'soar connectors' lists them.");
                    return done = await engine.StopEffectsAsync(stop.By, stop.Reason, stop.Connector, stop.Effect, stop.Playbook);
                case Calls.AllowEffects:
                    var allow = Read<AllowEffectsCall>();
                    return await engine.AllowEffectsAsync(allow.Switch, allow.By, allow.Reason);
                case Calls.AskAgain:
                    return await alerts.ReopenAsync(Read<AskAgainCall>().Alert);
                case Calls.ImportList:
                    var import = Read<ImportListCall>();
                    return done = await lists.ImportAsync(import.Name, new StringReader(import.Csv), import.By, cancellation);
                case Calls.Publish:
                    return done = await Publishing.PublishAsync(Read<PublishCall>(), cancellation);
                case Calls.RollBack:
                    return await Publishing.RollBackAsync(Read<RollBackCall>(), cancellation);
                case Calls.ChangeCase:
                    var edit = Read<ChangeCaseCall>();
                    return await cases.ChangeAsync(edit.Case, edit.Edit, edit.By, clock.GetUtcNow());
                case Calls.NoteCase:
                    var note = Read<NoteCaseCall>();
                    return await cases.NoteAsync(note.Case, note.Text, note.By, clock.GetUtcNow());
                case Calls.AddTask:
                    var task = Read<AddTaskCall>();
                    return done = await cases.AddTaskAsync(task.Case, task.Title, task.Assignee, task.Due, task.By, clock.GetUtcNow());
                case Calls.ChangeTask:
                    var change = Read<ChangeTaskCall>();
                    return await cases.ChangeTaskAsync(change.Case, change.Number, change.Edit, change.By, clock.GetUtcNow());
                case Calls.MergeCase:
                    var merge = Read<MergeCaseCall>();
                    return await cases.MergeAsync(merge.Case, merge.Into, merge.Reason, merge.By, clock.GetUtcNow());
                case Calls.SplitCase:
                    var split = Read<SplitCaseCall>();
                    return done = await cases.SplitAsync(split.Case, split.Title, split.Alerts, split.Runs, split.By, clock.GetUtcNow());
                case Calls.HoldCase:
                    var hold = Read<HoldCaseCall>();
                    return await cases.HoldAsync(hold.Case, hold.Reason, hold.By, clock.GetUtcNow());
                case Calls.ReleaseCase:
                    var release = Read<HoldCaseCall>();
                    return await cases.ReleaseAsync(release.Case, release.Reason, release.By, clock.GetUtcNow());
                case Calls.ApplyRetention:
                    return done = Read<RetentionCall>().DryRun ? await Retention.LookAsync() : await Retention.SweepAsync(cancellation);
                case Calls.Backup:
                    return await database.BackupAsync(Read<BackupCall>().Folder);
                case Calls.SetUp:
                    return await Logins.SetUpAsync(Read<SetUpCall>());
                case Calls.SignIn:
                    return await Logins.SignInAsync(Read<SignInCall>());
                case Calls.SignOut:
                    return await Logins.SignOutAsync(Read<SignOutCall>());
                case Calls.AddUser:
                    return await Logins.AddUserAsync(Read<AddUserCall>());
                case Calls.ChangeUser:
                    return await Logins.ChangeUserAsync(Read<ChangeUserCall>());
                case Calls.OfferCode:
                    return await Logins.OfferCodeAsync(Read<OfferCodeCall>());
                case Calls.SetPassword:
                    return done = await Logins.SetPasswordAsync(Read<SetPasswordCall>());
                case Calls.AddToken:
                    return done = await Logins.AddTokenAsync(Read<AddTokenCall>());
                case Calls.SetTotp:
                    return await Logins.SetTotpAsync(Read<SetTotpCall>());
                case Calls.RemoveTotp:
                    return await Logins.RemoveTotpAsync(Read<RemoveTotpCall>());
                case Calls.SetCredential:
                    return done = await Vault.SetAsync(Read<SetCredentialCall>());
                case Calls.RemoveCredential:
                    return await Vault.RemoveAsync(Read<RemoveCredentialCall>());
                case Calls.RotateCredentials:
                    return done = await Vault.RotateAsync(cancellation);
                case Calls.UseCredential:
                    return await Vault.UsedAsync(Read<UseCredentialCall>());
                case Calls.RemoveLogin:
                    return await ProviderLogins.RemoveAsync(Read<RemoveLoginCall>());
                case Calls.RevokeToken:
                    return await Logins.RevokeTokenAsync(Read<RevokeTokenCall>());
                default:
                    throw new SoarException("SOAR5003", $"This soar does not know the call '{call}': the command and the process that owns the store are different versions.");
            }
        }
        catch (Exception refused)
        {
            refusal = AuditTrail.Refusal(refused);
            throw;
        }
        finally
        {
            await audit.RecordAsync(call, arguments, actor, done, refusal);
        }
    }

    /// <summary>
    /// What a start takes: by name the current version where one is published; a file only where that is what is published (any, for a dry run). Throws SOAR2076.
    /// </summary>
    public async Task<CompiledPlaybook> ToRunAsync(RunCall start, CancellationToken cancellation)
    {
        if (start.Name is { } name && (start.Playbook.Length == 0 || await playbooks.CurrentAsync(name) is not null)) return await playbooks.ByNameAsync(name, cancellation);
        // One line for 'soar do' is nobody's version.
        var any = start.Mode != RunMode.Live || Path.GetFileNameWithoutExtension(start.Playbook) == Commands.OneLine.Name;
        return any ? await playbooks.FromFileAsync(start.Playbook, cancellation) : await playbooks.FileToRunAsync(start.Playbook, cancellation);
    }

    /// <summary>Puts on record what an endpoint has begun, once, when it is done or refused.</summary>
    public async Task<T> RecordedAsync<T>(string call, JsonElement arguments, Actor actor, Task<T> begun)
    {
        object? done = null;
        string? refusal = null;
        try
        {
            var result = await begun;
            done = result;
            return result;
        }
        catch (Exception refused)
        {
            refusal = AuditTrail.Refusal(refused);
            throw;
        }
        finally
        {
            await audit.RecordAsync(call, arguments, actor, done, refusal);
        }
    }

    /// <inheritdoc cref="RecordedAsync{T}"/>
    /// <returns>True: it was done.</returns>
    public Task<bool> RecordedAsync(string call, JsonElement arguments, Actor actor, Task begun)
    {
        return RecordedAsync(call, arguments, actor, DoneAsync());

        async Task<bool> DoneAsync()
        {
            await begun;
            return true;
        }
    }

    // Watching begins before the run does, so that its first step is seen; then events are sent until the run ends or waits.
    // A run that goes on as another is followed there.
    private async Task<RunStanding> FollowAsync(Func<Task>? begin, Func<RunId> which, bool throughWaits, Func<object, Task> send, CancellationToken cancellation)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var events = engine.WatchAsync(null, watching.SetResult, enough.Token).GetAsyncEnumerator(enough.Token);
        var next = events.MoveNextAsync().AsTask();
        try
        {
            await watching.Task.WaitAsync(cancellation);
            if (begin is not null)
            {
                await begin();
                // What was begun shows in an event; the row still says what was before. An answer that does not complete a quorum brings none.
                var late = Task.Delay(TimeSpan.FromSeconds(2), clock, cancellation);
                while (await Task.WhenAny(next, late) == next && await next && events.Current.Run != which()) next = events.MoveNextAsync().AsTask();
            }

            var run = which();
            var shown = new HashSet<RunId> { run };
            while (true)
            {
                // What happened before we watched (or while we looked away) shows in the row.
                var row = await runs.FindAsync(run) ?? throw new NotFoundException("run", run.ToString(), "'soar runs' lists them.");
                if (row.Successor is { } successor)
                {
                    run = successor;
                    shown.Add(successor);
                    continue;
                }

                var all = await SubRuns.WithAsync(runs, row);
                // One that stands in line begins when others end: nothing to watch for.
                var stands = row.Status is not (RunStatus.Running or RunStatus.Waiting) || (row.InLine && !throughWaits) || await StandsStillAsync(all, throughWaits);
                // Events that are here already are shown before the standing is told.
                if (stands && !next.IsCompleted) return Standing(all);
                var ours = false;
                do
                {
                    if (!await next) return Standing(all);
                    ours |= all.Count > 1 || shown.Contains(events.Current.Run);
                    if (shown.Contains(events.Current.Run)) await send(events.Current);
                    next = events.MoveNextAsync().AsTask();
                }
                while (stands ? next.IsCompleted : !ours);
                if (stands) return Standing(all);
            }
        }
        finally
        {
            await enough.CancelAsync();
            try
            {
                await next;
            }
            catch (OperationCanceledException)
            {
                // Cancelled by ourselves: nobody watches any more.
            }
        }
    }

    /// <summary>Of a run, first, and the sub-runs that it waits for: whether only people, a signal or the clock bring it on. A question is put at once, whatever else goes on.</summary>
    private async Task<bool> StandsStillAsync(IReadOnlyList<Run> all, bool throughWaits)
    {
        foreach (var run in all.Where(r => r.Status == RunStatus.Waiting))
            if ((await runs.QuestionsAsync(run.Id, QuestionStatus.Open)).Count > 0) return true;
        return !throughWaits && all[0].Status == RunStatus.Waiting && all.All(r => r.Status != RunStatus.Running && r.EndedAt is null);
    }

    private static RunStanding Standing(IReadOnlyList<Run> all) => new(all[0].Id, all[0].Status, all[0].Result, all.Where(r => r.EndedAt is null).Min(r => r.WakeAt));

    // What others still hold is released as it was asked for; what could not be lifted is not.
    private static object Lifted(Containment row, ContainmentStatus status, string? problem) => new
    {
        lifted = status == ContainmentStatus.Lifted,
        released = problem is null && status != ContainmentStatus.LiftFailed,
        text = $"{row.Target} on {row.Instance}: {(problem is null && status == ContainmentStatus.Active ? "released, others still hold it" : status.ToString().ToLowerInvariant())}{((problem ?? row.Note) is { } why ? $" ({why})" : "")}",
    };
}
