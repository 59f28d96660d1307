using Soar.Hosting;

namespace Soar.Language;

/// <summary>
/// Runs many steps as one: each in a branch of its own, at most <c>parallel</c> at a time, taken from the source as they are needed. Structured:
/// it is over only when every step it started is over.
/// </summary>
internal abstract class Combinator<TResult>(Script script, string fallbackId, Site site, IEnumerable<Step> source, int parallel) : Step<TResult>, IItemListener
{
    private IEnumerator<Step>? items;
    private RunInstance? run;
    private Branch? outer;
    private bool filling;
    private bool exhausted;
    private int started;
    private int running;

    protected string Path { get; private set; } = "";

    private string Id => script.Info(site)?.Id ?? fallbackId;

    /// <summary>Why no further item starts; what the combinator throws in the end.</summary>
    protected Exception? Failure { get; set; }

    protected IEnumerable<Step> Source => source;

    /// <summary>True when nothing more needs to start although nothing failed.</summary>
    protected virtual bool Enough => false;

    internal override string? OwnPath => Path;

    private protected RunInstance Run => run!;

    private protected Branch Outer => outer!;

    public void ItemCompleted(int item, Step step)
    {
        if (outer!.IsAbandoned) return;
        running--;
        Take(item, step);
        Fill();
    }

    private protected override void Begin(RunInstance here)
    {
        run = here;
        outer = here.Branch;
        Path = outer.NextPath(Id);
        Fill();
    }

    /// <summary>An item is over: keep its result or decide what its failure means.</summary>
    protected abstract void Take(int item, Step step);

    private protected abstract TResult Results();

    private protected virtual void Started(Branch branch)
    {
    }

    /// <summary>Items that do not end are waited for no longer: their code is never resumed.</summary>
    private protected void GiveUp(IReadOnlyCollection<Branch> branches)
    {
        foreach (var branch in branches) Run.Abandon(branch);
        running -= branches.Count;
        Fill();
    }

    private void Fill()
    {
        // An item that completes at once comes back in here; the loop below goes on instead of the stack growing.
        if (filling) return;
        filling = true;
        var resumed = run!.Branch;
        try
        {
            items ??= source.GetEnumerator();
            while (Failure is null && !Enough && !exhausted && running < parallel)
            {
                run.Branch = outer!;
                if (!items.MoveNext())
                {
                    exhausted = true;
                    break;
                }

                StartNext(items.Current ?? throw new InvalidOperationException($"{Path}: the body returned no step for item {started}."));
            }
        }
        catch (Exception error)
        {
            // Whatever the playbook's own lambda or enumerator threw belongs to whoever awaits the combinator.
            Failure ??= error;
        }
        finally
        {
            filling = false;
            run.Branch = resumed;
        }

        if (running > 0 || IsCompleted) return;
        items?.Dispose();
        if (started == 0 && exhausted) Trace.Items(Id, any: false);
        Finish();
    }

    private void StartNext(Step step)
    {
        var item = started++;
        if (item == 0) Trace.Items(Id, any: true);
        run!.Branch = new Branch(outer!, Path, item, item == 0 && source.TryGetNonEnumeratedCount(out var all) ? all : null);
        Started(run.Branch);
        running++;
        step.EnsureStarted();
        if (step.IsCompleted)
        {
            running--;
            Take(item, step);
        }
        else
        {
            step.OnCompleted(this, item);
        }
    }

    private void Finish()
    {
        if (Failure is null)
        {
            try
            {
                var results = Results();
                Succeed(results);
                return;
            }
            catch (StepException error)
            {
                Failure = error;
            }
        }

        Fail(Failure);
    }
}

/// <summary><c>All</c> of a few steps: fail fast, results by a function over the finished steps.</summary>
internal sealed class AllOf<TResult>(Script script, Site site, Step[] steps, Func<TResult> results) : Combinator<TResult>(script, "all", site, steps, int.MaxValue)
{
    internal override IEnumerable<PreparedCall>? Prepared => PreparedSteps.Of(steps);

    protected override void Take(int item, Step step) => Failure ??= step.Error;

    private protected override TResult Results() => results();
}

/// <summary><c>All</c> and <c>ForEach</c> over any number of steps with results: fail fast, results in item order.</summary>
internal sealed class Each<T>(Script script, string id, Site site, IEnumerable<Step> source, int parallel) : Combinator<IReadOnlyList<T>>(script, id, site, source, parallel)
{
    private readonly List<T> results = [];

    internal override IEnumerable<PreparedCall>? Prepared => Source is ICollection<Step> or ICollection<Step<T>> ? PreparedSteps.Of(Source) : null;

