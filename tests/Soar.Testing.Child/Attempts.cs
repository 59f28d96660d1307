using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using static Soar.Testing.Child.Kernel;

namespace Soar.Testing.Child;

/// <summary>
/// What hostile code would try once the checker is past. Each attempt returns if it got what it wanted and throws if it was refused;
/// tests run each with and without the jail, so that an attempt that could never succeed proves nothing unnoticed.
/// </summary>
public static class Attempts
{
    private const int AtCwd = -100, WriteCreate = 0x41, ReadWrite = 2;

    public static IReadOnlyDictionary<string, Action<Target>> All { get; } = new SortedDictionary<string, Action<Target>>(StringComparer.Ordinal)
    {
        // Files: read
        ["read /etc/passwd"] = _ => File.ReadAllText("/etc/passwd"),
        ["read a secret file"] = target => File.ReadAllText(target.SecretFile),
        ["read a secret file through the root link of /proc"] = target => File.ReadAllText("/proc/self/root" + target.SecretFile),
        ["read a secret file by openat2"] = target => ReadAll(Must(Call(437, AtCwd, Text(target.SecretFile), Memory(), 24))),
        ["read a secret file through an inherited descriptor"] = ReadInherited,
        ["read a secret file by its handle"] = OpenByHandle,
        ["read what lies beside its own program"] = _ => File.ReadAllText(Path.ChangeExtension(typeof(Attempts).Assembly.Location, ".xml")),
        ["read the machine's connections"] = _ => File.ReadAllText("/proc/self/net/tcp"),
        ["list the root directory"] = _ => Directory.GetFileSystemEntries("/"),
        ["list the temporary directory"] = target => Directory.GetFileSystemEntries(target.Directory),

        // Files: write
        ["write a new file"] = target => File.WriteAllText(target.NewFile, "x"),
        ["write a new file by creat"] = target => Must(Call(85, Text(target.NewFile), 0x180)),
        ["append to a file"] = target => File.AppendAllText(target.SecretFile, ""),
        ["map a file for writing"] = target => Must(Call(9, 0, 4096, 3, 1 /* MAP_SHARED */, Must(Call(2, Text(target.SecretFile), ReadWrite)))),
        ["truncate a file by path"] = target => Must(Call(76, Text(target.SecretFile), Target.Secret.Length)),
        ["delete a file"] = target => { File.WriteAllText(target.NewFile, ""); File.Delete(target.NewFile); },
        ["unlink a path that is not there"] = target => AllowErrno(2, Call(87, Text(target.NewFile + "-absent"))),
        ["rename a path that is not there"] = target => AllowErrno(2, Call(82, Text(target.NewFile + "-absent"), Text(target.NewFile))),
        ["make a directory"] = target => Must(Call(83, Text(target.NewFile), 0x1c0)),
        ["make a symbolic link"] = target => Must(Call(88, Text("/etc"), Text(target.NewFile))),
        ["make a hard link"] = target => Must(Call(86, Text(target.SecretFile), Text(target.NewFile))),
        ["make a named pipe"] = target => Must(Call(133, Text(target.NewFile), 0x1180)),
        ["change a file's mode"] = target => Must(Call(90, Text(target.SecretFile), 0x180)),
        ["change a file's times"] = target => Must(Call(280, AtCwd, Text(target.SecretFile), 0, 0)),
        ["overwrite its own program"] = _ => Must(Call(2, Text(typeof(Attempts).Assembly.Location), ReadWrite)),
        ["write to shared memory"] = _ => { Must(Call(2, Text($"/dev/shm/soar-{Environment.ProcessId}"), WriteCreate, 0x180)); File.Delete($"/dev/shm/soar-{Environment.ProcessId}"); },
        ["make a file in memory"] = _ => Must(Call(319, Text("x"), 0)),
        ["make a System V shared segment"] = _ => Must(Call(31, Must(Call(29, 0, 4096, 0x380)), 0 /* IPC_RMID */)),
        ["make a System V message queue"] = _ => Must(Call(71, Must(Call(68, 0, 0x380)), 0)),

        // Network
        ["connect by TCP"] = target => { using var client = new TcpClient(); client.Connect(IPAddress.Loopback, target.TcpPort); },
        ["listen by TCP"] = _ => { using var listener = new TcpListener(IPAddress.Loopback, 0); listener.Start(); },
        ["make a TCP socket by raw call"] = _ => Must(Call(41, 2, 1, 0)),
        ["send a datagram"] = target => { using var client = new UdpClient(); client.Send([1], 1, new IPEndPoint(IPAddress.Loopback, target.UdpPort)); },
        ["connect to a unix socket"] = target => ConnectUnix(target.UnixSocket),
        ["connect to an abstract unix socket"] = target => ConnectUnix("\0" + target.AbstractSocket),
        ["make a netlink socket"] = _ => Must(Call(41, 16, 3, 0)),
        ["make a pair of sockets"] = _ => Must(Call(53, 1, 1, 0, Memory())),
        ["make an io_uring"] = _ => Must(Call(425, 1, Memory())),

        // Other programs
        ["start a program"] = _ => Process.Start("/bin/true")!.WaitForExit(),
        ["execute another program"] = _ => Must(Call(59, Text("/bin/echo"), Texts("echo", Done), Texts())),
        ["execute a program by descriptor"] = _ => Must(Call(322, Must(Call(2, Text(Environment.ProcessPath!), 0)), Text(""), OwnCommandLine(), Texts(), 0x1000)),
        ["execute its own runtime again"] = _ => Must(Call(59, Text(Environment.ProcessPath!), OwnCommandLine(), Texts())),
        ["fork"] = _ => Fork(57, 0, 0),
        ["fork by clone"] = _ => Fork(56, 17 /* SIGCHLD */, 0),
        ["fork by clone3"] = _ => Fork(435, CloneArguments(), 88),

        // Other processes
        ["ask whether a process is there by signal"] = target => Must(Call(62, target.Victim, 0)),
        ["signal the parent"] = target => Must(Call(62, target.Parent, 0)),
        ["signal every process"] = _ => Must(Call(62, -1, 0)),
        ["signal a thread of another process"] = target => Must(Call(234, target.Victim, target.Victim, 18 /* SIGCONT */)),
        ["signal a thread by tkill"] = target => Must(Call(200, target.Victim, 18)),
        ["queue a signal"] = target => Must(Call(129, target.Victim, 18, SignalToQueue())),
        ["signal through a process descriptor"] = target => Must(Call(424, Must(Call(434, target.Victim, 0)), 18, 0, 0)),
        ["signal through a pipe's owner"] = target => Must(Call(72, 2, 8 /* F_SETOWN */, target.Victim)),
        ["take a descriptor out of another process"] = target => Must(Call(438, Must(Call(434, target.Victim, 0)), 0, 0)),
        ["read another process's environment"] = target => ReadAll(Must(Call(2, Text($"/proc/{target.Victim}/environ"), 0))),
        ["read the parent's environment"] = target => ReadAll(Must(Call(2, Text($"/proc/{target.Parent}/environ"), 0))),
        ["read the parent's command line"] = target => ReadAll(Must(Call(2, Text($"/proc/{target.Parent}/cmdline"), 0))),
        ["read the parent's memory through /proc"] = ReadParentThroughProc,
        ["read the parent's memory by call"] = ReadParentByCall,
        ["write the parent's memory by call"] = WriteParentByCall,
        ["trace another process"] = target => Must(Call(101, 0x4206 /* PTRACE_SEIZE */, target.Victim)),
        ["bind another process to a processor"] = target => Must(Call(203, target.Victim, 8, MaskOfAll())),
        ["change another process's priority"] = target => Must(Call(141, 0, target.Victim, 0)),
        ["change another process's limits"] = target => Must(Call(302, target.Victim, 4, LimitPair(target.Victim, 4))),

        // Its own jail
        ["set its own limits"] = _ => Must(Call(302, 0, 7, LimitPair(0, 7))),
        ["set its own limits by process number"] = _ => Must(Call(302, Environment.ProcessId, 7, LimitPair(0, 7))),
        ["outlive its parent"] = _ => Must(Call(157, 1 /* PR_SET_PDEATHSIG */, 0)),
        ["become traceable by anyone"] = _ => Must(Call(157, 4 /* PR_SET_DUMPABLE */, 1)),
        ["leave its process group"] = _ => Must(Call(109, 0, 0)),
        ["unshare"] = _ => Must(Call(272, 0x400 /* CLONE_FILES: the mildest unshare */)),
        ["join a namespace"] = _ => Must(Call(308, Must(Call(2, Text("/proc/self/ns/uts"), 0)), 0)),
        ["change root"] = _ => Must(Call(161, Text("/"))),
        ["change directory"] = _ => Must(Call(80, Text("/"))),
        ["mount"] = target => { Must(Call(165, Text("none"), Text(target.Directory), Text("tmpfs"), 0, 0)); Must(Call(166, Text(target.Directory), 2)); },
        ["set its user"] = _ => Must(Call(105, Call(102))),
        ["take its privileges back"] = _ => TakePrivileges(),
        ["change its personality"] = _ => Must(Call(135, 0x0040000)),

        // The kernel's wider surface
        ["load a BPF map"] = _ => Must(Call(321, 0, BpfArrayMap(), 72)),
        ["add a key to a keyring"] = _ => Must(Call(248, Text("user"), Text("soar-test"), Text("x"), 1, -2 /* process keyring */)),
        ["ask a keyring"] = _ => Must(Call(250, 0, -2, 1)),
        ["measure performance events"] = _ => Must(Call(298, PerformanceEvent(), 0, -1, -1, 0)),
        ["handle page faults"] = _ => Must(Call(323, 1 /* UFFD_USER_MODE_ONLY */)),
        ["watch files"] = target => Must(Call(254, Must(Call(294, 0)), Text(target.Directory), 0xfff)),
        ["set a timer that signals"] = _ => Must(Call(37, 1000)),
        ["read the kernel's log"] = _ => Must(Call(103, 10)),
        ["ask a device"] = _ => AllowErrno(0, Call(16, 0, 0x5451 /* FIOCLEX */)),
        ["install a filter of its own"] = _ => AllowErrno(14 /* EFAULT: the kernel looked at it */, Call(317, 1, 0, 0)),
    };

