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
        "measure performance events", "take its privileges back", "take a descriptor out of another process",
    ];

    public static TheoryData<string> Names => [.. Attempts.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Refused_in_the_jail_and_possible_without_it(string attempt)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture is System.Runtime.InteropServices.Architecture.X64, "the raw calls are written for x64");
        var jailed = await surroundings.TryInJail(attempt);
        Assert.Matches("^refused: .*(errno (1|9|13|25|38) |denied|not permitted|something else here)", jailed); // by the kernel, not by a mistake of the attempt
        Assert.Equal(Target.Secret, await File.ReadAllTextAsync(surroundings.Target.SecretFile));
        Assert.False(surroundings.Victim.HasExited);

        if (NeedRoot.Contains(attempt) && Environment.UserName != "root")
            return;
        Assert.Equal(Attempts.Done, await surroundings.TryWithoutJail(attempt));
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
        private JailedProcess? _jailed;
        private StreamReader? _answers;

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
        public async Task<string> TryInJail(string attempt)
        {
            if (_jailed is null)
            {
                _jailed = JailedProcess.Start(TestChild.Entry, "attempts", [JsonSerializer.Serialize(Target)], new JailOptions());
                _answers = new StreamReader(_jailed.FromChild);
                Assert.True((await _jailed.Ready).IsWhole);
            }
            await _jailed.ToChild.WriteAsync(System.Text.Encoding.UTF8.GetBytes(attempt + "\n"));
            if (await _answers!.ReadLineAsync() is { } answer)
                return answer;
            var exit = await _jailed.Exited;
            _jailed = null;
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
            if (_jailed is not null)
                await _jailed.DisposeAsync();
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
