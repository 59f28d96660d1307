namespace Soar.Lab.Tests.Range;

/// <summary>A real BIND: authoritative for a few zones, resolver with a response policy zone that takes signed updates only. On a loopback port, reaching nobody.</summary>
public sealed class NameServer : LabServer
{
    private static readonly string[] Programs = ["named", "tsig-keygen", "dig", "nsupdate"];

    public NameServer() : base("bind")
    {
        if (Tools.Has(Programs))
            Stand(Start);
    }

    public const string Zone = "rpz.soar";
    public const string Key = "soar";

    public int Port { get; } = LoopbackPort.Take();
    public string Secret { get; private set; } = "";
    public string ReaderSecret { get; private set; } = "";

    public static void Require() => Tools.Require(Programs);

    /// <summary>The settings of a connector instance that works with it; the key's secret lies in the folder.</summary>
    public string Instance(TempFolder folder)
    {
        folder.File("tsig-secret", Secret);
        return $$"""{ type: rpz, server: 127.0.0.1, port: {{Port}}, zone: {{Zone}}, keyName: {{Key}}, keySecret: "file:tsig-secret", never: [cert.example] }""";
    }

    /// <summary>What a user's machine gets: status and short answers, by a program that is not ours.</summary>
    public string Dig(string name, string type = "A") => Tools.Must("dig", "+tcp", "+time=2", "+tries=1", "+noall", "+comments", "+answer", "@127.0.0.1", "-p", $"{Port}", name, type);

    /// <summary>The whole policy zone, by zone transfer.</summary>
    public string Entries() => Tools.Run("dig", "+tcp", "+time=2", "+tries=1", "+noall", "+answer", "-k", In(Key + ".key"), "@127.0.0.1", "-p", $"{Port}", Zone, "AXFR").Output;

    public void Update(string commands)
    {
        var result = Tools.RunWith($"server 127.0.0.1 {Port}\nzone {Zone}\n{commands}\nsend\n", "nsupdate", "-v", "-k", In(Key + ".key"));
        Assert.True(result.ExitCode == 0, result.Errors + string.Join("\n", File.ReadLines(In("named.log")).TakeLast(20)));
    }

    private void Start()
    {
        foreach (var key in new[] { Key, "reader" })
            File.WriteAllText(In(key + ".key"), Tools.Must("tsig-keygen", "-a", "hmac-sha256", key));
        Secret = System.Text.RegularExpressions.Regex.Match(File.ReadAllText(In(Key + ".key")), "secret \"([^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value;
        ReaderSecret = System.Text.RegularExpressions.Regex.Match(File.ReadAllText(In("reader.key")), "secret \"([^\"]+)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value;
        File.WriteAllText(In("named.conf"), $$"""
            include "{{In(Key + ".key")}}";
            include "{{In("reader.key")}}";
            options {
              directory "{{Folder}}"; pid-file "{{In("named.pid")}}"; session-keyfile "{{In("session.key")}}"; lock-file none;
              listen-on port {{Port}} { 127.0.0.1; }; listen-on-v6 { none; };
              recursion yes; allow-query { 127.0.0.0/8; }; dnssec-validation no; empty-zones-enable no; notify no;
              response-policy { zone "{{Zone}}"; } min-update-interval 0 qname-wait-recurse no;
            };
            controls { };
            zone "." { type primary; file "root.db"; };
            zone "{{Zone}}" { type primary; file "rpz.db"; allow-query { key {{Key}}; key reader; }; update-policy { grant {{Key}} zonesub any; }; };
            zone "evil.example" { type primary; file "evil.db"; };
            zone "xn--bcher-kva.example" { type primary; file "evil.db"; };

            """);
        const string Start = "$TTL 60\n@ SOA localhost. root.localhost. 1 60 60 60 60\n@ NS localhost.\n";
        File.WriteAllText(In("root.db"), Start + "localhost A 127.0.0.1\n");
        File.WriteAllText(In("rpz.db"), Start + "allowed.evil.example CNAME rpz-passthru.\nforeign.evil.example CNAME .\n");
        File.WriteAllText(In("evil.db"), Start + "@ A 203.0.113.65\nwww A 203.0.113.66\nwww AAAA 2001:db8:a::66\ndeep.www A 203.0.113.67\nallowed A 203.0.113.68\nforeign A 203.0.113.69\nmail MX 10 www\nalias CNAME www\nnote TXT \"v=spf1 -all\" \"two \\\"words\\\"\"\n");
        Server = Tools.Serve(In("named.log"), "named", "-g", "-c", In("named.conf"));
        // It listens before its zones are loaded, and answers SERVFAIL meanwhile.
        Tools.Until(() => Tools.Listens("127.0.0.1", Port) && Entries().Contains("foreign.evil.example", StringComparison.Ordinal) && Dig("www.evil.example").Contains("203.0.113.66", StringComparison.Ordinal), TimeSpan.FromSeconds(60), Server, In("named.log"));
    }
}
