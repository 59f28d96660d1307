namespace Soar.Lab.Tests.Range;

/// <summary>A real sshd on a loopback port whose only key may run soar-nft against the range's gateway.</summary>
public sealed class SshGateway : LabServer
{
    public SshGateway(NetworkRange range) : base("ssh") => Stand(() => Start(range));

    public int Port { get; } = LoopbackPort.Take();
    public string Key => In("client");
    public string KnownHosts => In("known_hosts");

    /// <summary>Runs ssh as an attacker with our key would: any text as command.</summary>
    internal Tools.Result Raw(string command) => Tools.Run("ssh", "-F", "none", "-T", "-o", "BatchMode=yes", "-o", $"UserKnownHostsFile={KnownHosts}", "-i", Key, "-p", Port.ToString(), "root@127.0.0.1", command);

    public override void Signal(string signal) => Tools.Must("kill", signal, File.ReadAllText(In("sshd.pid")).Trim());

    private protected override void End()
    {
        if (File.Exists(In("sshd.pid")))
            Tools.Run("kill", "-CONT", File.ReadAllText(In("sshd.pid")).Trim());
        Tools.EndByPidFile(In("sshd.pid"));
    }

    private void Start(NetworkRange range)
    {
        Tools.Must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", In("host"));
        Tools.Must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Key);
        var script = Path.Combine(AppContext.BaseDirectory, "Nftables", "soar-nft");
        File.WriteAllText(In("authorized"), $"restrict,command=\"SOAR_NFT='ip netns exec {range.Gateway} nft' {script}\" {File.ReadAllText(Key + ".pub")}");
        File.WriteAllText(KnownHosts, $"[127.0.0.1]:{Port} {File.ReadAllText(In("host.pub"))}");
        File.WriteAllText(In("sshd.conf"), $"""
            Port {Port}
            ListenAddress 127.0.0.1
            HostKey {In("host")}
            PidFile {In("sshd.pid")}
            AuthorizedKeysFile {In("authorized")}
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin forced-commands-only
            UsePAM no
            StrictModes no
            """);
        Directory.CreateDirectory("/run/sshd");
        Tools.Must(Tools.Find("sshd")!, "-f", In("sshd.conf"), "-E", In("log")); // returns when it listens
    }
}
