namespace Soar.Runs;

/// <summary>What can arrive for a run from outside.</summary>
public enum InboxKind : byte { Signal = 1, Answer = 2, ChildEnded = 3, Cancel = 4, Pause = 5, Resume = 6, Wake = 7 }

/// <summary>
/// Something that arrived for a run and was not consumed yet. The same id twice counts once. Any arrival makes the run due; whoever holds its lease consumes items
/// in order of arrival, in the same commit as the record that they cause.
/// </summary>
/// <param name="Id">Unique within the run: the sender's signal id, the question id, the child's run id.</param>
/// <param name="Key">Signal name, question id, child's ordinal in this run.</param>
/// <param name="Payload">UTF-8 JSON. An answer's is the array of <see cref="Answer"/>s that decided the question, in the order given.</param>
public sealed record InboxItem(RunId Run, string Id, InboxKind Kind, string Key, byte[] Payload, DateTimeOffset At)
{
    /// <summary>
    /// Order of arrival in the run: 1, 2, 3 … Given by the store; 0 on the way there. The highest one that a driver has looked at goes into
    /// <see cref="RunWrite.InboxSeen"/> when the run begins to wait.
    /// </summary>
    public long Arrival { get; init; }
}
