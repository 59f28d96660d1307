namespace Soar.Scripting.Jail;

/// <summary>What this machine's kernel offers to build a jail with; <c>soar health</c> shows it.</summary>
/// <param name="LandlockVersion">The version of landlock, 0 for none. 4 and later also close TCP, 6 and later signals and abstract sockets.</param>
/// <param name="Seccomp">Whether system calls can be filtered.</param>
/// <param name="SupportedMachine">Whether this is Linux on x64 or arm64; nowhere else is there a jail.</param>
public sealed record KernelSupport(int LandlockVersion, bool Seccomp, bool SupportedMachine)
{
    /// <summary>Whether the whole jail can be built.</summary>
    public bool IsWhole => SupportedMachine && Seccomp && LandlockVersion > 0;

    /// <summary>Asks the kernel.</summary>
    public static KernelSupport OfThisMachine() => new(Landlock.Version(), SeccompFilter.IsOffered(), Linux.IsSupported);

    internal KernelSupport Without(JailLayers layers) => this with
    {
        LandlockVersion = layers.HasFlag(JailLayers.Landlock) ? 0 : LandlockVersion,
        Seccomp = Seccomp && !layers.HasFlag(JailLayers.Seccomp),
    };

    /// <summary>What is missing and what that means, one sentence each; empty if nothing is.</summary>
    public IReadOnlyList<string> Weaknesses()
    {
        var weaknesses = new List<string>();
        if (!SupportedMachine)
            weaknesses.Add("There is a jail only on Linux x64 and arm64: children here run with the rights of the service.");
        else
        {
            if (LandlockVersion == 0)
                weaknesses.Add("The kernel offers no landlock (Linux 5.13, boot parameter lsm=landlock,…): a jailed child could read any file that the service's account may read.");
            if (!Seccomp)
                weaknesses.Add("The kernel offers no seccomp filter (CONFIG_SECCOMP_FILTER): a jailed child could use the network and start programs.");
        }
        return weaknesses;
    }
}

/// <summary>The layers a kernel may lack.</summary>
[Flags]
internal enum JailLayers
{
    None = 0,
    Landlock = 1,
    Seccomp = 2,
}

/// <summary>What is in force in one child, as that child itself measured it before any foreign code ran.</summary>
/// <param name="Landlock">Files outside the readable paths cannot be opened (tried, not assumed).</param>
/// <param name="Seccomp">Only the listed system calls are answered.</param>
/// <param name="NoNewPrivileges">No exec can give powers back.</param>
/// <param name="AddressSpaceLimitBytes">Hard limit in bytes; <see cref="long.MaxValue"/> for none.</param>
/// <param name="FileSizeLimitBytes">Hard limit in bytes; 0 in a jail.</param>
/// <param name="OpenFilesLimit">Hard limit.</param>
/// <param name="CoreLimitBytes">Hard limit in bytes; 0 in a jail, so that no memory is written to disk.</param>
/// <param name="Kernel">What the kernel offers.</param>
public sealed record JailReport(
    bool Landlock, bool Seccomp, bool NoNewPrivileges, long AddressSpaceLimitBytes, long FileSizeLimitBytes, long OpenFilesLimit, long CoreLimitBytes,
    KernelSupport Kernel)
{
    /// <summary>Whether every layer is in force.</summary>
    public bool IsWhole => Landlock && Seccomp && NoNewPrivileges && FileSizeLimitBytes == 0 && CoreLimitBytes == 0;

    // One line of plain numbers on the error stream: a JSON serializer would cost the child's start more than the jail does.
    internal const string LinePrefix = "soar-jail ";

    internal string ToLine() => LinePrefix + string.Join(' ', Number(Landlock), Number(Seccomp), Number(NoNewPrivileges),
        AddressSpaceLimitBytes, FileSizeLimitBytes, OpenFilesLimit, CoreLimitBytes, Kernel.LandlockVersion, Number(Kernel.Seccomp), Number(Kernel.SupportedMachine));

    /// <summary>The report, or <c>null</c> if the line only looks like one: this runs on a thread that nobody watches.</summary>
    internal static JailReport? FromLine(string line)
    {
        var parts = line.StartsWith(LinePrefix, StringComparison.Ordinal) ? line[LinePrefix.Length..].Split(' ') : [];
        var n = new long[parts.Length];
        for (var i = 0; i < n.Length; i++)
        {
            if (!long.TryParse(parts[i], out n[i]))
                return null;
        }
        return n.Length != 10 ? null : new(n[0] == 1, n[1] == 1, n[2] == 1, n[3], n[4], n[5], n[6], new((int)n[7], n[8] == 1, n[9] == 1));
    }

    private static long Number(bool value) => value ? 1 : 0;
}
