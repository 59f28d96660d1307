namespace Soar.Scripting.Jail;

/// <summary>The kernel's limits of a process (<c>setrlimit</c>). Nothing inside the jail can raise them.</summary>
internal static unsafe class ResourceLimits
{
    internal const int Cpu = 0, FileSize = 1, Core = 4, OpenFiles = 7, LockedMemory = 8, AddressSpace = 9, MessageQueues = 12;

    internal static void Set(int resource, long value) => Set(resource, value, value);

    internal static void Set(int resource, long value, long hard)
    {
        var limit = stackalloc ulong[2] { (ulong)value, (ulong)hard };
        if (Linux.Syscall(Linux.Nr.Prlimit64, 0, resource, (nint)limit, 0) != 0)
            throw new JailException($"Resource limit {resource} could not be set to {value}: {Linux.LastError}. The parent's own hard limit may be lower (ulimit -H -a).");
    }

    /// <summary>The hard limit in force; <see cref="long.MaxValue"/> means unlimited.</summary>
    internal static long Get(int resource)
    {
        var limit = stackalloc ulong[2];
        if (Linux.Syscall(Linux.Nr.Prlimit64, 0, resource, 0, (nint)limit) != 0)
            return long.MaxValue;
        return limit[1] > long.MaxValue ? long.MaxValue : (long)limit[1];
    }
}
