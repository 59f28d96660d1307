using System.Text;
using Soar.Hosting;
using Soar.Runs;
using Soar.Storage;

namespace Soar.Storage.Tests;

/// <summary>A clock that stands until it is set.</summary>
internal sealed class StandingClock : TimeProvider
{
    private DateTimeOffset now = Some.Noon;
    public override DateTimeOffset GetUtcNow() => now;
    public void Advance(TimeSpan by) => now += by;
}

/// <summary>Values for tests.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly Ids Ids = new(TimeProvider.System);

    public static RunId RunId() => new(Ids.Next());

    public static NewRun Run(string playbook = "block", string? trigger = null, RunId? parent = null) => new(
        new Run
        {
            Id = RunId(), Playbook = playbook, PlaybookVersion = "1.0.0", VersionHash = "abc", Mode = RunMode.Live, Status = RunStatus.Running,
            TriggerKey = trigger, StartedBy = "amira", CreatedAt = Noon, Parent = parent, ParentOrdinal = parent is null ? null : 3, Depth = parent is null ? 0 : 1,
        },
        Bytes("""{"playbook":"block"}"""));

    public static JournalRecord Record(int seq, string payload = "{}") => Record(seq, Bytes(payload));

    public static JournalRecord Record(int seq, byte[] payload) =>
        new(seq, Noon.ToUnixTimeMilliseconds() + seq, JournalKind.Delivered, seq - 2, DeliveryKind.Done, $"block/{seq}", "firewall.block", 0xFEDCBA9876543210 + (ulong)seq, payload);

    public static InboxItem Signal(RunId run, string id, string payload = "{}") => new(run, id, InboxKind.Signal, "acknowledged", Bytes(payload), Noon);

    public static InboxItem Item(RunId run, InboxKind kind) => new(run, kind.ToString(), kind, "", Bytes("{}"), Noon);

    public static Question Question(RunId run, int ordinal = 0, QuestionKind kind = QuestionKind.Approval, int quorum = 1) => new()
    {
        Id = new QuestionId(Ids.Next()), Run = run, Ordinal = ordinal, Kind = kind, Who = "shift-lead", Text = "Block 203.0.113.7?", Details = """{"steps":[]}""",
        AskedAt = Noon, Until = Noon.AddHours(1), Quorum = quorum, EscalateTo = "head",
    };

    public static Answer Answer(string by, bool approve = true, string? value = null) => new(by, approve, "seen in the logs", Noon.AddMinutes(5), value);

    public static Containment Containment(RunId run, string target = "203.0.113.7", DateTimeOffset? until = null, ContainmentStatus status = ContainmentStatus.Active) => new()
    {
        Id = Ids.Next(), Action = "firewall.block", Instance = "edge-1", Target = target, Arguments = """{"address":"203.0.113.7"}""", Status = status,
        PriorState = "absent", Result = """{"handle":4}""", Key = "0123456789abcdef0123456789abcdef", Since = Noon, Until = until,
        Holders = [new Holder(run, 2, "case-1", until, null, null)],
    };

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}

/// <summary>A folder of its own, gone after the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("soar-store-").FullName;
    public string Database => Path.Combine(Root, "soar.db");
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
