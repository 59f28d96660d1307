using Soar.Capabilities;
using Soar.Connectors.Ssh;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Ssh;

/// <summary>sshd itself is proven in the lab; here a program stands in place of ssh that writes the same log, keeps what it was told to run, and fails in every way.</summary>
public sealed class SshContract : ConnectorSuite<SshConnector, SshSettings, ProgramOtherSide>
{
    // The exit code comes back only when all is well.
    private const string Ssh = """
        while [ "$1" != -- ]; do if [ "$1" = -E ]; then log=$2; fi; shift; done
        echo "debug1: Sending command: $3" >>"$log"
        case "$3" in "'true'"|"'uptime'") ;; *) echo "$3" >>"$here/state" ;; esac
        [ -n "$mode" ] || echo "debug1: client_input_channel_req: channel 0 rtype exit-status reply 0" >>"$log"
        echo 'up 3 days'
        """;

    private const string NotHere = "what sshd does not say comes from the command, and is its result";

    protected override ProgramOtherSide Double() => new(Ssh, """case "${@: -1}" in "'true'"|"'uptime'") false ;; esac""", new Dictionary<Trouble, (string, int, Expectation)>
    {
        [Trouble.Unauthorised] = ("soar@edge: Permission denied (publickey).", 255, Expectation.Usual),
        [Trouble.Forbidden] = ("Host key verification failed.", 255, Expectation.Usual),
        [Trouble.Limited] = ("kex_exchange_identification: Connection closed by remote host", 255, Expectation.Means(FailureKind.Transient)), // sshd's MaxStartups
        [Trouble.Unavailable] = ("ssh: connect to host edge port 22: Connection refused", 255, Expectation.Usual),
    }, new Dictionary<Trouble, string>
    {
        [Trouble.Missing] = NotHere, [Trouble.Conflict] = NotHere, [Trouble.ServerError] = NotHere,
        [Trouble.SilentBefore] = "a host that lets nobody in is silent in the lab's test; a program in its place has begun once it was started",
    });

    protected override SshSettings Settings(ProgramOtherSide other)
    {
        other.Put("key", "");
        return new SshSettings
        {
            Host = "edge", Key = Path.Combine(other.Folder, "key"), KnownHosts = Path.Combine(other.Folder, "key"), Command = other.Command, Timeout = other.Patience, ReadOnly = ["uptime"], MaxOutput = 1_000,
        };
    }

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => action.Id == "ssh.query" ? new[] { "uptime" } : ["systemctl", "restart", "nginx; reboot"];

    protected override IEnumerable<(SshSettings Settings, string Field)> Wrong(SshSettings good) =>
    [
        (good with { Host = "-oProxyCommand=x" }, "host"), (good with { User = "a b" }, "user"), (good with { Port = 0 }, "port"), (good with { Key = "/nowhere" }, "key"), (good with { KnownHosts = "" }, "knownHosts"),
        (good with { ConnectTimeout = TimeSpan.Zero }, "connectTimeout"), (good with { ReadOnly = ["* -x"] }, "readOnly"), (good with { Timeout = TimeSpan.FromHours(1) }, "timeout"), (good with { MaxOutput = 0 }, "maxOutput"),
        (good with { Command = [] }, "command"),
    ];
}
