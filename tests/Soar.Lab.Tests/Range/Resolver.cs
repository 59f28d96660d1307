namespace Soar.Lab.Tests.Range;

/// <summary>A real Unbound with control over a Unix socket, on a loopback port, knowing the zone example only.</summary>
public sealed class Resolver : LabServer
{
    private static readonly string[] Programs = ["unbound", "unbound-control", "dig"];

    public Resolver() : base("unbound")
    {
        if (Tools.Has(Programs))
            Stand(Start);
    }

    public int Port { get; } = LoopbackPort.Take();
    public string[] Command => [Tools.Find("unbound-control")!, "-c", In("unbound.conf")];

    public static void Require() => Tools.Require(Programs);

    public string Dig(string name, string type = "A") => Tools.Must("dig", "+tcp", "+time=2", "+tries=1", "+noall", "+comments", "+answer", "@127.0.0.1", "-p", $"{Port}", name, type);

    public string Control(params string[] words) => Tools.Must(Command[0], [.. Command[1..], .. words]);

    private void Start()
    {
        File.WriteAllText(In("unbound.conf"), $"""
            server:
              interface: 127.0.0.1
              port: {Port}
              do-daemonize: no
              chroot: ""
              username: ""
              directory: "{Folder}"
              pidfile: "{In("pid")}"
              use-syslog: no
              access-control: 127.0.0.0/8 allow
              module-config: "iterator"
              local-zone: "example." static
              local-data: "evil.example. A 203.0.113.65"
              local-data: "www.evil.example. A 203.0.113.66"
              local-data: "www.evil.example. AAAA 2001:db8:a::66"
              local-data: "deep.www.evil.example. A 203.0.113.67"
              local-data: "xn--bcher-kva.example. A 203.0.113.70"
              local-zone: "foreign.example." always_nxdomain
            remote-control:
              control-enable: yes
              control-interface: {In("ctl.sock")}
              control-use-cert: no

            """);
        Server = Tools.Serve(In("log"), "unbound", "-c", In("unbound.conf"));
        Tools.Until(() => Tools.Listens("127.0.0.1", Port) && File.Exists(In("ctl.sock")), TimeSpan.FromSeconds(30), Server, In("log"));
    }
}
