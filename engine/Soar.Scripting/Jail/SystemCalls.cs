namespace Soar.Scripting.Jail;

/// <summary>One system call by its number on x64 and on arm64; -1 where that machine has no such call.</summary>
internal readonly record struct SystemCall(string Name, int X64, int Arm64);

/// <summary>
/// What a jailed runtime may ask of the kernel: a positive list. Everything else is refused with EPERM. It was found by tracing the runtime
/// and read against the kernel's own lists; calls whose arguments matter are not here but in <see cref="SeccompFilter"/>.
/// </summary>
internal static class SystemCalls
{
    internal static readonly SystemCall[] Allowed =
    [
        // Bytes through descriptors that are already open, and questions about files.
        new("read", 0, 63), new("write", 1, 64), new("readv", 19, 65), new("writev", 20, 66), new("pread64", 17, 67), new("preadv", 295, 69),
        new("close", 3, 57), new("lseek", 8, 62), new("fstat", 5, 80), new("newfstatat", 262, 79), new("stat", 4, -1), new("lstat", 6, -1),
        new("statx", 332, 291), new("statfs", 137, 43), new("fstatfs", 138, 44), new("readlink", 89, -1), new("readlinkat", 267, 78),
        new("access", 21, -1), new("faccessat", 269, 48), new("faccessat2", 439, 439), new("getdents64", 217, 61), new("getcwd", 79, 17),
        new("dup", 32, 23), new("dup2", 33, -1), new("dup3", 292, 24), new("pipe2", 293, 59), new("fadvise64", 221, 223),
        new("poll", 7, -1), new("ppoll", 271, 73), new("pselect6", 270, 72), new("epoll_create1", 291, 20), new("epoll_ctl", 233, 21),
        new("epoll_wait", 232, -1), new("epoll_pwait", 281, 22), new("eventfd2", 290, 19),

        // Memory. mprotect and mmap with PROT_EXEC stay open: the JIT needs them.
        new("mmap", 9, 222), new("munmap", 11, 215), new("mremap", 25, 216), new("mprotect", 10, 226), new("madvise", 28, 233),
        new("brk", 12, 214), new("mincore", 27, 232), new("membarrier", 324, 283), new("get_mempolicy", 239, 236),

        // Threads of this process, and time.
        new("futex", 202, 98), new("set_robust_list", 273, 99), new("get_robust_list", 274, 100), new("rseq", 334, 293),
        new("set_tid_address", 218, 96), new("sched_yield", 24, 124), new("sched_getaffinity", 204, 123), new("getcpu", 309, 168),
        new("sched_get_priority_max", 146, 125), new("sched_get_priority_min", 147, 126), new("sched_getparam", 143, 121), new("sched_getscheduler", 145, 120),
        new("clock_gettime", 228, 113), new("clock_getres", 229, 114), new("clock_nanosleep", 230, 115), new("nanosleep", 35, 101),
        new("gettimeofday", 96, 169), new("time", 201, -1), new("times", 100, 153), new("getrandom", 318, 278),

        // Signals to itself are handled; sending them is in SeccompFilter.
        new("rt_sigaction", 13, 134), new("rt_sigprocmask", 14, 135), new("rt_sigreturn", 15, 139), new("rt_sigtimedwait", 128, 137),
        new("sigaltstack", 131, 132), new("restart_syscall", 219, 128),

        // Who am I, and the way out.
        new("getpid", 39, 172), new("getppid", 110, 173), new("gettid", 186, 178), new("getuid", 102, 174), new("geteuid", 107, 175),
        new("getgid", 104, 176), new("getegid", 108, 177), new("getpgid", 121, 155), new("getrusage", 98, 165), new("getrlimit", 97, 163),
        new("sysinfo", 99, 179), new("uname", 63, 160), new("exit", 60, 93), new("exit_group", 231, 94),
    ];

    // Allowed only with certain arguments, or answered specially.
    internal static readonly SystemCall Open = new("open", 2, -1), OpenAt = new("openat", 257, 56), OpenAt2 = new("openat2", 437, 437),
        Fcntl = new("fcntl", 72, 25), Ioctl = new("ioctl", 16, 29), Prctl = new("prctl", 157, 167), Prlimit = new("prlimit64", 302, 261),
        Tgkill = new("tgkill", 234, 131), Kill = new("kill", 62, 129), Clone = new("clone", 56, 220), Clone3 = new("clone3", 435, 435),
        SetAffinity = new("sched_setaffinity", 203, 122);
}
