
namespace Soar.Lab.Tests.Range;

/// <summary>A real Suricata on the gateway's outer interface, with rules of the lab's own.</summary>
public sealed class Sensor : LabServer
{
    private const string Rules = """
        alert tcp any any -> $HOME_NET any (msg:"SOAR-LAB port scan"; flags:S; threshold:type both,track by_src,count 25,seconds 60; classtype:attempted-recon; sid:9000001; rev:1;)
        alert ssh any any -> $HOME_NET 22 (msg:"SOAR-LAB SSH password guessing"; flow:established,to_server; ssh.proto; content:"2.0"; threshold:type both,track by_src,count 5,seconds 60; classtype:attempted-user; sid:9000003; rev:1;)
        alert http any any -> any any (msg:"SOAR-LAB SQL injection attempt in URI"; flow:established,to_server; http.uri; content:"union"; nocase; content:"select"; nocase; distance:0; classtype:web-application-attack; sid:9000002; rev:1;)
        """;

    /// <param name="range">Where it listens.</param>
    /// <param name="socket">A Unix socket that it connects to besides; null = none.</param>
    public Sensor(NetworkRange range, string? socket = null) : base("suricata") => Stand(() => Start(range, socket));

    /// <summary>Its alerts, one JSON object per line.</summary>
    public string Eve => In("eve.json");

    /// <summary>How many alerts it has written, over all that rotation made of the file.</summary>
    public int Written => Directory.EnumerateFiles(Folder, "eve.json*").Sum(file => File.ReadAllBytes(file).Count(octet => octet == '\n'));

    /// <summary>Waits until it has written so many.</summary>
    public void UntilWritten(int count) => Assert.True(SpinWait.SpinUntil(() => Written >= count, TimeSpan.FromSeconds(20)), $"Suricata wrote {Written} alerts instead of {count}");

    /// <summary>As logrotate does with <c>create</c> and a postrotate script.</summary>
    public void RotateByRename(string name)
    {
        File.Move(Eve, In(name));
        File.WriteAllText(Eve, "");
        Signal("-HUP");
    }

    /// <summary>As logrotate does with <c>copytruncate</c>.</summary>
    public void RotateByCopy(string name)
    {
        Tools.Must("cp", Eve, In(name));
        Tools.Must("truncate", "-s", "0", Eve);
    }

    private void Start(NetworkRange range, string? socket)
    {
        File.WriteAllText(In("local.rules"), Rules);
        File.WriteAllText(In("classification.config"), """
            config classification: web-application-attack,Web Application Attack,1
            config classification: attempted-user,Attempted User Privilege Gain,1
            config classification: attempted-recon,Attempted Information Leak,2

            """);
        File.WriteAllText(In("reference.config"), "");
        File.WriteAllText(In("suricata.yaml"), $"""
            %YAML 1.1
            ---
            vars:
              address-groups: {"{"} HOME_NET: "[198.51.100.0/24]", EXTERNAL_NET: "!$HOME_NET" {"}"}
              port-groups: {"{"} HTTP_PORTS: "80" {"}"}
            default-log-dir: {Folder}
            stats: {"{"} enabled: no {"}"}
            plugins: []
            outputs:
              - eve-log: {"{"} enabled: yes, filetype: regular, filename: eve.json, types: [ alert ] {"}"}{(socket is null ? "" : $"\n  - eve-log: {{ enabled: yes, filetype: unix_stream, filename: {socket}, types: [ alert ] }}")}
            logging:
              default-log-level: notice
              outputs:
                - console: {"{"} enabled: yes {"}"}
            af-packet:
              - {"{"} interface: gA, cluster-id: 99, cluster-type: cluster_flow, defrag: yes, threads: 1, checksum-checks: no {"}"}
            stream: {"{"} checksum-validation: no {"}"}
            app-layer: {"{"} protocols: {"{"} http: {"{"} enabled: yes {"}"}, ssh: {"{"} enabled: yes {"}"} {"}"} {"}"}
            unix-command: {"{"} enabled: no {"}"}
            detect: {"{"} profile: low {"}"}
            default-rule-path: {Folder}
            rule-files: [ local.rules ]
            classification-file: {Folder}/classification.config
            reference-config-file: {Folder}/reference.config
            run-as: {"{"} user: root {"}"}

            """);
        Server = Tools.Start("ip", "netns", "exec", range.Gateway, "suricata", "-c", In("suricata.yaml"), "-l", Folder, "--af-packet=gA", "-k", "none");
        var errors = Server.StandardError.ReadToEndAsync();
        while (Server.StandardOutput.ReadLine() is { } line)
        {
            if (!line.Contains("Engine started", StringComparison.Ordinal)) continue;
            _ = Server.StandardOutput.ReadToEndAsync();
            return;
        }

        throw new InvalidOperationException("Suricata ended before it had started: " + errors.Result);
    }

    public static void Require() => Tools.Require("suricata");

    /// <summary>The first alert whose signature holds these words, as Suricata wrote it, as soon as it is whole.</summary>
    public async Task<string> AlertAsync(string words, TimeSpan atMost)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (!File.Exists(Eve)) return;
            using var stream = new FileStream(Eve, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var text = new StreamReader(stream).ReadToEnd();
            if (text[..(text.LastIndexOf('\n') + 1)].Split('\n').FirstOrDefault(line => line.Contains(words, StringComparison.Ordinal)) is { } alert) found.TrySetResult(alert);
        }

        await using var again = new Timer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        return await found.Task.WaitAsync(atMost);
    }

    private protected override void End()
    {
        Server?.Kill(entireProcessTree: true); // it takes its time to say goodbye
        base.End();
    }
}