    /// <summary>What an attempt says when it got what it wanted.</summary>
    public const string Done = "done";

    public static string Try(string name, Target target)
    {
        try
        {
            All[name](target);
            return Done;
        }
        catch (Exception refused) // Whatever form the refusal takes is the test's to judge.
        {
            return "refused: " + refused.Message.ReplaceLineEndings(" ");
        }
    }

    private static nint OwnCommandLine() => Texts("dotnet", typeof(Attempts).Assembly.Location, "unjailed", "say done");

    private static void AllowErrno(int errno, nint result)
    {
        if (result < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != errno)
            Must(result);
    }

    private static void ReadInherited(Target target)
    {
        var buffer = Memory();
        Must(Call(17, target.InheritableDescriptor, buffer, 100, 0));
        if (System.Runtime.InteropServices.Marshal.PtrToStringUTF8(buffer) != Target.Secret)
            throw new InvalidOperationException("that descriptor is something else here");
    }

    private static unsafe void OpenByHandle(Target target)
    {
        var handle = Memory();
        *(uint*)handle = 128;
        Must(Call(303, AtCwd, Text(target.SecretFile), handle, Memory(), 0));
        Must(Call(304, Must(Call(2, Text(target.Directory), 0)), handle, 0));
    }

    private static void ConnectUnix(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
    }

