using System.Text.Json;
using Soar.Alerts;
using Soar.Capabilities;

namespace Soar.Cases.Alerts;

/// <summary>
/// The one way in for alerts, whoever hears them. It checks them, holds them against the deployment's rules, keeps them, and says no while too many wait. What it has answered is on disk; starting playbooks is another's business,
/// who finds it there whatever happens in between.
/// </summary>
/// <param name="mostWaiting">So many alerts may wait for their playbooks; a sender beyond is told to come again.</param>
public sealed class AlertIntake(IAlertStore store, AlertRules rules, TimeProvider clock, int mostWaiting)
{
    private static readonly TimeSpan ComeAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CountedLast = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private int atMost = int.MaxValue; // what waits, counted once and all that came since: never too few
    private bool full;
    private DateTimeOffset counted;

    /// <summary>The intake of one source: it cannot speak for another.</summary>
    public IAlertIntake For(string source) => new Of(this, source);

    /// <inheritdoc cref="IAlertIntake.AcceptAsync"/>
    /// <param name="source">Whose alerts these are.</param>
    public async Task<IReadOnlyList<AcceptedAlert>> AcceptAsync(string source, Heard heard, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var now = clock.GetUtcNow();
        var problems = heard.Alerts.Select(a => Problem(a.Alert)).ToList();
        var fine = new Heard
        {
            Alerts = [.. heard.Alerts.Zip(problems).Where(a => a.Second is null).Select(a => rules.Apply(source, a.First, now))],
            Unreadable = [.. heard.Unreadable, .. heard.Alerts.Zip(problems).Where(a => a.Second is not null).Select(a => new UnreadableInput(Text(a.First.Alert), a.Second!))],
            Ignored = heard.Ignored,
        };
        if (fine.Alerts.Count > 0) await RoomAsync(fine.Alerts.Count);
        // Once begun it is not taken back: the source must hear whether it was kept.
        var accepted = await store.AcceptAsync(source, fine, now);
        if (fine.Alerts.Count == problems.Count) return accepted;
        var next = 0;
        return [.. problems.Select(problem => problem is null ? accepted[next++] : new AcceptedAlert(default, 0, New: false, problem))];
    }

    /// <summary>Throws when too many wait. They are counted anew only when the reckoning says that they may be, and not for every sender that is turned away.</summary>
    private async Task RoomAsync(int more)
    {
        bool recount;
        lock (gate)
        {
            recount = (full || atMost > mostWaiting - more) && clock.GetUtcNow() - counted >= CountedLast;
            if (!recount && full) throw new IntakeFullException(mostWaiting, ComeAgain);
            if (!recount) atMost += more;
        }

        if (!recount) return;
        var waiting = await store.CountWaitingAsync();
        lock (gate)
        {
            counted = clock.GetUtcNow();
            full = waiting >= mostWaiting;
            atMost = waiting + more;
        }

        if (full) throw new IntakeFullException(waiting, ComeAgain);
    }

    private static string? Problem(Alert alert)
    {
        var problems = string.Join("; ", AlertCheck.Problems(alert));
        if (problems.Length > 0) return $"It is no complete alert: {problems}.";
        return JsonSerializer.SerializeToUtf8Bytes(alert, SoarJson.Options).Length > AlertCheck.MostBytes ? $"It is larger than {AlertCheck.MostBytes / 1024} KiB as an alert. Send less of the payload, or an artifact." : null;
    }

    private static string Text(Alert alert) => alert.Payload?.GetRawText() ?? JsonSerializer.Serialize(alert, SoarJson.Options);

    private sealed class Of(AlertIntake intake, string source) : IAlertIntake
    {
        public Task<IReadOnlyList<AcceptedAlert>> AcceptAsync(Heard heard, CancellationToken cancellation) => intake.AcceptAsync(source, heard, cancellation);
    }
}
