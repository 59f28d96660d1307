using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Runs;

namespace Soar.Engine;

internal enum AttemptKind { Done, Transient, Permanent, TimedOut, Unknown, Withdrawn, Crash, NotYet }

/// <summary>How one attempt ended.</summary>
internal readonly record struct AttemptResult(AttemptKind Kind, ReadOnlyMemory<byte> Result = default, string Reason = "", string Message = "", TimeSpan? RetryAfter = null);

/// <summary>One attempt of one step: the call into the connector with its time-out, and what every way it can end means.</summary>
internal sealed class Attempt(EngineParts engine)
{
    /// <summary>Calls the connector (or the test's answers). Throws nothing.</summary>
    public async ValueTask<AttemptResult> MakeAsync(RunDriver run, OpenCall step, ActionDescriptor action, object connector, JsonElement arguments, ActionContext context, InstanceTerms terms, TimeSpan timeout)
    {
        var reads = action.Effect == Effect.ReadsOnly;
        var silent = false;
        using var stop = new CancellationTokenSource();
        using var turn = terms.PaceFor(action, engine.Clock)?.Begin();
        if (reads) step.Attempt = stop;
        try
        {
            Task<byte[]> task;
            if (run.Mode == RunMode.Test && engine.Options.Answers is { } answers)
            {
                var answer = await answers.AnswerAsync(new StepAttempt(run.Id, step.Ordinal, step.Call.Path, action.Id, step.Call.Instance, arguments, context.Attempt) { Timeout = timeout }, stop.Token);
                if (answer is StepAnswer.Failure told) return Failed(told.Kind, told.Reason, told.Message, told.RetryAfter, reads);
                if (answer is StepAnswer.Crash) return new AttemptResult(AttemptKind.Crash);
                task = answer switch
                {
                    StepAnswer.Result result => Task.FromResult(Json.Of(result.Value)),
                    StepAnswer.Silence => SilenceAsync(stop.Token),
                    _ => action.InvokeAsync(connector, arguments, context, stop.Token),
                };
            }
            else
            {
                task = action.InvokeAsync(connector, arguments, context, stop.Token);
            }

            if (!task.IsCompleted) silent = !await EndsInTimeAsync(task, stop, timeout);
            return silent && !task.IsCompleted
                ? TimedOut(action, reads, timeout)
                : new AttemptResult(AttemptKind.Done, terms.Mask.Utf8(await task));
        }
        catch (ConnectorFailure failure)
        {
            return Failed(failure.Kind, failure.Reason, terms.Mask.Text(failure.Message), failure.RetryAfter, reads);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return reads && step.Withdrawn && !silent ? new AttemptResult(AttemptKind.Withdrawn) : TimedOut(action, reads, timeout);
        }
        catch (Exception e) // whatever a connector throws becomes a record, never the engine's own failure
        {
            engine.Log.ConnectorBroke(action.Id, step.Call.Instance, run.Id, e, terms.Mask);
            return new AttemptResult(reads ? AttemptKind.Permanent : AttemptKind.Unknown, default, "connector-error",
                $"{action.Id} at {step.Call.Instance}: the connector failed with {e.GetType().Name}: {terms.Mask.Text(e.Message)}");
        }
        finally
        {
            step.Attempt = null;
        }
    }

    /// <summary>Waits for the end, tells the attempt to stop at its time-out, and gives it a moment to end by itself: an answer that comes then still counts.</summary>
    private async Task<bool> EndsInTimeAsync(Task task, CancellationTokenSource stop, TimeSpan timeout)
    {
        // The clock's tick is in hand from here until the attempt was told to stop.
        var activity = engine.Options.Activity;
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = TellAsync(task, ended);
        using var timer = engine.Clock.CreateTimer(
            _ =>
            {
                activity?.Enter();
                if (!ended.TrySetResult(false)) activity?.Leave();
            },
            null, timeout, Timeout.InfiniteTimeSpan);
        if (await ended.Task) return true;
        Stop(stop);
        activity?.Leave();
        if (task.IsCompleted) return false;
        var over = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = TellAsync(task, over);
        using (engine.Clock.CreateTimer(_ => over.TrySetResult(false), null, engine.Options.AttemptGrace, Timeout.InfiniteTimeSpan))
            await over.Task;
        return false;
    }

    /// <summary>Tells when the task has ended, however it did; whoever awaits it hears how. One that is left behind is observed here, so that its failure is no unobserved exception.</summary>
    private static async Task TellAsync(Task task, TaskCompletionSource<bool> ended)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        ended.TrySetResult(true);
    }

    // Here and now: what a connector does when it is told to stop is part of the attempt.
    private static void Stop(CancellationTokenSource attempt) => attempt.Cancel();

    private static AttemptResult TimedOut(ActionDescriptor action, bool reads, TimeSpan timeout) =>
        new(reads ? AttemptKind.TimedOut : AttemptKind.Unknown, default, "timeout", $"{action.Id} did not answer within {Durations.Say(timeout)}.");

    private static async Task<byte[]> SilenceAsync(CancellationToken stop)
    {
        var never = new TaskCompletionSource<byte[]>();
        await using (stop.Register(() => never.TrySetCanceled(stop))) return await never.Task;
    }

    private static AttemptResult Failed(FailureKind kind, string reason, string message, TimeSpan? retryAfter, bool reads) => new(
        kind switch
        {
            FailureKind.Transient => AttemptKind.Transient,
            FailureKind.Permanent => AttemptKind.Permanent,
            FailureKind.NotYet when reads => AttemptKind.NotYet,
            // A read whose answer got lost changed nothing: it may simply be asked again.
            _ => reads ? AttemptKind.Transient : AttemptKind.Unknown,
        },
        default, reason.Length > 0 ? reason : kind.ToString().ToLowerInvariant(), message, retryAfter);
}
