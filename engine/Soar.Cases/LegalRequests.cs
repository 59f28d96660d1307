using Soar.Capabilities;

namespace Soar.Cases;

/// <summary><c>Requests.*</c> in playbooks: the register of requests to providers, points of contact, Interpol and Europol.</summary>
public sealed class LegalRequests(IRequestStore store, TimeProvider clock) : IRequests
{
    /// <inheritdoc/>
    public async Task<RequestRef> OpenAsync(RequestKind kind, Text addressee, Text subject, int extends = 0, ActionContext context = null!, CancellationToken cancellation = default)
    {
        var (to, about) = Checked(kind, addressee, subject, extends);
        var opened = await Desk.TellAsync(() => store.OpenAsync(Desk.Entry(context, clock), kind, to, about, extends == 0 ? null : extends));
        return new RequestRef(opened.Number, opened.Reference, opened.Extends);
    }

    /// <inheritdoc/>
    public Task UpdateAsync(int number, RequestStatus status, Text note, DateTimeOffset? due = null, ActionContext context = null!, CancellationToken cancellation = default)
    {
        var words = Checked(status, note, due);
        return Desk.TellAsync(() => store.UpdateAsync(Desk.Entry(context, clock), number, status, words, due));
    }

    internal static (string Addressee, string Subject) Checked(RequestKind kind, Text addressee, Text subject, int extends)
    {
        var (to, about) = (addressee.ToString().Trim(), subject.ToString().Trim());
        if (!Enum.IsDefined(kind)) throw ConnectorFailure.Permanent("kind must be Preservation, Assistance or Siena.", reason: "incomplete");
        if (to.Length == 0) throw ConnectorFailure.Permanent("addressee is missing: who is asked?", reason: "incomplete");
        if (about.Length == 0) throw ConnectorFailure.Permanent("subject is missing: what is asked, in one line?", reason: "incomplete");
        if (extends < 0) throw ConnectorFailure.Permanent($"extends: {extends} is no request's number.", reason: "extends");
        return (to, about);
    }

    internal static string Checked(RequestStatus status, Text note, DateTimeOffset? due)
    {
        var words = note.ToString().Trim();
        if (!Enum.IsDefined(status)) throw ConnectorFailure.Permanent("status must be Open, Sent, Confirmed, Answered, Extended, Withdrawn or Lapsed.", reason: "incomplete");
        if (words.Length == 0) throw ConnectorFailure.Permanent("note is missing: what happened?", reason: "incomplete");
        if (due is { } time && time.Offset != TimeSpan.Zero) throw ConnectorFailure.Permanent($"due must be in UTC; it is {time:yyyy-MM-dd HH:mm:sszzz}.", reason: "due");
        if (due is not null && LegalRequest.IsOver(status)) throw ConnectorFailure.Permanent($"due: nothing is due for a request that is {status}. Leave it out.", reason: "due");
        return words;
    }
}

/// <summary>Answers <c>Requests.*</c> in dry runs and playbook tests: checks and counts, keeps no register.</summary>
public sealed class SimulatedRequests(TimeProvider clock) : IRequests
{
    private int last;

    /// <inheritdoc/>
    public Task<RequestRef> OpenAsync(RequestKind kind, Text addressee, Text subject, int extends = 0, ActionContext context = null!, CancellationToken cancellation = default)
    {
        LegalRequests.Checked(kind, addressee, subject, extends);
        var number = Interlocked.Increment(ref last);
        return Task.FromResult(new RequestRef(number, $"R-{clock.GetUtcNow().Year}-{number:0000}", extends == 0 ? null : $"R-{clock.GetUtcNow().Year}-{extends:0000}"));
    }

    /// <inheritdoc/>
    public Task UpdateAsync(int number, RequestStatus status, Text note, DateTimeOffset? due = null, ActionContext context = null!, CancellationToken cancellation = default)
    {
        LegalRequests.Checked(status, note, due);
        return Task.CompletedTask;
    }
}
