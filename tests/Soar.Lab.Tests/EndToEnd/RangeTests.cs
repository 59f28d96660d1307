using System.Diagnostics;
using Soar.Connectors.Mime;
using Soar.Lab.Tests.Range;
using Soar.Runs;

namespace Soar.Lab.Tests.EndToEnd;

/// <summary>
/// The range as a whole, with nothing imitated but the registry: an attacker scans and guesses passwords, Suricata tells, and the shipped playbook <c>throw-out-intruder</c> in the real
/// program contains it in nftables, OpenLDAP and BIND, with a ticket in Request Tracker and a mail through Postfix into Dovecot. The ledger gives everything back.
/// </summary>
public sealed class RangeTests : IClassFixture<NetworkRange>, IClassFixture<MailServers>, IClassFixture<RequestTrackerServer>, IClassFixture<OpenLdap>, IClassFixture<NameServer>, IDisposable
{
    private const string Abuse = "abuse@isp.example";

    // What each test's intruder reached.
    private static readonly (string Account, string Password, string Name) Once = ("alice", "alicepw", "evil.example");
    private static readonly (string Account, string Password, string Name) Killed = ("user001", "crowd", "xn--bcher-kva.example");
    private const string Subject = $"Intruder from {NetworkRange.Attacker4}";
    private const int Kills = 10;

    private readonly NetworkRange range;
    private readonly MailServers mail;
    private readonly RequestTrackerServer rt;
    private readonly OpenLdap directory;
    private readonly NameServer names;
    private readonly TempFolder folder = new();
    private readonly Registry registry = new();
    private readonly SoarProgram soar;

    public RangeTests(NetworkRange range, MailServers mail, RequestTrackerServer rt, OpenLdap directory, NameServer names)
    {
        NetworkRange.Require();
        MailServers.Require();
        RequestTrackerServer.Require();
        OpenLdap.Require();
        NameServer.Require();
        Sensor.Require();
        VictimLogin.Require();
        (this.range, this.mail, this.rt, this.directory, this.names) = (range, mail, rt, directory, names);
        range.LoadTable();
        folder.File("mail-password", "secret");
        folder.File("rt-token", rt.TokenOf("soar"));
        folder.File("ldap-password", "soar-secret");
        folder.File("tsig-secret", names.Secret);
        soar = new SoarProgram(folder, $$"""
            approvals: [contains, destroys]
            playbooks: {{SoarProgram.ShippedPlaybooks}}
            connectors:
              edge: { type: nftables, command: [ip, netns, exec, {{range.Gateway}}, nft] }
              desk: { type: request-tracker, address: "{{rt.Address}}", token: "file:rt-token", queue: General }
              directory:
                type: ldap
                host: 127.0.0.1
                port: {{directory.Port}}
                caFile: {{directory.CaFile}}
                user: "{{OpenLdap.Soar}}"
                password: "file:ldap-password"
                base: "{{OpenLdap.Base}}"
                defaultPolicy: "{{OpenLdap.Policy}}"
                pageSize: 20
                never: [root]
              resolvers: { type: rpz, server: 127.0.0.1, port: {{names.Port}}, zone: {{NameServer.Zone}}, keyName: {{NameServer.Key}}, keySecret: "file:tsig-secret", never: [cert.example] }
              registry:
                type: rdap
                baseAddress: "http://127.0.0.1:{{registry.Port}}/"
                organisation: CERT
                smtp: { host: localhost, port: {{mail.StartTls}}, caFile: {{mail.CaFile}}, user: soc@cert.example, password: "file:mail-password", from: soc@cert.example }
            """);
    }

