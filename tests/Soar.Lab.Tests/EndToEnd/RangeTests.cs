using System.Diagnostics;
using Soar.Alerts;
using Soar.Connectors.Mime;
using Soar.Lab.Tests.Range;
using Soar.Runs;
using Soar.Server.Display;

namespace Soar.Lab.Tests.EndToEnd;

/// <summary>
/// The range as a whole, with nothing imitated but the registry: an attacker scans and guesses passwords, Suricata writes it down, the real program follows what it writes, and the shipped
/// playbook <c>throw-out-intruder</c>, started by that alert, contains it in nftables, OpenLDAP and BIND, with a ticket in Request Tracker and a mail through Postfix into Dovecot. The ledger
/// gives everything back.
/// </summary>
public sealed class RangeTests : IClassFixture<NetworkRange>, IClassFixture<MailServers>, IClassFixture<RequestTrackerServer>, IClassFixture<OpenLdap>, IClassFixture<NameServer>, IDisposable
{
    private const string Abuse = "abuse@isp.example";
    private const string Subject = $"Intruder from {NetworkRange.Attacker4}";
    private const string Scan = "1:9000001";
    private const string Guesses = "1:9000003";
    private const int Kills = 10;

    // So many of them meet the lifting.
    private const int LiftingKills = 4;

    // What each test's intruder reached: the second one so much that giving it back takes its time.
    private static readonly Reach Once = new("alicepw", ["alice"], ["evil.example"]);
    private static readonly Reach Killed = new("crowd", [.. Enumerable.Range(1, 9).Select(number => $"user{number:000}")], ["evil.example", "xn--bcher-kva.example"]);

