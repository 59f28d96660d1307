using Soar.Capabilities;
using Soar.Connectors.Yara;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Yara;

public sealed class YaraContract : ConnectorSuite<YaraConnector, YaraSettings, ProgramOtherSide>
{
    protected override ProgramOtherSide Double()
    {
        var yara = new ProgramOtherSide("""if [ "$1" = --version ]; then echo 4.2.3; else echo "Lab [worm] ${@: -1}"; fi""", "false", new Dictionary<Trouble, (string, int, Expectation)>
        {
            [Trouble.ServerError] = ("error: rule \"B\" in c.yar(2): syntax error", 1, Expectation.Means(FailureKind.Permanent)),
        }, new Dictionary<Trouble, string>
        {
            [Trouble.Unauthorised] = "a program of this machine knows no users",
            [Trouble.Forbidden] = "a program of this machine knows no users",
            [Trouble.Missing] = "it is asked about bytes, not about something that it holds",
            [Trouble.Conflict] = "it is asked about bytes, not about something that it holds",
            [Trouble.Limited] = "a program of this machine knows no rate",
            [Trouble.Unavailable] = "yara is a program, not a server: it is never away for a while",
            [Trouble.Truncated] = "half of what it writes may name a rule all the same, and a match is told rather than none",
            [Trouble.SilentBefore] = "a program has begun once it was started; see SilentAfter",
        });
        yara.Put("rules/lab.yar", "rule Lab { condition: true }");
        return yara;
    }

    // yara's own time is at least a second, ours two more.
    protected override YaraSettings Settings(ProgramOtherSide other) => new() { Rules = "rules", Command = other.Command, Timeout = other.Patience };

    protected override IEnumerable<(YaraSettings Settings, string Field)> Wrong(YaraSettings good) =>
        [(good with { Rules = "" }, "rules"), (good with { Command = [" "] }, "command"), (good with { MaxBytes = 0 }, "maxBytes"), (good with { Timeout = TimeSpan.Zero }, "timeout")];
}
