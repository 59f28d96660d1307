using Soar.Capabilities;
using Soar.Connectors.Unbound;
using Soar.Testing.Contract;
using Soar.Tests.Connectors.Rpz;

namespace Soar.Tests.Connectors.Unbound;

/// <summary>Unbound itself is proven in the lab; here a program stands in for unbound-control that keeps zones and data, beside a resolver that knows no names.</summary>
public sealed class UnboundContract : ConnectorSuite<UnboundConnector, UnboundSettings, UnboundContract.Control>
{
    protected override Control Double() => new();

    protected override UnboundSettings Settings(Control other) => new() { Command = other.Command, ResolverPort = other.Resolver.Port, Timeout = other.Resolver.Patience < other.Patience ? other.Resolver.Patience : other.Patience };

    protected override IEnumerable<(UnboundSettings Settings, string Field)> Wrong(UnboundSettings good) =>
    [
        (good with { Command = [] }, "command"), (good with { Sinkhole = [IpAddress.Parse("198.51.100.0/24")] }, "sinkhole"), (good with { Ttl = TimeSpan.FromDays(9) }, "ttl"), (good with { Resolver = "a b" }, "resolver"),
        (good with { ResolverPort = 0 }, "resolverPort"), (good with { Timeout = TimeSpan.Zero }, "timeout"),
    ];

    protected override OtherSide Place(Control other, ActionDescriptor action) => action.Effect == Effect.ReadsOnly ? other.Resolver : other;

    // A resolver asks nobody for a key, and a question is in conflict with nothing.
    protected override Expectation? Meaning(ActionDescriptor action, Trouble trouble) => action.Effect == Effect.ReadsOnly && trouble is Trouble.Unauthorised or Trouble.Conflict ? Expectation.NoTrouble : null;

    public sealed class Control : OtherSide
    {
        // Lines of the state: "zone name type", "data name ttl IN type data…".
        private const string Script = """
            local verb=$1; shift
            case "$verb" in
            status) echo 'version: 1.17.1'; return ;;
            list_local_zones) sed -n 's/^zone //p' "$here/state"; return ;;
            list_local_data) sed -n 's/^data //p' "$here/state"; return ;;
            local_zone) grep -vF "zone $1 " "$here/state" >"$here/next"; echo "zone $1 $2" >>"$here/next" ;;
            local_zone_remove) grep -vF -e "zone $1 " -e "data $1 " "$here/state" >"$here/next" ;;
            local_data) cp "$here/state" "$here/next"; echo "data $*" >>"$here/next" ;;
            local_data_remove) grep -vF "data $1 " "$here/state" >"$here/next" ;;
            *) echo "error unknown command '$verb'"; return 1 ;;
            esac
            mv "$here/next" "$here/state"; echo ok
            """;

        private readonly ProgramOtherSide program = new(Script, """[[ $1 = local_* ]]""", new Dictionary<Trouble, (string, int, Expectation)>
        {
            [Trouble.Unauthorised] = ("error: SSL handshake failed", 1, Expectation.Usual),
            [Trouble.Forbidden] = ("fatal error: could not open /run/unbound.ctl: Permission denied", 1, Expectation.Usual),
            [Trouble.ServerError] = ("error out of memory", 1, Expectation.Means(FailureKind.Permanent)), // it says so instead of doing it
            [Trouble.Unavailable] = ("error: connect: Connection refused for /run/unbound.ctl", 1, Expectation.Usual),
        }, new Dictionary<Trouble, string>
        {
            [Trouble.Missing] = "what is not there is what it makes",
            [Trouble.Conflict] = "a local zone is in conflict with nothing",
            [Trouble.Limited] = "the control of a resolver knows no rate",
            [Trouble.SilentBefore] = "a program that was started may have done it from its first moment on",
        });

        /// <summary>The users' resolver, which answers the question that is not about our zones.</summary>
        public RpzContract.Primary Resolver { get; } = new();

        public IReadOnlyList<string> Command => program.Command;
        public override string State => program.State;
        public override Task WhenAsked => program.WhenAsked;
        public override TimeSpan? Wait => null;

        public override async ValueTask DisposeAsync()
        {
            await program.DisposeAsync();
            await Resolver.DisposeAsync();
        }

        protected override Expectation Bring(Trouble trouble, bool changesOnly) => program.Make(trouble, changesOnly);
    }
}
