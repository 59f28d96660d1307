using Microsoft.Extensions.Logging;
using Soar.Cases;
using Soar.Hosting;

namespace Soar.Engine;

/// <summary>
/// Starts playbooks for cases (<c>On.Case</c>). Every change of a case lies in the store from the commit that made it until it was looked at here; the playbooks whose predicate holds for the
/// case as it is then are started under the key (case, playbook, version). So a version starts at most once for a case: a crash in between repeats the look, not the start; what a run changes in
/// its own case does not start its playbook again; and playbooks that start one another through changes come to an end by themselves, because there are only so many.
/// </summary>
public sealed class CaseTriggers : IAsyncDisposable
{
    /// <summary>Changes looked at in one go.</summary>
    private const int Many = 200;

    private readonly EngineParts engine;
    private readonly ICaseStore cases;
    private readonly Doorbell look = new();
    private readonly ITimer timer;
    private readonly Task working;

    internal CaseTriggers(EngineParts engine, ICaseStore cases)
    {
        this.engine = engine;
        this.cases = cases;
        cases.Changed += Look;
        timer = engine.Clock.CreateTimer(_ => Look(), null, TimeSpan.Zero, engine.Options.Poll);
        working = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        cases.Changed -= Look;
        await timer.DisposeAsync();
        if (look.Close()) engine.Options.Activity?.Leave();
        await working;
    }

    private void Look() => look.Ring(engine.Options.Activity is { } activity ? activity.Enter : null);

    private async Task RunAsync()
    {
        while (await look.WaitAsync())
        {
            try
            {
                while (await PassAsync() == Many)
                {
                    // More lie there.
                }
            }
            catch (Exception e) // trigger dispatch: the store is away, the timer looks again
            {
                engine.Log.LookFailed(e);
            }
            finally
            {
                engine.Options.Activity?.Leave();
            }
        }
    }

    private async Task<int> PassAsync()
    {
        var changes = await cases.ChangesAsync(Many);
        if (changes.Count == 0) return 0;
        var triggered = await engine.Playbooks.TriggeredByAsync("case", CancellationToken.None);
        var errors = new List<TriggerError>();
        // The state is the same for all changes of a case; only what changed differs, so each sort of change is asked about once.
        foreach (var change in changes.DistinctBy(c => (c.State.Id, c.State.Change)))
        {
            var subject = $"case {change.State.Number}";
            foreach (var (file, problem) in triggered.Broken) errors.Add(new TriggerError(subject, file, $"It does not compile, so nobody knows whether it wants the case: {problem}", engine.Now));
            foreach (var playbook in triggered.Playbooks)
            {
                try
                {
                    await ConsiderAsync(playbook, change, subject);
                }
                catch (SoarException e) when (!e.Code.StartsWith("SOAR3", StringComparison.Ordinal))
                {
                    // A predicate that throws, a start that is refused: shown, and the others go on.
                    errors.Add(new TriggerError(subject, NameOf(playbook), e.Message, engine.Now));
                    engine.Log.TriggerFailed(NameOf(playbook), subject, e.Message);
                }
            }
        }

        await cases.HandledAsync([.. changes.Select(c => c.Change)], [.. errors.DistinctBy(e => (e.Subject, e.Playbook))], engine.Now);
        return changes.Count;
    }

    private async Task ConsiderAsync(CompiledPlaybook playbook, CaseChanged change, string subject)
    {
        var terms = engine.Options.Triggers.GetValueOrDefault(playbook.Header.Name);
        if (terms?.Enabled == false) return;
        var key = $"case/{change.State.Id}/{NameOf(playbook)}";
        if (await engine.Store.FindTriggeredAsync(key) is not null || !await engine.Engine.WantsAsync(playbook, change.State, CancellationToken.None)) return;
        if (terms?.Off(playbook.Header.Name, engine.Now) is { } off) throw new SoarException("SOAR2027", $"It wants the case. {off} The next change of the case asks it again.");
        // The case's playbooks know the alert that it began with, as the run that opened it did.
        var opened = change.OpenedBy is { } run ? await engine.Store.ReadJournalAsync(run) : [];
        var alert = opened.Count == 0 ? change.Alert : Json.Read<StartedRecord>(opened[0].Payload).Alert;
        await engine.Engine.StartAsync(playbook, new StartRequest { StartedBy = subject, CaseId = change.State.Id, Alert = alert, TriggerKey = key });
    }

    private static string NameOf(CompiledPlaybook playbook) => $"{playbook.Header.Name}@{playbook.Header.Version}";
}
