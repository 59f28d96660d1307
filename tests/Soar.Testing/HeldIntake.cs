using Soar.Alerts;

namespace Soar.Testing;

/// <summary>An intake that remembers what it was given, and can be brought into trouble.</summary>
public sealed class HeldIntake : IAlertIntake
{
    private readonly Lock gate = new();
    private readonly List<IncomingAlert> alerts = [];
    private readonly List<UnreadableInput> unreadable = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int ignored;
    private int refused;

    /// <summary>Why nothing is taken; null = all is well.</summary>
    public Func<Exception>? Trouble { get; set; }

    /// <summary>Taken, in order, repeats included.</summary>
    public IReadOnlyList<IncomingAlert> Alerts
    {
        get
        {
            lock (gate) return [.. alerts];
        }
    }

    /// <summary>Ids of what was taken, each once.</summary>
    public IReadOnlyList<string> Ids => [.. Alerts.Select(a => a.Alert.Id).Distinct()];

    public IReadOnlyList<UnreadableInput> Unreadable
    {
        get
        {
            lock (gate) return [.. unreadable];
        }
    }

    public int Ignored
    {
        get
        {
            lock (gate) return ignored;
        }
    }

    /// <summary>How often it was in trouble.</summary>
    public int Refused
    {
        get
        {
            lock (gate) return refused;
        }
    }

    public Task<IReadOnlyList<AcceptedAlert>> AcceptAsync(Heard heard, CancellationToken cancellation)
    {
        TaskCompletionSource told;
        Exception? trouble;
        var answers = new List<AcceptedAlert>();
        lock (gate)
        {
            trouble = Trouble?.Invoke();
            if (trouble is not null)
            {
                refused++;
            }
            else
            {
                foreach (var alert in heard.Alerts)
                {
                    var known = alerts.FindIndex(a => a.Alert.Id == alert.Alert.Id);
                    answers.Add(new AcceptedAlert(new AlertId(Guid.NewGuid()), known < 0 ? alerts.Count + 1 : known + 1, known < 0));
                    alerts.Add(alert);
                }

                unreadable.AddRange(heard.Unreadable);
                ignored += heard.Ignored;
            }

            (told, changed) = (changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        told.SetResult();
        return trouble is null ? Task.FromResult<IReadOnlyList<AcceptedAlert>>(answers) : Task.FromException<IReadOnlyList<AcceptedAlert>>(trouble);
    }

    /// <summary>Waits until it holds this.</summary>
    public async Task UntilAsync(Func<HeldIntake, bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            Task next;
            lock (gate) next = changed.Task;
            if (holds(this)) return;
            try
            {
                await next.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException late)
            {
                throw new TimeoutException($"It was not handed over within 30 seconds. There are {Alerts.Count} alerts: {string.Join(", ", Ids.TakeLast(50))}; unreadable: {string.Join(" | ", Unreadable.Select(u => u.Problem))}; ignored: {Ignored}; refused: {Refused}.", late);
            }
        }
    }
}
