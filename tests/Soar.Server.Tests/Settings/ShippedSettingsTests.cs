using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Http;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Settings;

/// <summary>The real connectors through the real settings file, as a newcomer and as an engineer meet them.</summary>
public sealed class ShippedSettingsTests
{
    private static (ConnectorRegistry Registry, string Folder) Read(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var registry = new ConnectorRegistry(new ActionCatalog(), typeof(HttpConnector).Assembly);
        SettingsFile.Read(path, registry, name => new ConnectorServices(name, TimeProvider.System, NullLogger.Instance, new Templates(Path.Combine(folder, "templates")), folder));
        return (registry, folder);
    }

    [Fact]
    public async Task The_shipped_settings_give_simulated_instances_of_every_capability_that_the_playbooks_use()
    {
        var (registry, _) = Read(Path.Combine(Root(), "playbooks", "soar.yaml"));
        await using var owned = registry;
        Assert.Equal(["edge-1", "edge-2"], registry.Names("Firewall"));
        Assert.Equal(["known-bad"], registry.Names("Intel")); // a file of the example's own: nothing to simulate
        foreach (var capability in new[] { "Firewall", "Mail", "Isp", "Tickets", "Identity", "Dns" })
            Assert.All(registry.Names(capability), name => Assert.DoesNotContain("Connector", registry.Find(capability, name, simulated: false)!.GetType().Name));
    }

    [Fact]
    public async Task Real_instances_with_nested_settings_lists_and_secrets_are_read()
    {
        using var folder = new TempFolder();
        folder.File("password", "secret\n");
        folder.File("own.csv", "type,value\nip,203.0.113.66\n");
        var key = folder.File("key", "x");
        var hosts = folder.File("known_hosts", "x");
        var (registry, _) = Read(folder.File("soar.yaml", $$"""
            connectors:
              edge:
                type: nftables
                never: [198.51.100.0/24, "2001:db8::1"]
                ssh: { host: gw.example, key: {{key}}, knownHosts: {{hosts}}, connectTimeout: 5s }
              registry:
                type: rdap
                baseAddress: http://127.0.0.1:8043/
                smtp: { host: mail.example, from: soc@cert.example, tls: implicit, user: soc, password: "file:password" }
              own: { type: local-indicators, files: [own.csv] }
              mail: { type: smtp, host: mail.example, from: soc@cert.example, tls: start-tls }
              desk: { type: request-tracker, address: "https://rt.example", token: "file:password", queue: Incidents, statuses: { waiting: on hold }, lookEvery: 5m }
              api: { type: http, address: "https://api.example/v1" }
            """));
        await using var owned = registry;
        Assert.Equal(6, registry.Instances.Count);
        var intel = (IIntel)registry.Find("Intel", "own", simulated: false)!;
        var report = await intel.LookupAsync(IpAddress.Parse("203.0.113.66"), null!, CancellationToken.None);
        Assert.Equal(("own", Verdict.Malicious), (report.Source, report.Verdict));
    }

    [Fact]
    public void What_is_wrong_with_real_instances_is_told_at_once()
    {
        using var folder = new TempFolder();
        var message = Assert.Throws<SoarException>(() => Read(folder.File("soar.yaml", """
            connectors:
              edge: { type: nftables, table: "inet soar; flush", ssh: { host: "-x" } }
              mail: { type: smtp, tls: none, user: u }
              own: { type: local-indicators }
              fine: { type: smtp, simulated: true }
            """))).Message;
        foreach (var part in new[] { "connectors.edge.table", "connectors.edge.ssh.host", "connectors.edge.ssh.key", "connectors.mail.host", "connectors.mail.from", "connectors.mail.user", "connectors.mail.password", "connectors.own.files" })
            Assert.Contains(part, message);
        Assert.DoesNotContain("connectors.fine", message);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Soar.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
