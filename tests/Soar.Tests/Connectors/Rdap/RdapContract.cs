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
        BaseAddress = other.Registry.Address, Timeout = other.Patience, Smtp = SmtpContract.Of(other.Mail, Canary) with { ConnectTimeout = other.Patience, CommandTimeout = other.Patience, FinalTimeout = other.Patience },
        Imap = ImapContract.Of(other.Mailbox, Canary),
    };

    protected override IEnumerable<(RdapSettings Settings, string Field)> Wrong(RdapSettings good) =>
    [
        (good with { BaseAddress = new Uri("ftp://x/") }, "baseAddress"), (good with { Bootstrap = "/nowhere" }, "bootstrap"), (good with { CaFile = "/nowhere" }, "caFile"),
        (good with { Timeout = TimeSpan.Zero }, "timeout"), (good with { Smtp = new SmtpSettings() }, "smtp.host"), (good with { Imap = new ImapSettings() }, "imap.host"),
    ];

    protected override string? Excuse(ActionDescriptor action, Trouble trouble) =>
        action.Name == "AwaitReply" ? "the mailbox is an imap connector's, whose own suite brings it into every trouble" : null;

    /// <summary>Questions go to the registry, reports to the mail server: trouble comes where the action goes. Answers come to a mailbox.</summary>
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
        public override Task WhenAsked => Task.WhenAny(Registry.WhenAsked, Mail.WhenAsked);
        public override TimeSpan? Wait => changes ? Mail.Wait : Registry.Wait;
        private bool changes;

        public override async ValueTask DisposeAsync()
        {
            await Registry.DisposeAsync();
            await Mail.DisposeAsync();
            await Mailbox.DisposeAsync();
        }

        protected override Expectation Bring(Trouble trouble, bool changesOnly)
        {
            changes = changesOnly;
            return changesOnly ? Mail.Make(trouble, changesOnly) : Registry.Make(trouble, changesOnly);
        }
    }
}
