using Microsoft.Extensions.Logging;
using Soar.Alerts;
using Soar.Hosting;

namespace Soar.Engine;

/// <summary>
/// Starts playbooks for alerts (<c>On.Alert</c>). An alert lies in the store from the commit that took it and waits there until it was decided here: every playbook with an alert trigger is
/// asked, those that want it are started under the key (alert, playbook), and then the alert's state is written, with what each said. A crash in between repeats the asking, not the starts.
/// </summary>
public sealed class AlertTriggers : IAsyncDisposable
{
    /// <summary>Alerts taken in hand in one go, and of these so many at once: their records share commits.</summary>
    private const int Many = 200, AtOnce = 32;

    // What it says of an alert that it would have been started for.
    private const string Wanted = "It wants the alert. ";

    private readonly EngineParts engine;
    private readonly IAlertStore alerts;
    private readonly Doorbell look = new();
    private readonly ITimer timer;
    private readonly CancellationTokenSource stop = new();
    private readonly Task working;

    internal AlertTriggers(EngineParts engine, IAlertStore alerts)
    {
        this.engine = engine;
        this.alerts = alerts;
        alerts.Arrived += Look;
        timer = engine.Clock.CreateTimer(_ => Look(), null, TimeSpan.Zero, engine.Options.Poll);
        working = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        alerts.Arrived -= Look;
        await timer.DisposeAsync();
        await stop.CancelAsync();
        if (look.Close()) engine.Options.Activity?.Leave();
        await working;
        stop.Dispose();
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
                    // More wait.
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // What is not decided waits for the next engine.
            }
            catch (Exception e) // trigger dispatch: the store or the hosts are away, the timer looks again
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
        var waiting = await alerts.WaitingAsync(Many);
        if (waiting.Count == 0) return 0;
        var triggered = await engine.Playbooks.TriggeredByAsync("alert", CancellationToken.None);
        await Parallel.ForEachAsync(waiting, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop.Token }, async (alert, _) => await DecideAsync(alert, triggered));
        return waiting.Count;
    }

    private async Task DecideAsync(AlertRecord alert, TriggeredPlaybooks triggered)
    {
        var answers = triggered.Broken.Select(b => new TriggerAnswer(b.File, "", TriggerVerdict.Failed, "", Message: $"It does not compile, so nobody knows whether it wants the alert: {b.Problem}")).ToList();
        foreach (var playbook in triggered.Playbooks) answers.Add(await AskAsync(playbook, alert));
        var failed = answers.Where(a => a.Verdict == TriggerVerdict.Failed).ToList();
        var state = answers.Any(a => a.Verdict == TriggerVerdict.Started) ? AlertState.Started : failed.Count > 0 ? AlertState.Failed : AlertState.NoTrigger;
        var reason = state switch
        {
            AlertState.Failed => $"{failed[0].Playbook}: {failed[0].Message}{(failed.Count > 1 ? $" And {failed.Count - 1} more." : "")}",
            AlertState.NoTrigger when answers.Count == 0 => "No playbook has an alert trigger.",
            AlertState.NoTrigger => answers.Find(a => a.Message?.StartsWith(Wanted, StringComparison.Ordinal) == true) is { } kept ? $"{kept.Playbook}: {kept.Message}" : null,
            _ => null,
        };
        await alerts.DecidedAsync(alert.Id, state, reason, answers, engine.Now);
    }

    private async Task<TriggerAnswer> AskAsync(CompiledPlaybook playbook, AlertRecord alert)
    {
        var header = playbook.Header;
        var answer = new TriggerAnswer(header.Name, header.Version, TriggerVerdict.NotWanted, string.Join('\n', header.Triggers.Where(t => t.Kind == "alert").Select(t => t.Text)));
        try
        {
            // By name, not by version: one that is published between a crash and the next look is still the same playbook to this alert.
            var key = $"alert/{alert.Id}/{header.Name}";
            if (await engine.Store.FindTriggeredAsync(key) is { } before) return answer with { Verdict = TriggerVerdict.Started, Run = before };
            var terms = engine.Options.Triggers.GetValueOrDefault(header.Name);
            if (terms?.Enabled == false) return answer with { Message = terms.Off(header.Name, engine.Now) };
            if (!await WantsAsync(playbook, alert.Alert)) return answer;
            // Said only where it makes a difference; whoever wants it after all has the alert asked again.
            if (terms?.Off(header.Name, engine.Now) is { } off) return answer with { Message = $"{Wanted}{off} Afterwards: soar alerts retry {alert.Number}" };
            var run = await engine.Engine.StartAsync(playbook, new StartRequest { StartedBy = $"alert {alert.Number}", Alert = alert.Alert, Source = alert.Source, CaseId = alert.CaseId, TriggerKey = key });
            var line = terms?.Limit(header.Name) is null ? null : await engine.Store.InLineAsync(run);
            return answer with { Verdict = TriggerVerdict.Started, Run = run, Message = line is null ? null : $"Its run {TriggerTerms.InLine(line)}." };
        }
        catch (Exception e) when (!IsAway(e))
        {
            // A predicate that throws, a start that is refused, and also a defect of ours: one alert must not keep all others from their playbooks. It is shown with the alert.
            var message = e is SoarException ? e.Message : $"This should not happen: {e.GetType().Name}: {e.Message}";
            engine.Log.TriggerFailed($"{header.Name}@{header.Version}", $"alert {alert.Number}", message);
            return answer with { Verdict = TriggerVerdict.Failed, Message = message };
        }
    }

    /// <summary>A host may die of another's fault while it is asked: only one that dies of it again and again condemns the predicate.</summary>
    private async Task<bool> WantsAsync(CompiledPlaybook playbook, Alert alert)
    {
        for (var deaths = 0; ; deaths++)
        {
            try
            {
                return await engine.Engine.WantsAsync(playbook, alert, CancellationToken.None);
            }
            catch (SoarException e) when (e.Code == "SOAR2023" && deaths < 2)
            {
                // asked again, of another host
            }
        }
    }

    /// <summary>Nothing that the playbook or the alert can help: the store, or no host at all. The alert goes on waiting.</summary>
    private static bool IsAway(Exception e) => e is SoarException { Code: var code } && (code.StartsWith("SOAR3", StringComparison.Ordinal) || code == "SOAR2102");
}
