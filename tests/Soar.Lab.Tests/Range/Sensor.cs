using System.Diagnostics;

namespace Soar.Lab.Tests.Range;

/// <summary>A real Suricata on the gateway's outer interface, with rules of the lab's own; its alerts go to <c>eve.json</c>.</summary>
public sealed class Sensor : IDisposable
{
    private const string Rules = """
        alert http any any -> any any (msg:"SOAR-LAB SQL injection attempt in URI"; flow:established,to_server; http.uri; content:"union"; nocase; content:"select"; nocase; distance:0; classtype:web-application-attack; sid:9000002; rev:1;)
        """;

    private readonly Process process;
    private readonly string folder;

    public Sensor(NetworkRange range)
    {
        folder = Directory.CreateTempSubdirectory("soar-suricata-").FullName;
        File.WriteAllText(Path.Combine(folder, "local.rules"), Rules);
        File.WriteAllText(Path.Combine(folder, "classification.config"), "config classification: web-application-attack,Web Application Attack,1\n");
        File.WriteAllText(Path.Combine(folder, "reference.config"), "");
        File.WriteAllText(Path.Combine(folder, "suricata.yaml"), $"""
            %YAML 1.1
            ---
            vars:
              address-groups: {"{"} HOME_NET: "[198.51.100.0/24]", EXTERNAL_NET: "!$HOME_NET" {"}"}
              port-groups: {"{"} HTTP_PORTS: "80" {"}"}
            default-log-dir: {folder}
            stats: {"{"} enabled: no {"}"}
            plugins: []
            outputs:
              - eve-log: {"{"} enabled: yes, filetype: regular, filename: eve.json, types: [ alert ] {"}"}
            logging:
              default-log-level: notice
              outputs:
                - console: {"{"} enabled: yes {"}"}
            af-packet:
              - {"{"} interface: gA, cluster-id: 99, cluster-type: cluster_flow, defrag: yes, threads: 1, checksum-checks: no {"}"}
            stream: {"{"} checksum-validation: no {"}"}
            app-layer: {"{"} protocols: {"{"} http: {"{"} enabled: yes {"}"} {"}"} {"}"}
            unix-command: {"{"} enabled: no {"}"}
            detect: {"{"} profile: low {"}"}
            default-rule-path: {folder}
            rule-files: [ local.rules ]
            classification-file: {folder}/classification.config
            reference-config-file: {folder}/reference.config
            run-as: {"{"} user: root {"}"}

            """);
        process = Tools.Start("ip", "netns", "exec", range.Gateway, "suricata", "-c", Path.Combine(folder, "suricata.yaml"), "-l", folder, "--af-packet=gA", "-k", "none");
        _ = process.StandardError.ReadToEndAsync();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.Contains("Engine started", StringComparison.Ordinal)) continue;
            _ = process.StandardOutput.ReadToEndAsync();
            return;
        }

        throw new InvalidOperationException($"Suricata did not start: exit {process.ExitCode}");
    }

    public static void Require() => Tools.Require("suricata");

    /// <summary>The first alert's line, as soon as it is whole.</summary>
    public async Task<string> FirstAlertAsync(TimeSpan atMost)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            var file = Path.Combine(folder, "eve.json");
            if (!File.Exists(file)) return;
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var text = new StreamReader(stream).ReadToEnd();
            var end = text.IndexOf('\n');
            if (end > 0) found.TrySetResult(text[..end]);
        }

        await using var again = new Timer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        return await found.Task.WaitAsync(atMost);
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