    /// <summary>From a page of machine code, so that the copy ends without ever coming back into a runtime that has lost its other threads.</summary>
    private static unsafe void Fork(nint number, nint first, nint second)
    {
        ReadOnlySpan<byte> machine =
        [
            0x48, 0x89, 0xF8, 0x48, 0x89, 0xF7, 0x48, 0x89, 0xD6,             // rax = number, rdi = first, rsi = second
            0x31, 0xD2, 0x4D, 0x31, 0xD2, 0x4D, 0x31, 0xC0, 0x0F, 0x05,       // rdx = r10 = r8 = 0, syscall
            0x48, 0x85, 0xC0, 0x75, 0x09,                                     // not the copy: return
            0x31, 0xFF, 0xB8, 0xE7, 0x00, 0x00, 0x00, 0x0F, 0x05, 0xC3,       // exit_group(0)
        ];
        var code = Must(Call(9, 0, 4096, 7, 0x22, -1, 0));
        machine.CopyTo(new Span<byte>((void*)code, machine.Length));
        var pid = ((delegate* unmanaged<nint, nint, nint, nint>)code)(number, first, second);
        if (pid < 0)
            throw new RefusedException((int)-pid);
        Call(61, pid, 0, 0x40000000 /* __WALL */, 0);
    }

    private static unsafe nint CloneArguments()
    {
        var arguments = (ulong*)Memory(88);
        arguments[4] = 17; // exit signal
        return (nint)arguments;
    }

