namespace Soar.Connectors.Ssh;

/// <summary>A host where playbooks run commands.</summary>
public sealed record SshSettings : SshAccess
{
    [Setting("Commands that only read, for Ssh.Query, word by word: uptime, or systemctl is-active *. A * stands for one argument that does not begin with a hyphen. Default: none.")]
    public IReadOnlyList<string> ReadOnly { get; init; } = [];

    [Setting("Time for one command. What it began may go on after that. Default: 60s, at most 5m.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("How much of a command's output is kept, and of its errors, in characters. Default: 262144.")]
    public int MaxOutput { get; init; } = 256 * 1024;

    [Setting("How ssh is started on this machine, word by word. Default: [ssh].")]
    public IReadOnlyList<string> Command { get; init; } = ["ssh"];

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        foreach (var listed in ReadOnly)
            if (string.IsNullOrWhiteSpace(listed) || listed.TrimStart()[0] == '*' || listed.Any(char.IsControl))
                yield return $"readOnly: '{listed}' names no program; write uptime, or systemctl is-active *";
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(5))
            yield return "timeout: write 1s to 5m";
        if (MaxOutput is < 1 or > 16 * 1024 * 1024)
            yield return "maxOutput: write 1 to 16777216";
        if (Command.Count == 0 || Command.Any(string.IsNullOrWhiteSpace))
            yield return "command: has no words; write [ssh]";
    }
}
