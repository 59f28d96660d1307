using System.Diagnostics;
using Soar.Connectors.Mime;
using Soar.Lab.Tests.Range;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Storage;
using Soar.Testing;

namespace Soar.Lab.Tests.EndToEnd;

/// <summary>
/// The main job, with nothing imitated but the registry: attack traffic → Suricata's alert → the shipped playbook in the real program → packets dropped by
/// nftables → a mail in the provider's mailbox → the lease expires → packets pass again.
/// </summary>
public sealed class AttackTests : IClassFixture<NetworkRange>, IClassFixture<MailServers>, IDisposable
{
    private readonly NetworkRange range;
    private readonly MailServers mail;
    private readonly TempFolder folder = new();
    private readonly Registry registry = new();
    private readonly SoarProgram soar;

    public AttackTests(NetworkRange range, MailServers mail)
    {
        NetworkRange.Require();
        MailServers.Require();
        Sensor.Require();
        this.range = range;
        this.mail = mail;
        range.LoadTable();
        folder.File("known-bad.csv", $"type,value,verdict,details\nip,{NetworkRange.Attacker4},malicious,lab\n");
        soar = new SoarProgram(folder, $$"""
            approvals: [contains, destroys]
            playbooks: {{SoarProgram.ShippedPlaybooks}}
            connectors:
              edge: { type: nftables, command: [ip, netns, exec, {{range.Gateway}}, nft] }
              registry:
                type: rdap
                baseAddress: "http://127.0.0.1:{{registry.Port}}/"
                organisation: CERT
                smtp: {{mail.Sender(folder)}}
              known-bad: { type: local-indicators, files: [known-bad.csv] }
            """);
    }

    public void Dispose()
    {
        soar.End();
        registry.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task An_attack_is_answered_end_to_end_and_the_block_ends_with_its_lease()
    {
        var alert = await AttackAsync();
        Assert.True(range.Fetches(), "before the block the attacker reaches the victim");

        var run = soar.Run("run", "block-attacking-address", "--alert", alert, "--input", "ttl=10s", "--answer", "approve");
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.False(range.Fetches(), "blocked: " + range.Listed());

        var report = MimeReader.Read((await mail.AllDeliveredAsync("abuse@isp.example", 1, TimeSpan.FromSeconds(20)))[0]);
        Assert.StartsWith("Intrusion attempt from 203.0.113.66", report.Subject);

        // The ledger lifts the block when its lease ends: an engine has to be there for that.
        using var serve = soar.Serve();
        Assert.True(range.PingsWithin(NetworkRange.Victim4, 30), "after the lease packets pass again");
        Assert.DoesNotContain(NetworkRange.Attacker4, range.Listed());
        await soar.UntilLiftedAsync();
        SoarProgram.Kill(serve);
    }

    [Fact]
    public async Task Killed_at_random_instants_the_answer_is_one_block_and_one_mail()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var alert = await AttackAsync();
        var before = mail.Mailbox("abuse@isp.example").Count;
        var asked = 0;
        using (var first = soar.Start("run", "block-attacking-address", "--alert", alert, "--input", "ttl=20m", "--answer", "approve"))
        {
            await SoarProgram.EndsWithinAsync(first, TimeSpan.FromMilliseconds(random.Next(1500, 6000)));
            SoarProgram.Kill(first);
        }

        Run? run = null;
        for (var kill = 0; run is null || run.Status is RunStatus.Running or RunStatus.Waiting; kill++)
        {
            using var serve = soar.Serve();
            (run, var open) = await LookAsync();
            if (run is null)
            {
                // Killed before the run was on disk: as if it had never been asked for.
                SoarProgram.Kill(serve);
                var again = soar.Run("run", "block-attacking-address", "--alert", alert, "--input", "ttl=20m", "--answer", "approve");
                Assert.True(again.ExitCode is 0 or 3, again.Output + again.Errors);
                continue;
            }

            foreach (var question in open)
            {
                var delivered = question.Kind == QuestionKind.UnknownOutcome && await mail.SettledAsync("abuse@isp.example") > before;
                if (question.Kind == QuestionKind.UnknownOutcome) asked++;
                string[] answer = question.Kind != QuestionKind.UnknownOutcome ? ["approve"] : !delivered ? ["not-done"] : QuestionText.ExampleResult(question) is { } gave ? ["done", "--value", gave] : ["done"];
                soar.Run(["answer", question.Id.ToString(), .. answer]);
            }

            // After a few kills it may end in peace.
            await SoarProgram.EndsWithinAsync(serve, TimeSpan.FromMilliseconds(kill < 5 ? random.Next(50, 1500) : 3000));
            SoarProgram.Kill(serve);
            (run, _) = await LookAsync();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: {asked} unknown outcomes were asked of a person");
        Assert.True(run.Status == RunStatus.Completed, $"seed {seed}: {run.Status} {run.Result}");
        Assert.False(range.Fetches(), $"seed {seed}: blocked");
        Assert.Equal(2, range.Listed().Split($"{NetworkRange.Attacker4} timeout").Length);
        await mail.AllDeliveredAsync("abuse@isp.example", before + 1, TimeSpan.FromSeconds(20));
        Assert.True(mail.Mailbox("abuse@isp.example").Count == before + 1, $"seed {seed}: {mail.Mailbox("abuse@isp.example").Count - before} mails");
        var lift = soar.Run("lift", NetworkRange.Attacker4);
        Assert.True(lift.ExitCode == 0, lift.Output + lift.Errors);
        Assert.True(range.Fetches(), "lifted by hand, packets pass");
    }

    /// <summary>Real traffic, the real sensor's alert as a file.</summary>
    private async Task<string> AttackAsync()
    {
        using var sensor = new Sensor(range);
        Tools.Must("ip", "netns", "exec", range.Attacker, "curl", "-s", "-m", "5", "-o", "/dev/null", $"http://{NetworkRange.Victim4}/?id=1%20UNION%20SELECT%20password");
        return folder.File("alert.json", await sensor.AlertAsync("SQL injection", TimeSpan.FromSeconds(20)));
    }

    private async Task<(Run? Run, IReadOnlyList<Question> Open)> LookAsync()
    {
        var run = await soar.NewestRunAsync();
        return (run, run is null ? [] : await soar.ReadAsync(store => store.QuestionsAsync(null, QuestionStatus.Open)));
    }
}
