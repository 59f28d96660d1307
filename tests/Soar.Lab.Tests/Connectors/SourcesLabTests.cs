using System.Diagnostics;
using System.Globalization;
using Soar.Alerts;
using Soar.Lab.Tests.Range;
using Soar.Runs;
using Soar.Testing;

namespace Soar.Lab.Tests.Connectors;

/// <summary>
/// Alerts of real products through the real program: Suricata's file over rotations and kills, rsyslog by TLS, Alertmanager, curl with openssl's signature. Each alert has one run.
/// </summary>
public sealed class SourcesLabTests : IClassFixture<NetworkRange>, IDisposable
{
    private const string Token = "lab-token-0123456789abcdef";

    private readonly NetworkRange range;
    private readonly TempFolder folder = new();
    private SoarProgram? program;

    public SourcesLabTests(NetworkRange range)
    {
        this.range = range;
        // One step that leaves a record, so that a run is more than its beginning.
        folder.File("answer.csx", """
            Playbook("answer", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "Notes every intrusion and whatever is critical.");
            On.Alert(alert => alert.Category == "intrusion" || alert.Severity >= 90);
            await Note($"seen: {Alert.Title}");
            return Outcome.Completed(Alert.Title);
            """);
    }

    public void Dispose()
    {
        program?.End();
        folder.Dispose();
    }

    private SoarProgram Program(string connectors) => program = new(folder, $"approvals: []\nalerts: {{ same: {{ within: 0s }} }}\nplaybooks: {folder.Path}\nconnectors:\n{connectors}\n");

