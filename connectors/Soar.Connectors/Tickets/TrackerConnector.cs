using Soar.Capabilities;

namespace Soar.Connectors.Tickets;

/// <summary>
/// What is the same for every tracker. No tracker takes an idempotency key, so each effect first looks whether its key is there already, and writes it with what it writes:
/// a repeat under the same key finds the ticket or comment of the first attempt and returns that.
/// </summary>
public abstract class TrackerConnector : IConnector, ITickets
{
    private readonly TimeSpan lookEvery;
    private readonly Func<string, string> subjectOf;

    /// <param name="lookEvery">How often a ticket is looked at while a run waits.</param>
    /// <param name="subjectOf">A subject as this tracker takes it, see <see cref="OneLine"/>.</param>
    private protected TrackerConnector(TimeSpan lookEvery, Func<string, string> subjectOf) => (this.lookEvery, this.subjectOf) = (lookEvery, subjectOf);

    public abstract object Simulator { get; }

    public async Task<Ticket> CreateAsync(Text subject, Text body, ActionContext context, CancellationToken cancellation) =>
        await FindCreatedAsync(context, cancellation) ?? await PostTicketAsync(subjectOf(subject.ToString()), body.ToString(), context, cancellation);

    public Task<TicketChange> CommentAsync(string ticket, Text text, ActionContext context, CancellationToken cancellation) =>
        WriteAsync(ticket, TicketChangeKind.Comment, text, context, cancellation);

    public Task<TicketChange> ReplyAsync(string ticket, Text text, ActionContext context, CancellationToken cancellation) =>
        WriteAsync(ticket, TicketChangeKind.Reply, text, context, cancellation);

    public async Task<Ticket> SetStatusAsync(string ticket, TicketStatus status, ActionContext context, CancellationToken cancellation)
    {
        CheckStatus(status);
        var now = await ReadAsync(CheckedKey(ticket), cancellation);
        // The version stays the one from before: our own change is automatic, and nobody else's between is passed over.
        return now.Status == status ? now : await PutStatusAsync(now, status, cancellation) with { Version = now.Version };
    }

    public Task<Ticket> FindAsync(string ticket, ActionContext context, CancellationToken cancellation) => ReadAsync(CheckedKey(ticket), cancellation);

    public Task<IReadOnlyList<Ticket>> SearchAsync(string words, ActionContext context, CancellationToken cancellation) => string.IsNullOrWhiteSpace(words)
        ? throw ConnectorFailure.Permanent("There are no words to search for. Look at where the playbook takes them from.", reason: "words")
        : SearchAsync(OneLine(words), cancellation);

    public Task<TicketChanges> ChangesAsync(string ticket, string since, ActionContext context, CancellationToken cancellation) =>
        ReadChangesAsync(CheckedKey(ticket), since ?? "", texts: true, cancellation);

    public async Task<TicketChanges> AwaitChangeAsync(string ticket, string since, ActionContext context, CancellationToken cancellation)
    {
        CheckedKey(ticket);
        var looked = await ReadChangesAsync(ticket, since ?? "", texts: false, cancellation);
        if (looked.Changes.All(change => change.Automatic))
            throw ConnectorFailure.NotYet($"Nobody has changed {ticket} yet; it is looked at every {Durations.Say(lookEvery)}.", lookEvery);
        return await ReadChangesAsync(ticket, since ?? "", texts: true, cancellation);
    }

    public async Task<Probe<Ticket>> ProbeCreateAsync(Text subject, Text body, ActionContext context, CancellationToken cancellation) =>
        await FindCreatedAsync(context, cancellation) is { } found ? Probe.Present(found, ours: true) : Probe.Absent<Ticket>();

    public Task<Probe<TicketChange>> ProbeCommentAsync(string ticket, Text text, ActionContext context, CancellationToken cancellation) =>
        ProbeWrittenAsync(ticket, TicketChangeKind.Comment, context, cancellation);

    public Task<Probe<TicketChange>> ProbeReplyAsync(string ticket, Text text, ActionContext context, CancellationToken cancellation) =>
        ProbeWrittenAsync(ticket, TicketChangeKind.Reply, context, cancellation);

