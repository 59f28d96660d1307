using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;

namespace Soar.Engine;

/// <summary>Payload of <c>Intent</c>: an attempt of an effect that is about to be dispatched.</summary>
/// <param name="Attempt">1 for the first.</param>
/// <param name="Simulated">True in dry runs and tests: nothing reached a product.</param>
/// <param name="Title">What people see, where the step has a title.</param>
public sealed record EffectIntent(string Key, string Instance, JsonElement Arguments, int Attempt, bool Simulated = false, string? Title = null);

/// <summary>Payload of <c>Attempt</c> and <c>Unknown</c>: how an attempt ended that did not end well.</summary>
/// <param name="NextAt">UTC Unix milliseconds of the next attempt; null = there is none.</param>
/// <param name="Interrupted">True when the engine or its lease ended during the attempt, so it is not counted against the playbook's retries.</param>
public sealed record AttemptFailed(FailureKind Kind, string Reason, string Message, int Attempt, long? NextAt = null, bool Interrupted = false);

/// <summary>Payload of <c>NotYet</c>: what a read that waits said the first time.</summary>
public sealed record NotYetRecord(string Message);

/// <summary>Payload of <c>Settled</c>.</summary>
/// <param name="By"><c>probe</c>, <c>repeat</c>, <c>person</c> or <c>ledger</c>.</param>
/// <param name="Outcome"><c>done</c>, <c>not-done</c>, <c>repeated</c>, <c>found</c> or <c>held</c>.</param>
public sealed record SettledRecord(string By, string Outcome, string? Who = null, string? Note = null);

/// <summary>Payload of <c>Asked</c>: a question, or a sub-run.</summary>
/// <param name="Authorises">Full hashes of the prepared steps that an approval authorises.</param>
/// <param name="Title">What people see, where the step has a title.</param>
/// <param name="Policy">The code of the policy that has people asked about this very effect: <c>protected</c>, <c>over-budget</c>; null where the playbook asks.</param>
/// <param name="Until">UTC Unix milliseconds until when they may answer what policy asks.</param>
public sealed record AskedRecord(
    string? Question = null, IReadOnlyList<string>? Authorises = null, string? Child = null, string? Version = null, string? Title = null, string? Policy = null, long? Until = null);

/// <summary>Payload of <c>Held</c>: which kill switch, since when, by whom and why.</summary>
/// <param name="Holds">What it holds, for people.</param>
/// <param name="Since">UTC Unix milliseconds.</param>
public sealed record HeldRecord(string Switch, string Holds, string By, string Reason, long Since);

/// <summary>Payload of <c>Released</c>.</summary>
public sealed record ReleasedRecord;

/// <summary>Payload of <c>Decided</c>: what became of a question that policy put about an effect.</summary>
/// <param name="Code">Which policy: <c>protected</c>, <c>over-budget</c>.</param>
/// <param name="Hash">The full hash of the step that was shown: an approval is for no other.</param>
/// <param name="By">Who decided; empty when nobody did in time.</param>
public sealed record DecidedRecord(string Question, string Code, string Hash, bool Approved, string By, string Reason);

/// <summary>Payload of <c>Policy</c>: what a live run would have met.</summary>
/// <param name="Code"><c>protected</c>, <c>over-budget</c> or <c>held</c>.</param>
/// <param name="Message">For people.</param>
public sealed record PolicyRecord(string Code, string Message);

/// <summary>Payload of <c>Escalated</c>.</summary>
/// <param name="To">The role or person that may answer too from now on.</param>
public sealed record EscalatedRecord(string Question, string To);

/// <summary>Payload of <c>Control</c>, and of the <c>CancelRun</c> delivery.</summary>
/// <param name="What"><c>cancel</c>, <c>pause</c> or <c>resume</c>.</param>
/// <param name="Calls">With a cancel: how many calls the playbook had made; those are withdrawn, later ones are its <c>finally</c> blocks'.</param>
public sealed record ControlRecord(string What, string By, string? Reason = null, int? Calls = null);

/// <summary>Payload of <c>Superseded</c>: completions from one sequence number through another no longer count.</summary>
/// <param name="Path">The step that is tried anew; empty where the run's own code failed it and only its end no longer counts.</param>
public sealed record SupersededRecord(int Seq, int Through, string Path);

/// <summary>Payload of <c>Authorised</c>.</summary>
public sealed record AuthorisedRecord(string Hash);

/// <summary>Payload of <c>Ended</c>.</summary>
public sealed record EndedRecord(string Kind, Outcome? Outcome = null, RunFailure? Failure = null, string? Successor = null, IReadOnlyList<UndeliveredSignal>? Undelivered = null);

/// <summary>A signal that nobody received before the run ended.</summary>
public sealed record UndeliveredSignal(string Id, string Name);

/// <summary>Payload of a <c>ChildEnded</c> inbox item.</summary>
public sealed record ChildEnd(string Status, JsonElement? Result);

internal static class Json
{
    public static byte[] Of<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, SoarJson.Options);

    public static T Read<T>(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<T>(json.Span, SoarJson.Options)
        ?? throw new SoarException("SOAR2003", $"A journal record that should hold a {typeof(T).Name} is empty: the store is damaged. Restore the last backup.");

    public static readonly ReadOnlyMemory<byte> Null = "null"u8.ToArray();

    public static bool IsNull(ReadOnlyMemory<byte>? json) => json is not { } value || value.Span.SequenceEqual(Null.Span);
}
