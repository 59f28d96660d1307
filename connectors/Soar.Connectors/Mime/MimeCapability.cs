using Soar.Capabilities;

namespace Soar.Connectors.Mime;

/// <summary>Our own servers, whose headers are believed.</summary>
public sealed record MimeSettings
{
    [Setting("Networks of our own mail servers. The first relay outside of them is a mail's origin. Default: private networks (RFC 1918, RFC 4193).")]
    public IReadOnlyList<IpAddress> TrustedNetworks { get; init; } = [.. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7" }.Select(IpAddress.Parse)];

    [Setting("Names of our own mail servers as reverse DNS gives them.")]
    public IReadOnlyList<string> TrustedHosts { get; init; } = [];

    [Setting("Names (authserv-id) that our own servers write into Authentication-Results. Default: none, so that no result is believed.")]
    public IReadOnlyList<string> AuthenticationServers { get; init; } = [];
}

/// <summary>The built-in capability <c>Mime</c>: takes raw mails apart.</summary>
public sealed class MimeCapability(MimeSettings settings) : IMime
{
    private const int MostBytes = 64 * 1024 * 1024;
    private const int MostBody = 64 * 1024;
    private const int MostObservables = 200;
    private const int MostForwarded = 5;
    private const int MostKept = 200;
    private const int MostReferences = 30;

    private readonly TrustedPath trusted = new(
        [.. settings.TrustedNetworks.Select(network => new System.Net.IPNetwork(network.ToIPAddress(), network.PrefixLength))],
        settings.TrustedHosts.Select(host => host.ToLowerInvariant()).ToHashSet());

    private readonly HashSet<string> servers = new(settings.AuthenticationServers, StringComparer.OrdinalIgnoreCase);

    public async Task<ParsedMail> ReadAsync(Artifact mail, ActionContext context, CancellationToken cancellation)
    {
        if (mail.Size > MostBytes)
            throw ConnectorFailure.Permanent($"The mail '{mail.Name}' has {mail.Size} bytes; at most {MostBytes} are taken apart.", reason: "too-large");
        await using var stream = context.Artifacts.Open(mail);
        using var bytes = new MemoryStream((int)mail.Size);
        await stream.CopyToAsync(bytes, cancellation);
        var message = MimeReader.Read(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
        var kept = new Dictionary<string, Artifact>(StringComparer.Ordinal);
        foreach (var file in Files(message, depth: 0).Take(MostKept).DistinctBy(file => file.Sha256))
        {
            using var content = new MemoryStream(file.Content.ToArray(), writable: false);
            kept[file.Sha256] = await context.Artifacts.PutAsync(content, file.SafeName, file.MediaType, cancellation);
        }
        return Parsed(message, kept, depth: 0);
    }

    internal ParsedMail Read(ReadOnlyMemory<byte> bytes) => Parsed(MimeReader.Read(bytes), new Dictionary<string, Artifact>(), depth: 0);

    private static IEnumerable<MimeAttachment> Files(MimeMessage mail, int depth) =>
        mail.Attachments.Concat(depth >= MostForwarded ? [] : mail.Root.Walk().Where(part => part.Message is not null).SelectMany(part => Files(part.Message!, depth + 1)));

    private ParsedMail Parsed(MimeMessage mail, IReadOnlyDictionary<string, Artifact> kept, int depth) => Named(new()
    {
        MessageId = mail.MessageId,
        Subject = mail.Subject ?? "",
        From = mail.From.Count > 0 ? mail.From[0].ToString() : "",
        FromAddress = mail.From.Count > 0 && EmailAddress.TryParse(mail.From[0].Address, null, out var from) ? from : null,
        ReplyTo = Addresses(mail.ReplyTo),
        To = Addresses(mail.To),
        Cc = Addresses(mail.Cc),
        InReplyTo = [.. mail.InReplyTo.Where(MailRef.IsMessageId).Take(MostReferences)],
        References = Shortened([.. mail.References.Where(MailRef.IsMessageId)]),
        Date = mail.Date,
        Origin = mail.FirstUntrustedHop(trusted) is { } origin ? Hop(origin) : null,
        Hops = [.. mail.Received.Select(Hop)],
        Authentication = Results(mail),
        Body = mail.Text is { } text ? text.Length > MostBody ? text[..MostBody] : text : "",
        Links = [.. mail.Links.Where(link => link.Host.Length > 0).Select(link => new Soar.Capabilities.MailLink(link.Url, link.Host, link.Text, link.Mismatch))],
        Attachments = [.. mail.Attachments.Select(file => Attachment(file, kept))],
        Forwarded = depth >= MostForwarded ? [] : [.. mail.Root.Walk().Where(part => part.Message is not null).Select(part => Parsed(part.Message!, kept, depth + 1))],
        // the list belongs to the whole mail: it stands at the top only
        Defects = depth > 0 ? [] : [.. mail.Defects.Select(defect => $"{defect.Code}{(defect.PartPath.Length > 0 ? $" (part {defect.PartPath})" : "")}: {defect.Detail}")],
    });

    private static ParsedMail Named(ParsedMail mail) => mail with
    {
        DefangedBody = Defanged.Text(mail.Body),
        Observables = [.. ObservableText.Find($"{mail.Subject}\n{mail.Body}").Take(MostObservables)],
    };

    private static MailAttachment Attachment(MimeAttachment file, IReadOnlyDictionary<string, Artifact> kept) => new(file.SafeName, file.MediaType, file.Size, file.Sha256, file.Sha1, file.Md5)
    {
        // the same bytes under two names are kept once, and are named as here
        Artifact = kept.TryGetValue(file.Sha256, out var artifact) ? artifact with { Name = file.SafeName, MediaType = file.MediaType } : null,
    };

    // A thread is known by its first mail and its last ones.
    private static IReadOnlyList<string> Shortened(IReadOnlyList<string> thread) => thread.Count <= MostReferences ? thread : [thread[0], .. thread.TakeLast(MostReferences - 1)];

    private Dictionary<string, string> Results(MimeMessage mail)
    {
        var results = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var method in new[] { "spf", "dkim", "dmarc" })
        {
            var verified = mail.Verified(method, servers).Select(result => result.Result).ToList();
            // several signatures: one that holds is enough (RFC 6376 §6.1)
            if (verified.Count > 0)
                results[method] = verified.Contains("pass") ? "pass" : verified[0];
        }
        return results;
    }

    private static IReadOnlyList<EmailAddress> Addresses(IEnumerable<MimeAddress> addresses) =>
        [.. addresses.Select(address => EmailAddress.TryParse(address.Address, null, out var parsed) ? parsed : null).OfType<EmailAddress>()];

    private static MailHop Hop(ReceivedHop hop) => new(hop.Ip is null ? null : IpAddress.TryParse(hop.Ip.ToString(), null, out var ip) ? ip : null, hop.ReverseName ?? hop.FromName, hop.By, hop.Time);
}