    private static async Task<IReadOnlyList<AlertRecord>> UntilAsync(SoarProgram soar, Func<IReadOnlyList<AlertRecord>, bool> holds, string what, Func<string>? more = null)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var began = Stopwatch.GetTimestamp();
        while (await tick.WaitForNextTickAsync())
        {
            var alerts = await soar.AlertsAsync();
            if (holds(alerts)) return alerts;
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2), $"waited in vain for {what}: {string.Join(", ", alerts.Select(a => $"{a.Number} {a.State} {a.Alert.Title} {a.Reason}"))}\n{soar.Run("alerts", "unreadable").Output}{more?.Invoke()}");
        }

        throw new InvalidOperationException("The tick ended.");
    }

    /// <summary>Every alert that is started has exactly its own run, and no run is left over.</summary>
    private static async Task OneRunEachAsync(SoarProgram soar, IReadOnlyList<AlertRecord> alerts)
    {
        var runs = await soar.ReadAsync(store => store.ListAsync(null, null, 100_000));
        Assert.Equal(alerts.Count, runs.Count);
        foreach (var alert in alerts)
        {
            Assert.True(alert.State == AlertState.Started, $"{alert.Number}: {alert.State} {alert.Reason}");
            Assert.Equal($"alert {alert.Number}", runs.Single(r => r.Id == Assert.Single(alert.Triggers).Run).StartedBy);
        }
    }

    [Fact]
    public async Task What_a_real_Suricata_writes_is_answered_once_over_rotations_and_kills()
    {
        NetworkRange.Require();
        Sensor.Require();
        using var sensor = new Sensor(range);
        var soar = Program($"  sensor: {{ type: suricata-eve, file: {sensor.Eve}, readExisting: true }}");
        var attacks = 0;
        void Attack()
        {
            attacks++;
            Tools.Must("ip", "netns", "exec", range.Attacker, "curl", "-s", "-m", "5", "-o", "/dev/null", $"http://{NetworkRange.Victim4}/?id={attacks.ToString(CultureInfo.InvariantCulture)}%20UNION%20SELECT%20password");
        }

        using (var serve = soar.Serve())
        {
            for (var i = 0; i < 3; i++) Attack();
            await UntilAsync(soar, a => a.Count >= 3 && a.All(x => x.State != AlertState.Waiting), "three alerts");
            sensor.RotateByRename("eve.json.1"); // runs are going on
            for (var i = 0; i < 3; i++) Attack();
            sensor.UntilWritten(6);
            await UntilAsync(soar, a => a.Count == sensor.Written, "those after the rename");
            Attack();
            SoarProgram.Kill(serve);
        }

        // While nobody follows: the file is copied and cut, then renamed.
        Attack();
        sensor.UntilWritten(8);
        sensor.RotateByCopy("eve.json.2");
        Attack();
        sensor.UntilWritten(9);
        sensor.RotateByRename("eve.json.3");
        Attack();
        sensor.UntilWritten(10);
        using (var serve = soar.Serve())
        {
            var alerts = await UntilAsync(soar, a => a.Count == sensor.Written && a.All(x => x.State != AlertState.Waiting), "all of them");
            await UntilEndedAsync(soar, alerts.Count);
            SoarProgram.Kill(serve);
            await OneRunEachAsync(soar, alerts);
            Assert.All(alerts, a => Assert.Equal(("sensor", "suricata", NetworkRange.Attacker4), (a.Source, a.Alert.Detector, a.Alert.Source!.Ip!.ToString())));
        }

        var shown = soar.Run("alerts", "show", "1");
        Assert.Contains("SOAR-LAB SQL injection attempt in URI", shown.Output);
        Assert.Contains("answer 1.0.0: run ", shown.Output);
        Assert.Contains("Everything that came could be read", soar.Run("alerts", "unreadable").Output);
    }

    [Fact]
    public async Task A_real_Suricata_connects_to_the_socket_by_itself()
    {
        NetworkRange.Require();
        Sensor.Require();
        var socket = Path.Combine(folder.Path, "eve.sock");
        var soar = Program($"  sensor: {{ type: suricata-eve, socket: {socket} }}");
        using var serve = soar.Serve();
        using var sensor = new Sensor(range, socket);
        Tools.Must("ip", "netns", "exec", range.Attacker, "curl", "-s", "-m", "5", "-o", "/dev/null", $"http://{NetworkRange.Victim4}/?id=1%20UNION%20SELECT%20password");
        var alerts = await UntilAsync(soar, a => a.Count == 1 && a[0].State == AlertState.Started, "the alert by socket");
        await UntilEndedAsync(soar, 1);
        SoarProgram.Kill(serve);
        await OneRunEachAsync(soar, alerts);
    }

    [Fact]
    public async Task What_a_real_rsyslog_forwards_by_TLS_with_its_certificate_becomes_an_alert()
    {
        Collector.Require();
        using var server = new TestCertificate("localhost");
        using var client = new TestCertificate("fw1.cert.example");
        var port = LoopbackPort.Take();
        var soar = Program($$"""
              logs:
                type: syslog
                port: {{port}}
                certificate: {{server.Files}}
                clientCa: {{client.CaFile}}
                clients: [fw1.cert.example]
                alerts:
                  ssh: { app: sshd, atLeast: warning, pattern: 'Failed password for (?<user>\S+) from (?<ip>\S+) port (?<port>\d+)', category: intrusion, sourceIp: $.match.ip, sourcePort: $.match.port, destinationUser: $.match.user }
            """);
        using var serve = soar.Serve();
        using var collector = new Collector(port, ("localhost", server), client);
        collector.Say("sshd", "authpriv.warning", "Failed password for root from 203.0.113.66 port 4242 ssh2");
        collector.Say("cron", "cron.info", "(root) CMD (true)");
        collector.Say("sshd", "authpriv.warning", "Failed password for ana from 2001:db8:a::66 port 4243 ssh2");
        var alerts = await UntilAsync(soar, a => a.Count == 2 && a.All(x => x.State == AlertState.Started), "two alerts by syslog", () => File.ReadAllText(collector.Words) + soar.Run("connectors", "test").Output);
        await UntilEndedAsync(soar, 2);
        var first = alerts.Single(a => a.Alert.Destination!.User == "root").Alert;
        Assert.Equal(("sshd", "ssh", 40, "Failed password for root from 203.0.113.66 port 4242 ssh2"), (first.Detector, first.RuleId, first.Severity, first.Title));
        Assert.Equal((new Endpoint(IpAddress.Parse("203.0.113.66"), 4242), System.Net.Dns.GetHostName()), (first.Source, first.Destination!.Host));
        Assert.Equal("42", first.Payload!.Value.GetProperty("data").GetProperty("soar@32473").GetProperty("inc").GetString());
        await OneRunEachAsync(soar, alerts);

        // Killed and started again: rsyslog comes back by itself.
        SoarProgram.Kill(serve);
        using var again = soar.Serve();
        var test = "";
        Assert.True(SpinWait.SpinUntil(() => (test = soar.Run("connectors", "test").Output).Contains("✔ logs", StringComparison.Ordinal), TimeSpan.FromSeconds(60)), test);
        // A sender that writes into a connection that is gone learns it with the next message: the first may be lost, as syslog has no answers.
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        for (var i = 0; (await soar.AlertsAsync()).Count < 3 && i < 60 && await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken); i++)
            collector.Say("sshd", "authpriv.warning", $"Failed password for eva from 203.0.113.67 port {5000 + i} ssh2");
        Assert.True((await soar.AlertsAsync()).Count >= 3, File.ReadAllText(collector.Words));
        SoarProgram.Kill(again);
    }

    [Fact]
    public async Task A_real_Alertmanager_is_answered_once_its_end_is_noted_and_it_repeats_what_a_killed_engine_did_not_take()
    {
        AlertmanagerServer.Require();
        using var server = new TestCertificate("127.0.0.1");
        var port = LoopbackPort.Take();
        folder.File("token", Token);
        var soar = Program($"  metrics: {{ type: alertmanager, port: {port}, certificate: {server.Files}, token: \"file:token\" }}");
        using var alertmanager = new AlertmanagerServer(port, Token, server.CaFile);
        var began = new DateTimeOffset(DateTime.UtcNow.AddMinutes(-1), TimeSpan.Zero);

        // Nobody is there yet: Alertmanager keeps trying.
        await alertmanager.SayAsync("DiskFull", "web1.example:9100", began);
        using (var serve = soar.Serve())
        {
            await UntilAsync(soar, a => a.Count == 1 && a[0].State == AlertState.Started, "the first alert");
            await UntilEndedAsync(soar, 1);
            SoarProgram.Kill(serve);
        }

        await alertmanager.SayAsync("HostDown", "web2.example:9100", began);
        await alertmanager.SayAsync("DiskFull", "web1.example:9100", began, over: began.AddSeconds(30));
        using (var serve = soar.Serve())
        {
            var alerts = await UntilAsync(soar, a => a.Count == 2 && a.All(x => x.State == AlertState.Started) && a.Any(x => x.ResolvedAt is not null), "the second alert and the first one's end");
            await UntilEndedAsync(soar, 2);
            SoarProgram.Kill(serve);
            await OneRunEachAsync(soar, alerts);
            var disk = alerts.Single(a => a.Alert.RuleId == "DiskFull");
            Assert.Equal(("DiskFull on web1.example:9100", 90, "web1.example"), (disk.Alert.Title, disk.Alert.Severity, disk.Alert.Destination!.Host));
            Assert.Equal(began.AddSeconds(30).ToUnixTimeMilliseconds(), disk.ResolvedAt!.Value.ToUnixTimeMilliseconds());
            Assert.Null(alerts.Single(a => a.Alert.RuleId == "HostDown").ResolvedAt);
        }

        Assert.Contains("over since", soar.Run("alerts", "show", "1").Output);
    }

    [Fact]
    public async Task What_curl_posts_with_a_signature_made_by_openssl_is_taken_and_without_it_refused()
    {
        Tools.Require("curl", "openssl");
        var port = LoopbackPort.Take();
        folder.File("secret", Token);
        var soar = Program($"  hook: {{ type: webhook, port: {port}, signingSecret: \"file:secret\", timeHeader: X-Time, map: {{ id: $.id, title: $.rule, category: intrusion, sourceIp: $.src }} }}");
        using var serve = soar.Serve();
        var body = folder.File("body.json", """{"id":"a-1","rule":"SQL injection","src":"203.0.113.66"}""");
        var time = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = Tools.RunWith($"{time}.{File.ReadAllText(body)}", "openssl", "dgst", "-sha256", "-hmac", Token, "-r").Output.Split(' ')[0];
        string Post(string signature) => Tools.Must("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Content-Type: application/json", "-H", $"X-Time: {time}", "-H", $"X-Hub-Signature-256: sha256={signature}", "--data-binary", "@" + body, $"http://127.0.0.1:{port}/");
        Assert.Equal("401", Post(new string('0', 64)));
        Assert.Equal(["200", "200"], new[] { Post(signed), Post(signed) });
        var alerts = await UntilAsync(soar, a => a.Count == 1 && a[0].State == AlertState.Started, "the posted alert");
        await UntilEndedAsync(soar, 1);
        SoarProgram.Kill(serve);
        Assert.Equal((2, "SQL injection"), (alerts[0].Times, alerts[0].Alert.Title));
        await OneRunEachAsync(soar, alerts);
    }

    private static async Task UntilEndedAsync(SoarProgram soar, int count)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await tick.WaitForNextTickAsync(patience.Token))
        {
            var runs = await soar.ReadAsync(store => store.ListAsync(RunStatus.Completed, null, 100_000));
            if (runs.Count >= count) return;
        }
    }
}
