using System.Globalization;
using System.Text.Json;
using Soar.Cases;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Tests.Connectors;
using Soar.Storage;

namespace Soar.Server.Tests.Crash;

/// <summary>
/// A backup is taken while the real program is at work, and the machine is lost the moment after. On another path, with nothing of the old one left, the server goes on: every run, containment, case
/// and piece of evidence is there, what was asked is asked, schedules go on where they were, and the audit is whole.
/// </summary>
public sealed class RestoreTests(ITestOutputHelper output) : IDisposable
{
    private const int Runs = 30;

    private const string Work = """
        Playbook("work", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "Says something, opens a case, reads much, asks, blocks, waits, and says something again.");
        On.Alert(alert => true);
        var n = Input<int>("n", "Which run this is");

        // First word
        await Http.Post($"/first/{n}", Alert.Payload.Value);
        await Case.Open($"Case of run {n}", severity: 50);
        await Case.Observable(new Observable("ip", $"203.0.113.{n + 1}"), Verdict.Malicious);
        var large = await Http.Get($"/large/{n}");
        var block = Firewall.Block(IpAddress.Parse($"203.0.113.{n + 1}"), 12.Hours);
        var decision = await Ask("shift-lead", $"May run {n} block?", block);
        if (!decision.Approved)
            return Outcome.Escalated(decision.Reason);
        await block;
        await Wait(300.Milliseconds);
        // Last word
        await Http.Post($"/last/{n}", Alert.Payload.Value);
        return Outcome.Completed($"run {n}: {large.Body.Length > 200_000}");
        """;

    private const string Seal = """
        Playbook("seal", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "Seals a mail.");
        On.Alert(alert => false);
        await Case.Open("A mail", severity: 40);
        await Evidence.Seal(Alert.Raw!, "the mail as it came");
        return Outcome.Completed();
        """;

    private const string Tick = """
        Playbook("tick", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "Ticks.");
        On.Schedule("* * * * * ?", missed: Missed.All, overlap: Overlap.Allow);
        await Note("tick");
        return Outcome.Completed();
        """;

    private readonly Outside outside = new();

    public void Dispose() => outside.Dispose();

    [Fact]
    public async Task A_backup_taken_under_load_goes_on_elsewhere_and_nothing_in_it_is_lost_or_done_twice()
    {
        using var elsewhere = Deployed();
        List<Containment> standing;
        List<CaseFile> cases;
        using (var lost = Deployed())
        {
            Assert.True(lost.Soar("run", "seal", "--alert", lost.File("a.eml", "From: a@example.org\r\nTo: b@example.org\r\nSubject: seal me\r\n\r\nText\r\n")) is (0, _), "a mail is sealed");
            await using var soar = new SoarProcess(lost.Home, Path.Combine(lost.Home, "soar.yaml"));
            await soar.StartAsync();
            using var enough = new CancellationTokenSource();
            var starting = StartAsync(soar, lost, enough.Token);
            var people = AnswerAsync(soar, _ => enough.IsCancellationRequested);
            // Some have ended, some are asked about, some have not begun: then it is taken.
            await UntilAsync(() => Task.FromResult(Arrived("/last/") >= 3), () => $"{Arrived("/first/")} first and {Arrived("/last/")} last words");
            Assert.NotNull(await soar.TryCallAsync(Calls.Backup, new BackupCall(elsewhere.Store)));
            await soar.KillAsync();
            await enough.CancelAsync();
            await Task.WhenAll(starting, people);
        }

        using (var reader = Reader(elsewhere.Store)) (standing, cases) = ([.. await reader.Runs.ContainmentsAsync(null, null, standingOnly: false)], [.. await reader.Cases.PageAsync(new CaseFilter(), 1_000)]);
        await using var again = new SoarProcess(elsewhere.Home, Path.Combine(elsewhere.Home, "soar.yaml"));
        var before = await RunsAsync(elsewhere, "work");
        var open = before.Count(run => run.EndedAt is null);
        output.WriteLine($"the backup has {before.Count} runs, {open} of them under way, {standing.Count} containments, {cases.Count} cases, {Directory.GetFiles(Path.Combine(elsewhere.Store, "artifacts"), "*", SearchOption.AllDirectories).Length} artifacts");
        Assert.True(open > 0 && open < before.Count, $"{open} of {before.Count} runs were under way: that shows nothing");

        await again.StartAsync();
        await AnswerAsync(again, runs => runs.Where(run => run.Playbook == "work").All(run => run.EndedAt is not null));
        await AssertRunsAsync(elsewhere, before);
        await AssertRecordsAsync(elsewhere, again, standing, cases);
        await AssertSchedulesAsync(elsewhere);
    }

