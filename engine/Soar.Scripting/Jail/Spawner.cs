using System.Globalization;
using System.Runtime.InteropServices;

namespace Soar.Scripting.Jail;

/// <summary>The child's ends of the pipes, and the shared page; closed on our side once the child has them.</summary>
internal readonly record struct ChildEnds(int Reads, int Writes, int Errors, int Page);

/// <summary>
/// Starts and reaps a child by <c>posix_spawn</c> and <c>wait4</c>. Not by <see cref="System.Diagnostics.Process"/>: it hands out no own descriptors, hides
/// signals behind exit codes, and does not say on which thread the child is started.
/// </summary>
internal static unsafe class Spawner
{
    private const int ProcessId = 1, Exited = 4, NoWait = 0x01000000;
    private const short SetGroup = 2, SetSignalDefaults = 4, SetSignalMask = 8;

    internal static int Spawn(string[] commandLine, List<string> environment, ChildEnds ends)
    {
        // Both libc's keep these below 400 bytes; their size is not part of any header we could read here.
        var actions = NativeMemory.AllocZeroed(1024);
        var attributes = NativeMemory.AllocZeroed(1024);
        var signals = stackalloc ulong[16];
        var nothing = Linux.OpenPath("/dev/null", Linux.O_RDWR | Linux.O_CLOEXEC);
        try
        {
            _ = Linux.FileActionsInit(actions);
            _ = Linux.SpawnAttributesInit(attributes);
            _ = Linux.SpawnAttributesSetFlags(attributes, SetGroup | SetSignalDefaults | SetSignalMask);
            _ = Linux.SpawnAttributesSetGroup(attributes, 0); // a group of its own: ctrl-C at our terminal is not for it
            _ = Linux.SpawnAttributesSetMask(attributes, signals); // empty
            foreach (var signal in (ReadOnlySpan<int>)[Linux.SIGHUP, Linux.SIGINT, Linux.SIGQUIT, Linux.SIGPIPE, Linux.SIGTERM, Linux.SIGCHLD])
                signals[0] |= 1UL << (signal - 1);
            _ = Linux.SpawnAttributesSetDefault(attributes, signals);
            foreach (var (from, to) in (ReadOnlySpan<(int, int)>)
                [(nothing, 0), (ends.Errors, 1), (ends.Errors, 2), (ends.Reads, JailEntry.FromParentDescriptor), (ends.Writes, JailEntry.ToParentDescriptor), (ends.Page, JailEntry.PageDescriptor)])
                _ = Linux.FileActionsAddDup2(actions, from, to);

            using var path = new NativeStrings([commandLine[0]]);
            using var argv = new NativeStrings(commandLine);
            using var envp = new NativeStrings(environment);
            int pid;
            var error = Linux.PosixSpawn(&pid, path.Pointer[0], actions, attributes, argv.Pointer, envp.Pointer);
            return error == 0 ? pid : throw new JailException($"{commandLine[0]} could not be started: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).");
        }
        finally
        {
            _ = Linux.FileActionsDestroy(actions);
            _ = Linux.SpawnAttributesDestroy(attributes);
            NativeMemory.Free(actions);
            NativeMemory.Free(attributes);
            _ = Linux.Close(nothing);
            _ = Linux.Close(ends.Reads);
            _ = Linux.Close(ends.Writes);
            _ = Linux.Close(ends.Errors);
            _ = Linux.Close(ends.Page);
        }
    }

    /// <summary>Returns when the child is dead but its number is still its own, so that a late kill hits nobody else.</summary>
    internal static void AwaitEnd(int pid)
    {
        var info = stackalloc byte[128];
        while (Linux.WaitId(ProcessId, pid, info, Exited | NoWait) != 0 && Linux.Errno == Linux.EINTR)
        {
        }
    }

    internal static (int? Code, int? Signal, TimeSpan Time, long PeakMemory) Reap(int pid)
    {
        int status;
        var usage = stackalloc long[18]; // struct rusage: user and system time, then 14 counters
        int result;
        do
            result = Linux.Wait4(pid, &status, 0, usage);
        while (result < 0 && Linux.Errno == Linux.EINTR);
        if (result != pid)
            return (null, Linux.SIGKILL, TimeSpan.Zero, 0); // reaped behind our back; dead it is
        var time = TimeSpan.FromMicroseconds(((usage[0] + usage[2]) * 1_000_000.0) + usage[1] + usage[3]);
        var signal = status & 0x7f;
        return signal == 0 ? ((status >> 8) & 0xff, null, time, usage[4] * 1024) : (null, signal, time, usage[4] * 1024);
    }

    /// <summary>
    /// Processor time that a living process has used, and whether one of its threads could run but does not get to (or was stopped by somebody). Where that cannot be told it counts as having had all
    /// the time there is.
    /// </summary>
    internal static (TimeSpan Used, bool Starved) Load(int pid)
    {
        const int TicksPerSecond = 100; // USER_HZ, the same on every machine that there is a jail for
        try
        {
            var (ticks, starved) = (0L, false);
            foreach (var thread in Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task")))
            {
                var stat = File.ReadAllText(Path.Combine(thread, "stat"));
                // The thread's name, in brackets, may hold anything; behind it come state and, eleven fields later, user and system time.
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                starved |= fields[0] is "R" or "T" or "t";
                ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            }

            return (TimeSpan.FromSeconds((double)ticks / TicksPerSecond), starved);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return (TimeSpan.MaxValue, false);
        }
    }

    /// <summary>The most physical memory a living process has held, in bytes.</summary>
    internal static long PeakMemory(int pid)
    {
        try
        {
            foreach (var line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                    return long.Parse(line.AsSpan(6, line.Length - 8), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It ended just now, or /proc hides it; the figure is for people only.
        }
        return 0;
    }
}
