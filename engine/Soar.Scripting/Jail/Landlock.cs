using System.Runtime.InteropServices;

namespace Soar.Scripting.Jail;

/// <summary>
/// Landlock: the kernel's own way for a process to give up files, TCP and signals for good, without root.
/// https://docs.kernel.org/userspace-api/landlock.html. It binds the calling thread and what that thread executes, hence stage 1.
/// </summary>
internal static unsafe class Landlock
{
    private const ulong Execute = 1 << 0, WriteFile = 1 << 1, ReadFile = 1 << 2, ReadDirectory = 1 << 3;
    private const int PathBeneath = 1, QueryVersion = 1;

    /// <summary>The version of landlock this kernel offers, 0 for none.</summary>
    internal static int Version()
    {
        if (!Linux.IsSupported)
            return 0;
        var version = Linux.Syscall(Linux.Nr.LandlockCreateRuleset, 0, 0, QueryVersion);
        return version > 0 ? (int)version : 0;
    }

    /// <summary>From here on this thread reads only beneath <paramref name="readable"/>, executes only <paramref name="executable"/>, and writes nowhere.</summary>
    internal static void RestrictThisThread(int version, IReadOnlyList<string> readable, IReadOnlyList<string> executable)
    {
        // Every right the kernel knows is taken away; each version knows more. 1: 13 rights of files, 2: refer, 3: truncate,
        // 4: TCP bind and connect, 5: ioctl on devices, 6: abstract sockets and signals to processes outside.
        var files = version switch { 1 => (1UL << 13) - 1, 2 => (1UL << 14) - 1, 3 or 4 => (1UL << 15) - 1, _ => (1UL << 16) - 1 };
        var attributes = stackalloc ulong[3] { files, version >= 4 ? 3UL : 0, version >= 6 ? 3UL : 0 };
        var size = version switch { < 4 => 8, < 6 => 16, _ => 24 };
        var rules = (int)Linux.Syscall(Linux.Nr.LandlockCreateRuleset, (nint)attributes, size);
        if (rules < 0)
            throw new JailException($"Landlock refused its rule set: {Linux.LastError}.");
        foreach (var path in readable)
            Allow(rules, path, ReadFile | (Directory.Exists(path) ? ReadDirectory : 0));
        foreach (var path in executable)
            Allow(rules, path, ReadFile | Execute);
        if (Linux.Syscall(Linux.Nr.LandlockRestrictSelf, rules) != 0)
            throw new JailException($"Landlock could not be put in force: {Linux.LastError}.");
        _ = Linux.Close(rules);
    }

    private static void Allow(int rules, string path, ulong rights)
    {
        var descriptor = Linux.OpenPath(path, Linux.O_PATH | Linux.O_CLOEXEC);
        if (descriptor < 0)
            return; // A system path that this machine does not have; what the caller named was checked by JailOptions.Validate.
        var rule = new PathRule { Rights = rights, Descriptor = descriptor };
        if (Linux.Syscall(Linux.Nr.LandlockAddRule, rules, PathBeneath, (nint)(&rule)) != 0)
            throw new JailException($"Landlock refused the rule for {path}: {Linux.LastError}.");
        _ = Linux.Close(descriptor);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PathRule
    {
        internal ulong Rights;
        internal int Descriptor;
    }
}
