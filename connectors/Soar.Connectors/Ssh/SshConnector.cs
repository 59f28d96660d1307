using Soar.Capabilities;
using Soar.Connectors.Processes;

namespace Soar.Connectors.Ssh;

/// <summary>
/// Runs commands on a host with the system's ssh, a connection for each. What became of a command is told by ssh's own log, which is kept apart from what the command says: whether it was sent, and whether its
/// exit code came back.
/// </summary>
[Connector("ssh", "Runs commands on a host over ssh, as lists of arguments.", Proven = "OpenSSH 9.2")]
public sealed class SshConnector(SshSettings settings, ConnectorServices services) : IConnector, ISsh
{
    public object Simulator { get; } = new SshSimulator(settings);

    public async Task<SshResult> QueryAsync(IReadOnlyList<string> command, ActionContext context, CancellationToken cancellation)
    {
        if (!RemoteCommand.IsListed(command, settings.ReadOnly))
            throw NotListed(command);
        var result = await RunAsync(command, changes: false, cancellation);
        return result.Cut ? throw ConnectorFailure.Permanent($"{settings.Where}: {command[0]} wrote more than {settings.MaxOutput} characters, and half an answer misleads. Ask for less, or raise maxOutput.", reason: "too-large") : result;
    }

    public Task<SshResult> RunAsync(IReadOnlyList<string> command, ActionContext context, CancellationToken cancellation) => RunAsync(command, changes: true, cancellation);

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var result = await RunAsync(["true"], changes: false, cancellation);
        return new ConnectorTest(true, $"{settings.Where} lets us in{(result.ExitCode == 0 ? "" : $", but does not run 'true' (exit {result.ExitCode}: {SshWords.Line(result.Errors)})")}. {settings.ReadOnly.Count} commands are listed as reading.");
    });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static ConnectorFailure NotListed(IReadOnlyList<string> command) => ConnectorFailure.Permanent(
        $"'{SshWords.Line(string.Join(' ', command))}' is not listed as a command that only reads (setting readOnly). Nothing was run; list it if it changes nothing, or use Ssh.Run.", reason: "not-read-only");

    private async Task<SshResult> RunAsync(IReadOnlyList<string> command, bool changes, CancellationToken cancellation)
    {
        var quoted = RemoteCommand.Quote(command);
        var folder = Directory.CreateTempSubdirectory("soar-ssh-"); // readable by us only
        try
        {
            var log = Path.Combine(folder.FullName, "log");
            try
            {
                var ended = await ToolProcess.RunAsync([.. settings.Command, .. settings.Arguments("-E", log, "-o", "LogLevel=DEBUG1"), quoted], null, settings.Timeout, services.Clock, cancellation, settings.MaxOutput);
                return Result(command[0], ended, ReadLog(log, quoted), changes);
            }
            catch (OperationCanceledException e) when (changes && !ReadLog(log, quoted).Sent)
            {
                throw ConnectorFailure.Transient($"{settings.Where}: there was no time left. {command[0]} was not sent.", inner: e, reason: "cancelled");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private SshResult Result(string program, ToolResult ended, SshLog log, bool changes)
    {
        if (log.Finished && ended.ExitCode is { } exit)
            return new SshResult(exit, ended.Output, ended.Errors, ended.Cut);
        var words = SshWords.Line($"{log.Words}\n{ended.Errors}");
        if (log.Killed)
            throw Broken($"{settings.Where}: {program} was ended by a signal{(words.Length > 0 ? $": {words}" : "")}.", "killed", changes);
        if (ended.ExitCode is null)
            throw log.Sent
                ? Broken($"{settings.Where}: {program} {SshWords.Line(ended.Errors)}; it may still be running there.", "timeout", changes)
                : ConnectorFailure.Transient($"{settings.Where} did not let us in within {Durations.Say(settings.Timeout)}. {program} was not sent.", reason: "timeout");
        if (log.Sent)
            throw Broken($"The connection to {settings.Where} broke before the exit code of {program} came: {words}.", "connection", changes);
        throw SshWords.NeverAllowed(words)
            ? ConnectorFailure.Permanent($"{settings.Where} does not let us in: {words}. Check key, user, knownHosts and the host's authorized_keys. {program} was not sent.", reason: "denied")
            : ConnectorFailure.Transient($"{settings.Where} cannot be reached: {words}. {program} was not sent.", reason: "unreachable");
    }

    private static ConnectorFailure Broken(string message, string reason, bool changes) => changes
        ? ConnectorFailure.Unknown($"{message} What it did until then stands; look at the host.", reason: reason)
        : ConnectorFailure.Transient(message, reason: reason);

    // "debug1: Sending command: …" stands in the log before the first byte of it leaves, "rtype exit-status" once its exit code has come. The command itself stands in the log too, whatever it says: what it says does not count.
    private static SshLog ReadLog(string path, string command)
    {
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        bool Says(string word) => text.AsSpan().Count(word) > command.AsSpan().Count(word);
        return new SshLog(text, text.Contains("debug1: Sending command", StringComparison.Ordinal), Says("rtype exit-status"), Says("rtype exit-signal"));
    }

    private sealed record SshLog(string Words, bool Sent, bool Finished, bool Killed);
}

/// <summary>Answers as a command that says nothing and succeeds; refuses what could not be sent, and what is not listed where anything is.</summary>
internal sealed class SshSimulator(SshSettings settings) : ISsh
{
    private static readonly SshResult Silent = new(0, "", "", Cut: false);

    public Task<SshResult> QueryAsync(IReadOnlyList<string> command, ActionContext context, CancellationToken cancellation) =>
        settings.ReadOnly.Count > 0 && !RemoteCommand.IsListed(command, settings.ReadOnly) ? throw SshConnector.NotListed(command) : RunAsync(command, context, cancellation);

    public Task<SshResult> RunAsync(IReadOnlyList<string> command, ActionContext context, CancellationToken cancellation)
    {
        RemoteCommand.Quote(command);
        return Task.FromResult(Silent);
    }
}
