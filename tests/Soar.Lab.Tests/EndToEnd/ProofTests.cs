using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Soar.Alerts;
using Soar.Connectors.Mime;
using Soar.Lab.Tests.Range;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;

namespace Soar.Lab.Tests.EndToEnd;

/// <summary>
/// The server's whole job, with nothing imitated but the registry: Suricata hears an attack, its alerts are one alert and its repeats, in one case, which start one run of the shipped playbook; the shift
/// lead is asked by mail through Postfix and Dovecot, with a scanner at both links in between, and answers with the code; nftables drops the attacker's packets, Request Tracker has a ticket, the provider
/// a mail; the lease ends, packets pass, and the audit says who decided. Then the same for many attackers, while the server is killed again and again.
/// </summary>
public sealed class ProofTests : IClassFixture<NetworkRange>, IClassFixture<MailServers>, IClassFixture<RequestTrackerServer>, IDisposable
{
    private const string Provider = "abuse@isp.example";

    /// <summary>How many requests each attacker sends: one alert, and its repeats.</summary>
    private const int Requests = 3;

    private static readonly int Kills = Environment.GetEnvironmentVariable("SOAR_LONG") is null ? 10 : 100;

    private readonly NetworkRange range;
    private readonly MailServers mail;
    private readonly RequestTrackerServer rt;
    private readonly Sensor sensor;
    private readonly TempFolder folder = new();
    private readonly Registry registry = new();
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly string address = $"http://127.0.0.1:{LoopbackPort.Take()}";
    private readonly string lead = $"boris{Guid.NewGuid():N}@cert.example";

    public ProofTests(NetworkRange range, MailServers mail, RequestTrackerServer rt)
    {
        NetworkRange.Require();
        MailServers.Require();
        RequestTrackerServer.Require();
        Sensor.Require();
        (this.range, this.mail, this.rt) = (range, mail, rt);
        range.LoadTable();
        sensor = new Sensor(range);
    }

    public void Dispose()
    {
        client.Dispose();
        sensor.Dispose();
        registry.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task An_attack_is_answered_once_from_its_first_packet_to_the_end_of_the_lease_and_it_is_on_record_who_decided()
    {
        var soar = Deployed(ttl: "12.Seconds");
        try
        {
            using var serve = soar.Serve(address);
            Assert.True(range.Fetches(), "before the block the attacker reaches the victim");
            range.Attack(NetworkRange.Attacker4, Requests);

            var asked = ApprovalMail.Read((await mail.AllDeliveredAsync(lead, 1, TimeSpan.FromSeconds(60)))[0])!;
            Assert.Contains("firewall.block on edge", asked.Text);
            Assert.All(await asked.PrefetchAsync(client), status => Assert.Equal(HttpStatusCode.OK, status));
            Assert.Empty(Assert.Single(await soar.ReadAsync(store => store.QuestionsAsync(null, QuestionStatus.Open))).Answers);
            Assert.True(range.Fetches(), "no scanner blocks anybody");

            Assert.Equal(HttpStatusCode.OK, await asked.SendAsync(client, asked.Code));
            Assert.True(SpinWait.SpinUntil(() => range.Listed().Contains($"{NetworkRange.Attacker4} timeout", StringComparison.Ordinal), TimeSpan.FromSeconds(20)), "it is blocked");
            Assert.False(range.Fetches(), "packets are dropped");

            var run = await soar.UntilEndedAsync();
            Assert.True(run.Status == RunStatus.Completed, run.Result);
            Assert.True(range.PingsWithin(NetworkRange.Victim4, 60), "after the lease packets pass again");
            await soar.UntilLiftedAsync();
            await AssertAnsweredOnceAsync(soar, [NetworkRange.Attacker4]);
            Assert.Single(mail.Mailbox(lead));
            SoarProgram.Stop(serve);

            // Who is told to stop signs what it has written.
            Assert.Contains("All of them are signed.", AssertVerified(soar));
            var records = Records(soar);
            var decision = Assert.Single(records, record => record.GetProperty("what").GetString() == Calls.Answer);
            Assert.Equal(("boris", "127.0.0.1 mail code", "done"), (decision.GetProperty("who").GetString(), decision.GetProperty("origin").GetString(), decision.GetProperty("outcome").GetString()));
            var question = Assert.Single(await soar.ReadAsync(store => store.QuestionsAsync(run.Id, null)));
            Assert.Equal(question.Id.ToString(), decision.GetProperty("target").GetString());
            Assert.Equal("boris", Assert.Single(question.Answers).By);
        }
        finally
        {
            soar.End();
        }
    }

    [Fact]
    public async Task Killed_at_random_instants_under_load_no_attack_is_lost_and_none_is_answered_twice()
    {
        var clock = Stopwatch.StartNew();
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SOAR_SEED"), out var given) ? given : Environment.TickCount;
        var random = new Random(seed);
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"seed {seed}");
        var soar = Deployed(ttl: "15.Seconds");
        try
        {
            var attackers = new List<string>();
            using (var none = soar.Serve(address)) SoarProgram.Kill(none); // the store is there, and the playbook is compiled
            var (people, dropped) = (new People(this, soar), new HashSet<string>());
            for (var kill = 0; kill < Kills; kill++)
            {
                // At most 100 addresses; some of them attack while nobody runs, some while the server does.
                var (more, first) = (attackers.Count < 99 ? random.Next(1, 3) : 0, random.Next(2) == 0);
                if (first) attackers.AddRange(Attack(attackers.Count, more));
                using var engine = soar.Serve(address);
                if (!first) attackers.AddRange(Attack(attackers.Count, more));
                using var instant = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(20, 1_600)));
                await people.WorkAsync(instant.Token);
                SoarProgram.Kill(engine);
                Look(attackers, dropped);
            }

