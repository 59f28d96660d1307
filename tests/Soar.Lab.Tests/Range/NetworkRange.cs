using System.Security.Cryptography;

namespace Soar.Lab.Tests.Range;

/// <summary>
/// attacker(203.0.113.66, 2001:db8:a::66) → gateway(nft) → victim(198.51.100.10 with a web server), each in a network namespace of its own with a name
/// that no other run has. Only documentation addresses; nothing reaches out.
/// </summary>
public sealed class NetworkRange : LabServer
{
    public const string Attacker4 = "203.0.113.66";
    public const string Attacker6 = "2001:db8:a::66";
    public const string Victim4 = "198.51.100.10";
    public const string Victim6 = "2001:db8:b::10";

    private static readonly string[] Programs = ["ip", "nft", "ping", "sysctl", "curl", "python3"];

    private readonly string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly List<string> namespaces = [];

    public NetworkRange() : base("lab")
    {
        if (Tools.Has(Programs))
            Stand(Start);
    }

    public string Attacker => $"sl{id}-att";
    public string Gateway => $"sl{id}-gw";
    public string Victim => $"sl{id}-vic";

    public static void Require() => Tools.Require(Programs);

    /// <summary>Loads the shipped table afresh, as an engineer would.</summary>
    public void LoadTable()
    {
        Tools.Run("ip", "netns", "exec", Gateway, "nft", "delete", "table", "inet", "soar");
        Tools.Must("ip", "netns", "exec", Gateway, "nft", "-f", Path.Combine(AppContext.BaseDirectory, "Nftables", "soar.nft"));
    }

    public void Nft(string command) => Tools.Must("ip", "netns", "exec", Gateway, "nft", command);

    public string Listed() => Tools.Must("ip", "netns", "exec", Gateway, "nft", "list", "table", "inet", "soar");

    /// <summary>One packet there and back within a second?</summary>
    public bool Pings(string target) => Tools.Run("ip", "netns", "exec", Attacker, "ping", "-c1", "-W1", "-n", target).ExitCode == 0;

    /// <summary>Sends packets until one comes back, at most this long.</summary>
    public bool PingsWithin(string target, int seconds) => Tools.Run("ip", "netns", "exec", Attacker, "ping", "-c1", "-i0.2", $"-w{seconds}", "-n", target).ExitCode == 0;

    /// <param name="from">One of the attacker's addresses.</param>
    public bool Fetches(string from = Attacker4) => Tools.Run("ip", "netns", "exec", Attacker, "curl", "-s", "-m1", "--interface", from, "-o", "/dev/null", $"http://{Victim4}/").ExitCode == 0;

    /// <summary>Requests that the sensor takes for an attack, each in a connection of its own.</summary>
    public void Attack(string from, int times)
    {
        var one = new[] { "-o", "/dev/null", $"http://{Victim4}/?id=1%20UNION%20SELECT%20password" };
        Tools.Must("ip", ["netns", "exec", Attacker, "curl", "-s", "-m", "10", "--interface", from, .. Enumerable.Repeat(one, times).SelectMany(each => each)]);
    }

    /// <summary>One more address that the attacker attacks from.</summary>
    public void AddAttacker(string address) => Tools.Must("ip", "-n", Attacker, "addr", "add", $"{address}/24", "dev", "vA");

    private protected override void End()
    {
        base.End();
        foreach (var name in namespaces)
        {
            foreach (var pid in Tools.Run("ip", "netns", "pids", name).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Tools.Run("kill", "-9", pid);
            Tools.Run("ip", "netns", "del", name);
        }
    }

    private void Start()
    {
        foreach (var name in new[] { Attacker, Gateway, Victim })
        {
            Tools.Must("ip", "netns", "add", name);
            namespaces.Add(name);
            Tools.Must("ip", "-n", name, "link", "set", "lo", "up");
        }
        Link(Attacker, "vA", ["203.0.113.66/24", "2001:db8:a::66/64"], Gateway, "gA", ["203.0.113.1/24", "2001:db8:a::1/64"]);
        Link(Victim, "vV", ["198.51.100.10/24", "2001:db8:b::10/64"], Gateway, "gV", ["198.51.100.1/24", "2001:db8:b::1/64"]);
        Tools.Must("ip", "-n", Attacker, "route", "add", "default", "via", "203.0.113.1");
        Tools.Must("ip", "-n", Victim, "route", "add", "default", "via", "198.51.100.1");
        Tools.Must("ip", "-n", Attacker, "-6", "route", "add", "default", "via", "2001:db8:a::1");
        Tools.Must("ip", "-n", Victim, "-6", "route", "add", "default", "via", "2001:db8:b::1");
        Tools.Must("ip", "netns", "exec", Gateway, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
        Server = Tools.Start("ip", "netns", "exec", Victim, "python3", "-u", "-m", "http.server", "80", "--bind", Victim4, "--directory", Folder);
        Server.StandardOutput.ReadLine(); // "Serving HTTP on …": it listens
    }

    private static void Link(string one, string oneDevice, string[] oneAddresses, string other, string otherDevice, string[] otherAddresses)
    {
        Tools.Must("ip", "link", "add", oneDevice, "netns", one, "type", "veth", "peer", "name", otherDevice, "netns", other);
        foreach (var (space, device, addresses) in new[] { (one, oneDevice, oneAddresses), (other, otherDevice, otherAddresses) })
        {
            foreach (var address in addresses)
                Tools.Must("ip", ["-n", space, "addr", "add", address, "dev", device, .. (address.Contains(':') ? new[] { "nodad" } : [])]);
            Tools.Must("ip", "-n", space, "link", "set", device, "up");
        }
    }
}
