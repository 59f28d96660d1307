using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Hosting;
using Soar.Runs;
using Soar.Storage;

namespace Soar.Server.Testing;

/// <summary>What happened in a test, as the journals tell it: the run, those that took over from it, and its sub-runs.</summary>
internal sealed record TestStory
{
    public required RunId First { get; init; }

    /// <summary>How the last of the chain (RunAgain) ended.</summary>
    public required Run Root { get; init; }
    public Outcome? Outcome { get; init; }
    public RunFailure? Failure { get; init; }

    /// <summary>From the start to the end, by the virtual clock.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>In the order in which the playbook made them; a sub-run's after the step that started it.</summary>
    public required IReadOnlyList<StoryStep> Steps { get; init; }
    public required IReadOnlyList<Question> Questions { get; init; }

    /// <summary>Signals that nobody received.</summary>
    public IReadOnlyList<string> Undelivered { get; init; } = [];

    /// <summary>Why the run could not end; null when it did.</summary>
    public string? Stuck { get; init; }

    /// <summary>What in the test file is wrong, as it turned out.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What in the test file nothing came of.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];
    public IReadOnlyCollection<StepMock> UsedMocks { get; init; } = [];

    /// <summary>
    /// The journals of the runs of the tested playbook itself, for path coverage. Only of those that ended: one that killed its jailed host must not be replayed in this process.
    /// </summary>
    public IReadOnlyList<(RunId Run, IReadOnlyList<JournalRecord> Records)> Journals { get; init; } = [];

    public static async Task<TestStory> ReadAsync(RunStore store, RunId first, IReadOnlyList<StepCall> calls, ActionCatalog catalog)
    {
        var reader = new Reader(store, calls.DistinctBy(c => (c.Run, c.Ordinal)).ToDictionary(c => (c.Run, c.Ordinal)), catalog);
        var root = first;
        for (RunId? next = first; next is { } run; next = await reader.ReadAsync(run, depth: 0)) root = run;
        var row = (await store.FindAsync(root))!;
        var began = (await store.FindAsync(first))!.CreatedAt;
        var questions = new List<Question>();
        foreach (var status in Enum.GetValues<QuestionStatus>()) questions.AddRange(await store.QuestionsAsync(null, status));
        return new TestStory
        {
            First = first, Root = row, Steps = reader.Steps, Undelivered = reader.Undelivered,
            Outcome = row.Status == RunStatus.Completed && row.Result is { } result ? JsonSerializer.Deserialize<Outcome>(result, SoarJson.Options) : null,
            Failure = row.Status == RunStatus.Failed && row.Result is { } failure ? JsonSerializer.Deserialize<RunFailure>(failure, SoarJson.Options) : null,
            Duration = (row.EndedAt ?? reader.Last) - began,
            Questions = [.. questions.OrderBy(q => q.AskedAt).ThenBy(q => q.Ordinal)], Journals = [.. reader.Journals.Where(j => j.Hash == row.VersionHash && j.Records[^1].Kind == JournalKind.Ended).Select(j => (j.Run, j.Records))],
        };
    }

    private sealed class Reader(RunStore store, IReadOnlyDictionary<(RunId, int), StepCall> calls, ActionCatalog catalog)
    {
        public List<StoryStep> Steps { get; } = [];
        public List<string> Undelivered { get; } = [];
        public List<(RunId Run, string Hash, IReadOnlyList<JournalRecord> Records)> Journals { get; } = [];
        public DateTimeOffset Last { get; private set; }

        /// <summary>Reads a run's journal; returns the run that took over from it.</summary>
        public async Task<RunId?> ReadAsync(RunId run, int depth)
        {
            var own = new SortedDictionary<int, StoryStep>();
            RunId? successor = null;
            var journal = await store.ReadJournalAsync(run);
            Journals.Add((run, (await store.FindAsync(run))!.VersionHash, journal));
            foreach (var record in journal)
            {
                Last = DateTimeOffset.FromUnixTimeMilliseconds(record.At);
                if (record.Kind == JournalKind.Ended)
                {
                    var ended = JsonSerializer.Deserialize<EndedRecord>(record.Payload.Span, SoarJson.Options)!;
                    Undelivered.AddRange(ended.Undelivered?.Select(u => u.Name) ?? []);
                    successor = ended.Successor is { } id ? RunId.Parse(id) : null;
                }

                if (record.Ordinal < 0) continue;
                if (!own.TryGetValue(record.Ordinal, out var step))
                {
                    calls.TryGetValue((run, record.Ordinal), out var call);
                    own[record.Ordinal] = step = new StoryStep(record.Path, record.Action, call?.Instance ?? "", call?.Arguments ?? "{}"u8.ToArray(), call?.Line ?? 0, depth) { Effect = catalog.Find(record.Action)?.Effect };
                }

                step.Take(record, Last);
            }

            foreach (var step in own.Values)
            {
                Steps.Add(step);
                for (var child = step.Child; child is { } sub; child = await ReadAsync(sub, depth + 1))
                {
                }
            }

            return successor;
        }
    }
}

