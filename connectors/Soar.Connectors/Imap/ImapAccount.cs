using System.Collections.Concurrent;
using Soar.Capabilities;

namespace Soar.Connectors.Imap;

/// <summary>
/// One account with its few connections, shared by all runs. A connection that was kept is asked whether it lives before it is used again, so a server that was restarted is simply
/// connected to anew.
/// </summary>
internal sealed class ImapAccount(ImapSettings settings, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan LongestIdle = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim free = new(settings.Connections, settings.Connections);
    private readonly ConcurrentStack<ImapClient> kept = new();
    private readonly CancellationTokenSource end = new();

    public ImapServer Server { get; } = settings.Server();

    /// <summary>A question. Cancelled, it ends as cancelled.</summary>
    public async Task<T> AskAsync<T>(Func<ImapClient, Task<T>> work, CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation);
        ImapClient? client = null;
        try
        {
            client = await TakeAsync(cancellation);
            return await work(client);
        }
        finally
        {
            await GiveBackAsync(client);
            free.Release();
        }
    }

    /// <summary>A change with the questions that it takes. Only what the client sends as a change can end Unknown: cancelled before or between, it is surely not done.</summary>
    public async Task<T> ChangeAsync<T>(Func<ImapClient, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await AskAsync(work, cancellation);
        }
        catch (OperationCanceledException e)
        {
            throw ConnectorFailure.Transient($"The attempt was ended before {Server} was told to change anything.", inner: e, reason: "cancelled");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        while (kept.TryPop(out var client))
            await client.DisposeAsync();
    }

    private async Task<ImapClient> TakeAsync(CancellationToken cancellation)
    {
        while (kept.TryPop(out var client))
        {
            try
            {
                if (clock.GetUtcNow() - client.Used < LongestIdle && await client.IsAliveAsync(cancellation))
                    return client;
            }
            catch (OperationCanceledException)
            {
                await client.DisposeAsync();
                throw;
            }
            await client.DisposeAsync();
        }
        return await ImapClient.ConnectAsync(Server, clock, cancellation);
    }

    private async ValueTask GiveBackAsync(ImapClient? client)
    {
        if (client is null)
            return;
        client.Used = clock.GetUtcNow();
        if (!client.Broken && !end.IsCancellationRequested)
            kept.Push(client);
        else
            await client.DisposeAsync();
        if (end.IsCancellationRequested && kept.TryPop(out var late))
            await late.DisposeAsync();
    }
}
