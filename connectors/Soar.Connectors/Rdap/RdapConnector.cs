using Soar.Capabilities;
using Soar.Connectors.Http;
using Soar.Connectors.Mime;
using Soar.Connectors.Smtp;

namespace Soar.Connectors.Rdap;

/// <summary>Finds the provider behind an address in the regional registries (RDAP, RFC 9083) and reports abuse to it by mail with an X-ARF v4 part.</summary>
[Connector("rdap", "Finds an address's provider by RDAP and reports abuse to it by mail (X-ARF v4).", Proven = "recorded answers of the registries; reports against Postfix 3.7", Outside = true, Rate = "5/s")]
public sealed class RdapConnector : IConnector, IIsp
{
    private readonly RdapSettings settings;
    private readonly ConnectorServices services;
    private readonly Lazy<(HttpAccess Http, RdapClient Client)> registry;

    public RdapConnector(RdapSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
        registry = new(() =>
        {
            var bootstrap = settings.BaseAddress is { } only ? RdapBootstrap.Only(only) : settings.Bootstrap is { } folder ? RdapBootstrap.From(folder) : RdapBootstrap.Shipped();
            var http = new HttpAccess(settings.RulesFor(bootstrap.Hosts) with { AnyPublicHost = true }, services);
            return (http, new RdapClient(bootstrap, http, settings.Keep, services.Clock));
        });
        Simulator = new RdapSimulator(settings, services);
    }

    public object Simulator { get; }

    public Task<NetworkOwner> OwnerAsync(IpAddress address, ActionContext context, CancellationToken cancellation) => registry.Value.Client.OwnerAsync(address, cancellation);

    public async Task<ProviderReport> ReportAsync(NetworkOwner owner, IpAddress address, string template, ActionContext context, CancellationToken cancellation)
    {
        var to = Contact(owner, address);
        var smtp = settings.Smtp
            ?? throw ConnectorFailure.Permanent($"The rdap instance '{services.Instance}' has no mail server for reports. Set smtp with host and from.", reason: "no-mail-server");
        var mail = Compose(settings, smtp, services, owner, address, to, template, context);
        var accepted = await SmtpConnector.DeliverAsync(smtp, mail, services.Clock, cancellation);
        return new ProviderReport(to, mail.MessageId, accepted.Response);
    }

    public async Task<ConnectorTest> TestAsync(CancellationToken cancellation)
    {
        try
        {
            var address = IpAddress.Parse("193.0.6.139"); // the RIPE NCC's own server
            var owner = await registry.Value.Client.OwnerAsync(address, cancellation);
            var mail = settings.Smtp is null ? "No mail server is set: reports will fail." : (await new SmtpConnector(settings.Smtp, services).TestAsync(cancellation)).Message;
            return new ConnectorTest(true, $"{owner.Registry} answers. {mail}");
        }
        catch (ConnectorFailure e) when (e.Reason == "404")
        {
            return new ConnectorTest(true, "The registry answers, and knows nothing of the address that was asked for.");
        }
        catch (SoarException e)
        {
            return new ConnectorTest(false, e.Message);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (registry.IsValueCreated)
            registry.Value.Http.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static EmailAddress Contact(NetworkOwner owner, IpAddress address) => owner.AbuseContacts.Count > 0
        ? owner.AbuseContacts[0]
        : throw ConnectorFailure.Permanent($"{owner.Name} ({owner.Network}) has no abuse contact in the registry, so {address} cannot be reported. Look at {owner.Registry} and report it by hand.", reason: "no-abuse-contact");

    internal static OutgoingMail Compose(RdapSettings settings, SmtpSettings smtp, ConnectorServices services, NetworkOwner owner, IpAddress address, EmailAddress to, string template, ActionContext context)
    {
        var now = services.Clock.GetUtcNow();
        var reference = Reference(context);
        var text = Rendered(services.Templates, template, settings.Language, new Dictionary<string, string>
        {
            ["Address"] = address.ToString(), ["Provider"] = OneLine(owner.Name), ["Network"] = owner.Network, ["Reference"] = reference, ["Time"] = now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss"),
        });
        var reporter = new Reporter(settings.Organisation ?? (smtp.FromName.Length > 0 ? smtp.FromName : smtp.From!.Domain), smtp.ReplyTo ?? smtp.From!);
        var xarf = XarfReport.Attack(XarfReport.Id(context.Key), now, reporter, address, template, OneLine(text.Subject), []);
        var subject = text.Subject.Contains(reference, StringComparison.Ordinal) ? text.Subject : $"{text.Subject} [{reference}]";
        return SmtpConnector.Compose(smtp, [to], subject, text.Body, context.Key, services.Clock) with { Report = XarfReport.Feedback(xarf, address, now) };
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
    private static string OneLine(string text)
    {
        var line = string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character)).Trim();
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

    public Task<ProviderReport> ReportAsync(NetworkOwner owner, IpAddress address, string template, ActionContext context, CancellationToken cancellation)
    {
        var to = RdapConnector.Contact(owner, address);
        var smtp = settings.Smtp?.From is null ? new SmtpSettings { From = EmailAddress.Parse("soar@soar.invalid") } : settings.Smtp;
        var mail = RdapConnector.Compose(settings, smtp, services, owner, address, to, template, context);
        MimeWriter.Write(mail);
        return Task.FromResult(new ProviderReport(to, mail.MessageId, "250 simulated"));
    }
}