    private static unsafe nint SignalToQueue()
    {
        var info = Memory(128);
        ((int*)info)[0] = 18;
        ((int*)info)[2] = -1; // SI_QUEUE
        return info;
    }

    private static void ReadParentThroughProc(Target target)
    {
        var memory = Must(Call(2, Text($"/proc/{target.Parent}/mem"), 0));
        var buffer = Memory();
        Must(Call(17, memory, buffer, Target.Secret.Length, (nint)target.SecretAddress));
        MustBeSecret(buffer);
    }

    private static void ReadParentByCall(Target target)
    {
        var buffer = Memory();
        Must(Call(310, target.Parent, Vector(buffer), 1, Vector((nint)target.SecretAddress), 1, 0));
        MustBeSecret(buffer);
    }

    private static void WriteParentByCall(Target target) =>
        Must(Call(311, target.Parent, Vector(Text(Target.Secret)), 1, Vector((nint)target.SecretAddress), 1, 0)); // the same bytes: nothing breaks

    private static void MustBeSecret(nint buffer)
    {
        if (System.Runtime.InteropServices.Marshal.PtrToStringUTF8(buffer) != Target.Secret)
            throw new InvalidOperationException("read something else");
    }

    private static unsafe nint Vector(nint start)
    {
        var vector = (nint*)Memory(16);
        vector[0] = start;
        vector[1] = Encoding.UTF8.GetByteCount(Target.Secret);
        return (nint)vector;
    }

    private static unsafe nint MaskOfAll()
    {
        var mask = Memory(8);
        *(ulong*)mask = ulong.MaxValue;
        return mask;
    }

    private static nint LimitPair(int process, int resource)
    {
        var pair = Memory(16);
        Must(Call(302, process, resource, 0, pair));
        return pair;
    }

    private static unsafe void TakePrivileges()
    {
        var header = (uint*)Memory(8);
        header[0] = 0x20080522;
        var sets = (uint*)Memory(24);
        sets[0] = sets[1] = 1 << 21; // CAP_SYS_ADMIN
        Must(Call(126, (nint)header, (nint)sets));
    }

    private static unsafe nint BpfArrayMap()
    {
        var attributes = (uint*)Memory(128);
        (attributes[0], attributes[1], attributes[2], attributes[3]) = (2, 4, 4, 1);
        return (nint)attributes;
    }

    private static unsafe nint PerformanceEvent()
    {
        var attributes = (uint*)Memory(128);
        attributes[0] = 1; // software
        attributes[1] = 112;
        attributes[10] = 1 | (1 << 5) | (1 << 6); // disabled, without kernel and hypervisor
        return (nint)attributes;
    }
}
