using Soar.Capabilities;

namespace Soar.Connectors.Tickets;

/// <summary>Answers dry runs and playbook tests. It refuses keys and statuses that the tracker would surely refuse, but takes the keys that it made itself.</summary>
/// <param name="keyProblem">Why a text is no key of this tracker, or null.</param>
/// <param name="statusProblem">Why a status cannot be set there, or null.</param>
internal sealed class SimulatedTickets(string instance, TimeProvider clock, Func<string, string?> keyProblem, Func<TicketStatus, string?> statusProblem) : ITickets
{
    private const string Made = "SIMULATED-";

    public Task<Ticket> CreateAsync(Text subject, Text body, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(Ticket(Made + context.Key.Value[..8].ToUpperInvariant(), subject.ToString(), TicketStatus.New));

    public Task<TicketChange> CommentAsync(string ticket, Text text, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(Change(Checked(ticket), TicketChangeKind.Comment, text.ToString(), automatic: true));

    public Task<TicketChange> ReplyAsync(string ticket, Text text, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(Change(Checked(ticket), TicketChangeKind.Reply, text.ToString(), automatic: true));

    public Task<Ticket> SetStatusAsync(string ticket, TicketStatus status, ActionContext context, CancellationToken cancellation)
    {
        if (status == TicketStatus.Other || statusProblem(status) is not null)
            throw ConnectorFailure.Permanent(statusProblem(status) ?? "'Other' cannot be set.", reason: "status");
        return Task.FromResult(Ticket(Checked(ticket), "Simulated ticket", status));
    }

    public Task<Ticket> FindAsync(string ticket, ActionContext context, CancellationToken cancellation) => Task.FromResult(Ticket(Checked(ticket), "Simulated ticket", TicketStatus.Open));

    public Task<IReadOnlyList<Ticket>> SearchAsync(string words, ActionContext context, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<Ticket>>([]);

    public Task<TicketChanges> ChangesAsync(string ticket, string since, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(new TicketChanges(Ticket(Checked(ticket), "Simulated ticket", TicketStatus.Open), []));

    /// <summary>A dry run does not wait: somebody has answered at once.</summary>
    public Task<TicketChanges> AwaitChangeAsync(string ticket, string since, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(new TicketChanges(Ticket(Checked(ticket), "Simulated ticket", TicketStatus.Open), [Change(ticket, TicketChangeKind.Comment, "simulated", automatic: false)]));

    public Task<Probe<Ticket>> ProbeCreateAsync(Text subject, Text body, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<Ticket>());
    public Task<Probe<TicketChange>> ProbeCommentAsync(string ticket, Text text, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<TicketChange>());
    public Task<Probe<TicketChange>> ProbeReplyAsync(string ticket, Text text, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<TicketChange>());
    public Task<Probe<Ticket>> ProbeSetStatusAsync(string ticket, TicketStatus status, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<Ticket>());

    private string Checked(string ticket) => ticket.StartsWith(Made, StringComparison.Ordinal) || keyProblem(ticket) is not { } problem
        ? ticket
        : throw ConnectorFailure.Permanent($"'{ticket}' is no ticket here: {problem}", reason: "key");

    private Ticket Ticket(string key, string subject, TicketStatus status) => new()
    {
        Key = key, Subject = subject, Status = status, StatusName = "simulated", Closed = status is TicketStatus.Resolved or TicketStatus.Rejected,
        Created = clock.GetUtcNow(), Link = $"https://tickets.invalid/{key}", Version = "simulated",
    };

    private TicketChange Change(string ticket, TicketChangeKind kind, string text, bool automatic) =>
        new() { Id = $"{ticket}-simulated", Kind = kind, By = automatic ? instance : "simulated", At = clock.GetUtcNow(), Text = text, Automatic = automatic };
}
