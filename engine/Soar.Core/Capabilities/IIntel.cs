namespace Soar.Capabilities;

/// <summary>What one source knows of an observable.</summary>
/// <param name="Source">The connector instance that answered.</param>
/// <param name="Verdict">Its judgement; Unknown when it does not know the value.</param>
/// <param name="Details">Why, in its words.</param>
public sealed record IntelReport(string Source, Verdict Verdict, string Details);

[Capability("Intel", "Tells what threat intelligence knows about an observable.")]
public interface IIntel
{
    /// <summary>Looks up an address.</summary>
    [Action(Effect.ReadsOnly)]
    Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation);

    /// <summary>Looks up any observable: domain, URL, hash, mail address.</summary>
    [Action(Effect.ReadsOnly)]
    Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation);
}
