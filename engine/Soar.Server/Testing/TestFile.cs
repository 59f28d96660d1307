using Soar.Capabilities;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Testing;

/// <summary>One <c>.tests.yaml</c>: the playbook beside it and what is to be tested of it.</summary>
/// <param name="Playbook">Full path of the <c>.csx</c>.</param>
/// <param name="CommonMocks">Mocks of the whole file: one of its tests must use each.</param>
/// <param name="Unreachable">Branches that no run can take, with the reason.</param>
internal sealed record TestFile(string Path, string Playbook, IReadOnlyList<PlaybookTest> Tests, IReadOnlyList<StepMock> CommonMocks, IReadOnlyList<UnreachableBranch> Unreachable);

internal sealed record UnreachableBranch(string Id, string Reason, int Line);

/// <summary>One test, with what the file says for all of its tests filled in.</summary>
internal sealed record PlaybookTest
{
    public required string Name { get; init; }
    public required string File { get; init; }
    public required int Line { get; init; }

    /// <summary>Why it is not run; null when it is.</summary>
    public string? Skip { get; init; }

    /// <summary>Path of a file, or a mapping; null = the playbook is started without an alert.</summary>
    public YamlNode? Alert { get; init; }

    /// <summary>An alert that came in once, in place of <see cref="Alert"/>; null in tests that stand in a file.</summary>
    public Alert? Recorded { get; init; }

    /// <summary>What the virtual clock says when the run starts.</summary>
    public DateTimeOffset Now { get; init; } = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);
    public IReadOnlyDictionary<string, YamlNode> Inputs { get; init; } = new Dictionary<string, YamlNode>();
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Instances { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
    public IReadOnlyDictionary<string, ListContent> Lists { get; init; } = new Dictionary<string, ListContent>();

    /// <summary>The test's own mocks after the file's: of two that fit equally well, the later one counts.</summary>
    public IReadOnlyList<StepMock> Mocks { get; init; } = [];
    public IReadOnlyDictionary<string, Person> People { get; init; } = new Dictionary<string, Person>();

    /// <summary>What everybody says who is not in <see cref="People"/>: true = approves and does, false = refuses; null = nothing. A form nobody fills.</summary>
    public bool? Everybody { get; init; }
    public IReadOnlyList<ScriptedSignal> Signals { get; init; } = [];
    public ScriptedCancel? Cancel { get; init; }
    public Expectation Expect { get; init; } = new();

    public string Where => $"{System.IO.Path.GetRelativePath(Environment.CurrentDirectory, File)}:{Line}";
}

internal sealed record ListContent(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>What the steps that fit <paramref name="Key"/> come to: the n-th answer for the n-th attempt, the last for all further ones.</summary>
/// <param name="Own">False for the file's own, which not every test needs.</param>
internal sealed record StepMock(StepPattern Key, IReadOnlyList<MockAnswer> Answers, int Line, bool Own);

internal enum MockKind { Returns, Fails, Transient, Unknown, TimesOut, Crash }

/// <summary>What one attempt comes to.</summary>
/// <param name="Returns">The result as YAML, read once the step's action is known; null = the action returns nothing, or the simulator answers.</param>
internal sealed record MockAnswer(MockKind Kind, int Line, YamlNode? Returns = null, string Reason = "", string? Message = null)
{
    public TimeSpan? RetryAfter { get; init; }
    public ProbeAnswer? Probe { get; init; }

    /// <summary>How long it takes.</summary>
    public TimeSpan After { get; init; }
}

/// <param name="Answers">For one question after the other; the last for all further ones.</param>
internal sealed record Person(string Who, IReadOnlyList<PersonAnswer> Answers, int Line, bool Own);

internal enum AnswerKind { Approve, Refuse, Done, NotDone, Form, Silent }

/// <param name="Form">A form's values.</param>
/// <param name="Question">Only for questions that contain this.</param>
/// <param name="By">Who answers, one after the other (a quorum needs several).</param>
internal sealed record PersonAnswer(AnswerKind Kind, string Reason, YamlNode? Form, TimeSpan After, IReadOnlyList<string> By, string? Question, int Line);

/// <param name="After">After the run's start.</param>
internal sealed record ScriptedSignal(string Name, TimeSpan After, string Value, string? Id, int Line);

internal sealed record ScriptedCancel(TimeSpan After, string By, string Reason);

/// <summary>What must come of the run. Null: nothing is said about it.</summary>
internal sealed record Expectation
{
    public string? Outcome { get; init; }

    /// <summary>The run fails, with this text in its message.</summary>
    public string? Failed { get; init; }
    public bool Cancelled { get; init; }
    public string? Reason { get; init; }
    public TimeSpan? Duration { get; init; }
    public IReadOnlyList<Expected<StepPattern>> Steps { get; init; } = [];
    public IReadOnlyList<Expected<ExpectedEffect>>? Effects { get; init; }

    /// <summary>True: other effects may be dispatched too.</summary>
    public bool EffectsInclude { get; init; }
    public IReadOnlyList<Expected<StepPattern>> Never { get; init; } = [];
    public IReadOnlyList<Expected<string>> Questions { get; init; } = [];
}

/// <summary>Something expected, and where the file says so.</summary>
internal sealed record Expected<T>(T What, int Line);

/// <param name="Arguments">Those that are named must be equal; others are not looked at.</param>
/// <param name="Times">How often exactly this effect.</param>
internal sealed record ExpectedEffect(string Action, string? Instance, YamlMappingNode? Arguments, int Times);
