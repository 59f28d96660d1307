namespace Soar.Lab.Tests.Range;

/// <summary>A real CrowdSec with its local API alone, in a folder and on a loopback port of its own. It neither reads logs nor reaches out.</summary>
public sealed class CrowdSecServer : LabServer
{
    private static readonly string[] Programs = ["crowdsec", "cscli"];

    public CrowdSecServer() : base("crowdsec")
    {
        if (Tools.Has(Programs))
            Stand(Start);
    }

    public const string Password = "lab-machine-password";

    public int Port { get; } = LoopbackPort.Take();
    public string BouncerKey { get; private set; } = "";

    public static void Require() => Tools.Require(Programs);

    /// <summary>What CrowdSec's own tool says, as its administrator would ask.</summary>
    public string Cscli(params string[] arguments) => Tools.Must("cscli", ["-c", In("config.yaml"), .. arguments]);

    private void Start()
    {
        Directory.CreateDirectory(In("data"));
        Directory.CreateDirectory(In("hub"));
        File.WriteAllText(In("hub/.index.json"), "{}");
        File.WriteAllText(In("simulation.yaml"), "simulation: false\n");
        File.WriteAllText(In("client.yaml"), $"url: http://127.0.0.1:{Port}\n");
        File.WriteAllText(In("profiles.yaml"), """
            name: default_ip_remediation
            filters:
             - Alert.Remediation == true && Alert.GetScope() == "Ip"
            decisions:
             - type: ban
               duration: 4h
            on_success: break

            """);
        File.WriteAllText(In("config.yaml"), $$"""
            common: { daemonize: false, log_media: stdout, log_level: info }
            config_paths:
              config_dir: {{Folder}}/
              data_dir: {{In("data")}}/
              simulation_path: {{In("simulation.yaml")}}
              hub_dir: {{In("hub")}}/
              index_path: {{In("hub/.index.json")}}
              notification_dir: {{In("notifications")}}/
              plugin_dir: /usr/lib/crowdsec/plugins/
            cscli: { output: raw }
            db_config: { log_level: info, type: sqlite, db_path: {{In("data/crowdsec.db")}}, use_wal: true }
            api:
              client: { credentials_path: {{In("client.yaml")}} }
              server: { log_level: info, listen_uri: "127.0.0.1:{{Port}}", profiles_path: {{In("profiles.yaml")}} }
            prometheus: { enabled: false }

            """);
        Server = Tools.Serve(In("log"), "crowdsec", "-c", In("config.yaml"), "-no-cs");
        Tools.Until(() => Tools.Listens("127.0.0.1", Port), TimeSpan.FromSeconds(60), Server, In("log"));
        Cscli("machines", "add", "admin", "--password", Password, "--force", "-f", In("client.yaml")); // for cscli itself
        BouncerKey = Cscli("bouncers", "add", "soar", "-o", "raw").Trim();
        Cscli("machines", "add", "soar", "--password", Password, "--force", "-f", In("machine.yaml"));
    }
}
