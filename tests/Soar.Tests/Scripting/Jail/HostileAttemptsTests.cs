using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Soar.Scripting.Jail;
using Soar.Testing.Child;

namespace Soar.Tests.Scripting.Jail;

/// <summary>Every attempt is made twice by the same code: without the jail it succeeds, inside it is refused.</summary>
public sealed class HostileAttemptsTests(HostileAttemptsTests.Surroundings surroundings) : IClassFixture<HostileAttemptsTests.Surroundings>
{
    /// <summary>Without a jail these succeed for root only; elsewhere that half proves nothing and is left out.</summary>
    private static readonly HashSet<string> NeedRoot =
    [
        "read a secret file by its handle", "change root", "mount", "join a namespace", "read the kernel's log", "load a BPF map",
        "measure performance events", "overwrite its own program", "take its privileges back", "take a descriptor out of another process",
    ];

    private static readonly JailOptions Whole = new();

    /// <summary>Reading, and nothing else.</summary>
    private static readonly string[] OpenWithoutLandlock =
    [
        "list the root directory", "list the temporary directory", "read /etc/passwd", "read a secret file",
        "read a secret file through the root link of /proc", "read the machine's connections", "read the parent's command line",
        "read what lies beside its own program",
    ];

    private static readonly string[] OpenWithoutSeccomp =
    [
        "add a key to a keyring", "ask a device", "ask a keyring", "become traceable by anyone", "change a file's mode", "change a file's times",
        "change another process's limits", "change directory", "change its personality", "connect to a unix socket",
        "execute a program by descriptor", "execute its own runtime again", "fork", "fork by clone", "fork by clone3", "handle page faults",
        "install a filter of its own", "leave its process group", "make a System V message queue", "make a System V shared segment",
        "make a TCP socket by raw call", "make a file in memory", "make a netlink socket", "make a pair of sockets", "measure performance events",
        "outlive its parent", "rename a path that is not there", "send a datagram", "set a timer that signals", "set its own limits",
        "set its own limits by process number", "set its user", "signal every process", "signal through a pipe's owner",
        "unlink a path that is not there", "unshare", "watch files",
    ];

    public static TheoryData<string> Names => [.. Attempts.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Refused_in_the_jail_and_possible_without_it(string attempt)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is System.Runtime.InteropServices.Architecture.X64, "the raw calls are written for x64");
        var jailed = await surroundings.TryInJail(attempt, Whole);
        Assert.Matches("^refused: .*(errno (1|9|13|25|38) |denied|not permitted|something else here)", jailed); // by the kernel, not by a mistake of the attempt
        Assert.Equal(Target.Secret, await File.ReadAllTextAsync(surroundings.Target.SecretFile));
        Assert.False(surroundings.Victim.HasExited);

