using Microsoft.Extensions.Logging;
using Soar.Storage;

namespace Soar.Server.Credentials;

/// <summary>Puts on record who takes which credential, behind those who do: nobody waits for it.</summary>
internal sealed class CredentialUses : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly Task recording;

    /// <param name="record">Writes one down.</param>
    public CredentialUses(CredentialValues values, Func<UseCredentialCall, Task> record, ILogger log) => recording = RecordAsync(values, record, log);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await recording;
        stopping.Dispose();
    }

    private async Task RecordAsync(CredentialValues values, Func<UseCredentialCall, Task> record, ILogger log)
    {
        try
        {
            while (await values.Taken.WaitToReadAsync(stopping.Token)) await DrainAsync(values, record, log);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await DrainAsync(values, record, log); // what was taken until now
        }
    }

    private static async Task DrainAsync(CredentialValues values, Func<UseCredentialCall, Task> record, ILogger log)
    {
        while (values.Taken.TryRead(out var taken))
        {
            try
            {
                await record(new UseCredentialCall(taken.Name, taken.By, taken.At, taken.First));
            }
            catch (SoarException error) // the store is away: the use itself must not fail for it, and is told here
            {
                log.UseNotRecorded(taken.Name, taken.By, error.Message);
            }
        }
    }
}
