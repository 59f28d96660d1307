using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Connectors.Imap;
using Soar.Connectors.Mime;
using Soar.Connectors.Smtp;

namespace Soar.Connectors.Rdap;

/// <summary>Finds the provider behind an address in the regional registries (RDAP, RFC 9083), reports abuse to it by mail (RFC 5965 and X-ARF v4) and finds its answers.</summary>
[Connector("rdap", "Finds an address's provider by RDAP, reports abuse to it by mail (X-ARF v4, ARF) and awaits its answer.", Proven = "recorded answers of the registries and the official X-ARF schemas; reports and answers against Postfix 3.7 and Dovecot 2.3", Outside = true, Rate = "5/s")]
public sealed class RdapConnector : IConnector, IIsp
{
    private readonly RdapSettings settings;
    private readonly ConnectorServices services;
    private readonly Lazy<(HttpAccess Http, RdapClient Client, RdapRegistries Known)> registry;
    private readonly ImapConnector? mailbox;

    public RdapConnector(RdapSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
        registry = new(() =>
        {
            var known = new RdapRegistries(settings, services);
            var http = new HttpAccess(settings.RulesFor(known.Known.Hosts) with { AnyPublicHost = true }, services);
            return (http, new RdapClient(known, http, settings.Keep, services.Clock), known);
        });
        mailbox = settings.Imap is null ? null : new ImapConnector(settings.Imap, services);
        Simulator = new RdapSimulator(settings, services);
    }

    public object Simulator { get; }

    public Task<NetworkOwner> OwnerAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => registry.Value.Client.OwnerAsync(address, cancellation);

    public async Task<ProviderReport> ReportAsync(
        NetworkOwner owner, IpAddress address, string template, AbuseKind? kind = null, string? protocol = null, int? sourcePort = null, IpAddress? target = null, IReadOnlyList<int>? ports = null,
        string? url = null, DateTimeOffset? firstSeen = null, DateTimeOffset? lastSeen = null, IReadOnlyList<Artifact>? evidence = null, ActionContext context = null!, CancellationToken cancellation = default)
    {
        var to = Contact(owner, address);
        var smtp = settings.Smtp
            ?? throw ConnectorFailure.Permanent($"The rdap instance '{services.Instance}' has no mail server for reports. Set smtp with host and from.", reason: "no-mail-server");
        var facts = new AbuseFacts
        {
            Kind = kind, Protocol = protocol?.ToLowerInvariant(), SourcePort = sourcePort, Target = target, Ports = ports ?? [], Url = url, FirstSeen = firstSeen, LastSeen = lastSeen,
        };
        facts.Check();
        var (mail, report) = Compose(settings, smtp, services, owner, address, to, template, await facts.WithEvidenceAsync(evidence, smtp, context), context);
        var accepted = await SmtpConnector.DeliverAsync(smtp, mail, services.Clock, cancellation);
        return report with { Response = accepted.Response };
    }

