using Soar.Connectors.Mime;

namespace Soar.Connectors.Imap;

/// <summary>Which answer is awaited.</summary>
/// <param name="MessageId">Of our mail.</param>
/// <param name="Reference">What its subject holds to find the case by; null where only the thread counts.</param>
/// <param name="FromDomain">By subject alone only mails from there count, or from its subdomains: several providers get mails of one case.</param>
/// <param name="Automatic">Answers of machines count too.</param>
/// <param name="After">The answer that was had before.</param>
internal sealed record ReplyWanted(string MessageId, string? Reference, string? FromDomain, bool Automatic, Soar.Capabilities.MailRef? After)
{
    public string Key => $"{MessageId}|{Reference}|{FromDomain}|{Automatic}|{After}";

    /// <summary>What the server is asked for; it finds parts of texts, so what it finds is judged by <see cref="Match"/>.</summary>
    public ImapCommand Search(uint from)
    {
        var search = new ImapCommand("UID SEARCH UID").Then($"{Math.Max(from, 1)}:*");
        if (Reference is not null)
            search.Then("OR SUBJECT").Text(Reference);
        // A mail that could not be delivered often names ours only inside the report: TEXT, because servers do not look into an attached mail's headers for BODY.
        return search.Then("OR OR HEADER \"In-Reply-To\"").Text(MessageId).Then("HEADER \"References\"").Text(MessageId)
            .Then("(HEADER \"Content-Type\" \"multipart/report\" TEXT").Text(MessageId).Close();
    }
}

/// <summary>What a mail is to ours, judged by its headers.</summary>
/// <param name="By">How it was matched.</param>
internal sealed record ReplyMatch(string By, bool Automatic)
{
    public const string Report = "delivery-status";

    /// <summary>Null when it is no answer. <see cref="Report"/> when it is a delivery report, whose inside tells the rest.</summary>
    public static ReplyMatch? Of(MimeMessage header, ReplyWanted wanted)
    {
        if (header.MessageId == wanted.MessageId)
            return null; // our own mail, where the mailbox gets a copy
        if (header.Root.MediaType == "multipart/report" && string.Equals(header.Root.Parameters.GetValueOrDefault("report-type"), Report, StringComparison.OrdinalIgnoreCase))
            return new ReplyMatch(Report, Automatic: true);
        var by = header.InReplyTo.Contains(wanted.MessageId) ? "In-Reply-To"
            : header.References.Contains(wanted.MessageId) ? "References"
            : wanted.Reference is { } reference && header.Subject?.Contains(reference, StringComparison.OrdinalIgnoreCase) == true && From(header, wanted.FromDomain) ? "subject" : null;
        return by is null ? null : new ReplyMatch(by, IsAutomatic(header));
    }

    /// <summary>The words of a report that our mail could not be delivered for good; null for any other report, or one about another mail.</summary>
    public static string? Undelivered(MimeMessage report, string messageId)
    {
        var parts = report.Root.Walk().ToList();
        var ours = report.InReplyTo.Contains(messageId) || report.References.Contains(messageId)
            || parts.Any(part => part.Message?.MessageId == messageId || (part.MediaType == "text/rfc822-headers" && part.Text?.Contains($"<{messageId}>", StringComparison.Ordinal) == true));
        if (!ours)
            return null;
        foreach (var recipient in parts.Where(part => part.MediaType == "message/delivery-status").SelectMany(part => part.Fields))
        {
            string Field(string name) => recipient.FirstOrDefault(field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase))?.Value.Trim() ?? "";
            if (!Field("Action").StartsWith("failed", StringComparison.OrdinalIgnoreCase))
                continue;
            return ImapParser.Shown($"{Field("Final-Recipient")}: {Field("Status")} {Field("Diagnostic-Code")}");
        }
        return null;
    }

    private static bool From(MimeMessage header, string? domain) =>
        domain is null || header.From.Any(from => from.Domain == domain || from.Domain.EndsWith("." + domain, StringComparison.Ordinal) || (from.Domain.Contains('.') && domain.EndsWith("." + from.Domain, StringComparison.Ordinal)));

    private static bool IsAutomatic(MimeMessage header) =>
        header.Header("Auto-Submitted") is { } submitted && !submitted.Trim().StartsWith("no", StringComparison.OrdinalIgnoreCase)
        || header.Header("X-Autoreply") is not null
        || header.Header("Precedence")?.Trim().ToLowerInvariant() is "auto_reply" or "auto-reply";
}
