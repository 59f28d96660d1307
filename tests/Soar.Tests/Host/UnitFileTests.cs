using System.Diagnostics;
using Soar.Scripting.Jail;
using Soar.Tests.Scripting.Compile;
using Soar.Testing;

namespace Soar.Tests.Host;

/// <summary>engine/deploy/soar.service: systemd understands every word of it, and it leaves Soar what it needs to jail its playbook hosts.</summary>
public sealed class UnitFileTests
{
    private static readonly string Unit = File.ReadAllText(Path.Combine(Compiling.Repository, "engine/deploy/soar.service"));

    [Fact]
    public void Systemd_understands_every_line_and_calls_it_well_guarded()
    {
        using var folder = new TempFolder();
        // The program is not installed here; everything else is as it is.
        var file = folder.File("soar.service", Unit.Replace("ExecStart=/opt/soar/soar", "ExecStart=/bin/true", StringComparison.Ordinal));
        var (verified, said) = Analyze("verify", "--man=no", file);
        Assert.True(verified == 0, said);
        Assert.DoesNotContain("soar.service:", said, StringComparison.Ordinal);

        // 0 is the best there is, 10 none at all; 2.0 is written as 20.
        var (guarded, exposure) = Analyze("security", "--offline=true", "--no-pager", "--threshold=20", file);
        Assert.True(guarded == 0, exposure);
    }

    [Fact]
    public void Every_system_call_of_the_jail_and_of_what_runs_in_it_is_let_through()
    {
        var (exit, sets) = Analyze("syscall-filter", "--no-pager");
        Assert.True(exit == 0, sets);
        var groups = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string>? group = null;
        foreach (var line in sets.Split('\n'))
        {
            if (line.StartsWith('@')) groups[line.Trim()] = group = [];
            else if (line.StartsWith("    ", StringComparison.Ordinal)) group?.Add(line.Trim());
        }

        var allowed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var word in Unit.Split('\n').Where(line => line.StartsWith("SystemCallFilter=", StringComparison.Ordinal)).SelectMany(line => line["SystemCallFilter=".Length..].Split(' '))) Allow(word);
        Assert.True(allowed.Count > 200, $"{allowed.Count}");

        string[] jail = ["landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp", "prctl", "prlimit64", "capset", "execve", "close_range", "memfd_create", "ftruncate", "setpgid", "kill", "wait4", "waitid", "pipe2", "openat", "fcntl", "clone", "clone3", "ioctl", "tgkill", "sched_setaffinity"];
        var wanted = SystemCalls.Allowed.Select(call => call.Name).Concat(jail).ToList();
        Assert.Empty(wanted.Where(call => !allowed.Contains(call)));

        void Allow(string word)
        {
            if (groups.TryGetValue(word, out var inner)) inner.ForEach(Allow);
            else allowed.Add(word);
        }
    }

    [Fact]
    public void What_would_keep_dotnet_or_the_jail_from_working_is_not_asked_for()
    {
        // Code is made at run time; the jail takes namespaces from nobody, and needs no capability; a killed playbook host must not end the service.
        Assert.DoesNotContain("\nMemoryDenyWriteExecute=", Unit, StringComparison.Ordinal);
        Assert.Contains("\nOOMPolicy=continue\n", Unit, StringComparison.Ordinal);
        Assert.Contains("\nCapabilityBoundingSet=\n", Unit, StringComparison.Ordinal);
        Assert.Contains("\nNoNewPrivileges=yes\n", Unit, StringComparison.Ordinal);
    }

    private static (int Exit, string Said) Analyze(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "needs systemd-analyze (Debian's systemd)");
        using var process = Process.Start(new ProcessStartInfo("systemd-analyze", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
