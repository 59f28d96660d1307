namespace Soar.Lab.Tests.Range;

/// <summary>A real sshd on a loopback port that lets root in with one key.</summary>
public class SshServer : LabServer
{
    /// <param name="restriction">What stands before the key in authorized_keys; empty = any command.</param>
    public SshServer(string restriction = "") : base("ssh") => Stand(() => Start(restriction));

    public int Port { get; } = LoopbackPort.Take();
    public string Key => In("client");
    public string KnownHosts => In("known_hosts");
    private string Pid => File.ReadAllText(In("sshd.pid")).Trim();

    public override void Signal(string signal) => Tools.Must("kill", signal, Pid);

    /// <summary>Kills the sessions, not the server: for the client the connection breaks.</summary>
    public void CutSessions()
    {
        foreach (var session in Tools.Must("ps", "-o", "pid=", "--ppid", Pid).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            Tools.Run("kill", "-KILL", session);
    }

    private protected override void End()
    {
        if (File.Exists(In("sshd.pid")))
            Tools.Run("kill", "-CONT", Pid);
        Tools.EndByPidFile(In("sshd.pid"));
    }

    private void Start(string restriction)
    {
        Tools.Must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", In("host"));
        Tools.Must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Key);
        File.WriteAllText(In("authorized"), $"{restriction}{File.ReadAllText(Key + ".pub")}");
        File.WriteAllText(KnownHosts, $"[127.0.0.1]:{Port} {File.ReadAllText(In("host.pub"))}");
        File.WriteAllText(In("sshd.conf"), $"""
            Port {Port}
            ListenAddress 127.0.0.1
            HostKey {In("host")}
            PidFile {In("sshd.pid")}
            AuthorizedKeysFile {In("authorized")}
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin {(restriction.Length > 0 ? "forced-commands-only" : "prohibit-password")}
            UsePAM no
            StrictModes no
            """);
        Directory.CreateDirectory("/run/sshd");
        Tools.Must(Tools.Find("sshd")!, "-f", In("sshd.conf"), "-E", In("log"));
        // It goes into the background before it listens.
        if (!SpinWait.SpinUntil(() => Tools.Listens("127.0.0.1", Port), TimeSpan.FromSeconds(20)))
            throw new InvalidOperationException($"sshd does not answer on port {Port}: {File.ReadAllText(In("log"))}");
    }
}
