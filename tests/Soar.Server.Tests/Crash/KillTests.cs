using System.Globalization;
using System.Text.Json;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Storage;
using Soar.Testing;

namespace Soar.Server.Tests.Crash;

/// <summary>
/// <c>kill -9</c> of the real process at random instants under load. <c>SOAR_KILLS</c> sets how many (200 in the long run), <c>SOAR_SEED</c> repeats a run.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int RunsAtOnce = 100;

    /// <summary>How many addresses may be blocked within an hour; fewer than there are runs.</summary>
    private const int Targets = 40;

    private const string Playbook = """
        Playbook("load", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: "Reads, records, notifies, waits, asks, blocks within a budget, and notifies again.");
        On.Alert(alert => true);
        var n = Input<int>("n", "Which run this is");
        var body = Alert.Payload.Value;

        // First word
        await Http.Post($"/first/{n}", body);
        await Case.Note($"run {n} has begun");
        // Many reads
        await ForEach(Enumerable.Range(0, 5).ToList(), i => Http.Get($"/read/{n}/{i}"), parallel: 3);
        await Wait(300.Milliseconds);
        // Two words at once
        await All(Http.Post($"/left/{n}", body), Http.Post($"/right/{n}", body));
        var block = Firewall.Block(IpAddress.Parse($"203.{n / 250}.113.{n % 250 + 1}"), 12.Hours);
        var decision = await Ask("shift-lead", $"Shall run {n} block and end?", block);
        if (!decision.Approved)
            return Outcome.Escalated(decision.Reason);
        try
        {
            // Block, where the budget allows it
            await block;
        }
        catch (StepRefused refused)
        {
            await Case.Note($"not blocked: {refused.Code}");
        }

        await Receive<string>($"go-{n}");
        // Last word
        await Http.Post($"/last/{n}", body);
        return Outcome.Completed($"run {n}");
        """;

    private readonly TempFolder folder = new();
    private readonly Outside outside = new();

    public void Dispose()
    {
        outside.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Killed_at_any_instant_every_run_ends_as_if_nothing_had_happened_and_no_effect_is_repeated()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("SOAR_KILLS") ?? "6", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "1", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var playbook = folder.File("load.csx", Playbook);
        var settings = folder.File("soar.yaml", $"budgets: [{{ effect: contains, per: hour, targets: {Targets}, over: refuse }}]\nconnectors:\n  outside: {{ type: http, address: \"http://127.0.0.1:{outside.Port}/\" }}\n  edge: {{ type: nftables, simulated: true }}\n");
        await using var soar = new SoarProcess(folder.Path, settings);
        await soar.StartAsync();
        var (started, killed, unknown) = (0, 0, 0);
        var signalled = new HashSet<RunId>();
        while (true)
        {
            // Keep a hundred runs going until the kills are done; then let all end.
            var (runs, questions) = await LookAsync(soar);
            var going = runs.Count(r => r.Status is RunStatus.Running or RunStatus.Waiting);
            for (; killed < kills && going < RunsAtOnce; going++)
            {
                if (await soar.TryCallAsync(Calls.Start, StartCall(playbook, started)) is null) break;
                started++;
            }

            if (killed >= kills && going == 0) break;
            var instant = killed < kills ? TimeSpan.FromMilliseconds(random.Next(20, 1500)) : TimeSpan.FromSeconds(30);
            using var until = new CancellationTokenSource(instant);
            unknown += await AnswerAsync(soar, runs, questions, signalled, until.Token);
            if (killed >= kills) continue;
            // Not when the answers are given, but at the drawn instant, whatever the runs are doing then.
            await until.Token.WhenCancelledAsync();
            await soar.KillAsync();
            killed++;
            await soar.StartAsync();
        }

        var ended = (await LookAsync(soar)).Runs;
        output.WriteLine($"seed {seed}: {killed} kills, {ended.Count} runs, {outside.Arrived.Count} effects, {unknown} unknown outcomes asked of a person");
        TestContext.Current.SendDiagnosticMessage($"seed {seed}: {killed} kills, {ended.Count} runs, {outside.Arrived.Count} effects, {unknown} unknown outcomes asked of a person");
        Assert.All(ended, run => Assert.Equal(RunStatus.Completed, run.Status));
        Assert.All(outside.Arrived, effect => Assert.True(effect.Value == 1, $"{effect.Key.Path} arrived {effect.Value} times"));
        // A start whose answer was lost with the process may have been made: then two runs carry the same number, each with effects of its own.
        var numbers = ended.Select(run => JsonDocument.Parse(run.Result!).RootElement.GetProperty("reason").GetString()!["run ".Length..]).GroupBy(n => n).ToDictionary(g => g.Key, g => g.Count());
        foreach (var (number, count) in numbers)
        {
            foreach (var path in new[] { "first", "left", "right", "last" })
                Assert.Equal(count, outside.Arrived.Keys.Count(key => key.Path == $"/{path}/{number}"));
        }

        Assert.Equal(started, numbers.Count);
        JudgeBudget([.. ended.Select(run => Journal(soar, run.Id))]);
    }

    /// <summary>
    /// No more addresses began to be blocked within an hour than the budget has; and where one was refused, that many really had: a kill that made one count twice would have the budget spent too early.
    /// </summary>
    private static void JudgeBudget(IReadOnlyList<IReadOnlyList<JournalRecord>> journals)
    {
        var blocks = journals.SelectMany(journal => journal).Where(r => r.Action == "firewall.block").ToList();
        var began = blocks.Where(r => r.Kind == JournalKind.Intent).GroupBy(r => JsonDocument.Parse(r.Payload).RootElement.GetProperty("arguments").GetProperty("address").GetString()!).Select(g => g.Min(r => r.At)).Order().ToList();
        var refused = blocks.Where(r => r is { Kind: JournalKind.Delivered, Delivery: DeliveryKind.Refused }).ToList();
        Assert.All(refused, r => Assert.Equal("over-budget", r.GetProperty("code")));
        Assert.All(began, at => Assert.InRange(began.Count(other => other <= at && other > at - 3_600_000), 1, Targets));
        Assert.NotEmpty(refused);
        Assert.All(refused, r => Assert.Equal(Targets, began.Count(at => at <= r.At && at > r.At - 3_600_000)));
    }

    /// <summary>Answers what is open until time is up (the next kill) or nothing is left to answer. Returns how many unknown outcomes were asked about.</summary>
    private async Task<int> AnswerAsync(SoarProcess soar, IReadOnlyList<Run> runs, IReadOnlyList<Question> questions, HashSet<RunId> signalled, CancellationToken until)
    {
        var unknown = 0;
        foreach (var question in questions)
        {
            if (until.IsCancellationRequested) return unknown;
            var answer = "approve";
            if (question.Kind == QuestionKind.UnknownOutcome)
            {
                unknown++;
                answer = outside.Has(KeyOf(soar, question)) ? "done" : "not-done";
            }

            try
            {
                if (await soar.TryCallAsync(Calls.Answer, new AnswerCall(question.Id.Value, answer, "", "harness", answer == "done" ? QuestionText.ExampleResult(question) : null)) is null) return unknown;
            }
            catch (SoarException)
            {
                // Answered just before the last kill: the answer was kept, only its confirmation was lost.
            }
        }

        foreach (var run in runs.Where(r => r.Status is RunStatus.Running or RunStatus.Waiting && !signalled.Contains(r.Id)))
        {
            if (until.IsCancellationRequested) return unknown;
            var number = Number(soar, run.Id);
            // The same id each time: a signal sent twice because its confirmation was lost counts once.
            if (await soar.TryCallAsync(Calls.Signal, new SignalCall(run.Id, $"go-{number}", $"go-{number}", "\"go\"", "harness")) is null) return unknown;
            signalled.Add(run.Id);
        }

        return unknown;
    }

    private static RunCall StartCall(string playbook, int n) => new(
        playbook,
        new Alert { Id = $"{n}", Detector = "test", Title = "load", Category = "other", Time = DateTimeOffset.UnixEpoch, Payload = JsonDocument.Parse($$"""{"n":{{n}}}""").RootElement },
        new Dictionary<string, JsonElement> { ["n"] = JsonSerializer.SerializeToElement(n) }, RunMode.Live, "harness");

    private static async Task<(IReadOnlyList<Run> Runs, IReadOnlyList<Question> Questions)> LookAsync(SoarProcess soar)
    {
        await using var database = SoarDatabase.OpenReader(Path.Combine(soar.Store, "soar.db"), new StorageOptions(), TimeProvider.System);
        var store = new RunStore(database);
        return (await store.ListAsync(null, null, int.MaxValue), await store.QuestionsAsync(null, QuestionStatus.Open));
    }

    private static string KeyOf(SoarProcess soar, Question question) => Journal(soar, question.Run)
        .Last(r => r.Kind == JournalKind.Intent && r.Ordinal == question.Ordinal).GetProperty("key");

    private static string Number(SoarProcess soar, RunId run) => JsonDocument.Parse(Journal(soar, run)[0].Payload).RootElement.GetProperty("inputs").GetProperty("n").GetRawText();

    private static IReadOnlyList<JournalRecord> Journal(SoarProcess soar, RunId run)
    {
        using var reader = SoarNode.OpenReader(new Soar.Server.Settings.Workspace(null, soar.Store, soar.Store, soar.Store));
        return reader.Runs.ReadJournalAsync(run).GetAwaiter().GetResult(); // a read of a local file
    }
}

internal static class WaitingExtensions
{
    /// <summary>Ends when this is cancelled.</summary>
    public static async Task WhenCancelledAsync(this CancellationToken cancellation)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var waits = cancellation.Register(cancelled.SetResult);
        await cancelled.Task;
    }
}

internal static class JournalRecordExtensions
{
    public static string GetProperty(this JournalRecord record, string name) => JsonDocument.Parse(record.Payload).RootElement.GetProperty(name).GetString()!;
}
