using Soar.Capabilities;
using Soar.Connectors.Imap;
using Soar.Connectors.Rdap;
using Soar.Connectors.Smtp;
using Soar.Testing.Contract;
using Soar.Tests.Connectors.Imap;
using Soar.Tests.Connectors.Smtp;

namespace Soar.Tests.Connectors.Rdap;

public sealed class RdapContract : ConnectorSuite<RdapConnector, RdapSettings, RdapContract.RegistryAndMail>
{
    protected override RegistryAndMail Double() => new();

    protected override RdapSettings Settings(RegistryAndMail other) => new()
    {
        BaseAddress = other.Registry.Address, Timeout = other.Registry.Patience, Smtp = SmtpContract.Of(other.Mail, Canary),
        Imap = ImapContract.Of(other.Mailbox, Canary),
    };

    protected override IEnumerable<(RdapSettings Settings, string Field)> Wrong(RdapSettings good) =>
    [
        (good with { BaseAddress = new Uri("ftp://x/") }, "baseAddress"), (good with { Bootstrap = "/nowhere" }, "bootstrap"), (good with { CaFile = "/nowhere" }, "caFile"),
        (good with { Refresh = TimeSpan.FromDays(-1) }, "refresh"), (good with { RefreshFrom = new Uri("http://data.iana.org/rdap/") }, "refreshFrom"), (good with { Timeout = TimeSpan.Zero }, "timeout"), (good with { Smtp = new SmtpSettings() }, "smtp.host"), (good with { Imap = new ImapSettings() }, "imap.host"),
    ];

    protected override OtherSide Place(RegistryAndMail other, ActionDescriptor action) => action.Name switch { "Report" => other.Mail, "AwaitReply" => other.Mailbox, _ => other.Registry };

    protected override Expectation? Meaning(ActionDescriptor action, Trouble trouble) => (action.Name, trouble) == ("AwaitReply", Trouble.Missing) ? Expectation.Means(FailureKind.NotYet) : null;

    /// <summary>Questions go to the registry, reports to the mail server, answers come to a mailbox.</summary>
    public sealed class RegistryAndMail : OtherSide
    {
        private const string Network = """
            {"objectClassName":"ip network","handle":"NET-1","name":"TEST","country":"MK","cidr0_cidrs":[{"v4prefix":"203.0.113.0","length":24}],
             "entities":[{"objectClassName":"entity","roles":["abuse"],"vcardArray":["vcard",[["email",{},"text","abuse@isp.example"]]]}]}
            """;

        public HttpOtherSide Registry { get; } = new(request => request.Path == "/ip/203.0.113.66"
            ? new HttpTold(200, Network, "application/rdap+json")
            : new HttpTold(404, """{"errorCode":404,"title":"not found"}"""), () => "");
        public SmtpOtherSide Mail { get; } = new();
        public ImapOtherSide Mailbox { get; } = new();
        public override string State => Mail.State;
        public override Task WhenAsked => Registry.WhenAsked;

        public override async ValueTask DisposeAsync()
        {
            await Registry.DisposeAsync();
            await Mail.DisposeAsync();
            await Mailbox.DisposeAsync();
        }

        // The connection test asks the registry first.
        protected override Expectation Bring(Trouble trouble, bool changesOnly) => Registry.Make(trouble, changesOnly);
    }
}
