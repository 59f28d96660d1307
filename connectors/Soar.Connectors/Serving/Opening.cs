using System.Net.Sockets;
using System.Security.Cryptography;

namespace Soar.Connectors.Serving;

/// <summary>Opens what a connector listens on; where it cannot now (the port is taken), the engine starts all the same and this tries again every few seconds.</summary>
/// <param name="where">The address, for messages.</param>
/// <param name="open">Opens it, if it is not open yet.</param>
internal sealed class Opening(string where, Func<CancellationToken, Task> open, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource end = new();
    private Task trying = Task.CompletedTask;

    /// <param name="failed">Told why it is not open yet, once.</param>
    public async Task StartAsync(Action<string> failed, CancellationToken cancellation)
    {
        if (await TryAsync(cancellation) is not { } problem)
            return;
        failed(problem);
        trying = KeepTryingAsync();
    }

    /// <summary>Null when it is open, else why not.</summary>
    public async Task<string?> TryAsync(CancellationToken cancellation)
    {
        try
        {
            await open(cancellation);
            return null;
        }
        catch (Exception e) when (e is IOException or SocketException or CryptographicException or UnauthorizedAccessException)
        {
            return $"{where}: {e.Message.TrimEnd('.')}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await trying;
    }

    private async Task KeepTryingAsync()
    {
        try
        {
            do
                await Task.Delay(TryAgain, clock, end.Token);
            while (await TryAsync(end.Token) is not null);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // the process ends
        }
    }
}
