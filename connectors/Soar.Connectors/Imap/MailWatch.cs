using Soar.Capabilities;

namespace Soar.Connectors.Imap;

/// <summary>
/// Listens to one folder by IDLE (RFC 2177) on a connection of its own, from the first time that somebody asks. It says nothing about mails, only that something came: whoever waits
/// then looks. A connection that breaks is made anew, and counts as news, because something may have come meanwhile.
/// </summary>
internal sealed class MailWatch(ImapServer server, string folder, TimeProvider clock, Action<string> lost) : IAsyncDisposable
{
    /// <summary>Servers may hang up after 30 minutes (RFC 2177 asks for less than 29); firewalls forget silent connections far earlier.</summary>
    internal static readonly TimeSpan Renewal = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource end = new();
    private readonly Lock gate = new();
    private TaskCompletionSource news = NewNews();
    private Task? work;
    private long count;
    private bool listening;

    /// <summary>Grows with everything that may be new mail.</summary>
    public long Count => Volatile.Read(ref count);

    /// <summary>True while nothing can come unseen: what <see cref="Count"/> says can be relied on.</summary>
    public bool Listening => Volatile.Read(ref listening);

    public void Start()
    {
        lock (gate)
            if (!end.IsCancellationRequested)
                work ??= RunAsync();
    }

    /// <summary>Ends when <see cref="Count"/> is higher than this.</summary>
    public async Task WhenAfterAsync(long seen, CancellationToken cancellation)
    {
        Start();
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (count > seen)
                    return;
                next = news.Task;
            }
            await next.WaitAsync(cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        if (work is not null)
            await work;
        end.Dispose();
    }

    private async Task RunAsync()
    {
        var pause = TimeSpan.FromSeconds(1);
        var said = false;
        while (!end.IsCancellationRequested)
        {
            try
            {
                await using var client = await ImapClient.ConnectAsync(server, clock, end.Token);
                if (!client.Capabilities.Contains("IDLE"))
                    return; // then every look asks the server
                if (await client.OpenAsync(folder, write: false, end.Token) is null)
                    throw ConnectorFailure.Permanent($"{server} has no folder '{folder}' for {server.User}. Set folder to the one where new mail comes in.", reason: "no-folder");
                while (true)
                {
                    await client.IdleAsync(Renewal, Listen, told =>
                    {
                        if (told.Word is "EXISTS" or "EXPUNGE" or "FETCH")
                            Tell();
                    }, end.Token);
                    pause = TimeSpan.FromSeconds(1);
                }
            }
            catch (ConnectorFailure failure)
            {
                if (Listening || !said)
                    lost(failure.Message); // once an outage
                said = true;
                Volatile.Write(ref listening, false);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                break;
            }
            try
            {
                await Task.Delay(pause, clock, end.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
        Volatile.Write(ref listening, false);
    }

    private void Listen()
    {
        if (Listening)
            return;
        Volatile.Write(ref listening, true);
        Tell();
    }

    private void Tell()
    {
        TaskCompletionSource told;
        lock (gate)
        {
            count++;
            (told, news) = (news, NewNews());
        }
        told.TrySetResult();
    }

    private static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
