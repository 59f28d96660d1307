using Soar.Capabilities;
using Soar.Connectors.Ssh;
using Soar.Testing;

namespace Soar.Tests.Connectors.Ssh;

public sealed class RemoteCommandTests
{
    [Theory]
    [InlineData("'uptime'", "uptime")]
    [InlineData("'echo' 'a b' '' '*' '-n'", "echo", "a b", "", "*", "-n")]
    [InlineData("'echo' '$(reboot)' '`id`' 'a;b|c&d>e<f' '\"' '\\' '!x' '~' '#'", "echo", "$(reboot)", "`id`", "a;b|c&d>e<f", "\"", "\\", "!x", "~", "#")]
    [InlineData("'echo' 'it'\\''s' ''\\'''\\'''", "echo", "it's", "''")]
    [InlineData("'echo' 'a\nb\tc'", "echo", "a\nb\tc")]
    public void Each_argument_stands_in_quotes_in_which_nothing_has_a_meaning(string quoted, params string[] command) => Assert.Equal(quoted, RemoteCommand.Quote(command));

    [Theory]
    [InlineData("command")]
    [InlineData("command", "")]
    [InlineData("command", "  ", "x")]
    [InlineData("command", "echo", "a\0b")]
    [InlineData("command", "ec\0ho")]
    public void What_cannot_arrive_as_it_is_is_refused(string reason, params string[] command) =>
        Assert.Equal((FailureKind.Permanent, reason), Assert.Throws<ConnectorFailure>(() => RemoteCommand.Quote(command)) is var failure ? (failure.Kind, failure.Reason) : default);

    [Fact]
    public void Half_a_surrogate_pair_is_refused_instead_of_becoming_something_else()
    {
        Assert.Equal("command", Assert.Throws<ConnectorFailure>(() => RemoteCommand.Quote(["echo", "a\uD800"])).Reason);
        Assert.Equal("'echo' '😀'", RemoteCommand.Quote(["echo", "😀"]));
    }

    [Fact]
    public void What_no_shell_takes_is_refused() => Assert.Equal("too-large", Assert.Throws<ConnectorFailure>(() => RemoteCommand.Quote(["echo", new string('x', 120_000)])).Reason);

    [Theory]
    [InlineData(true, "uptime")]
    [InlineData(false, "uptime", "-p")]
    [InlineData(false, "/bin/uptime")]
    [InlineData(true, "systemctl", "is-active", "nginx")]
    [InlineData(true, "systemctl", "is-active", "; reboot")] // one argument, whatever it holds
    [InlineData(false, "systemctl", "is-active", "--force")]
    [InlineData(false, "systemctl", "is-active", "nginx", "ssh")]
    [InlineData(false, "systemctl", "stop", "nginx")]
    [InlineData(false, "systemctl is-active", "nginx")]
    public void Only_what_is_listed_reads(bool listed, params string[] command) => Assert.Equal(listed, RemoteCommand.IsListed(command, ["uptime", "systemctl  is-active *"]));

    [Fact]
    public async Task What_is_not_listed_is_refused_before_anything_is_started()
    {
        await using var connector = new SshConnector(new SshSettings { Command = ["/does/not/exist"], ReadOnly = ["uptime"] }, Given.Services());
        foreach (var ssh in new[] { connector, (ISsh)connector.Simulator })
        {
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => ssh.QueryAsync(["rm", "-rf", "/"], Given.Context(), CancellationToken.None));
            Assert.Equal((FailureKind.Permanent, "not-read-only"), (failure.Kind, failure.Reason));
        }
    }
}
