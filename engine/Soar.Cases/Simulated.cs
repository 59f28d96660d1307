using System.Security.Cryptography;
using System.Text;
using Soar.Capabilities;

namespace Soar.Cases;

/// <summary>Answers <c>Case.*</c> and <c>Evidence.*</c> in dry runs and playbook tests; keeps nothing.</summary>
public sealed class SimulatedDesk(TimeProvider clock) : ICases, IEvidence
{
    /// <inheritdoc/>
    public Task<CaseRef> OpenAsync(Text title, int severity = 0, ActionContext context = null!, CancellationToken cancellation = default) =>
        Task.FromResult(new CaseRef(context.Case?.ToString() ?? Id(context), 0, title.ToString()));

    /// <inheritdoc/>
    public Task NoteAsync(Text text, ActionContext context, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task ObservableAsync(Observable observable, Verdict verdict, ActionContext context, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<SealedEvidence> SealAsync(Artifact artifact, Text description, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(new SealedEvidence(Id(context), artifact.Sha256, clock.GetUtcNow()));

    // From the step's key, so that a simulated run answers the same every time.
    private static string Id(ActionContext context) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(context.Key.Value)).AsSpan(0, 16)).ToString("D");
}