    public void Dispose()
    {
        soar.End();
        registry.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task An_intruder_is_thrown_out_of_everything_and_the_ledger_gives_everything_back()
    {
        var alert = await AttackAsync(Once.Account);
        AssertOpen(Once);
        var before = await LookAsync();

        using var serve = soar.Serve();
        var asked = soar.Run(Start(alert));
        Assert.True(asked.ExitCode == 3, asked.Output + asked.Errors); // it waits for people
        var run = await AnswerUntilEndedAsync(Once, before.Mails);
        Assert.True(run.Status == RunStatus.Completed, $"{run.Status} {run.Result}");
        await AssertContainedOnceAsync(Once, before);

        var report = MimeReader.Read((await mail.AllDeliveredAsync(Abuse, before.Mails + 1, TimeSpan.FromSeconds(20)))[^1]);
        Assert.StartsWith($"Login attack from {NetworkRange.Attacker4}", report.Subject);

        var lift = soar.Run("lift", "--case", run.CaseId!, "--reason", "the exercise is over");
        Assert.True(lift.ExitCode == 0, lift.Output + lift.Errors);
        await soar.UntilLiftedAsync();
        SoarProgram.Kill(serve);
        await AssertLiftedAsync(Once);
    }

    [Fact]
    public async Task Killed_at_ten_random_instants_it_is_one_ticket_one_mail_and_one_block_and_everything_is_given_back()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var alert = await AttackAsync(Killed.Account);
        AssertOpen(Killed);
        var before = await LookAsync();
        using (var first = soar.Serve()) // makes the store
            SoarProgram.Kill(first);

        var (kills, unknown, starts) = (0, 0, 0);
        Run? run;
        while ((run = await soar.NewestRunAsync()) is not { Status: not (RunStatus.Running or RunStatus.Waiting) })
        {
            // Killed before the run was on disk it is as if it had never been asked for.
            using var engine = run is null ? soar.Start(Start(alert)) : soar.Serve();
            if (run is not null) unknown += await AnswerAsync(Killed, before.Mails);
            await KillAsync(engine, run is null ? 3_000 * ++starts : 0); // a slow machine needs longer before anything is on disk
        }

        Assert.True(run.Status == RunStatus.Completed, $"seed {seed}: {run.Status} {run.Result}");
        await AssertContainedOnceAsync(Killed, before);
        var (whileItRan, lifts) = (kills, 0);

        // What kills are left meet the lifting.
        while ((await soar.ContainmentsAsync()).Any(row => row.Status is not (ContainmentStatus.Lifted or ContainmentStatus.Found)))
        {
            using var lift = soar.Start("lift", "--case", run.CaseId!, "--reason", "the exercise is over");
            await KillAsync(lift, 2_000 * ++lifts);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: killed {whileItRan} times while it ran and {kills - whileItRan} times while it was lifted; {unknown} unknown outcomes were asked of a person");
        await AssertLiftedAsync(Killed);
        Assert.Equal(before.Tickets + 1, await rt.CountAsync($"Subject = '{Subject}'"));
        Assert.Equal(before.Mails + 1, await mail.SettledAsync(Abuse));

        // Only a kill that met an engine with the run on disk counts.
        async Task KillAsync(Process process, int startUp)
        {
            var left = kills < Kills;
            await SoarProgram.EndsWithinAsync(process, left ? TimeSpan.FromMilliseconds(random.Next(20, 900 + startUp)) : TimeSpan.FromSeconds(8));
            var met = !process.HasExited;
            SoarProgram.Kill(process);
            if (left && met && await soar.NewestRunAsync() is not null) kills++;
        }
    }

    private static string[] Start(string alert) => ["run", "throw-out-intruder", "--alert", alert, "--input", "ttl=2h"];

    /// <summary>A real scan and real guesses at a real login; the real sensor's alert as a file.</summary>
    private async Task<string> AttackAsync(string user)
    {
        using var sensor = new Sensor(range);
        using var login = new VictimLogin(range);
        login.Scan();
        var scan = await sensor.AlertAsync("port scan", TimeSpan.FromSeconds(20));
        Assert.Contains($"\"src_ip\":\"{NetworkRange.Attacker4}\"", scan);
        login.Guess(user, "123456", "password", "welcome1", "qwerty", "letmein", "skopje");
        return folder.File("alert.json", await sensor.AlertAsync("password guessing", TimeSpan.FromSeconds(20)));
    }

    /// <summary>Answers what is open as people would, who look before they say what became of something. How many were unknown outcomes.</summary>
    private async Task<int> AnswerAsync((string Account, string Password, string Name) reach, int mailsBefore)
    {
        var unknown = 0;
        foreach (var question in await soar.ReadAsync(store => store.QuestionsAsync(null, QuestionStatus.Open)))
        {
            string[] answer = question.Kind switch
            {
                QuestionKind.Form => ["approve", "--value", $$"""{"accounts":"{{reach.Account}}","names":"{{reach.Name}}"}"""],
                QuestionKind.UnknownOutcome => [await mail.SettledAsync(Abuse) > mailsBefore ? "done" : "not-done"],
                _ => ["approve"],
            };
            if (question.Kind == QuestionKind.UnknownOutcome) unknown++;
            var answered = soar.Run(["answer", question.Id.ToString(), .. answer]);
            Assert.True(answered.ExitCode == 0, answered.Output + answered.Errors);
        }

        return unknown;
    }

    private async Task<Run> AnswerUntilEndedAsync((string Account, string Password, string Name) reach, int mailsBefore)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (await tick.WaitForNextTickAsync(patience.Token))
        {
            if (await soar.NewestRunAsync() is { EndedAt: not null } ended) return ended;
            await AnswerAsync(reach, mailsBefore);
        }
        throw new InvalidOperationException("The tick ended.");
    }

