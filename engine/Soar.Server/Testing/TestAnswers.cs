using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;

namespace Soar.Server.Testing;

/// <summary>Answers the steps of a test's runs from its mocks, and keeps account of them: which were used, which steps had none.</summary>
internal sealed class TestAnswers(PlaybookTest test, ActionCatalog catalog, TestInstances instances, VirtualClock clock, EngineActivity activity) : IStepAnswers
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(36_500);
    private readonly Lock gate = new();
    private readonly Dictionary<(RunId Run, int Ordinal), DateTimeOffset> waiting = [];
    private readonly Dictionary<(RunId Run, int Ordinal), (int Times, MockAnswer? Last)> asked = [];
    private readonly List<string> problems = [];
    private readonly HashSet<StepMock> used = [];

    /// <summary>How often a step asked.</summary>
    public int Count { get; private set; }

    public IReadOnlyCollection<StepMock> Used => used;

    /// <summary>What the test file must be mended for.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (gate) return [.. problems];
        }
    }

    public async ValueTask<StepAnswer?> AnswerAsync(StepAttempt attempt, CancellationToken cancellation)
    {
        var action = catalog.Find(attempt.Action)!;
        if (Next(attempt) is not { } answer)
            return instances.Simulates(action.Capability.Name) ? null : Unanswered(attempt);
        if (action.Declared.Waits && (answer.Kind == MockKind.TimesOut || answer.After > TimeSpan.Zero) && NotYet(attempt, answer) is { } waits) return waits;
        if (answer.Kind == MockKind.TimesOut || (answer.After >= attempt.Timeout && !action.Declared.Waits))
        {
            await PassAsync(attempt.Timeout, cancellation);
            return new StepAnswer.Failure(FailureKind.Unknown, "timeout", $"{attempt.Action} did not answer within {Durations.Say(attempt.Timeout)}.");
        }

        if (answer.After > TimeSpan.Zero && !action.Declared.Waits) await PassAsync(answer.After, cancellation);
        return answer.Kind switch
        {
            MockKind.Fails => new StepAnswer.Failure(FailureKind.Permanent, answer.Reason, answer.Message ?? $"{attempt.Action} failed: {answer.Reason}"),
            MockKind.Transient => new StepAnswer.Failure(FailureKind.Transient, answer.Reason, answer.Message ?? $"{attempt.Action} failed for now: {answer.Reason}", answer.RetryAfter),
            MockKind.Unknown => new StepAnswer.Failure(FailureKind.Unknown, "unknown", answer.Message ?? answer.Reason),
            MockKind.Crash => new StepAnswer.Crash(),
            _ => Result(attempt, action, answer),
        };
    }

    /// <summary>What a step that waits says until its time has come: nothing to tell yet. It is asked again by the clock, as in life; null once the time has come.</summary>
    private StepAnswer.Failure? NotYet(StepAttempt attempt, MockAnswer answer)
    {
        DateTimeOffset since;
        lock (gate)
        {
            var key = (attempt.Run, attempt.Ordinal);
            if (!waiting.TryGetValue(key, out since)) waiting.Add(key, since = clock.GetUtcNow());
            if (answer.Kind != MockKind.TimesOut && since + answer.After <= clock.GetUtcNow()) return null;
            // Asking again is no further attempt: the same answer of a list goes on to count.
            asked[key] = asked[key] with { Times = asked[key].Times - 1 };
        }

        var again = answer.Kind == MockKind.TimesOut ? Never : since + answer.After - clock.GetUtcNow();
        return new StepAnswer.Failure(FailureKind.NotYet, "not-yet", "The test says: nothing yet.", again);
    }

    public ValueTask<(ProbeAnswer Answer, JsonElement? Result)?> ProbeAsync(StepAttempt attempt, CancellationToken cancellation)
    {
        MockAnswer? last;
        lock (gate) last = asked.GetValueOrDefault((attempt.Run, attempt.Ordinal)).Last;
        if (last?.Probe is not { } probe) return default;
        var given = last.Returns is not null && catalog.Find(attempt.Action) is { } action && Result(attempt, action, last) is StepAnswer.Result result ? result.Value : (JsonElement?)null;
        return ValueTask.FromResult<(ProbeAnswer, JsonElement?)?>((probe, given));
    }

    /// <summary>The answer for this attempt, by the heaviest pattern that fits; null when none does.</summary>
    private MockAnswer? Next(StepAttempt attempt)
    {
        lock (gate)
        {
            Count++;
            var key = (attempt.Run, attempt.Ordinal);
            var times = asked.GetValueOrDefault(key).Times;
            // Of equals the later one counts: the test's own come after the file's.
            var mock = test.Mocks.Where(m => m.Key.Fits(attempt.Path, attempt.Action, attempt.Instance)).MaxBy(m => (m.Key.Weight, m.Own, m.Line));
            var answer = mock?.Answers[Math.Min(times, mock.Answers.Count - 1)];
            if (mock is not null) used.Add(mock);
            // A crash happens once: when the run comes back, what the crashed product would have said counts.
            if (answer is { Kind: MockKind.Crash } && times >= mock!.Answers.Count) answer = answer.Returns is null ? null : answer with { Kind = MockKind.Returns };
            asked[key] = (times + 1, answer ?? asked.GetValueOrDefault(key).Last);
            return answer;
        }
    }

    private StepAnswer Result(StepAttempt attempt, ActionDescriptor action, MockAnswer answer)
    {
        var json = new YamlJson(Path.GetRelativePath(Environment.CurrentDirectory, test.File));
        var value = action.ResultType is null
            ? JsonSerializer.SerializeToElement<object?>(null)
            : answer.Returns is null ? null : json.Read(answer.Returns, action.ResultType, $"the result of {attempt.Action}");
        if (value is { } result) return new StepAnswer.Result(result);
        lock (gate) problems.AddRange(json.Problems.Except(problems));
        return new StepAnswer.Failure(FailureKind.Permanent, "bad-mock", $"The test's answer for {attempt.Path} is no result of {attempt.Action}.");
    }

    private StepAnswer.Failure Unanswered(StepAttempt attempt)
    {
        var remedy = $"step {attempt.Path} ({attempt.Action} at {attempt.Instance}) has no answer, and no connector of this deployment simulates {attempt.Action.Split('.')[0]}: add to 'steps:' for example\n      {attempt.Action}: {{ returns: … }}";
        lock (gate)
        {
            if (!problems.Contains(remedy)) problems.Add(remedy);
        }

        return new StepAnswer.Failure(FailureKind.Permanent, "no-answer", test.Recorded is null ? $"The test has no answer for {attempt.Path}." : $"No connector of this deployment simulates {attempt.Action.Split('.')[0]}, so nothing answers {attempt.Path}.");
    }

    /// <summary>Lets virtual time pass: while this waits, nothing is in hand.</summary>
    private async Task PassAsync(TimeSpan time, CancellationToken cancellation)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var awake = 0;
        void Wake(Action end)
        {
            if (Interlocked.Exchange(ref awake, 1) != 0) return;
            activity.Enter();
            end();
        }

        await using var timer = clock.CreateTimer(_ => Wake(() => over.TrySetResult()), null, time, Timeout.InfiniteTimeSpan);
        await using var cancelled = cancellation.Register(() => Wake(() => over.TrySetCanceled(cancellation)));
        activity.Leave();
        await over.Task;
    }
}
