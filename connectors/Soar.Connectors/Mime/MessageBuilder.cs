namespace Soar.Connectors.Mime;

/// <summary>What stands above the tree: addresses, bodies, attachments, links, the path it came.</summary>
internal static class MessageBuilder
{
    private static readonly HashSet<string> Once = new(StringComparer.OrdinalIgnoreCase) { "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References" };

    public static MimeMessage Build(MimePart root, MimeLimits limits, DefectList defects)
    {
        defects.Path = root.Path;
        foreach (var twice in root.Headers.Where(header => Once.Contains(header.Name)).GroupBy(header => header.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            defects.Add(MimeDefectCode.DuplicateHeader, $"{twice.Key} stands {twice.Count()} times; readers differ in which one they show, the first is used");
        var parts = root.Walk().ToList();
        var (text, html) = Bodies(parts);
        HtmlText? reader = html is null ? null : new HtmlText(html, limits);
        var htmlText = reader?.Read();
        var found = reader?.Links ?? [];
        var links = MimeLinks.Collect(found.Concat(text is null ? [] : MimeLinks.InText(text)).Concat(htmlText is null ? [] : Unlinked(htmlText, found)), limits, defects);
        var received = All(root, "Received").Take(limits.Hops).Select(TraceHeaders.Received).ToList();
        if (All(root, "Received").Skip(limits.Hops).Any())
            defects.Add(MimeDefectCode.TooManyHops, $"more than {limits.Hops} Received headers; the rest is not read");
        return new MimeMessage
        {
            Root = root,
            Subject = root.Header("Subject"),
            From = Addresses("From"), Sender = Addresses("Sender"), ReplyTo = Addresses("Reply-To"), To = Addresses("To"), Cc = Addresses("Cc"), ReturnPath = Addresses("Return-Path"),
            Date = Date(root, defects),
            MessageId = Identifiers(root.Header("Message-ID")).FirstOrDefault(),
            InReplyTo = Identifiers(root.Header("In-Reply-To")),
            References = Identifiers(root.Header("References")),
            Text = text ?? htmlText,
            Html = html,
            Attachments = [.. parts.Where(IsAttachment).Select(part => Attachment(part))],
            Links = links,
            Received = received,
            Authentication = [.. root.Headers.Where(IsAuthentication).Take(limits.Hops).SelectMany((header, position) => TraceHeaders.Authentication(header).Select(result => result with { Position = position })).Take(1_000)],
            Defects = defects.All,
        };

        IReadOnlyList<MimeAddress> Addresses(string name) => MimeAddresses.Parse(All(root, name).Take(1), limits, defects);
    }

    private static IEnumerable<MimeHeader> All(MimePart root, string name) => root.Headers.Where(header => string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase));

    private static bool IsAuthentication(MimeHeader header) => header.Name.ToLowerInvariant() is "authentication-results" or "arc-authentication-results" or "received-spf";

    private static DateTimeOffset? Date(MimePart root, DefectList defects)
    {
        var text = root.Header("Date");
        var date = MailDates.Parse(text);
        if (date is null && text is not null)
            defects.Add(MimeDefectCode.DateUnreadable, Charsets.Short(text));
        return date;
    }

    private static (string? Text, string? Html) Bodies(List<MimePart> parts)
    {
        string? text = null, html = null;
        foreach (var part in parts.Where(part => part.Text is not null && part.Disposition != "attachment" && part.Message is null))
        {
            if (part.MediaType == "text/html")
                html ??= part.Text;
            else if (part.MediaType == "text/plain" || part.MediaType.StartsWith("multipart/", StringComparison.Ordinal))
                text ??= part.Text;
        }
        return (text, html);
    }

    // A URL that stands in the HTML's visible text without being a link is still something people copy.
    private static IEnumerable<(string, string, LinkSource)> Unlinked(string htmlText, List<(string Url, string Text, LinkSource Source)> links)
    {
        var labels = links.Select(link => link.Text).Concat(links.Select(link => link.Url)).ToHashSet();
        return MimeLinks.InText(htmlText).Where(link => !labels.Contains(link.Url) && !labels.Contains(link.Text));
    }

    private static bool IsAttachment(MimePart part)
    {
        if (part.Parts.Count > 0 || part.MediaType.StartsWith("multipart/", StringComparison.Ordinal))
            return false;
        if (part.Disposition == "attachment" || part.FileName is not null || part.Message is not null)
            return true;
        return !part.MediaType.StartsWith("text/", StringComparison.Ordinal)
            && part.MediaType is not ("message/delivery-status" or "message/feedback-report") && part.Content.Length > 0;
    }

    private static MimeAttachment Attachment(MimePart part) => new(part.Path, part.FileName, part.MediaType,
        part.Disposition != "attachment" && (part.Disposition == "inline" || part.Header("Content-ID") is not null), part.Content);

    /// <summary>Message-IDs in angle brackets; a bare word with an @ counts too, as some mailers write it.</summary>
    internal static IReadOnlyList<string> Identifiers(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
            return [];
        var result = new List<string>();
        var index = 0;
        while (index < value.Length && result.Count < 1_000)
        {
            var open = value.IndexOf('<', index);
            var close = open < 0 ? -1 : value.IndexOf('>', open);
            if (close < 0)
                break;
            result.Add(value[(open + 1)..close].Trim());
            index = close + 1;
        }
        if (result.Count == 0)
            result.AddRange(value.Split([' ', ',', '<', '>'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.Contains('@')).Take(1_000));
        return result;
    }
}