            using var last = soar.Serve(address);
            await UntilOverAsync(soar, people, attackers, dropped);
            SoarProgram.Stop(last);
            output.WriteLine($"seed {seed}: {Kills} kills, {attackers.Count} attackers, {people.Settled} unknown outcomes were asked of a person, {clock.Elapsed.TotalSeconds:0} s");
            Assert.Equal(attackers.Order(), dropped.Order());
            await AssertAnsweredOnceAsync(soar, attackers);
            AssertVerified(soar);
            // A kill may come between an answer and its record; none is there without its answer.
            var answered = (await soar.ReadAsync(store => store.QuestionsAsync(null, null))).Where(question => question.Answers.Count > 0).Select(question => question.Id.ToString()).ToHashSet();
            var told = Records(soar).Where(record => record.GetProperty("what").GetString() == Calls.Answer && record.GetProperty("outcome").GetString() == "done").ToList();
            Assert.All(told, record => Assert.True(record.GetProperty("who").GetString() == "boris" && answered.Contains(record.GetProperty("target").GetString()!), $"seed {seed}: {record}"));
            Assert.True(answered.Count - told.Count is >= 0 && answered.Count - told.Count <= Kills, $"seed {seed}: {told.Count} of {answered.Count} answers are on record");
        }
        finally
        {
            soar.End();
        }
    }

    private SoarProgram Deployed(string ttl)
    {
        folder.File("rt-token", rt.TokenOf("soar"));
        foreach (var template in Directory.GetFiles(Path.Combine(SoarProgram.ShippedPlaybooks, "templates"), "intrusion.*")) folder.File($"playbooks/templates/{Path.GetFileName(template)}", File.ReadAllText(template));
        // The shipped playbook; what starts it is this site's, and so is a lease that a test can wait for.
        var shipped = File.ReadAllText(Path.Combine(SoarProgram.ShippedPlaybooks, "containment", "shut-out-attacker.csx"));
        var here = shipped.Replace("\nvar address = ", "\nOn.Alert(alert => alert.Category == \"intrusion\" && alert.Severity >= 70);\nvar address = ", StringComparison.Ordinal).Replace("24.Hours", ttl, StringComparison.Ordinal);
        Assert.True(here.Contains("On.Alert", StringComparison.Ordinal) && here.Contains(ttl, StringComparison.Ordinal), here);
        folder.File("playbooks/shut-out-attacker.csx", here);
        return new SoarProgram(folder, $$"""
            approvals: [contains, destroys]
            playbooks: playbooks
            roles: { shift-lead: [boris] }
            people: { boris: { mail: {{lead}} } }
            notify: { mail: mailer, address: "{{address}}" }
            http: { loginsPerMinute: 10000 }
            alerts:
              cases: [{ name: same attacker, by: [source.ip], title: "Attacks from {source.ip}" }]
            connectors:
              sensor: { type: suricata-eve, file: {{sensor.Eve}}, readExisting: true }
              edge: { type: nftables, command: [ip, netns, exec, {{range.Gateway}}, nft] }
              desk: { type: request-tracker, address: "{{rt.Address}}", token: "file:rt-token", queue: General }
              registry: { type: rdap, baseAddress: "http://127.0.0.1:{{registry.Port}}/", organisation: CERT, smtp: {{mail.Sender(folder)}} }
              mailer: { type: smtp, {{mail.Sender(folder).TrimStart('{', ' ')}}
            """);
    }

    /// <summary>So many more addresses attack, now.</summary>
    private List<string> Attack(int before, int count)
    {
        var more = Enumerable.Range(101 + before, count).Select(host => $"203.0.113.{host}").ToList();
        foreach (var attacker in more)
        {
            range.AddAttacker(attacker);
            range.Attack(attacker, Requests);
        }

        return more;
    }

    /// <summary>Whose packets are dropped now.</summary>
    private void Look(IEnumerable<string> attackers, HashSet<string> dropped)
    {
        var listed = range.Listed();
        dropped.UnionWith(attackers.Where(attacker => listed.Contains($"{attacker} timeout", StringComparison.Ordinal)));
    }

    /// <summary>All attackers' runs have ended, and their leases with them.</summary>
    private async Task UntilOverAsync(SoarProgram soar, People people, List<string> attackers, HashSet<string> dropped)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            using var pause = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            await people.WorkAsync(pause.Token);
            Look(attackers, dropped);
            var (runs, rows) = (await soar.ReadAsync(store => store.ListAsync(null, null, 1_000)), await soar.ContainmentsAsync());
            if (runs.Count >= attackers.Count && runs.All(run => run.EndedAt is not null) && rows.All(row => row.Status == ContainmentStatus.Lifted)) return;
            Assert.False(patience.IsCancellationRequested, $"not over: {string.Join(", ", runs.Where(run => run.EndedAt is null))}; {string.Join(", ", rows.Where(row => row.Status != ContainmentStatus.Lifted))}; {runs.Count} runs of {attackers.Count} attackers");
        }
    }

    /// <summary>Each attacker: one alert and its repeats in one case, one run, one block that is lifted, one ticket, one mail to the provider. And nothing else.</summary>
    private async Task AssertAnsweredOnceAsync(SoarProgram soar, IReadOnlyList<string> attackers)
    {
        await mail.SettledAsync(Provider);
        var reports = mail.Mailbox(Provider).Select(File.ReadAllBytes).Select(SubjectOf).ToList();
        var (alerts, runs, rows) = (await soar.AlertsAsync(), await soar.ReadAsync(store => store.ListAsync(null, null, 1_000)), await soar.ContainmentsAsync());
        Assert.Equal((attackers.Count * Requests, attackers.Count, attackers.Count), (alerts.Count, runs.Count, rows.Count));
        foreach (var attacker in attackers)
        {
            var mine = alerts.Where(alert => alert.Alert.Source!.Ip!.ToString() == attacker).OrderBy(alert => alert.Number).ToList();
            var first = mine[0];
            Assert.Equal((AlertState.Started, Requests - 1), (first.State, first.Duplicates));
            Assert.All(mine.Skip(1), alert => Assert.Equal((AlertState.Duplicate, first.Number, first.CaseId), (alert.State, alert.DuplicateOf, alert.CaseId)));
            var run = Assert.Single(runs, run => run.StartedBy == $"alert {first.Number}");
            Assert.Equal((run.Id, first.CaseId), (Assert.Single(first.Triggers).Run, run.CaseId));
            Assert.True(run.Status == RunStatus.Completed, $"{attacker}: {run.Status} {run.Result}");
            Assert.Equal(("firewall.block", ContainmentStatus.Lifted, run.CaseId), Assert.Single(rows, row => row.Target == attacker) is var block ? (block.Action, block.Status, Assert.Single(block.Holders).CaseId) : default);
            Assert.True(await rt.CountAsync($"Subject = 'Attack from {attacker}'") == 1, $"{attacker}: not one ticket");
            Assert.Single(reports, subject => subject.StartsWith($"Intrusion attempt from {attacker} ", StringComparison.Ordinal));
            Assert.True(range.Fetches(attacker), $"{attacker}: packets pass again");
        }

        Assert.Equal(attackers.Count, alerts.Select(alert => alert.CaseId).Distinct().Count());
    }

    private static string SubjectOf(byte[] raw) => MimeReader.Read(raw).Subject ?? "";

    private static string AssertVerified(SoarProgram soar)
    {
        var verified = soar.Run("audit", "verify");
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
        Assert.Contains("each as it was written", verified.Output);
        return verified.Output;
    }

    private static List<JsonElement> Records(SoarProgram soar)
    {
        var exported = soar.Run("audit", "export");
        Assert.True(exported.ExitCode == 0, exported.Errors);
        return [.. exported.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>
    /// The shift lead, who answers mails with their codes; and whoever looks into the provider's mailbox where nothing else can tell whether a mail went out, and into the tracker where it was too slow
    /// to tell itself whether it has the ticket.
    /// </summary>
    private sealed class People(ProofTests test, SoarProgram soar)
    {
        private readonly ConcurrentDictionary<string, bool> read = new();

        public int Settled { get; private set; }

        /// <summary>Answers what comes until it is time.</summary>
        public async Task WorkAsync(CancellationToken until)
        {
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            try
            {
                do
                {
                    foreach (var file in test.mail.Mailbox(test.lead).Where(file => !read.ContainsKey(file))) await AnswerAsync(file, until);
                    await SettleAsync(until);
                }
                while (await tick.WaitForNextTickAsync(until));
            }
            catch (OperationCanceledException) when (until.IsCancellationRequested)
            {
                // The drawn instant.
            }
        }

        private async Task AnswerAsync(string file, CancellationToken until)
        {
            until.ThrowIfCancellationRequested();
            if (ApprovalMail.Read(await File.ReadAllBytesAsync(file, until)) is { } asked)
            {
                try
                {
                    await asked.PrefetchAsync(test.client);
                    // Refused: an answer that was taken although the kill came before its confirmation, or a mail that had to leave twice.
                    if (await asked.SendAsync(test.client, asked.Code) is not (HttpStatusCode.OK or HttpStatusCode.Unauthorized)) return;
                }
                catch (HttpRequestException)
                {
                    return; // nobody is there; the mail stays
                }
            }

            read[file] = true;
        }

        private async Task SettleAsync(CancellationToken until)
        {
            foreach (var question in await soar.ReadAsync(store => store.QuestionsAsync(null, QuestionStatus.Open)))
            {
                until.ThrowIfCancellationRequested();
                if (question.Kind != QuestionKind.UnknownOutcome) continue;
                var arrived = await HasArrivedAsync(question);
                try
                {
                    if (await soar.TryCallAsync(Calls.Answer, new AnswerCall(question.Id.Value, arrived ? "done" : "not-done", "looked there", "boris", arrived ? QuestionText.ExampleResult(question) : null)) is not null) Settled++;
                }
                catch (SoarException)
                {
                    // Answered just before the last kill: the answer was kept, only its confirmation was lost.
                }
            }
        }

        private async Task<bool> HasArrivedAsync(Question question)
        {
            var arguments = JsonDocument.Parse(question.Details).RootElement.GetProperty("arguments");
            if (arguments.TryGetProperty("subject", out var subject)) return await test.rt.CountAsync($"Subject = '{subject.GetString()}'") > 0;
            var attacker = arguments.GetProperty("address").GetString()!;
            await test.mail.SettledAsync(Provider);
            return test.mail.Mailbox(Provider).Select(File.ReadAllBytes).Any(raw => SubjectOf(raw).Contains(attacker, StringComparison.Ordinal));
        }
    }
}
