using Soar.Runs;
using Soar.Server.Commands;

namespace Soar.Server.Display;

/// <summary>The values that each branch of a run saw, recomputed by a replay in a tracing build.</summary>
internal static class WhyView
{
    public static Task ShowAsync(CommandContext context, Run run, IReadOnlyList<JournalRecord> journal, CancellationToken cancellation) => Task.CompletedTask;
}
