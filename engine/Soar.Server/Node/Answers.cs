using Soar.Runs;

namespace Soar.Server.Node;

/// <summary>The words that people answer with, as the store keeps them.</summary>
internal static class Answers
{
    /// <summary>Throws SOAR5001 for a refusal that says no reason: whoever asked, and the record, need one.</summary>
    public static Answer Of(AnswerCall call, DateTimeOffset now) => call.Answer == "refuse" && string.IsNullOrWhiteSpace(call.Reason) ? throw new SoarException("SOAR5001", "A refusal needs its reason.") : new(
        call.By,
        Approve: call.Answer is "approve" or "done",
        call.Reason,
        now,
        call.Answer == "not-done" ? call.Answer : call.Value ?? (call.Answer == "done" ? call.Answer : null),
        call.As);
}