    private Deployment Deployed()
    {
        var made = new Deployment();
        made.File("soar.yaml", $"lateAfter: 1h\nconnectors:\n  outside: {{ type: http, address: \"http://127.0.0.1:{outside.Port}/\" }}\n  edge: {{ type: nftables, simulated: true }}\n");
        foreach (var (name, text) in new[] { ("work", Work), ("seal", Seal), ("tick", Tick) }) made.File($"{name}.csx", text);
        return made;
    }

    /// <summary>One run after the other, until it is enough or all are there.</summary>
    private static async Task StartAsync(SoarProcess soar, Deployment on, CancellationToken enough)
    {
        for (var n = 0; n < Runs && !enough.IsCancellationRequested; n++)
        {
            var alert = new Alert { Id = $"{n}", Detector = "test", Title = "work", Category = "other", Time = DateTimeOffset.UnixEpoch, Payload = JsonDocument.Parse($$"""{"n":{{n}}}""").RootElement };
            await soar.TryCallAsync(Calls.Start, new RunCall(Path.Combine(on.Home, "work.csx"), alert, new Dictionary<string, JsonElement> { ["n"] = JsonSerializer.SerializeToElement(n) }, RunMode.Live, "harness"));
        }
    }

    /// <summary>Says yes to what is asked, and what became of what nobody knows, until that is enough.</summary>
    private async Task AnswerAsync(SoarProcess soar, Func<IReadOnlyList<Run>, bool> enough)
    {
        await UntilAsync(async () =>
        {
            using var reader = Reader(soar.Store);
            foreach (var question in await reader.Runs.QuestionsAsync(null, QuestionStatus.Open))
            {
                var answer = question.Kind != QuestionKind.UnknownOutcome ? "approve" : outside.Has(JsonDocument.Parse(question.Details).RootElement.GetProperty("key").GetString()!) ? "done" : "not-done";
                try
                {
                    if (await soar.TryCallAsync(Calls.Answer, new AnswerCall(question.Id.Value, answer, "", "harness", answer == "done" ? QuestionText.ExampleResult(question) : null)) is null) break;
                }
                catch (SoarException)
                {
                    // Its run has gone on without it.
                }
            }

            return enough(await reader.Runs.ListAsync(null, null, int.MaxValue));
        }, () => $"{Arrived("/first/")} first and {Arrived("/last/")} last words");
    }

    private async Task AssertRunsAsync(Deployment restored, IReadOnlyList<Run> before)
    {
        var runs = await RunsAsync(restored, "work");
        Assert.Equal(before.Select(run => run.Id.ToString()).Order(StringComparer.Ordinal), runs.Select(run => run.Id.ToString()).Order(StringComparer.Ordinal));
        foreach (var run in runs)
        {
            Assert.True(run.Status == RunStatus.Completed, $"{run.Status} {run.Result}");
            var reason = JsonDocument.Parse(run.Result!).RootElement.GetProperty("reason").GetString()!;
            Assert.EndsWith(": True", reason);
            var number = reason["run ".Length..reason.IndexOf(':')];
            // What the lost server did after the copy was taken has the key that the restored one does it under: whoever keeps keys does it once.
            foreach (var word in new[] { "first", "last" }) Assert.Single(outside.Arrived.Keys, key => key.Path == $"/{word}/{number}");
            Assert.Single(await ContainmentsAsync(restored), row => row.Target == $"203.0.113.{int.Parse(number, CultureInfo.InvariantCulture) + 1}");
        }
    }

