using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;

namespace Soar.Language;

/// <summary>
/// A step with a time limit and a title around it: <c>.Timeout</c> and <c>.Titled</c> of everything that is no action. The limit is a call of its own beside the
/// step's, so the engine wakes the run for it however long it was forgotten, and its passing stands in the journal like any completion.
/// </summary>
internal sealed class Bounded<T>(Step<T> inner, Step.Modifier said) : Step<T>, IItemListener
{
    private RunInstance? run;
    private Branch? branch;
    private Limit? limit;
    private StepTimedOut? passed;

    internal override IEnumerable<PreparedCall>? Prepared => said.Title is { } title
        ? inner.Prepared?.Select(call => call with { Title = call.Title is null ? title : $"{title}: {call.Title}" })
        : inner.Prepared;

    internal override string? OwnPath => inner.OwnPath;

    /// <summary>The step is over: so is its time.</summary>
    public void ItemCompleted(int item, Step step)
    {
        if (branch!.IsAbandoned) return;
        limit?.TakeBack();
        End();
    }

    private protected override Step Modified(in Modifier modifier)
    {
        if (modifier.Attempts is not null) return base.Modified(modifier);
        modifier.Check(IsCold && inner.IsCold);
        return new Bounded<T>(inner, modifier.After is null ? said with { Title = modifier.Title } : said with { After = modifier.After, At = modifier.At });
    }

    private protected override void Begin(RunInstance here)
    {
        run = here;
        var outer = here.Branch;
        branch = new Branch(outer, said.Title);
        // What another branch has begun already goes on there when our time is over: it is not ours to cancel.
        var ours = inner.IsCold;
        here.Branch = branch;
        inner.EnsureStarted();
        here.Branch = outer;
        if (inner.IsCompleted)
        {
            End();
            return;
        }

        inner.OnCompleted(this, 0);
        if (said.After is { } after)
            limit = new Limit(here, outer, inner.OwnPath ?? outer.NextPath(here.Info(said.At)?.Id ?? "timeout"), after, isGrace: false, error => Passed(error, ours));
    }

    /// <summary>The time is over: what the step is doing is cancelled as the losers of <c>Any</c> are, and its <c>finally</c> blocks are waited for, but not for ever.</summary>
    private void Passed(StepTimedOut error, bool ours)
    {
        passed = error;
        limit = null;
        if (ours) run!.Cancel(branch);
        if (IsCompleted) return;
        if (ours) limit = new Limit(run!, branch!.Parent!, error.Step, Limit.Grace, isGrace: true, _ => GiveUp());
        else GiveUp();
    }

    private void GiveUp()
    {
        run!.Abandon(branch!);
        End();
    }

    private void End()
    {
        if (passed is not null) Fail(passed);
        else if (inner.Error is { } error) Fail(error);
        else Succeed(inner.Result);
    }
}

/// <summary>A time that runs beside a step: a call that the engine answers when it is over.</summary>
internal sealed class Limit : ICall
{
    /// <summary>How long the <c>finally</c> blocks of a step may go on whose time is over, or that lost to another. As much as a cancelled run has.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    private readonly RunInstance run;
    private readonly Action<StepTimedOut> passed;
    private readonly int ordinal;

    /// <param name="outer">The branch that the step belongs to: cancelling what the step does must leave its time.</param>
    public Limit(RunInstance run, Branch outer, string path, TimeSpan after, bool isGrace, Action<StepTimedOut> passed)
    {
        this.run = run;
        this.passed = passed;
        Branch = outer;
        Path = path;
        var ms = (long)Math.Min(Math.Ceiling(after.TotalMilliseconds), TimeSpan.FromDays(36_500).TotalMilliseconds);
        Arguments = JsonSerializer.SerializeToUtf8Bytes(new TimeoutArguments(run.NowMs + ms, ms, isGrace ? true : null), SoarJson.Options);
        ordinal = run.Call(this);
    }

    public string Action => BuiltIns.Timeout;
    public string Instance => "soar";
    public string? Title => null;
    public Branch Branch { get; }
    public string Path { get; }
    public ReadOnlyMemory<byte> Arguments { get; }
    public StepError? Unusable => null;

    public StepCall ToCall(RunInstance run, int ordinal, ulong hash) => new(run.Run, ordinal, Path, Action, Instance, Arguments, hash, null, 0);

    public void Deliver(RunInstance run, in Delivery delivery)
    {
        run.Branch = Branch;
        if (delivery.Kind == DeliveryKind.TimedOut) passed(new StepTimedOut(Path, StepErrors.Read(delivery)));
    }

    /// <summary>The branch around the step is cancelled: the step hears of it by itself.</summary>
    public void Cancel()
    {
    }

    public void TakeBack() => run.TakeBack(ordinal);
}
