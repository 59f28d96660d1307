namespace Soar.Capabilities;

/// <summary>What a ticket's status means, whatever its tracker calls it.</summary>
public enum TicketStatus
{
    /// <summary>Nobody has begun with it.</summary>
    New,

    /// <summary>Somebody works on it.</summary>
    Open,

    /// <summary>It waits for somebody outside.</summary>
    Waiting,

    /// <summary>Done.</summary>
    Resolved,

    /// <summary>Closed without being done: a duplicate, no problem of ours.</summary>
    Rejected,

    /// <summary>A status that this instance has no word for; <see cref="Ticket.StatusName"/> tells. It cannot be set.</summary>
    Other,
}

/// <summary>A ticket as its tracker holds it.</summary>
public sealed record Ticket
{
    /// <summary>How the tracker and its people name it: <c>4711</c>, <c>SOC-17</c>.</summary>
    public required string Key { get; init; }
    public required string Subject { get; init; }
    public required TicketStatus Status { get; init; }

    /// <summary>The tracker's own word for the status.</summary>
    public required string StatusName { get; init; }

    /// <summary>The tracker expects no more work on it.</summary>
    public bool Closed { get; init; }

    /// <summary>Who works on it; null when nobody does.</summary>
    public string? Owner { get; init; }
    public required DateTimeOffset Created { get; init; }

    /// <summary>Where people read it.</summary>
    public required string Link { get; init; }

    /// <summary>
    /// What had happened to it when it was read; hand it to <c>Tickets.Changes</c> and <c>Tickets.AwaitChange</c>. It never runs ahead of what this record shows. Empty in the
    /// results of a search: everything counts as new then.
    /// </summary>
    public string Version { get; init; } = "";

    public override string ToString() => Key;
}

/// <summary>What sort of change it was.</summary>
public enum TicketChangeKind
{
    /// <summary>A note, internal where the tracker knows the difference.</summary>
    Comment,

    /// <summary>Something written to or by those who asked.</summary>
    Reply,
    Status,

    /// <summary>Owner, labels, fields, links.</summary>
    Other,
}

/// <summary>Something that happened to a ticket.</summary>
public sealed record TicketChange
{
    /// <summary>The tracker's number for it.</summary>
    public required string Id { get; init; }
    public required TicketChangeKind Kind { get; init; }

    /// <summary>Who did it, as the tracker names people.</summary>
    public required string By { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>What was written, or what changed: <c>new → resolved</c>. At most 64 KiB. Whoever may write to the ticket chose these words.</summary>
    public required string Text { get; init; }

    /// <summary>Made by this instance's own user or by the tracker's own rules, not by a person or another system.</summary>
    public bool Automatic { get; init; }
}

/// <summary>A ticket and what has happened to it, oldest first.</summary>
public sealed record TicketChanges(Ticket Ticket, IReadOnlyList<TicketChange> Changes);

[Capability("Tickets", "Keeps tickets in the tracker of the SOC or of those it works with.")]
public interface ITickets
{
    /// <summary>Creates a ticket where the instance's settings say. The result is the ticket read back.</summary>
    /// <param name="subject">One line.</param>
    /// <param name="body">Plain text.</param>
    [Action(Effect.Records, SafeToRepeat = true, LooksFirst = true, Probe = nameof(ProbeCreateAsync), NoInverse = "A ticket stays on record; SetStatus closes it.")]
    Task<Ticket> CreateAsync(Text subject, Text body, ActionContext context, CancellationToken cancellation);

    /// <summary>Writes a comment, for colleagues only where the tracker knows the difference. The result is the comment as the tracker holds it.</summary>
    /// <param name="ticket">The ticket's key.</param>
    /// <param name="text">Plain text.</param>
    [Action(Effect.Records, SafeToRepeat = true, LooksFirst = true, Probe = nameof(ProbeCommentAsync), NoInverse = "A comment stays on record.")]
    Task<TicketChange> CommentAsync([Target] string ticket, Text text, ActionContext context, CancellationToken cancellation);

    /// <summary>Writes to those who asked for the ticket: trackers mail it to them. The result is the reply as the tracker holds it.</summary>
    /// <param name="ticket">The ticket's key.</param>
    /// <param name="text">Plain text.</param>
    [Action(Effect.Notifies, SafeToRepeat = true, LooksFirst = true, Probe = nameof(ProbeReplyAsync), NoInverse = "What was mailed cannot be taken back.")]
    Task<TicketChange> ReplyAsync([Target] string ticket, Text text, ActionContext context, CancellationToken cancellation);

    /// <summary>Sets the status. A ticket that has it already is left alone; one that somebody changes at the same moment is looked at again first. The result is the ticket read back.</summary>
    /// <param name="ticket">The ticket's key.</param>
    /// <param name="status">Any but Other; a tracker that does not know one says so.</param>
    [Action(Effect.Records, SafeToRepeat = true, Probe = nameof(ProbeSetStatusAsync), NoInverse = "The ticket's history keeps the status that it had; set that one again.")]
    Task<Ticket> SetStatusAsync([Target] string ticket, TicketStatus status, ActionContext context, CancellationToken cancellation);

    /// <summary>The ticket of this key. One that does not exist fails the step with the code <c>404</c>.</summary>
    [Action(Effect.ReadsOnly)]
    Task<Ticket> FindAsync(string ticket, ActionContext context, CancellationToken cancellation);

    /// <summary>Tickets whose subject holds these words, open and closed, the newest first, at most 50.</summary>
    [Action(Effect.ReadsOnly)]
    Task<IReadOnlyList<Ticket>> SearchAsync(string words, ActionContext context, CancellationToken cancellation);

    /// <summary>The ticket now, and everything that has happened to it since it was read. It does not wait.</summary>
    /// <param name="ticket">The ticket's key.</param>
    /// <param name="since">The <c>Version</c> of the ticket as it was read; empty for everything.</param>
    [Action(Effect.ReadsOnly)]
    Task<TicketChanges> ChangesAsync(string ticket, string since, ActionContext context, CancellationToken cancellation);

    /// <summary>
    /// Waits until somebody else than Soar and the tracker's own rules changes the ticket, for weeks if need be; the run is forgotten meanwhile. <c>.Timeout(3.Days)</c> ends the
    /// wait with <c>StepTimedOut</c>. The result holds everything that happened since, Soar's own changes too.
    /// </summary>
    /// <param name="ticket">The ticket's key.</param>
    /// <param name="since">The <c>Version</c> of the ticket as it was read: nothing that happened after that is missed.</param>
    [Action(Effect.ReadsOnly, Waits = true)]
    Task<TicketChanges> AwaitChangeAsync(string ticket, string since, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<Ticket>> ProbeCreateAsync(Text subject, Text body, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<TicketChange>> ProbeCommentAsync(string ticket, Text text, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<TicketChange>> ProbeReplyAsync(string ticket, Text text, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<Ticket>> ProbeSetStatusAsync(string ticket, TicketStatus status, ActionContext context, CancellationToken cancellation);
}
