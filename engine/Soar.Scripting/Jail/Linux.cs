using System.Runtime.InteropServices;
using System.Text;

namespace Soar.Scripting.Jail;

/// <summary>
/// The few calls into libc. Almost everything goes through <c>syscall</c>: one symbol is resolved once, so nothing has to be loaded
/// any more after the doors are shut.
/// </summary>
internal static unsafe partial class Linux
{
    internal const int O_RDONLY = 0, O_RDWR = 2, O_CLOEXEC = 0x80000, O_PATH = 0x200000;
    internal const int SIGINT = 2, SIGQUIT = 3, SIGKILL = 9, SIGPIPE = 13, SIGTERM = 15, SIGCHLD = 17, SIGHUP = 1;
    internal const int PR_SET_PDEATHSIG = 1, PR_GET_SECCOMP = 21, PR_SET_NO_NEW_PRIVS = 38, PR_GET_NO_NEW_PRIVS = 39;
    internal const int EINTR = 4, ESRCH = 3, ENOSYS = 38, EOPNOTSUPP = 95;

    internal static bool IsSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Numbers that differ between the two machines; those above 423 are the same everywhere.</summary>
    internal static class Nr
    {
        private static readonly bool X64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        internal static readonly int Prctl = X64 ? 157 : 167;
        internal static readonly int Prlimit64 = X64 ? 302 : 261;
        internal static readonly int Execve = X64 ? 59 : 221;
        internal static readonly int Seccomp = X64 ? 317 : 277;
        internal static readonly int Capset = X64 ? 126 : 91;
        internal static readonly int Getppid = X64 ? 110 : 173;
        internal static readonly int Fcntl = X64 ? 72 : 25;
        internal static readonly int OpenAt = X64 ? 257 : 56;
        internal static readonly int MemfdCreate = X64 ? 319 : 279;
        internal static readonly int Ftruncate = X64 ? 77 : 46;
        internal static readonly int Mmap = X64 ? 9 : 222;
        internal static readonly int Munmap = X64 ? 11 : 215;
        internal const int CloseRange = 436, LandlockCreateRuleset = 444, LandlockAddRule = 445, LandlockRestrictSelf = 446;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Syscall(nint number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe2(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    /// <summary>Whether a read would return at once.</summary>
    internal static bool IsReadable(int descriptor)
    {
        var entry = new PollEntry { Descriptor = descriptor, Wanted = 1 /* POLLIN */ };
        return Poll(&entry, 1, milliseconds: 0) > 0;
    }

    private struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Happened;
    }

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    internal static partial int WaitId(int idType, int id, byte* info, int options);

    [LibraryImport("libc", EntryPoint = "wait4", SetLastError = true)]
    internal static partial int Wait4(int pid, int* status, int options, long* usage);

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    internal static partial int PosixSpawn(int* pid, byte* path, void* actions, void* attributes, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int FileActionsInit(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int FileActionsDestroy(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int FileActionsAddDup2(void* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    internal static partial int SpawnAttributesInit(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int SpawnAttributesDestroy(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int SpawnAttributesSetFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    internal static partial int SpawnAttributesSetGroup(void* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int SpawnAttributesSetMask(void* attributes, void* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int SpawnAttributesSetDefault(void* attributes, void* set);

    internal static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        return Pipe2(ends, O_CLOEXEC) == 0
            ? (AwayFromTheChildsNumbers(ends[0]), AwayFromTheChildsNumbers(ends[1]))
            : throw new JailException($"No pipe could be made for a jailed child: {LastError}. Raise the limit of open files (ulimit -n).");
    }

    /// <summary>The child gets its pipes and page as 0 to 5 one after the other; an end that stood there already would be overwritten.</summary>
    internal static int AwayFromTheChildsNumbers(int descriptor)
    {
        if (descriptor > JailEntry.PageDescriptor)
            return descriptor;
        var moved = (int)Syscall(Nr.Fcntl, descriptor, 1030 /* F_DUPFD_CLOEXEC */, JailEntry.PageDescriptor + 1);
        _ = Close(descriptor);
        return moved;
    }

    internal static int OpenPath(string path, int flags)
    {
        fixed (byte* text = ZeroEnded(path))
            return (int)Syscall(Nr.OpenAt, -100 /* AT_FDCWD */, (nint)text, flags);
    }

    internal static byte[] ZeroEnded(string text) => Encoding.UTF8.GetBytes(text + '\0');

    internal static int Errno => Marshal.GetLastPInvokeError();

    internal static string LastError => $"{Marshal.GetLastPInvokeErrorMessage()} (errno {Errno})";
}

/// <summary>A zero-ended array of zero-ended strings, as <c>argv</c> and <c>envp</c> want them; pinned until disposed.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly byte** _pointers;
    private readonly int _count;

    internal NativeStrings(IReadOnlyList<string> strings)
    {
        _count = strings.Count;
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < _count; i++)
            _pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
    }

    internal byte** Pointer => _pointers;

    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
            Marshal.FreeCoTaskMem((nint)_pointers[i]);
        NativeMemory.Free(_pointers);
    }
}
