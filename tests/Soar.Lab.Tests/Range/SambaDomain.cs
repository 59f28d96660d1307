using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Soar.Lab.Tests.Range;

/// <summary>
/// A real Samba domain controller. Its ports are fixed, so it lives in a network namespace of its own, reached over a veth pair with addresses from the
/// benchmark range (RFC 2544). Soar's service account has the rights that the manual names, on the container of users, and no others.
/// </summary>
public sealed class SambaDomain : LabServer
{
    public const string Base = "DC=cert,DC=example";
    public const string Users = "CN=Users,DC=cert,DC=example";

    private static readonly string[] Programs = ["samba", "samba-tool", "ip", "openssl", "ldapsearch", "ldapmodify"];
    private const string Setup = "/usr/share/samba/setup";
    private readonly string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    public SambaDomain() : base("samba")
    {
        if (Tools.Has(Programs) && Directory.Exists(Setup))
            Stand(Start);
    }

    public const string Password = "Mallory1!x";
    public const string SoarPassword = "Soar-Secret-1!";

    public string CaFile => In("cert.pem");
    public string Address { get; } = $"198.18.{RandomNumberGenerator.GetInt32(256)}.{4 * RandomNumberGenerator.GetInt32(64) + 2}";

    private string Namespace => $"sl{id}-ad";
    private string Gateway => Address[..(Address.LastIndexOf('.') + 1)] + (int.Parse(Address[(Address.LastIndexOf('.') + 1)..]) - 1);
    private string Conf => In("etc/smb.conf");

    public static void Require()
    {
        Tools.Require(Programs);
        Assert.SkipUnless(Directory.Exists(Setup), "samba-ad-provision is not installed on this machine");
    }

    /// <summary>Does this login work? Asked by a program that is not ours; with the server's words.</summary>
    public (bool Works, string Words) Login(string user, string password)
    {
        var result = Client("ldapsearch", null, "-D", $"{user}@cert.example", "-w", password, "-LLL", "-b", Base, "-s", "base", "dn");
        return (result.ExitCode == 0, result.Output + result.Errors);
    }

    public string Show(string user) => Client("ldapsearch", null, "-D", "administrator@cert.example", "-w", "Passw0rd!x", "-LLL", "-o", "ldif-wrap=no", "-b", Base, $"(sAMAccountName={user})").Output;

    /// <summary>Changes as the domain's administrator makes them.</summary>
    public void Modify(string ldif)
    {
        var result = Client("ldapmodify", ldif + "\n", "-D", "administrator@cert.example", "-w", "Passw0rd!x");
        if (result.ExitCode != 0)
            throw new InvalidOperationException(result.Errors);
    }

    private protected override void End()
    {
        base.End();
        foreach (var pid in Tools.Run("ip", "netns", "pids", Namespace).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Tools.Run("kill", "-9", pid);
        Tools.Run("ip", "netns", "del", Namespace);
    }

    private void Start()
    {
        Network();
        Provision();
        Server = Tools.Serve(In("samba.log"), "ip", "netns", "exec", Namespace, Tools.Find("samba")!, "-F", "--no-process-group", "-s", Conf);
        Tools.Until(() => Tools.Listens(Address, 636) && Login("mallory", Password).Works, TimeSpan.FromSeconds(90), Server, In("samba.log"));
    }

    private Tools.Result Client(string program, string? input, params string[] arguments) =>
        Tools.RunWith(input, "env", [$"LDAPTLS_CACERT={CaFile}", program, "-x", "-H", $"ldaps://{Address}", .. arguments]);

    private void Network()
    {
        Tools.Must("ip", "netns", "add", Namespace);
        Tools.Must("ip", "-n", Namespace, "link", "set", "lo", "up");
        Tools.Must("ip", "link", "add", $"so{id}", "type", "veth", "peer", "name", "vS", "netns", Namespace);
        Tools.Must("ip", "addr", "add", $"{Gateway}/30", "dev", $"so{id}");
        Tools.Must("ip", "link", "set", $"so{id}", "up");
        Tools.Must("ip", "-n", Namespace, "addr", "add", $"{Address}/30", "dev", "vS");
        Tools.Must("ip", "-n", Namespace, "link", "set", "vS", "up");
    }

    private void Provision()
    {
        File.WriteAllText(In("start.conf"), "[global]\n"); // instead of the system's
        Samba("domain", "provision", $"--targetdir={Folder}", "--realm=CERT.EXAMPLE", "--domain=CERT", "--server-role=dc", "--dns-backend=SAMBA_INTERNAL", "--adminpass=Passw0rd!x", "--host-name=dc1",
            $"--host-ip={Address}", "--option=interfaces=lo vS", "--option=bind interfaces only=yes", "-s", In("start.conf"));
        Tools.Must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=dc1.cert.example", "-addext", $"subjectAltName=IP:{Address}", "-keyout", In("key.pem"), "-out", CaFile);
        Tools.Must("chmod", "600", In("key.pem"));
        File.WriteAllText(Conf, File.ReadAllText(Conf).Replace("[global]", $"""
            [global]
              server services = ldap
              pid directory = {Folder}
              ncalrpc dir = {In("ncalrpc")}
              winbindd socket directory = {In("winbindd")}
              ntp signd socket directory = {In("ntp")}
              log file = {In("log")}
              tls keyfile = {In("key.pem")}
              tls certfile = {CaFile}
              tls cafile = {CaFile}
            """, StringComparison.Ordinal));
        foreach (var (user, password) in new[] { ("mallory", Password), ("leaver", Password), ("robot", Password), ("soar", SoarPassword) })
            Samba("user", "create", user, password, $"--mail-address={user}@cert.example", $"--given-name={user}", "--surname=Lab", "-s", Conf);
        Samba("user", "disable", "leaver", "-s", Conf);
        Samba("user", "setexpiry", "robot", "--noexpiry", "-s", Conf);
        foreach (var group in new[] { "vpn", "remote" })
            Samba("group", "add", group, "-s", Conf);
        Samba("group", "addmembers", "vpn", "mallory", "-s", Conf);
        Samba("group", "addmembers", "remote", "vpn", "-s", Conf);
        var sid = Regex.Match(Samba("user", "show", "soar", "--attributes=objectSid", "-s", Conf), "S-1-5-[0-9-]+", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
        // Read and write of three attributes of users: userAccountControl, pwdLastSet, info.
        foreach (var attribute in new[] { "bf967a68-0de6-11d0-a285-00aa003049e2", "bf967a0a-0de6-11d0-a285-00aa003049e2", "bf96793e-0de6-11d0-a285-00aa003049e2" })
            Samba("dsacl", "set", $"--objectdn={Users}", $"--sddl=(OA;CI;RPWP;{attribute};bf967aba-0de6-11d0-a285-00aa003049e2;{sid})", "-s", Conf, "-H", In("private/sam.ldb"));
    }

    private string Samba(params string[] arguments) => Tools.Must("ip", ["netns", "exec", Namespace, Tools.Find("samba-tool")!, .. arguments]);
}
