using Soar.Capabilities;
using Soar.Connectors.Nftables;
using Soar.Connectors.Ssh;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Nftables;

/// <summary>nft itself is proven in the lab; here a program stands in its place that keeps elements as nft does and fails in every way.</summary>
public sealed class NftablesContract : ConnectorSuite<NftablesConnector, NftablesSettings, ProgramOtherSide>
{
    // One element a line: set, address, seconds or -, comment or -.
    private const string Nft = """
        if [ "$*" = "-f -" ]; then
          while read -r verb _ _ _ set _ address rest; do
            grep -v "^$set $address " "$here/state" >"$here/next"; mv "$here/next" "$here/state"
            [ "$verb" = add ] || continue
            seconds=-; comment=-
            [[ $rest =~ timeout\ ([0-9]+)s ]] && seconds=${BASH_REMATCH[1]}
            [[ $rest =~ comment\ \"([^\"]*)\" ]] && comment=${BASH_REMATCH[1]}
            echo "$set $address $seconds $comment" >>"$here/state"
          done
          return
        fi
        [ "$*" = "-j list table inet soar" ] || { echo "what is '$*'?" >&2; return 1; }
        printf '{"nftables":[{"metainfo":{"version":"1.0.6"}}'
        for set in blocked4 blocked6 blocknet4 blocknet6; do
          flags='"timeout"'; [[ $set = blocknet* ]] && flags='"interval","timeout"'
          printf ',{"set":{"name":"%s","flags":[%s]' "$set" "$flags"
          elements=
          while read -r in address seconds comment; do
            [ "$in" = "$set" ] || continue
            fields="\"val\":\"$address\""
            [ "$seconds" = - ] || fields="$fields,\"timeout\":$seconds,\"expires\":$seconds"
            [ "$comment" = - ] || fields="$fields,\"comment\":\"$comment\""
            elements="$elements,{\"elem\":{$fields}}"
          done <"$here/state"
          [ -z "$elements" ] || printf ',"elem":[%s]' "${elements:1}"
          printf '}},{"rule":{"expr":[{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"@%s"}},{"counter":{"packets":0,"bytes":0}},{"drop":null}]}}' "$set"
        done
        printf ']}'
        """;

    protected override ProgramOtherSide Double() => new(Nft, """[ "$1" = -f ]""", new Dictionary<Trouble, (string, int, Expectation)>
    {
        [Trouble.Unauthorised] = ("netlink: Error: cache initialization failed: Operation not permitted", 1, Expectation.Usual),
        [Trouble.Missing] = ("Error: No such file or directory", 1, Expectation.Means(FailureKind.Permanent)),
        [Trouble.Conflict] = ("Error: interval overlaps with an existing one", 1, Expectation.Means(FailureKind.Permanent)),
        [Trouble.Limited] = ("Error: Could not process rule: Device or resource busy", 1, Expectation.Means(FailureKind.Transient)),
        [Trouble.ServerError] = ("Error: Could not process rule: Cannot allocate memory", 1, Expectation.Means(FailureKind.Permanent)), // nft's transactions are all or nothing
    }, new Dictionary<Trouble, string>
    {
        [Trouble.Forbidden] = "nft knows one refusal, that of root's rights",
        [Trouble.Unavailable] = "nft is a program, not a server: it is never away for a while",
        [Trouble.SilentBefore] = "a program that was started may have done it from its first moment on",
    });

    protected override NftablesSettings Settings(ProgramOtherSide other) => new() { Command = other.Command, Timeout = other.Patience };

    protected override string? Resends(ActionDescriptor action) => action.Effect == Effect.Contains ? "one transaction takes the element out and puts it in again: no packet meets the set without it" : null;

    protected override IEnumerable<(NftablesSettings Settings, string Field)> Wrong(NftablesSettings good) =>
    [
        (good with { Command = [] }, "command"), (good with { Table = "soar" }, "table"), (good with { Timeout = TimeSpan.Zero }, "timeout"),
        (good with { WidestV4 = 0 }, "widestV4"), (good with { WidestV6 = 0 }, "widestV6"), (good with { Ssh = new SshAccess() }, "ssh.host"),
    ];
}
