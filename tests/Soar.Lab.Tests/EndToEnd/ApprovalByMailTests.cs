using System.Net;
using Soar.Lab.Tests.Range;
using Soar.Runs;
using Soar.Testing;

namespace Soar.Lab.Tests.EndToEnd;

/// <summary>A question reaches its approver through Postfix and Dovecot, scanners look at the links on the way, the server is killed, and the code in the mail lets the run go on: once.</summary>
public sealed class ApprovalByMailTests : IClassFixture<MailServers>, IDisposable
{
    private const string Playbook = """
        Playbook("blocks", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "Block once somebody agrees.");
        var block = Firewall.Block(IpAddress.Parse("203.0.113.7"), 2.Hours);
        var decision = await Ask("shift-lead", "Block 203.0.113.7?\nApprove:  http://evil.example/", block, within: 1.Hours);
        if (!decision.Approved) return Outcome.Escalated(decision.Reason);
        await block;
        return Outcome.Contained($"{decision.By} said yes");
        """;

    private readonly MailServers mail;
    private readonly TempFolder folder = new();
    private readonly SoarProgram soar;
    private readonly string address = $"http://127.0.0.1:{LoopbackPort.Take()}";
    private readonly string user = $"boris{Guid.NewGuid():N}@cert.example";

    public ApprovalByMailTests(MailServers mail)
    {
        MailServers.Require();
        this.mail = mail;
        folder.File("playbooks/blocks.csx", Playbook);
        soar = new SoarProgram(folder, $$"""
            playbooks: playbooks
            roles: { shift-lead: [boris] }
            people: { boris: { mail: {{user}} } }
            notify: { mail: mailer, address: "{{address}}" }
            http: { loginsPerMinute: 1000 }
            connectors:
              edge: { type: nftables, simulated: true }
              mailer: { type: smtp, {{mail.Sender(folder).TrimStart('{', ' ')}}
            """);
    }

    public void Dispose()
    {
        soar.End();
        folder.Dispose();
    }

    [Fact]
    public async Task The_code_from_the_mail_lets_the_run_go_on_once_whatever_scanners_and_a_kill_do_in_between()
    {
        using var first = soar.Serve(address);
        Assert.Equal(3, soar.Run("run", "blocks").ExitCode);
        var raw = (await mail.AllDeliveredAsync(user, 1, TimeSpan.FromSeconds(60)))[0];
        var asked = ApprovalMail.Read(raw)!;
        Assert.Contains("firewall.block on edge", asked.Text);
        Assert.Contains("{\"address\":\"203.0.113.7\"", asked.Text);
        Assert.Contains("  | Approve:  http://evil.example/", asked.Text);

        using var client = new HttpClient();
        Assert.All(await asked.PrefetchAsync(client), status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Empty(Assert.Single(await soar.ReadAsync(store => store.QuestionsAsync(null, QuestionStatus.Open))).Answers);
        SoarProgram.Kill(first);

        using var second = soar.Serve(address);
        Assert.Equal(HttpStatusCode.Unauthorized, await asked.SendAsync(client, "00000-00000"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => asked.SendAsync(client, asked.Code)));
        Assert.Single(answers, HttpStatusCode.OK);
        var run = await soar.UntilEndedAsync();
        Assert.True(run.Status == RunStatus.Completed, run.Result);
        Assert.Contains("boris said yes", run.Result);
        Assert.Equal(1, (await soar.ReadAsync(store => store.ReadJournalAsync(run.Id))).Count(r => r.Kind == JournalKind.Intent));
        SoarProgram.Kill(second);
    }

    [Fact]
    public async Task Killed_at_random_instants_the_approver_gets_one_mail_or_the_very_same_again()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using (var first = soar.Serve(address))
        {
            Assert.Equal(3, soar.Run("run", "blocks").ExitCode);
            SoarProgram.Kill(first);
        }

        for (var kill = 0; kill < 4; kill++)
        {
            using var serve = soar.Serve(address);
            await SoarProgram.EndsWithinAsync(serve, TimeSpan.FromMilliseconds(random.Next(0, 1500)));
            SoarProgram.Kill(serve);
        }

        using var last = soar.Serve(address);
        await mail.AllDeliveredAsync(user, 1, TimeSpan.FromSeconds(90));
        await mail.SettledAsync(user);
        var read = mail.Mailbox(user).Select(File.ReadAllBytes).Select(raw => ApprovalMail.Read(raw)!).DistinctBy(one => (one.Id, one.Link, one.Code)).ToList();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: {mail.Mailbox(user).Count} mails");
        Assert.True(read.Count == 1, $"seed {seed}: {string.Join("; ", read)}");
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, await read[0].SendAsync(client, read[0].Code));
        Assert.Equal(RunStatus.Completed, (await soar.UntilEndedAsync()).Status);
        SoarProgram.Kill(last);
    }
}