    private async Task<(int Tickets, int Mails)> LookAsync() => (await rt.CountAsync($"Subject = '{Subject}'"), await mail.SettledAsync(Abuse));

    private void AssertOpen((string Account, string Password, string Name) reach)
    {
        Assert.True(range.Fetches(), "the attacker reaches the victim");
        Assert.True(LogsIn(reach), $"{reach.Account} logs in");
        Assert.Contains("203.0.113.66", names.Dig("www." + reach.Name));
    }

    private async Task AssertContainedOnceAsync((string Account, string Password, string Name) reach, (int Tickets, int Mails) before)
    {
        Assert.False(range.Fetches(), "blocked: " + range.Listed());
        Assert.Equal(2, range.Listed().Split($"{NetworkRange.Attacker4} timeout").Length);
        Assert.False(LogsIn(reach), $"{reach.Account} is disabled");
        Assert.Contains("NXDOMAIN", names.Dig("www." + reach.Name));
        Assert.Equal(before.Tickets + 1, await rt.CountAsync($"Subject = '{Subject}'"));
        var ticket = (await rt.AsAsync("ana", HttpMethod.Get, $"tickets?query={Uri.EscapeDataString($"Subject = '{Subject}'")}&orderby=id&order=DESC")).GetProperty("items")[0].GetProperty("id").ToString();
        var comments = await rt.AsAsync("ana", HttpMethod.Get, $"transactions?query={Uri.EscapeDataString($"ObjectType = 'RT::Ticket' AND TicketId = {ticket} AND Type = 'Comment'")}");
        Assert.Single(comments.GetProperty("items").EnumerateArray());
        Assert.Equal(before.Mails + 1, await mail.SettledAsync(Abuse));
        Assert.Equal(
            [("dns.sinkhole", reach.Name, ContainmentStatus.Active), ("firewall.block", NetworkRange.Attacker4, ContainmentStatus.Active), ("identity.disable", reach.Account, ContainmentStatus.Active)],
            (await soar.ContainmentsAsync()).Select(row => (row.Action, row.Target, row.Status)).Order());
    }

    private async Task AssertLiftedAsync((string Account, string Password, string Name) reach)
    {
        Assert.All(await soar.ContainmentsAsync(), row => Assert.Equal(ContainmentStatus.Lifted, row.Status));
        Assert.True(SpinWait.SpinUntil(() => names.Dig("www." + reach.Name).Contains("203.0.113.66"), TimeSpan.FromSeconds(5)), "the name is answered truly");
        AssertOpen(reach);
        Assert.DoesNotContain(NetworkRange.Attacker4, range.Listed());
        Assert.DoesNotContain("soar:", names.Entries() + directory.Show(Entry(reach.Account)));
    }

    private bool LogsIn((string Account, string Password, string Name) reach) => directory.Login(Entry(reach.Account), reach.Password).Works;

    private static string Entry(string account) => $"uid={account},ou=people,{OpenLdap.Base}";
}
