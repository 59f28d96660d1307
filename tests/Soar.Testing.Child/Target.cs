namespace Soar.Testing.Child;

/// <summary>What the hostile attempts are aimed at; made by the test, which knows what must stay untouched.</summary>
/// <param name="Directory">A directory of the test's own, outside every readable path, holding <c>secret.txt</c>.</param>
/// <param name="Parent">The test process.</param>
/// <param name="SecretAddress">Where <paramref name="Parent"/> holds <see cref="Secret"/> in memory.</param>
/// <param name="Victim">A process of the same account that merely waits.</param>
/// <param name="TcpPort">A listener of the test on loopback.</param>
/// <param name="UdpPort">The same for datagrams.</param>
/// <param name="AbstractSocket">The name of a listening abstract unix socket, without its leading zero byte.</param>
/// <param name="InheritableDescriptor">A descriptor of the secret file that the test left open without close-on-exec.</param>
public sealed record Target(
    string Directory, int Parent, long SecretAddress, int Victim, int TcpPort, int UdpPort, string AbstractSocket, int InheritableDescriptor)
{
    /// <summary>Whoever can say this has read what it should not.</summary>
    public const string Secret = "the-shift-lead's-password";

    public string SecretFile => Path.Combine(Directory, "secret.txt");
    public string UnixSocket => Path.Combine(Directory, "listener.sock");
    public string NewFile => Path.Combine(Directory, $"new-{Environment.ProcessId}");
}