    private readonly NetworkRange range;
    private readonly MailServers mail;
    private readonly RequestTrackerServer rt;
    private readonly OpenLdap directory;
    private readonly NameServer names;
    private readonly Sensor sensor;
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
        sensor = new Sensor(range);
        folder.File("rt-token", rt.TokenOf("soar"));
        foreach (var template in Directory.GetFiles(Path.Combine(SoarProgram.ShippedPlaybooks, "templates"), "login-attack.*")) folder.File($"playbooks/templates/{Path.GetFileName(template)}", File.ReadAllText(template));
        // The shipped playbook, and what starts it at this site.
        folder.File("playbooks/throw-out-intruder.csx", File.ReadAllText(Path.Combine(SoarProgram.ShippedPlaybooks, "containment", "throw-out-intruder.csx"))
            .Replace("\nvar address = ", $"\nOn.Alert(alert => alert.RuleId == \"{Guesses}\");\nvar address = ", StringComparison.Ordinal));
        soar = new SoarProgram(folder, $$"""
            approvals: [contains, destroys]
            playbooks: playbooks
            connectors:
              sensor: { type: suricata-eve, file: {{sensor.Eve}}, readExisting: true }
              edge: { type: nftables, command: [ip, netns, exec, {{range.Gateway}}, nft] }
              desk: { type: request-tracker, address: "{{rt.Address}}", token: "file:rt-token", queue: General }
              directory: {{directory.Instance(folder)}}
              resolvers: {{names.Instance(folder)}}
              registry: { type: rdap, baseAddress: "http://127.0.0.1:{{registry.Port}}/", organisation: CERT, smtp: {{mail.Sender(folder)}} }
            """);
    }

    public void Dispose()
    {
        soar.End();
        sensor.Dispose();
        registry.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task An_intruder_is_thrown_out_of_everything_and_the_ledger_gives_everything_back()
    {
        AssertOpen(Once);
        var before = await LookAsync();
        using var serve = soar.Serve();
        Attack(Once);
        var run = await AnswerUntilEndedAsync(Once, before.Mails);
        await AssertStartedOnceAsync(run);
        await AssertContainedOnceAsync(Once, before);

        var report = MimeReader.Read((await mail.AllDeliveredAsync(Abuse, before.Mails + 1, TimeSpan.FromSeconds(20)))[^1]);
        Assert.StartsWith($"Login attack from {NetworkRange.Attacker4}", report.Subject);

        var lift = soar.Run(Lift(run));
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
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"seed {seed}");
        AssertOpen(Killed);
        var before = await LookAsync();
        using (var first = soar.Serve())
        {
            Attack(Killed);
            SoarProgram.Kill(first); // wherever it is: with the alert, without it, in the middle
        }

        var (kills, unknown, starts) = (1, 0, 0);
        Run? run;
        while ((run = await soar.NewestRunAsync()) is not { EndedAt: not null })
        {
            using var engine = soar.Serve();
            if (run is not null) unknown += await AnswerAsync(Killed, before.Mails);
            else starts++; // a slow machine needs longer before the run is on disk
            if (kills < Kills - LiftingKills) await LivesAsync(engine, run, TimeSpan.FromMilliseconds(random.Next(20, 900 + (starts * 3_000))), records: random.Next(1, 7));
            else await SoarProgram.EndsWithinAsync(engine, TimeSpan.FromSeconds(8));
            if (run is not null && kills < Kills - LiftingKills) kills++;
            SoarProgram.Kill(engine);
        }

        await AssertStartedOnceAsync(run);
        await AssertContainedOnceAsync(Killed, before);
        var whileItRan = kills;
        var given = new List<int>();
        while (kills < Kills && await KilledWhileLiftingAsync(run, TimeSpan.FromMilliseconds(random.Next(0, 60))) is { } back)
        {
            given.Add(back);
            kills++;
        }

        output.WriteLine($"seed {seed}: killed {whileItRan} times while it ran, and when {string.Join(", ", given)} of {Killed.Count} were given back; {unknown} unknown outcomes were asked of a person");
        Assert.True(kills == Kills, $"seed {seed}: {kills} kills, {given.Count} of them while it was lifted");
        using (var serve = soar.Serve())
        {
            await LiftTheRestAsync(run);
            SoarProgram.Kill(serve);
        }

        await AssertLiftedAsync(Killed);
        await AssertStartedOnceAsync(run);
        Assert.Equal((before.Tickets + 1, before.Mails + 1), await LookAsync());
    }

    /// <summary>The engine lives until the drawn instant, or until the run has written so many records more: on a fast machine it would end before it was killed often enough.</summary>
    private async Task LivesAsync(Process engine, Run? run, TimeSpan time, int records)
    {
        async Task<int> WrittenAsync() => run is null ? 0 : await soar.ReadAsync(async store => (await store.ReadJournalAsync(run.Id)).Count);
        var enough = run is null ? int.MaxValue : await WrittenAsync() + records;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var instant = new CancellationTokenSource(time);
        try
        {
            while (!engine.HasExited && await WrittenAsync() < enough) await tick.WaitForNextTickAsync(instant.Token);
        }
        catch (OperationCanceledException)
        {
            // The drawn instant: it is killed now.
        }
    }

    private static string[] Lift(Run run) => ["lift", "--case", run.CaseId!, "--reason", "the exercise is over"];

    /// <summary>A real scan and real guesses at a real login.</summary>
    private void Attack(Reach reach)
    {
        using var login = new VictimLogin(range);
        login.Scan();
        login.Guess(reach.Accounts[0], "123456", "password", "welcome1", "qwerty", "letmein", "skopje");
    }

    /// <summary>The engine lifts until a further lift has begun or ended, and is killed so long after it. How many were given back by then; null when all were.</summary>
    private async Task<int?> KilledWhileLiftingAsync(Run run, TimeSpan after)
    {
        // All may have begun when the last engine was killed: then an end is what there is to wait for.
        async Task<int> StepsAsync() => (await soar.ContainmentsAsync()).Sum(row => row.Status switch
        {
            ContainmentStatus.Active or ContainmentStatus.Found => 0,
            ContainmentStatus.Lifted => 2,
            _ => 1,
        });
        var steps = await StepsAsync();
        using var serve = soar.Serve();
        using var lift = soar.Start(Lift(run));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await StepsAsync() <= steps && await tick.WaitForNextTickAsync(patience.Token) && !lift.HasExited) continue;
        await SoarProgram.EndsWithinAsync(serve, after);
        SoarProgram.Kill(serve);
        SoarProgram.Kill(lift);
        var back = (await soar.ContainmentsAsync()).Count(row => row.Status == ContainmentStatus.Lifted);
        return back == Killed.Count ? null : back;
    }

    /// <summary>Asks until all of it is lifted: what is just being lifted is busy, and asked for again.</summary>
    private async Task LiftTheRestAsync(Run run)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await soar.ContainmentsAsync()).Any(row => row.Status != ContainmentStatus.Lifted) && await tick.WaitForNextTickAsync(patience.Token)) soar.Run(Lift(run));
    }

    /// <summary>Answers what is open as people would, who look before they say what became of something. How many were unknown outcomes.</summary>
    private async Task<int> AnswerAsync(Reach reach, int mailsBefore)
    {
        var unknown = 0;
        foreach (var question in await soar.ReadAsync(store => store.QuestionsAsync(null, QuestionStatus.Open)))
        {
            string[] answer = question.Kind switch
            {
                QuestionKind.Form => ["approve", "--value", $$"""{"accounts":"{{string.Join(", ", reach.Accounts)}}","names":"{{string.Join(", ", reach.Names)}}"}"""],
                QuestionKind.UnknownOutcome => await mail.SettledAsync(Abuse) <= mailsBefore ? ["not-done"] : QuestionText.ExampleResult(question) is { } gave ? ["done", "--value", gave] : ["done"],
                _ => ["approve"],
            };
            if (question.Kind == QuestionKind.UnknownOutcome) unknown++;
            var answered = soar.Run(["answer", question.Id.ToString(), .. answer]);
            Assert.True(answered.ExitCode == 0, answered.Output + answered.Errors);
        }

        return unknown;
    }

    private async Task<Run> AnswerUntilEndedAsync(Reach reach, int mailsBefore)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (await tick.WaitForNextTickAsync(patience.Token))
        {
            var run = await soar.NewestRunAsync();
            if (run is { EndedAt: not null }) return run;
            if (run is not null) await AnswerAsync(reach, mailsBefore);
        }

        throw new InvalidOperationException("The tick ended.");
    }

    private async Task<(int Tickets, int Mails)> LookAsync() => (await rt.CountAsync($"Subject = '{Subject}'"), await mail.SettledAsync(Abuse));

    private void AssertOpen(Reach reach)
    {
        Assert.True(range.Fetches(), "the attacker reaches the victim");
        Assert.All(reach.Accounts, account => Assert.True(LogsIn(account, reach), $"{account} logs in"));
        Assert.All(reach.Names, name => Assert.Contains("203.0.113.66", names.Dig("www." + name)));
    }

    /// <summary>The sensor's alert of the guesses has started one run, which went well; the scan is known and has started none.</summary>
    private async Task AssertStartedOnceAsync(Run run)
    {
        Assert.True(run.Status == RunStatus.Completed, $"{run.Status} {run.Result}");
        Assert.Equal(run.Id, Assert.Single(await soar.ReadAsync(store => store.ListAsync(null, null, 10))).Id);
        var alerts = await soar.AlertsAsync();
        Assert.All(alerts, alert => Assert.Equal(("sensor", NetworkRange.Attacker4), (alert.Source, alert.Alert.Source!.Ip!.ToString())));
        var guesses = Assert.Single(alerts, alert => alert.Alert.RuleId == Guesses);
        Assert.Equal((AlertState.Started, run.Id), (guesses.State, Assert.Single(guesses.Triggers).Run));
        Assert.Equal($"alert {guesses.Number}", run.StartedBy);
        Assert.NotEqual(AlertState.Started, Assert.Single(alerts, alert => alert.Alert.RuleId == Scan).State);
    }

    private async Task AssertContainedOnceAsync(Reach reach, (int Tickets, int Mails) before)
    {
        Assert.False(range.Fetches(), "blocked: " + range.Listed());
        Assert.Equal(2, range.Listed().Split($"{NetworkRange.Attacker4} timeout").Length);
        Assert.All(reach.Accounts, account => Assert.False(LogsIn(account, reach), $"{account} is disabled"));
        Assert.All(reach.Names, name => Assert.Contains("NXDOMAIN", names.Dig("www." + name)));
        Assert.Equal(before.Tickets + 1, await rt.CountAsync($"Subject = '{Subject}'"));
        var ticket = (await rt.AsAsync("ana", HttpMethod.Get, $"tickets?query={Uri.EscapeDataString($"Subject = '{Subject}'")}&orderby=id&order=DESC")).GetProperty("items")[0].GetProperty("id").ToString();
        var comments = await rt.AsAsync("ana", HttpMethod.Get, $"transactions?query={Uri.EscapeDataString($"ObjectType = 'RT::Ticket' AND TicketId = {ticket} AND Type = 'Comment'")}");
        Assert.Single(comments.GetProperty("items").EnumerateArray());
        Assert.Equal(before.Mails + 1, await mail.SettledAsync(Abuse));
        Assert.Equal(
            [
                .. reach.Names.Select(name => ("dns.sinkhole", name, ContainmentStatus.Active)).Append(("firewall.block", NetworkRange.Attacker4, ContainmentStatus.Active))
                    .Concat(reach.Accounts.Select(account => ("identity.disable", account, ContainmentStatus.Active))),
            ],
            (await soar.ContainmentsAsync()).Select(row => (row.Action, row.Target, row.Status)).Order());
    }

    private async Task AssertLiftedAsync(Reach reach)
    {
        Assert.All(await soar.ContainmentsAsync(), row => Assert.Equal(ContainmentStatus.Lifted, row.Status));
        Assert.All(reach.Names, name => Assert.True(SpinWait.SpinUntil(() => names.Dig("www." + name).Contains("203.0.113.66"), TimeSpan.FromSeconds(5)), $"{name} is answered truly"));
        AssertOpen(reach);
        Assert.DoesNotContain(NetworkRange.Attacker4, range.Listed());
        Assert.DoesNotContain("soar:", names.Entries() + string.Concat(reach.Accounts.Select(account => directory.Show(Entry(account)))));
    }

    private bool LogsIn(string account, Reach reach) => directory.Login(Entry(account), reach.Password).Works;

    private static string Entry(string account) => $"uid={account},ou=people,{OpenLdap.Base}";

    /// <summary>What an intruder got into.</summary>
    private sealed record Reach(string Password, string[] Accounts, string[] Names)
    {
        public int Count => 1 + Accounts.Length + Names.Length;
    }
}