    public Task<MailReply> AwaitReplyAsync(ProviderReport report, bool automatic = false, MailRef? after = null, ActionContext context = null!, CancellationToken cancellation = default)
    {
        if (mailbox is null)
            throw ConnectorFailure.Permanent($"The rdap instance '{services.Instance}' has no mailbox where providers answer. Set imap with host, user and password.", reason: "no-mailbox");
        var wanted = new ReplyWanted(report.MessageId, report.Reference.Length > 0 ? report.Reference : null, report.To.Domain, automatic, after);
        return mailbox.Replies.AwaitAsync(wanted, context, cancellation);
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var (known, seen) = (registry.Value, "");
        try
        {
            var owner = await known.Client.OwnerAsync(IpAddress.Parse("193.0.6.139"), cancellation); // the RIPE NCC's own server
            seen = $"{owner.Registry} answers.";
        }
        catch (ConnectorFailure e) when (e.Reason == "404")
        {
            seen = "The registry answers, and knows nothing of the address that was asked for.";
        }
        var mail = settings.Smtp is null ? "No mail server is set: reports will fail." : (await new SmtpConnector(settings.Smtp, services).TestAsync(cancellation)).Message;
        var answers = mailbox is null ? new ConnectorTest(true, "No mailbox is set: answers cannot be awaited.") : await mailbox.TestAsync(cancellation);
        return new ConnectorTest(answers.Ok, $"{seen} {mail} {answers.Message}{Old(known.Known)}");
    });

    public async ValueTask DisposeAsync()
    {
        if (registry.IsValueCreated)
        {
            registry.Value.Http.Dispose();
            registry.Value.Known.Dispose();
        }
        if (mailbox is not null)
            await mailbox.DisposeAsync();
    }

    /// <summary>Address space moves between registries: an old list leads to the wrong one.</summary>
    private string Old(RdapRegistries registries) => registries.Problem is { } problem ? $" Warning: {problem}"
        : !registries.Refreshes && registries.Known.Publication is { } published && services.Clock.GetUtcNow() - published > TimeSpan.FromDays(365)
        ? $" Warning: the list of registries is IANA's of {published:yyyy-MM-dd}, more than a year old. Put ipv4.json and ipv6.json from https://data.iana.org/rdap/ into a folder and set bootstrap, or set refresh." : "";

    internal static EmailAddress Contact(NetworkOwner owner, IpAddress address)
    {
        if (owner.AbuseContacts.Count > 0)
            return owner.AbuseContacts[0];
        var redacted = owner.Redacted is { Count: > 0 } left ? $" The registry says that it left out: {string.Join(", ", left)}; it tells that on request." : "";
        throw ConnectorFailure.Permanent($"{owner.Name} ({owner.Network}) has no abuse contact in the registry, so {address} cannot be reported.{redacted} Look at {owner.Registry} and report it by hand.",
            reason: "no-abuse-contact");
    }

    internal static (OutgoingMail Mail, ProviderReport Report) Compose(
        RdapSettings settings, SmtpSettings smtp, ConnectorServices services, NetworkOwner owner, IpAddress address, EmailAddress to, string template, AbuseFacts facts, ActionContext context)
    {
        var now = services.Clock.GetUtcNow();
        var reference = Reference(context);
        var holes = new Dictionary<string, string>
        {
            ["Address"] = address.ToString(), ["Provider"] = OneLine(owner.Name), ["Network"] = owner.Network, ["Reference"] = reference, ["Time"] = AbuseFacts.Time(now),
        };
        foreach (var (hole, value) in facts.Holes())
            holes[hole] = value;
        var text = Rendered(services.Templates, template, settings.Language, holes);
        var reporter = new Reporter(settings.Organisation ?? (smtp.FromName.Length > 0 ? smtp.FromName : smtp.From!.Domain), smtp.ReplyTo ?? smtp.From!);
        var xarf = XarfReport.Of(XarfReport.Id(context.Key), now, reporter, address, template, OneLine(text.Subject), facts);
        var feedback = xarf.Feedback(address, now, facts);
        var subject = text.Subject.Contains(reference, StringComparison.Ordinal) ? text.Subject : $"{text.Subject} [{reference}]";
        var mail = SmtpConnector.Compose(smtp, [to], subject, text.Body, context.Key, services.Clock) with
        {
            Report = feedback,
            // the reported mail goes along as such; where it cannot pass unchanged, as a file
            Files = [.. facts.Evidence.Where(file => file != feedback.Original || !MimeWriter.PassesWhole(file.Content.Span))],
        };
        return (mail, new ProviderReport(to, mail.MessageId, "") { Type = xarf.FullType, Reference = reference });
    }

    /// <summary>What stands in the subject and finds the case when the provider answers: the end of the case's id, or of the run's where there is no case.</summary>
    internal static string Reference(ActionContext context) => $"SOAR-{(context.Case?.Value ?? context.Run.Value).ToString("N")[^12..].ToUpperInvariant()}";

    // A template that is missing or lacks a value is found before anything is sent: surely not done.
    private static RenderedTemplate Rendered(ITemplates templates, string name, string language, Dictionary<string, string> values)
    {
        try
        {
            return templates.Render(name, language, values);
        }
        catch (SoarException e)
        {
            throw ConnectorFailure.Permanent($"{e.Message} Nothing was sent.", e, "template");
        }
    }

    // The registry's words go into headers and a template: one line, bounded.
    internal static string OneLine(string text)
    {
        var line = VisibleText.Line(text);
        return line.Length > 200 ? line[..200] : line;
    }
}

/// <summary>A provider that does not exist, for any address; reports are composed, so that a missing template or contact fails here too.</summary>
internal sealed class RdapSimulator(RdapSettings settings, ConnectorServices services) : IIsp
{
    public Task<NetworkOwner> OwnerAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => Task.FromResult(new NetworkOwner
    {
        Address = address, Name = "Simulated provider", Handle = "SIMULATED", Network = IpAddress.Parse($"{address.ToIPAddress()}/{Math.Min(address.PrefixLength, address.IsV6 ? 48 : 24)}").ToString(),
        AbuseContacts = [EmailAddress.Parse("abuse@provider.invalid")], Registry = "https://rdap.invalid/simulated",
    });

    public Task<ProviderReport> ReportAsync(
        NetworkOwner owner, IpAddress address, string template, AbuseKind? kind = null, string? protocol = null, int? sourcePort = null, IpAddress? target = null, IReadOnlyList<int>? ports = null,
        string? url = null, DateTimeOffset? firstSeen = null, DateTimeOffset? lastSeen = null, IReadOnlyList<Artifact>? evidence = null, ActionContext context = null!, CancellationToken cancellation = default)
    {
        var to = RdapConnector.Contact(owner, address);
        var smtp = settings.Smtp?.From is null ? new SmtpSettings { From = EmailAddress.Parse("soar@soar.invalid") } : settings.Smtp;
        // without the evidence's bytes, which a dry run may not have
        var facts = new AbuseFacts
        {
            Kind = kind, Protocol = protocol?.ToLowerInvariant(), SourcePort = sourcePort, Target = target, Ports = ports ?? [], Url = url, FirstSeen = firstSeen, LastSeen = lastSeen,
        };
        facts.Check();
        var (mail, report) = RdapConnector.Compose(settings, smtp, services, owner, address, to, template, facts, context);
        MimeWriter.Write(mail);
        return Task.FromResult(report with { Response = "250 simulated" });
    }

    public Task<MailReply> AwaitReplyAsync(ProviderReport report, bool automatic = false, MailRef? after = null, ActionContext context = null!, CancellationToken cancellation = default) =>
        ImapSimulator.ReplyAsync(settings.Imap ?? new ImapSettings(), report.MessageId, context, cancellation);
}
