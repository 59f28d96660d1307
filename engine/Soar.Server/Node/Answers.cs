using Soar.Runs;

namespace Soar.Server.Node;

/// <summary>The words that people answer with, as the store keeps them.</summary>
internal static class Answers
{
    public static Answer Of(AnswerCall call, DateTimeOffset now) => new(
        call.By,
        Approve: call.Answer is "approve" or "done",
        call.Reason,
        now,
        call.Answer == "not-done" ? call.Answer : call.Value ?? (call.Answer == "done" ? call.Answer : null),
        call.As);
}
