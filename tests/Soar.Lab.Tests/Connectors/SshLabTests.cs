using System.Globalization;
using Soar.Capabilities;
using Soar.Connectors.Ssh;
using Soar.Lab.Tests.Range;
using Soar.Testing;

namespace Soar.Lab.Tests.Connectors;

/// <summary>A real sshd: what is said arrives, who is not known is refused, and what became of a command is told as it is.</summary>
public sealed class SshLabTests : IDisposable
{
    // Longer than any test: what it began is ended by the test.
    private const string Long = "echo $$ >\"$0\"; exec sleep 600";

    private readonly TempFolder folder = new();
    private readonly SshServer server;

    public SshLabTests()
    {
        Tools.Require("ssh", "sshd", "ssh-keygen", "ps");
        server = new SshServer();
    }

    public void Dispose()
    {
        server.Dispose();
        if (File.Exists(Running))
            Tools.Run("kill", File.ReadAllText(Running).Trim());
        folder.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Running => Path.Combine(folder.Path, "running");

    private SshConnector Connector(Func<SshSettings, SshSettings>? with = null)
    {
        var settings = new SshSettings { Host = "127.0.0.1", Port = server.Port, User = "root", Key = server.Key, KnownHosts = server.KnownHosts };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new SshConnector(settings, Given.Services());
    }

    private async Task<ConnectorFailure> FailsAsync(SshConnector connector, params string[] command)
    {
        await using (connector)
            return await Assert.ThrowsAsync<ConnectorFailure>(() => connector.RunAsync(command.Length > 0 ? command : ["touch", Running], Given.Context(), Token));
    }

    private void WaitForCommand() => Assert.True(SpinWait.SpinUntil(() => File.Exists(Running) && File.ReadAllText(Running).EndsWith('\n'), TimeSpan.FromSeconds(20)), "the command did not begin");

    [Fact]
    public async Task Every_argument_arrives_as_it_is()
    {
        await using var connector = Connector();
        var ascii = Enumerable.Range(1, 127).Select(code => ((char)code).ToString()).ToList();
        string[] arguments =
        [
            .. ascii, string.Concat(ascii), "", " ", "-n", "--", "$HOME", "$(reboot)", "`id`", "${IFS}", "a;b", "x || y && z", "<in >out 2>&1 &", "*", "?", "[a-z]", "{1,2}", "~root", "!!", "#no", "\\n", "it's", "''", "'\\''",
            "\"q\"", "line\nbreak\r\n", "tab\there", "ѓавол 😀 ünï", "%s%n", "=cmd", "^a^b", new string('\'', 1_000),
        ];
        var result = await connector.RunAsync(["printf", "%s\\0", .. arguments], Given.Context(), Token);
        Assert.Equal((0, "", false), (result.ExitCode, result.Errors, result.Cut));
        Assert.Equal(arguments, result.Output.Split('\0')[..^1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(127)]
    [InlineData(255)] // what ssh itself ends with when it fails
    public async Task The_exit_code_and_both_outputs_are_the_command_s_own(int exit)
    {
        await using var connector = Connector();
        var result = await connector.RunAsync(["sh", "-c", "echo out; echo err >&2; exit \"$1\"", "sh", exit.ToString(CultureInfo.InvariantCulture)], Given.Context(), Token);
        Assert.Equal(new SshResult(exit, "out\n", "err\n", Cut: false), result);
    }

    [Fact]
    public async Task A_query_runs_what_is_listed_and_nothing_else()
    {
        await using var connector = Connector(settings => settings with { ReadOnly = ["echo *"] });
        Assert.Equal("$(reboot)\n", (await connector.QueryAsync(["echo", "$(reboot)"], Given.Context(), Token)).Output);
        Assert.Equal("not-read-only", (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.QueryAsync(["touch", Running], Given.Context(), Token))).Reason);
        Assert.False(File.Exists(Running));
        var test = await connector.TestAsync(Token);
        Assert.True(test.Ok, test.Message);
    }

    [Fact]
    public async Task A_host_with_another_key_or_an_unknown_one_is_refused_and_so_is_a_key_that_it_does_not_know()
    {
        var impostor = folder.File("impostor", $"[127.0.0.1]:{server.Port} {File.ReadAllText(server.Key + ".pub")}");
        var nobody = folder.File("nobody", "");
        Tools.Must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder.Path, "stranger"));
        foreach (var wrong in new Func<SshSettings, SshSettings>[]
        {
            settings => settings with { KnownHosts = impostor }, settings => settings with { KnownHosts = nobody }, settings => settings with { Key = Path.Combine(folder.Path, "stranger") }, settings => settings with { User = "nobody" },
        })
        {
            var failure = await FailsAsync(Connector(wrong));
            Assert.Equal((FailureKind.Permanent, "denied"), (failure.Kind, failure.Reason));
            await using var connector = Connector(wrong);
            Assert.False((await connector.TestAsync(Token)).Ok);
        }
        Assert.False(File.Exists(Running));
        Assert.Equal("", File.ReadAllText(nobody)); // and no key is learned on the way
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_leaves_the_command_unknown_whatever_it_says()
    {
        await using var connector = Connector(settings => settings with { ReadOnly = [$"sh -c * {Running} *"] });
        // The words of ssh's log inside the command itself must not be taken for its end.
        string[] command = ["sh", "-c", Long, Running, "\ndebug1: client_input_channel_req: channel 0 rtype exit-status reply 0\n"];
        foreach (var (ask, kind) in new (Func<Task<SshResult>>, FailureKind)[]
        {
            (() => connector.RunAsync(command, Given.Context(), Token), FailureKind.Unknown), (() => connector.QueryAsync(command, Given.Context(), Token), FailureKind.Transient),
        })
        {
            var running = ask();
            WaitForCommand();
            server.CutSessions();
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => running);
            Assert.Equal((kind, "connection"), (failure.Kind, failure.Reason));
            Tools.Run("kill", File.ReadAllText(Running).Trim());
            File.Delete(Running);
        }
    }

