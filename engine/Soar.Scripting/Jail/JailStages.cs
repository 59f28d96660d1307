using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Soar.Scripting.Jail;

/// <summary>How the jail is built, in reading order.</summary>
internal static unsafe class JailStages
{
    /// <summary>What the runtime reads on its own account; nothing secret stands there.</summary>
    private static readonly string[] SystemPaths =
    [
        "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/dotnet",
        // Files, not all of /proc/self: its net/ lists the machine's connections.
        "/proc/self/maps", "/proc/self/stat", "/proc/self/statm", "/proc/self/status", "/proc/self/cgroup", "/proc/self/mountinfo", "/proc/self/limits",
        "/proc/meminfo", "/proc/cpuinfo", "/sys/devices/system", "/sys/fs/cgroup",
        "/usr/share/zoneinfo", "/etc/localtime", "/dev/null", "/dev/urandom",
    ];

    [DoesNotReturn]
    internal static void BindAndExecuteAgain(JailPlan plan)
    {
        if (!Linux.IsSupported)
            throw new JailException("There is a jail only on Linux x64 and arm64.");
        // If the parent died before this line, nobody would ever send the signal.
        if (Linux.Syscall(Linux.Nr.Prctl, Linux.PR_SET_PDEATHSIG, Linux.SIGKILL) != 0 || Linux.Syscall(Linux.Nr.Getppid) != plan.Parent)
            throw new JailException("The parent is gone; so is its jailed child.");
        // Everything but the two pipes, the page and the standard streams closes with the exec, whoever left it open.
        CloseInheritedAtExec();

        var executable = Environment.ProcessPath!;
        using var path = new NativeStrings([executable]);
        using var arguments = new NativeStrings(File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0'));
        using var environment = new NativeStrings(EnvironmentFor(plan with { Stage = 2 }));
        var landlock = plan.PretendMissing.HasFlag(JailLayers.Landlock) ? 0 : Landlock.Version();
        List<string> readable = [.. SystemPaths, ChildEntry.FrameworkRoot(), .. OwnProgram(), .. plan.ReadOnlyPaths];
        var loaders = LoaderPaths();

        if (Linux.Syscall(Linux.Nr.Prctl, Linux.PR_SET_NO_NEW_PRIVS, 1) != 0)
            throw new JailException($"no_new_privs could not be set: {Linux.LastError}.");
        ResourceLimits.Set(ResourceLimits.Core, 0);
        ResourceLimits.Set(ResourceLimits.FileSize, 0);
        ResourceLimits.Set(ResourceLimits.LockedMemory, 0);
        ResourceLimits.Set(ResourceLimits.MessageQueues, 0);
        ResourceLimits.Set(ResourceLimits.OpenFiles, plan.OpenFiles);
        if (plan.CpuSeconds > 0)
            ResourceLimits.Set(ResourceLimits.Cpu, plan.CpuSeconds, hard: plan.CpuSeconds + 1); // first the signal that says why, then the one that cannot be ignored
        if (landlock > 0)
            Landlock.RestrictThisThread(landlock, readable, [executable, .. loaders]);
        else if (plan.Policy == JailPolicy.Require)
            throw new JailException(new KernelSupport(0, SeccompFilter.IsOffered(), SupportedMachine: true).Weaknesses()[0]
                + " Boot with landlock, or set the jail's policy to accept-weaker if that is acceptable here.");
        PrivilegeDrop.DropAll();
        ResourceLimits.Set(ResourceLimits.AddressSpace, plan.AddressSpace);
        _ = Linux.Syscall(Linux.Nr.Execve, (nint)path.Pointer[0], (nint)arguments.Pointer, (nint)environment.Pointer);
        throw new JailException($"{executable} could not be executed again inside the jail: {Linux.LastError}.");
    }

    internal static void ShutSystemCalls(JailPlan plan)
    {
        // The plan came by environment; what is really in force is measured, so that a forged stage does not open the jail.
        var landlock = !CanOpenRoot();
        var noNewPrivileges = Linux.Syscall(Linux.Nr.Prctl, Linux.PR_GET_NO_NEW_PRIVS) == 1;
        var kernel = KernelSupport.OfThisMachine().Without(plan.PretendMissing);
        if (kernel.Seccomp && noNewPrivileges)
            SeccompFilter.InstallOnAllThreads();
        var report = new JailReport(landlock, Seccomp: Linux.Syscall(Linux.Nr.Prctl, Linux.PR_GET_SECCOMP) == 2, noNewPrivileges,
            ResourceLimits.Get(ResourceLimits.AddressSpace), ResourceLimits.Get(ResourceLimits.FileSize), ResourceLimits.Get(ResourceLimits.OpenFiles),
            ResourceLimits.Get(ResourceLimits.Core), kernel);
        if (plan.Policy == JailPolicy.Require && !report.IsWhole)
            throw new JailException($"The jail is not whole ({report.ToLine()}). {string.Join(' ', kernel.Weaknesses())} "
                + "Mend that, or set the jail's policy to accept-weaker if that is acceptable here.");
        Environment.SetEnvironmentVariable(JailPlan.Variable, null);
        WriteLine(report.ToLine());
    }

    private static void CloseInheritedAtExec()
    {
        const int First = JailEntry.PageDescriptor + 1;
        if (Linux.Syscall(Linux.Nr.CloseRange, First, int.MaxValue, 4 /* CLOSE_RANGE_CLOEXEC, Linux 5.11 */) == 0)
            return;
        foreach (var entry in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(entry), out var descriptor) && descriptor >= First)
                _ = Linux.Syscall(Linux.Nr.Fcntl, descriptor, 2 /* F_SETFD */, 1 /* FD_CLOEXEC */);
        }
    }

    /// <summary>The files that are the program, not its whole directory: an operator may keep settings or data beside it.</summary>
    private static List<string> OwnProgram()
    {
        var paths = new List<string> { Path.Combine(AppContext.BaseDirectory, "runtimes") }; // native libraries per machine
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            if (file.EndsWith(".dll", StringComparison.Ordinal) || file.EndsWith(".so", StringComparison.Ordinal) || file.EndsWith(".pdb", StringComparison.Ordinal)
                || file.EndsWith(".deps.json", StringComparison.Ordinal) || file.EndsWith(".runtimeconfig.json", StringComparison.Ordinal))
                paths.Add(file);
        }
        return paths;
    }

    private static bool CanOpenRoot()
    {
        var descriptor = Linux.OpenPath("/", Linux.O_RDONLY | Linux.O_CLOEXEC);
        if (descriptor < 0)
            return false;
        _ = Linux.Close(descriptor);
        return true;
    }

    /// <summary>The dynamic loader, which the kernel opens for execution together with the program.</summary>
    private static List<string> LoaderPaths()
    {
        var paths = new List<string>();
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            var start = line.IndexOf('/', StringComparison.Ordinal);
            if (start > 0 && Path.GetFileName(line.AsSpan(start)).StartsWith("ld-") && !paths.Contains(line[start..]))
                paths.Add(line[start..]);
        }
        return paths;
    }

    private static List<string> EnvironmentFor(JailPlan plan)
    {
        var environment = new List<string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name != JailPlan.Variable)
                environment.Add($"{name}={variable.Value}");
        }
        environment.Add($"{JailPlan.Variable}={plan.Write()}");
        return environment;
    }

    /// <summary>Straight to the error stream: the console's writer would be set up for nothing in most children.</summary>
    private static void WriteLine(string line)
    {
        var bytes = Linux.ZeroEnded(line);
        bytes[^1] = (byte)'\n';
        fixed (byte* first = bytes)
            _ = Linux.Write(2, first, bytes.Length);
    }
}