        if (NeedRoot.Contains(attempt) && Environment.UserName != "root")
            return;
        Assert.Equal(Attempts.Done, await surroundings.TryWithoutJail(attempt));
    }

    /// <summary>What a kernel that lacks a layer leaves open; the record of the decision (docs/adr/0001-jail.md) says the same.</summary>
    [Theory]
    [InlineData(nameof(JailLayers.Landlock))]
    [InlineData(nameof(JailLayers.Seccomp))]
    public async Task Without_a_layer_exactly_this_is_open(string missing)
    {
        Assert.SkipUnless(Environment.UserName == "root", "some attempts succeed for root only, so the lists are root's");
        Assert.SkipUnless(KernelSupport.OfThisMachine().LandlockVersion >= 6, "older landlock leaves signals open");
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is System.Runtime.InteropServices.Architecture.X64, "the raw calls are written for x64");
        var options = new JailOptions { PretendMissing = Enum.Parse<JailLayers>(missing), Policy = JailPolicy.AcceptWeaker };
        var open = new List<string>();
        foreach (var attempt in Attempts.All.Keys)
        {
            if (!(await surroundings.TryInJail(attempt, options)).StartsWith("refused", StringComparison.Ordinal))
                open.Add(attempt);
        }
        Assert.Equal(missing == nameof(JailLayers.Landlock) ? OpenWithoutLandlock : OpenWithoutSeccomp, open);
    }

    [Fact]
    public void At_least_twenty_five_different_attempts_are_made() => Assert.InRange(Attempts.All.Count, 25, 1000);

    /// <summary>A secret in a file, in memory and behind a descriptor, listeners, and a process that waits.</summary>
    public sealed class Surroundings : IAsyncLifetime
    {
        private readonly TcpListener _tcp = new(IPAddress.Loopback, 0);
        private readonly UdpClient _udp = new(new IPEndPoint(IPAddress.Loopback, 0));
        private readonly Socket _unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly Socket _abstract = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly nint _secret = Marshal.StringToCoTaskMemUTF8(Target.Secret);
        private int _inheritable;
        private readonly Dictionary<JailOptions, (JailedProcess Process, StreamReader Answers)> _jailed = [];

        public Target Target { get; private set; } = null!;

        public Process Victim { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var directory = Directory.CreateTempSubdirectory("soar-jail-").FullName;
            await File.WriteAllTextAsync(Path.Combine(directory, "secret.txt"), Target.Secret);
            _inheritable = Open(Path.Combine(directory, "secret.txt"), 0);
            _tcp.Start();
            _unix.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory, "listener.sock")));
            _unix.Listen();
            var name = $"soar-test-{Environment.ProcessId}";
            _abstract.Bind(new UnixDomainSocketEndPoint("\0" + name));
            _abstract.Listen();
            Victim = StartWithoutJail("wait");
            Assert.Equal("waiting", await Victim.StandardOutput.ReadLineAsync());
            Target = new Target(directory, Environment.ProcessId, _secret, Victim.Id, ((IPEndPoint)_tcp.LocalEndpoint).Port,
                ((IPEndPoint)_udp.Client.LocalEndPoint!).Port, name, _inheritable);
        }

        /// <summary>One jailed child tries everything: after a refusal it must still be there for the next.</summary>
        public async Task<string> TryInJail(string attempt, JailOptions options)
        {
            if (!_jailed.TryGetValue(options, out var child))
            {
                var process = JailedProcess.Start(TestChild.Entry, "attempts", [JsonSerializer.Serialize(Target)], options);
                child = _jailed[options] = (process, new StreamReader(process.FromChild));
                Assert.Equal(options.PretendMissing == JailLayers.None, (await process.Ready).IsWhole);
            }
            await child.Process.ToChild.WriteAsync(System.Text.Encoding.UTF8.GetBytes(attempt + "\n"));
            if (await child.Answers.ReadLineAsync() is { } answer)
                return answer;
            var exit = await child.Process.Exited;
            _jailed.Remove(options);
            return $"the child ended: {exit.Summary} {string.Join(" | ", exit.LastErrorLines)}";
        }

        public async Task<string> TryWithoutJail(string attempt)
        {
            using var process = StartWithoutJail("unjailed", attempt, JsonSerializer.Serialize(Target));
            var said = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return said.Trim();
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (process, _) in _jailed.Values)
                await process.DisposeAsync();
            Victim.Kill();
            Victim.Dispose();
            _tcp.Dispose();
            _udp.Dispose();
            _unix.Dispose();
            _abstract.Dispose();
            _ = Close(_inheritable);
            Directory.Delete(Target.Directory, recursive: true);
        }

        private static Process StartWithoutJail(params string[] arguments) => Process.Start(
            new ProcessStartInfo(TestChild.Entry.Executable, [.. TestChild.Entry.Prefix, .. arguments]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;

        [DllImport("libc", EntryPoint = "open", CharSet = CharSet.Ansi)]
        private static extern int Open(string path, int flags);

        [DllImport("libc", EntryPoint = "close")]
        private static extern int Close(int descriptor);
    }
}