    // A status carries no key: whose it is nobody can tell, that it is set is what was asked for.
    public async Task<Probe<Ticket>> ProbeSetStatusAsync(string ticket, TicketStatus status, ActionContext context, CancellationToken cancellation) =>
        await ReadAsync(CheckedKey(ticket), cancellation) is var now && now.Status == status ? Probe.Present(now, ours: false) : Probe.Absent<Ticket>();

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(() => TryOutAsync(cancellation));

    public abstract ValueTask DisposeAsync();

    /// <summary>Why this is no key of a ticket here, or null. What passes is safe in a path or a query.</summary>
    private protected abstract string? KeyProblem(string ticket);

    /// <summary>Why this status cannot be set here, or null.</summary>
    private protected abstract string? StatusProblem(TicketStatus status);

    /// <summary>The ticket that carries this effect's key.</summary>
    private protected abstract Task<Ticket?> FindCreatedAsync(ActionContext context, CancellationToken cancellation);

    private protected abstract Task<Ticket> PostTicketAsync(string subject, string body, ActionContext context, CancellationToken cancellation);

    /// <summary>The comment or reply that carries this effect's key. Fails with 404 when there is no such ticket.</summary>
    private protected abstract Task<TicketChange?> FindWrittenAsync(string ticket, TicketChangeKind kind, ActionContext context, CancellationToken cancellation);

    private protected abstract Task<TicketChange> PostWrittenAsync(string ticket, TicketChangeKind kind, string text, ActionContext context, CancellationToken cancellation);

    private protected abstract Task<Ticket> ReadAsync(string ticket, CancellationToken cancellation);

    /// <summary>Sets the status of a ticket as it was read, and reads it back.</summary>
    private protected abstract Task<Ticket> PutStatusAsync(Ticket now, TicketStatus status, CancellationToken cancellation);

    /// <param name="texts">False when only who did something matters: what was written need not be fetched.</param>
    private protected abstract Task<TicketChanges> ReadChangesAsync(string ticket, string since, bool texts, CancellationToken cancellation);

    private protected abstract Task<IReadOnlyList<Ticket>> SearchAsync(string words, CancellationToken cancellation);

    private protected abstract Task<ConnectorTest> TryOutAsync(CancellationToken cancellation);

    private protected string CheckedKey(string ticket) => KeyProblem(ticket ?? "") is { } problem
        ? throw ConnectorFailure.Permanent($"'{OneLine(ticket ?? "")}' is no ticket here: {problem}", reason: "key")
        : ticket!;

    private protected void CheckStatus(TicketStatus status)
    {
        if (status == TicketStatus.Other)
            throw ConnectorFailure.Permanent("'Other' stands for a status that has no word here and cannot be set. Set New, Open, Waiting, Resolved or Rejected.", reason: "status");
        if (StatusProblem(status) is { } problem)
            throw ConnectorFailure.Permanent(problem, reason: "status");
    }

    /// <summary>One line, cut between two characters where the tracker would cut or refuse it.</summary>
    /// <param name="lengthOf">How the tracker counts: characters unless said.</param>
    private protected static string OneLine(string text, int longest = 60, Func<string, int>? lengthOf = null)
    {
        lengthOf ??= static line => line.Length;
        var line = VisibleText.Line(text);
        if (lengthOf(line) <= longest)
            return line;
        var cut = Math.Min(line.Length, longest);
        while (lengthOf(line[..cut] + "…") > longest)
            cut--;
        return line[..(char.IsHighSurrogate(line[cut - 1]) ? cut - 1 : cut)] + "…";
    }

    private async Task<TicketChange> WriteAsync(string ticket, TicketChangeKind kind, Text text, ActionContext context, CancellationToken cancellation) =>
        await FindWrittenAsync(CheckedKey(ticket), kind, context, cancellation) ?? await PostWrittenAsync(ticket, kind, text.ToString(), context, cancellation);

    private async Task<Probe<TicketChange>> ProbeWrittenAsync(string ticket, TicketChangeKind kind, ActionContext context, CancellationToken cancellation) =>
        await FindWrittenAsync(CheckedKey(ticket), kind, context, cancellation) is { } found ? Probe.Present(found, ours: true) : Probe.Absent<TicketChange>();
}