    private static async Task AssertRecordsAsync(Deployment restored, SoarProcess server, List<Containment> standing, List<CaseFile> cases)
    {
        var rows = await ContainmentsAsync(restored);
        Assert.All(standing, row => Assert.Contains(rows, now => now.Id == row.Id && now.Target == row.Target && now.Until == row.Until));
        Assert.All(rows, row => Assert.Equal(ContainmentStatus.Active, row.Status));
        Assert.NotNull(await server.TryCallAsync(Calls.Lift, new LiftCall(rows[0].Id, null, "harness", Force: false, "the test is over")));
        Assert.Equal(ContainmentStatus.Lifted, (await ContainmentsAsync(restored)).Single(row => row.Id == rows[0].Id).Status);

        using (var reader = Reader(restored.Store))
        {
            var now = (await reader.Cases.PageAsync(new CaseFilter(), 1_000)).ToDictionary(file => file.Id);
            Assert.All(cases, file => Assert.Equal((file.Number, file.Title), (now[file.Id].Number, now[file.Id].Title)));
            Assert.Equal(now.Count, now.Values.Select(file => file.Number).Distinct().Count());
        }

        var (exit, sealedCase) = restored.Soar("cases", "1");
        Assert.True(exit == 0 && sealedCase.Contains("its bytes are what was sealed", StringComparison.Ordinal) && sealedCase.Contains("the chain of custody is unbroken", StringComparison.Ordinal), sealedCase);
        var (verified, told) = restored.Soar("audit", "verify");
        Assert.True(verified == 0, told);
    }

    /// <summary>Every second from the first to the newest has one due time and one run, those included at which no server was there.</summary>
    private static async Task AssertSchedulesAsync(Deployment restored)
    {
        using var reader = Reader(restored.Store);
        var start = DateTimeOffset.UtcNow;
        await UntilAsync(async () => (await reader.Schedules.ListAsync("tick", int.MaxValue)) is var f && f[0].Due > start && f.Where(one => one.Due <= start).All(one => one.State == FiringState.Started), () => "the schedule has not caught up");
        var firings = (await reader.Schedules.ListAsync("tick", int.MaxValue)).Where(firing => firing.Due <= start).ToList();
        var (first, last) = (firings[^1].Due, firings[0].Due);
        Assert.Equal(Enumerable.Range(0, (int)(last - first).TotalSeconds + 1).Select(second => first.AddSeconds(second)), firings.Select(firing => firing.Due).Order());
        var runs = (await reader.Runs.ListAsync(null, "tick", int.MaxValue)).ToLookup(run => run.TriggerKey);
        Assert.All(firings, firing => Assert.Equal(firing.Run, Assert.Single(runs[$"schedule/tick/{firing.Due:yyyy-MM-ddTHH:mm:ss.fff}Z"]).Id));
    }

    private int Arrived(string path) => outside.Arrived.Keys.Count(key => key.Path.StartsWith(path, StringComparison.Ordinal));

    private static async Task<IReadOnlyList<Run>> RunsAsync(Deployment of, string playbook)
    {
        using var reader = Reader(of.Store);
        return await reader.Runs.ListAsync(null, playbook, int.MaxValue);
    }

    private static async Task<IReadOnlyList<Containment>> ContainmentsAsync(Deployment of)
    {
        using var reader = Reader(of.Store);
        return await reader.Runs.ContainmentsAsync(null, null, standingOnly: false);
    }

    private static async Task UntilAsync(Func<Task<bool>> come, Func<string> stands)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await come())
        {
            Assert.False(patience.IsCancellationRequested, $"It did not come to that: {stands()}");
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static NodeReader Reader(string store) => SoarNode.OpenReader(new Soar.Server.Settings.Workspace(null, store, store, store));
}