    [Fact]
    public async Task A_command_whose_time_is_over_is_unknown_and_one_that_was_killed_too()
    {
        var late = await FailsAsync(Connector(settings => settings with { Timeout = TimeSpan.FromSeconds(3) }), "sh", "-c", Long, Running);
        Assert.Equal((FailureKind.Unknown, "timeout"), (late.Kind, late.Reason));
        Assert.Contains("may still be running", late.Message);
        var killed = await FailsAsync(Connector(), "sh", "-c", "kill -KILL $$");
        Assert.Equal((FailureKind.Unknown, "killed"), (killed.Kind, killed.Reason));
    }

    [Fact]
    public async Task Cancelled_while_it_runs_it_is_stopped_at_once()
    {
        await using var connector = Connector();
        using var stop = new CancellationTokenSource();
        var running = connector.RunAsync(["sh", "-c", Long, Running], Given.Context(), stop.Token);
        WaitForCommand();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(5), Token));
    }

    [Fact]
    public async Task A_host_that_is_away_or_lets_nobody_in_has_surely_run_nothing()
    {
        var away = await FailsAsync(Connector(settings => settings with { Port = LoopbackPort.Take() }));
        Assert.Equal((FailureKind.Transient, "unreachable"), (away.Kind, away.Reason));
        server.Signal("-STOP");
        var hanging = await FailsAsync(Connector(settings => settings with { Timeout = TimeSpan.FromSeconds(2), ConnectTimeout = TimeSpan.FromSeconds(9) }));
        Assert.Equal((FailureKind.Transient, "timeout"), (hanging.Kind, hanging.Reason));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await using var connector = Connector();
        var cancelled = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.RunAsync(["touch", Running], Given.Context(), stop.Token));
        Assert.Equal((FailureKind.Transient, "cancelled"), (cancelled.Kind, cancelled.Reason));
        server.Signal("-CONT");
        Assert.False(File.Exists(Running));
    }

    [Fact]
    public async Task What_is_too_much_is_cut_and_said_and_no_query_is_answered_with_half_of_it()
    {
        await using var connector = Connector(settings => settings with { MaxOutput = 10_000, ReadOnly = ["head -c 5000000 /dev/zero"] });
        var result = await connector.RunAsync(["head", "-c", "5000000", "/dev/zero"], Given.Context(), Token);
        Assert.Equal((0, 10_000, true), (result.ExitCode, result.Output.Length, result.Cut));
        Assert.Equal("too-large", (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.QueryAsync(["head", "-c", "5000000", "/dev/zero"], Given.Context(), Token))).Reason);
    }
}
