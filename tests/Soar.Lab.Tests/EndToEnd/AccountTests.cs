using Soar.Lab.Tests.Range;
using Soar.Runs;
using Soar.Testing;

namespace Soar.Lab.Tests.EndToEnd;

/// <summary>
/// A stolen account, with nothing imitated: a playbook in the real program has the mail scanned by clamd, and after an approval disables accounts in OpenLDAP
/// and sinkholes the name in BIND. The leases end, and everything is what it was, for programs that are not ours.
/// </summary>
public sealed class AccountTests : IClassFixture<ScannerDaemon>, IClassFixture<OpenLdap>, IClassFixture<NameServer>, IDisposable
{
    private const string Playbook = """
        Playbook("stolen-account", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "Disable accounts that a malicious mail took over, and sinkhole where it leads.");
        On.Alert(alert => alert.Category == "phishing");
        var people = Input<string[]>("people", "Mail addresses of who fell for it");
        var domain = Input<DomainName>("domain", "Where the mail leads");
        var ttl = Input("ttl", 8.Hours, "How long");

        // Is it malicious?
        var reports = await ForEach(Scanner.All, scanner => scanner.Scan(Alert.Raw!));
        if (!reports.Any(report => report.Verdict == Verdict.Malicious))
            return Outcome.FalsePositive($"{reports.Select(report => report.Details)}");

        // Who are they?
        var found = await ForEach(people, person => Identity.Find(person));
        var accounts = found.SelectMany(some => some).Select(account => account.Name).ToList();

        // May we?
        var steps = accounts.Select(account => Identity.Disable(account, ttl)).ToList<Step>();
        steps.Add(Dns.Sinkhole(domain, ttl, subdomains: true));
        var decision = await Ask("shift-lead", $"Disable {accounts} and sinkhole {domain} for {ttl}?", steps, within: 1.Hours);
        if (!decision.Approved)
            return Outcome.Escalated(decision.Reason);

        // Contain it
        foreach (var step in steps)
            await step;
        var answer = await Dns.Resolve(domain);
        return Outcome.Contained($"{domain} is {answer.Status}");
        """;

    private readonly OpenLdap directory;
    private readonly NameServer names;
    private readonly TempFolder folder = new();
    private readonly SoarProgram soar;
    private readonly string mail;

    public AccountTests(ScannerDaemon scanner, OpenLdap directory, NameServer names)
    {
        ScannerDaemon.Require();
        OpenLdap.Require();
        NameServer.Require();
        this.directory = directory;
        this.names = names;
        folder.File("playbooks/stolen-account.csx", Playbook);
        mail = folder.File("mail.eml", "From: mallory@evil.example\nTo: alice@cert.example\nSubject: Invoice\n\nPay at www.evil.example, yara-lab-marker\n");
        soar = new SoarProgram(folder, $$"""
            approvals: [contains, destroys]
            playbooks: playbooks
            connectors:
              antivirus: { type: clamd, host: 127.0.0.1, port: {{scanner.Port}} }
              directory: {{directory.Instance(folder)}}
              resolvers: {{names.Instance(folder)}}
            """);
    }

    public void Dispose()
    {
        soar.End();
        folder.Dispose();
    }

    [Fact]
    public async Task A_stolen_account_is_contained_and_given_back_and_one_that_was_disabled_before_stays_so()
    {
        Assert.Equal(0, soar.Run("check", Path.Combine(folder.Path, "playbooks", "stolen-account.csx")).ExitCode);
        Assert.True(LogsIn("alice", "alicepw"));
        Assert.Contains("203.0.113.66", names.Dig("www.evil.example"));

        var run = soar.Run("run", "stolen-account", "--alert", mail, "--input", "people=[\"alice@cert.example\",\"leaver\"]", "--input", "domain=Evil.Example.", "--input", "ttl=20s", "--answer", "approve");
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Contains("evil.example is NXDOMAIN", run.Output);
        Assert.DoesNotContain("soar-secret", run.Output + run.Errors);
        Assert.False(LogsIn("alice", "alicepw"));
        Assert.Contains("NXDOMAIN", names.Dig("www.evil.example"));

        using var serve = soar.Serve();
        await soar.UntilLiftedAsync();
        SoarProgram.Kill(serve);
        Assert.True(LogsIn("alice", "alicepw"));
        Assert.True(SpinWait.SpinUntil(() => names.Dig("www.evil.example").Contains("203.0.113.66"), TimeSpan.FromSeconds(5)));
        Assert.False(LogsIn("leaver", "leaverpw"));
        Assert.Equal(
            [("dns.sinkhole", "evil.example", ContainmentStatus.Lifted), ("identity.disable", "alice", ContainmentStatus.Lifted), ("identity.disable", "leaver", ContainmentStatus.Found)],
            (await soar.ContainmentsAsync()).Select(row => (row.Action, row.Target, row.Status)).Order());
        Assert.DoesNotContain("soar:", names.Entries() + directory.Show("uid=alice,ou=people,dc=cert,dc=example"));
    }

    private bool LogsIn(string user, string password) => directory.Login($"uid={user},ou=people,{OpenLdap.Base}", password).Works;
}