/// <summary>One call of a run.</summary>
internal sealed class StoryStep(string path, string action, string instance, ReadOnlyMemory<byte> arguments, int line, int depth)
{
    public string Path { get; } = path;
    public string Action { get; } = action;
    public string Instance { get; private set; } = instance;
    public ReadOnlyMemory<byte> Arguments { get; private set; } = arguments;

    /// <summary>In the playbook's file.</summary>
    public int Line { get; } = line;
    public int Depth { get; } = depth;
    public Effect? Effect { get; init; }
    public RunId? Child { get; private set; }

    /// <summary>How often an effect was dispatched.</summary>
    public int Dispatched { get; private set; }

    /// <summary>Attempts that ended without success, and how an unknown outcome was settled, for people.</summary>
    public List<string> Troubles { get; } = [];
    public DeliveryKind? Ended { get; private set; }
    public DateTimeOffset At { get; private set; }
    public string Payload { get; private set; } = "";

    /// <summary>True when it was really done or at least tried: not withdrawn before anything happened.</summary>
    public bool Happened => Dispatched > 0 || Troubles.Count > 0 || Ended is not (null or DeliveryKind.Cancelled) || Asked;

    private bool Asked { get; set; }

    public bool Fits(StepPattern pattern) => pattern.Fits(Path, Action, Instance);

    public bool IsIn(StepPattern pattern) => pattern.Holds(Path);

    public JsonElement ArgumentsJson()
    {
        using var json = JsonDocument.Parse(Arguments);
        return json.RootElement.Clone();
    }

    public void Take(JournalRecord record, DateTimeOffset at)
    {
        At = at;
        T Read<T>() => JsonSerializer.Deserialize<T>(record.Payload.Span, SoarJson.Options)!;
        switch (record.Kind)
        {
            case JournalKind.Intent:
                var intent = Read<EffectIntent>();
                Dispatched++;
                Instance = intent.Instance;
                Arguments = Encoding.UTF8.GetBytes(intent.Arguments.GetRawText());
                break;
            case JournalKind.Attempt or JournalKind.Unknown:
                var failed = Read<AttemptFailed>();
                Troubles.Add($"{(record.Kind == JournalKind.Unknown ? "outcome unknown" : "failed for now")}: {failed.Message}");
                break;
            case JournalKind.NotYet:
                Troubles.Add($"waited: {Read<NotYetRecord>().Message}");
                break;
            case JournalKind.Settled:
                var settled = Read<SettledRecord>();
                Troubles.Add($"settled by {settled.By}: {settled.Outcome}");
                break;
            case JournalKind.Asked:
                var asked = Read<AskedRecord>();
                Asked = true;
                if (asked.Child is { } child) Child = RunId.Parse(child);
                break;
            case JournalKind.Delivered:
                Ended = record.Delivery;
                Payload = Encoding.UTF8.GetString(record.Payload.Span);
                break;
        }
    }

    public override string ToString()
    {
        var how = Ended switch
        {
            null => "still open",
            DeliveryKind.Done => Payload is "null" or "" ? "done" : Payload,
            _ => $"{Ended}: {(Payload.Contains("\"message\"") ? JsonSerializer.Deserialize<StepError>(Payload, SoarJson.Options)!.Message : Payload)}",
        };
        return $"{new string(' ', Depth * 2)}{Path}{(Path.EndsWith(Action.Replace('.', '-'), StringComparison.Ordinal) ? "" : $" ({Action})")}{(Instance is "" or "soar" or "test" ? "" : $" at {Instance}")} → {(how.Length > 140 ? how[..139] + "…" : how)}{string.Concat(Troubles.Select(t => $"; {t}"))}";
    }
}
