using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary>Asks an instance whether its product can be reached.</summary>
internal static class InstanceTest
{
    /// <summary>No product takes longer to say whether it is there.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Null for a simulated one. Throws nothing but that it was told to stop.</summary>
    public static async Task<ConnectorTest?> MakeAsync(ConnectorInstance instance, TimeProvider clock, CancellationToken cancellation)
    {
        if (instance.Simulated) return null;
        using var limit = new CancellationTokenSource(Longest, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var result = await instance.Connector.TestAsync(both.Token).WaitAsync(both.Token);
            return result with { Message = instance.Terms.Mask.Text(result.Message) };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new ConnectorTest(false, $"No answer within {Durations.Say(Longest)}.");
        }
        catch (Exception e) when (e is not OperationCanceledException) // it should throw nothing; a third party's may
        {
            return new ConnectorTest(false, instance.Terms.Mask.Text($"The connector's test failed with {e.GetType().Name}: {e.Message}"));
        }
    }
}
