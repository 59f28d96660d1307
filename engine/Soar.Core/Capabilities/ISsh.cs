namespace Soar.Capabilities;

/// <summary>How a command ended on its host.</summary>
/// <param name="ExitCode">The command's own. Other than 0 fails no step: what it means is the playbook's to say.</param>
/// <param name="Output">What it wrote to standard output, as UTF-8.</param>
/// <param name="Errors">What it wrote to standard error.</param>
/// <param name="Cut">It wrote more than the instance keeps; the end is missing.</param>
public sealed record SshResult(int ExitCode, string Output, string Errors, bool Cut);

[Capability("Ssh", "Runs commands on a host.")]
public interface ISsh
{
    /// <summary>
    /// Runs a command that changes nothing. Only what the instance's settings list as reading is run; anything else is refused with the code <c>not-read-only</c>, and is for <c>Run</c>.
    /// </summary>
    /// <param name="command">The program and its arguments, each as it is: no shell ever gives a meaning to any character of them.</param>
    [Action(Effect.ReadsOnly, TimeoutSeconds = 330)]
    Task<SshResult> QueryAsync(IReadOnlyList<string> command, ActionContext context, CancellationToken cancellation);

    /// <summary>
    /// Runs any command. Nobody knows what it does, so it counts as the worst: it needs the approval of what cannot be undone, is never repeated once it may have begun, and when its end is not
    /// known (the connection broke, its time was over), a person looks at the host. A command that was given up may go on running there.
    /// </summary>
    /// <param name="command">The program and its arguments, each as it is: no shell ever gives a meaning to any character of them.</param>
    [Action(Effect.Destroys, TimeoutSeconds = 330, NoInverse = "What a command does is known to its host only; run the command that undoes it, if there is one.")]
    Task<SshResult> RunAsync(IReadOnlyList<string> command, ActionContext context, CancellationToken cancellation);
}
