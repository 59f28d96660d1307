using System.Runtime.InteropServices;

namespace Soar.Scripting.Jail;

/// <summary>
/// The positive list of system calls as a BPF program, and its installation on all threads at once (TSYNC).
/// The program runs in the kernel before each call; pointers cannot be followed there, so only plain numbers are judged.
/// </summary>
internal static unsafe class SeccompFilter
{
    private const uint Allow = 0x7fff0000, Errno = 0x00050000, KillProcess = 0x80000000;
    private const uint EPERM = 1, ENOTTY = 25, ENOSYS = 38;
    private const ushort Load = 0x20, JumpIfEqual = 0x15, JumpIfAtLeast = 0x35, JumpIfAnyBit = 0x45, And = 0x54, Return = 0x06;
    private const uint Number = 0, Machine = 4;

    /// <summary>What glibc and musl pass to make a thread: shares everything, belongs to this process. A fork lacks these bits.</summary>
    private const uint ThreadFlags = 0x3d0f00, CloneDetached = 0x400000;

    /// <summary>O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_TMPFILE: the same bits on both machines.</summary>
    private const uint WritingFlags = 0x3 | 0x40 | 0x200 | 0x400 | 0x400000;

    /// <summary>Descriptor flags, duplicates, pipe size. Not F_SETOWN and F_SETSIG, which send signals to others by way of a pipe.</summary>
    private static readonly uint[] FcntlCommands = [0, 1, 2, 3, 4, 1030, 1031, 1032];

    /// <summary>Thread names, names of memory areas, and questions (dumpable, seccomp, no_new_privs).</summary>
    private static readonly uint[] PrctlOptions = [15, 16, 0x53564d41, 3, 21, 39];

    [StructLayout(LayoutKind.Sequential)]
    private struct Instruction
    {
        internal ushort Code;
        internal byte IfTrue, IfFalse;
        internal uint Value;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        internal ushort Length;
        internal Instruction* Instructions;
    }

    internal static bool IsOffered()
    {
        if (!Linux.IsSupported)
            return false;
        var action = Errno;
        return Linux.Syscall(Linux.Nr.Seccomp, 2 /* SECCOMP_GET_ACTION_AVAIL */, 0, (nint)(&action)) == 0;
    }

    /// <summary>From here on every thread of this process, those of the runtime too, is bound by the list. There is no way back.</summary>
    internal static void InstallOnAllThreads()
    {
        var instructions = Build((uint)Environment.ProcessId);
        fixed (Instruction* first = instructions)
        {
            var program = new Program { Length = (ushort)instructions.Length, Instructions = first };
            var result = Linux.Syscall(Linux.Nr.Seccomp, 1 /* SECCOMP_SET_MODE_FILTER */, 1 /* TSYNC */, (nint)(&program));
            if (result != 0)
                throw new JailException(result > 0 ? $"Seccomp could not be put in force on thread {result}." : $"Seccomp refused its filter: {Linux.LastError}.");
        }
    }

    private static Instruction[] Build(uint ownProcess)
    {
        var x64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        var code = new List<Instruction>(512)
        {
            // A call made in the 32-bit way has other numbers: nothing honest does that here.
            Do(Load, Machine), Do(JumpIfEqual, x64 ? 0xC000003E : 0xC00000B7, 1, 0), Do(Return, KillProcess),
            Do(Load, Number), Do(JumpIfAtLeast, 0x40000000, 0, 1), Do(Return, Errno | ENOSYS),
        };
        foreach (var call in SystemCalls.Allowed)
            When(call, Do(Return, Allow));

        When(SystemCalls.Open, OnlyWithoutBits(argument: 1, WritingFlags));
        When(SystemCalls.OpenAt, OnlyWithoutBits(argument: 2, WritingFlags));
        When(SystemCalls.Fcntl, OnlyOneOf(argument: 1, FcntlCommands));
        When(SystemCalls.Prctl, OnlyOneOf(argument: 0, PrctlOptions));
        When(SystemCalls.Tgkill, OnlyOneOf(argument: 0, ownProcess));
        When(SystemCalls.Kill, OnlyOneOf(argument: 0, ownProcess));
        When(SystemCalls.SetAffinity, OnlyOneOf(argument: 0, 0u)); // the runtime does so at the start of each thread; 0 is that thread
        When(SystemCalls.Prlimit, [.. Require(0, ~0u, 0), .. RequireHigh(2, 0), .. Require(2, ~0u, 0), Do(Return, Allow)]); // read, do not set; own process
        When(SystemCalls.Clone, [.. Require(0, ~CloneDetached, ThreadFlags), Do(Return, Allow)]);
        // "Not there" makes libc fall back to the call whose arguments can be judged.
        When(SystemCalls.Clone3, Do(Return, Errno | ENOSYS));
        When(SystemCalls.OpenAt2, Do(Return, Errno | ENOSYS));
        When(SystemCalls.Ioctl, Do(Return, Errno | ENOTTY));
        code.Add(Do(Return, Errno | EPERM));
        return [.. code];

        void When(SystemCall call, params Instruction[] then)
        {
            var number = x64 ? call.X64 : call.Arm64;
            if (number < 0)
                return;
            code.Add(Do(JumpIfEqual, (uint)number, 0, (byte)then.Length));
            code.AddRange(then);
        }
    }

    private static Instruction[] OnlyWithoutBits(int argument, uint bits) =>
        [Do(Load, Low(argument)), Do(JumpIfAnyBit, bits, 0, 1), Do(Return, Errno | EPERM), Do(Return, Allow)];

    private static Instruction[] OnlyOneOf(int argument, params uint[] values)
    {
        var code = new List<Instruction> { Do(Load, Low(argument)) };
        foreach (var value in values)
            code.AddRange([Do(JumpIfEqual, value, 0, 1), Do(Return, Allow)]);
        code.Add(Do(Return, Errno | EPERM));
        return [.. code];
    }

    private static Instruction[] Require(int argument, uint mask, uint value) =>
        [Do(Load, Low(argument)), Do(And, mask), Do(JumpIfEqual, value, 1, 0), Do(Return, Errno | EPERM)];

    private static Instruction[] RequireHigh(int argument, uint value) =>
        [Do(Load, Low(argument) + 4), Do(JumpIfEqual, value, 1, 0), Do(Return, Errno | EPERM)];

    /// <summary>Where the lower half of an argument stands; both machines are little-endian.</summary>
    private static uint Low(int argument) => 16 + (8 * (uint)argument);

    private static Instruction Do(ushort code, uint value, byte ifTrue = 0, byte ifFalse = 0) => new() { Code = code, IfTrue = ifTrue, IfFalse = ifFalse, Value = value };
}
