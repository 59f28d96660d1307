namespace Soar.Scripting.Jail;

/// <summary>What to do where the kernel cannot build the whole jail.</summary>
public enum JailPolicy
{
    /// <summary>A layer that is missing is an error: the child does not start. The default.</summary>
    Require,

    /// <summary>Start with the layers there are; <see cref="JailReport"/> says which are missing and the operator has accepted that.</summary>
    AcceptWeaker,
}

/// <summary>How tight the jail of one child process is. All limits are for the whole child, not for one run inside it.</summary>
public sealed record JailOptions
{
    /// <summary>Managed heap, in bytes. Beyond it the child gets <see cref="OutOfMemoryException"/>. Default 256 MiB, at least 32 MiB.</summary>
    public long HeapLimitBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Whole address space, in bytes: native memory and thread stacks too. Default <c>null</c>: three times the heap plus 4 GiB, since the
    /// runtime reserves address space (not memory) well beyond its heap. Less than that keeps the runtime from starting.
    /// </summary>
    public long? AddressSpaceLimitBytes { get; init; }

    /// <summary>Processor time of the child's whole life, in whole seconds; the kernel then kills it. Default <c>null</c>: unlimited, for hosts that live long under a watchdog.</summary>
    public int? CpuSeconds { get; init; }

    /// <summary>Highest number of open file descriptors. Default 256; the runtime needs about 100 while it loads assemblies.</summary>
    public int MaxOpenFiles { get; init; } = 256;

    /// <summary>
    /// Files and directories the child may read, besides the framework, the application's own directory and the time zone tables, which it
    /// always may. Absolute paths that exist. Default: none. The compile cache belongs here.
    /// </summary>
    public IReadOnlyList<string> ReadOnlyPaths { get; init; } = [];

    /// <summary>More settings of the .NET runtime, for example <c>DOTNET_GCgen0size</c>. Only names that begin with <c>DOTNET_</c>. Default: none.</summary>
    public IReadOnlyDictionary<string, string> RuntimeSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>What to do where the kernel lacks landlock or seccomp. Default <see cref="JailPolicy.Require"/>.</summary>
    public JailPolicy Policy { get; init; } = JailPolicy.Require;

    /// <summary>How many of the last lines on its error stream are kept for the crash report. Default 50.</summary>
    public int KeptErrorLines { get; init; } = 50;

    /// <summary>Tests show with it what a kernel without a layer leads to. It can only be set inside this assembly and its tests.</summary>
    internal JailLayers PretendMissing { get; init; }

    internal long EffectiveAddressSpaceLimit => AddressSpaceLimitBytes ?? ((HeapLimitBytes * 3) + (4L << 30));

    /// <summary>Throws one <see cref="JailException"/> that names every problem at once.</summary>
    public JailOptions Validate()
    {
        var problems = new List<string>();
        if (HeapLimitBytes < 32L << 20)
            problems.Add($"HeapLimitBytes is {HeapLimitBytes}; give at least {32L << 20} (32 MiB), the runtime does not start with less.");
        if (AddressSpaceLimitBytes is { } addressSpace && addressSpace < HeapLimitBytes + (1L << 30))
            problems.Add($"AddressSpaceLimitBytes is {addressSpace}; give at least HeapLimitBytes plus 1 GiB, or leave it out.");
        if (CpuSeconds is <= 0)
            problems.Add($"CpuSeconds is {CpuSeconds}; give at least 1, or leave it out for no limit.");
        if (MaxOpenFiles is < 100 or > 65_536)
            problems.Add($"MaxOpenFiles is {MaxOpenFiles}; give 100 to 65536.");
        if (KeptErrorLines is < 1 or > 10_000)
            problems.Add($"KeptErrorLines is {KeptErrorLines}; give 1 to 10000.");
        foreach (var path in ReadOnlyPaths)
        {
            if (!Path.IsPathFullyQualified(path) || path.Contains('\n', StringComparison.Ordinal))
                problems.Add($"ReadOnlyPaths has '{path}'; give an absolute path.");
            else if (!Path.Exists(path))
                problems.Add($"ReadOnlyPaths has '{path}', which does not exist; create it before the child starts.");
            else if (Path.GetFullPath(path) == "/")
                problems.Add("ReadOnlyPaths has '/': that is everything; name the directories the child needs.");
        }
        foreach (var (name, value) in RuntimeSettings)
        {
            if (!name.StartsWith("DOTNET_", StringComparison.Ordinal) || name.Contains('=', StringComparison.Ordinal) || value.Contains('\0', StringComparison.Ordinal))
                problems.Add($"RuntimeSettings has '{name}'; only names that begin with DOTNET_ are handed to a jailed child.");
        }
        return problems.Count == 0 ? this : throw new JailException("The jail's options are not usable: " + string.Join(" ", problems));
    }
}

/// <summary>A jailed child could not be started, or its jail could not be built.</summary>
public sealed class JailException(string message, Exception? innerException = null) : SoarException("SOAR2101", message, innerException);
