using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Imap;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Imap;

public sealed class ImapContract : ConnectorSuite<ImapConnector, ImapSettings, ImapOtherSide>
{
    protected override ImapOtherSide Double() => new();

    protected override ImapSettings Settings(ImapOtherSide other) => Of(other, Canary);

    protected override IEnumerable<(ImapSettings Settings, string Field)> Wrong(ImapSettings good) =>
    [
        (good with { Host = "" }, "host"), (good with { Port = 70_000 }, "port"), (good with { User = "" }, "user"), (good with { Password = null }, "password"), (good with { CaFile = "/nowhere" }, "caFile"),
        (good with { Folder = "" }, "folder"), (good with { Quarantine = "inbox" }, "quarantine"), (good with { MaxBytes = 1 }, "maxBytes"), (good with { LookEvery = TimeSpan.Zero }, "lookEvery"), (good with { Connections = 0 }, "connections"),
    ];

    // Where a mail lies is the server's knowledge; who moved it is not.
    protected override bool KeepsKey(ActionDescriptor action) => false;

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name switch
    {
        "folder" => action.Name == "Search" ? "INBOX" : "Work",
        "after" or "since" or "before" => null,
        _ => base.Argument(action, parameter),
    };

    protected override Expectation? Meaning(ActionDescriptor action, Trouble trouble) => (action.Name, trouble) switch
    {
        ("Search", Trouble.Missing) => Expectation.NoTrouble, // a mailbox without the mail answers that it has none
        ("AwaitReply", Trouble.Missing) => Expectation.Means(FailureKind.NotYet),
        ("Delete" or "Release", Trouble.Missing) => Expectation.NoTrouble, // what is gone already is no error here
        _ => null,
    };

    internal static ImapSettings Of(ImapOtherSide other, Secret password) => new()
    {
        Host = "localhost", Port = other.Port, CaFile = other.CaFile, User = "soc", Password = password, ConnectTimeout = other.Patience, Timeout = other.Patience,
    };
}