    protected override void Take(int item, Step step)
    {
        if (step.Error is not null)
        {
            Failure ??= step.Error;
            return;
        }

        while (results.Count <= item) results.Add(default!);
        results[item] = ((Step<T>)step).Result;
    }

    private protected override IReadOnlyList<T> Results() => results;
}

/// <summary><c>All</c> and <c>ForEach</c> over any number of steps without results.</summary>
internal sealed class EachDone(Script script, string id, Site site, IEnumerable<Step> source, int parallel) : Combinator<Nothing>(script, id, site, source, parallel)
{
    internal override IEnumerable<PreparedCall>? Prepared => Source is ICollection<Step> ? PreparedSteps.Of(Source) : null;

    protected override void Take(int item, Step step) => Failure ??= step.Error;

    private protected override Nothing Results() => default;
}

/// <summary><c>TryForEach</c>: step failures are results; more of them than tolerated fail it. Any other exception is a bug and fails fast.</summary>
internal sealed class TryEach<TItemResult>(Script script, Site site, IEnumerable<Step> source, int parallel, int? tolerate, Func<int, Step, StepException?, TItemResult> result)
    : Combinator<IReadOnlyList<TItemResult>>(script, "try-for-each", site, source, parallel)
{
    private readonly List<TItemResult> results = [];
    private readonly SortedDictionary<int, StepException> failures = [];

    protected override void Take(int item, Step step)
    {
        if (step.Error is not null and not StepException)
        {
            Failure ??= step.Error;
            return;
        }

        if (step.Error is StepException error)
        {
            failures.Add(item, error);
            if (failures.Count > tolerate)
                Failure ??= new ItemsFailed(Path, $"{Path}: more than {tolerate} items failed; the first failure was at {error.Step}: {failures.First().Value.Message}", [.. failures.Values]);
        }

        while (results.Count <= item) results.Add(default!);
        results[item] = result(item, step, step.Error as StepException);
    }

    private protected override IReadOnlyList<TItemResult> Results() => results;
}

/// <summary>
/// <c>Any</c> and <c>AtLeast</c>: all start at once; when enough have succeeded the others are cancelled, and their finally blocks are waited for, but not for ever.
/// </summary>
internal sealed class Race<TResult>(Script script, string id, Site site, Step[] steps, int needed, Func<IReadOnlyList<int>, TResult> results)
    : Combinator<TResult>(script, id, site, steps, int.MaxValue)
{
    private readonly List<Branch> branches = [];
    private readonly List<int> winners = [];
    private readonly bool[] over = new bool[steps.Length];
    private readonly SortedDictionary<int, StepException> failures = [];
    private bool won = needed <= 0;
    private Limit? grace;

    protected override bool Enough => won;

    private protected override void Started(Branch branch) => branches.Add(branch);

    protected override void Take(int item, Step step)
    {
        over[item] = true;
        if (won)
        {
            if (Array.TrueForAll(over, ended => ended)) grace?.TakeBack();
            return;
        }

        switch (step.Error)
        {
            case null:
                winners.Add(item);
                if (winners.Count < needed) return;
                won = true;
                CancelOthers();
                break;
            case StepException error:
                failures.Add(item, error);
                break;
            default:
                Failure ??= step.Error;
                break;
        }
    }

    private protected override TResult Results() => won
        ? results(winners)
        : throw new ItemsFailed(Path, $"{Path}: {winners.Count} of {steps.Length} steps succeeded, {needed} were needed. {failures.Values.FirstOrDefault()?.Message}", [.. failures.Values]);

    private void CancelOthers()
    {
        for (var i = 0; i < branches.Count; i++)
        {
            if (!over[i]) Run.Cancel(branches[i]);
        }

        // In a journal of before there was this limit another call has its place.
        if (!IsCompleted && Array.Exists(over, ended => !ended) && Run.MayCall(BuiltIns.Timeout, Path))
            grace = new Limit(Run, Outer, Path, Limit.Grace, isGrace: true, _ => GiveUp([.. branches.Where((_, i) => !over[i])]));
    }
}

internal static class PreparedSteps
{
    /// <summary>The calls of prepared steps, or null when one of them is not known before it starts.</summary>
    public static IEnumerable<PreparedCall>? Of(IEnumerable<Step> steps)
    {
        var calls = new List<PreparedCall>();
        foreach (var step in steps)
        {
            if (step.Prepared is not { } prepared) return null;
            calls.AddRange(prepared);
        }

        return calls;
    }
}
