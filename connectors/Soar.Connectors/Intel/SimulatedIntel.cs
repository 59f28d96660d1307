using Soar.Capabilities;

namespace Soar.Connectors.Intel;

/// <summary>
/// Calls the addresses reserved for documentation malicious, so that an example has something to do, and knows nothing else. Refuses what its product takes not; touches nothing.
/// </summary>
internal sealed class SimulatedIntel(string instance, Action<Observable, Verdict> checkSubmission, Action<Observable, SightingKind> checkSighting) : IIntel
{
    private static readonly IpAddress[] Documentation = [IpAddress.Parse("192.0.2.0/24"), IpAddress.Parse("198.51.100.0/24"), IpAddress.Parse("203.0.113.0/24"), IpAddress.Parse("2001:db8::/32")];

    public Task<IntelReport> LookupAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => Task.FromResult(Documentation.Any(network => network.Contains(address))
        ? new IntelReport(instance, Verdict.Malicious, "simulated: an address reserved for documentation")
        : new IntelReport(instance, Verdict.Unknown, "simulated"));

    public Task<IntelReport> LookupObservableAsync(Observable observable, ActionContext context, CancellationToken cancellation) => observable.Type == "ip" && IpAddress.TryParse(observable.Value, null, out var address)
        ? LookupAsync(address, context, cancellation)
        : Task.FromResult(new IntelReport(instance, Verdict.Unknown, "simulated"));

    public Task<IntelSubmission> SubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation)
    {
        checkSubmission(observable, verdict);
        return Task.FromResult(new IntelSubmission(instance, "", "simulated"));
    }

    public Task<IntelSubmission> SightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation)
    {
        checkSighting(observable, kind);
        return Task.FromResult(new IntelSubmission(instance, "", "simulated"));
    }

    public Task<Probe<IntelSubmission>> ProbeSubmitAsync(Observable observable, Verdict verdict, Text comment, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<IntelSubmission>());

    public Task<Probe<IntelSubmission>> ProbeSightAsync(Observable observable, SightingKind kind, DateTimeOffset seenAt, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<IntelSubmission>());
}
