namespace Soar.Language;

public abstract partial class Script
{
    /// <summary>How many items run at once when the playbook does not say.</summary>
    private const int DefaultParallel = 8;

    /// <summary>Runs steps at the same time and gives their results as a tuple. If one fails, the others are awaited, then its failure is raised.</summary>
    protected Step<(T1, T2)> All<T1, T2>(Step<T1> a, Step<T2> b, Site at = default) =>
        new AllOf<(T1, T2)>(this, at, [a, b], () => (a.Result, b.Result));

    /// <inheritdoc cref="All{T1, T2}(Step{T1}, Step{T2}, Site)"/>
    protected Step<(T1, T2, T3)> All<T1, T2, T3>(Step<T1> a, Step<T2> b, Step<T3> c, Site at = default) =>
        new AllOf<(T1, T2, T3)>(this, at, [a, b, c], () => (a.Result, b.Result, c.Result));

    /// <inheritdoc cref="All{T1, T2}(Step{T1}, Step{T2}, Site)"/>
    protected Step<(T1, T2, T3, T4)> All<T1, T2, T3, T4>(Step<T1> a, Step<T2> b, Step<T3> c, Step<T4> d, Site at = default) =>
        new AllOf<(T1, T2, T3, T4)>(this, at, [a, b, c, d], () => (a.Result, b.Result, c.Result, d.Result));

    /// <inheritdoc cref="All{T1, T2}(Step{T1}, Step{T2}, Site)"/>
    protected Step<(T1, T2, T3, T4, T5)> All<T1, T2, T3, T4, T5>(Step<T1> a, Step<T2> b, Step<T3> c, Step<T4> d, Step<T5> e, Site at = default) =>
        new AllOf<(T1, T2, T3, T4, T5)>(this, at, [a, b, c, d, e], () => (a.Result, b.Result, c.Result, d.Result, e.Result));

    /// <inheritdoc cref="All{T1, T2}(Step{T1}, Step{T2}, Site)"/>
    protected Step<(T1, T2, T3, T4, T5, T6)> All<T1, T2, T3, T4, T5, T6>(Step<T1> a, Step<T2> b, Step<T3> c, Step<T4> d, Step<T5> e, Step<T6> f, Site at = default) =>
        new AllOf<(T1, T2, T3, T4, T5, T6)>(this, at, [a, b, c, d, e, f], () => (a.Result, b.Result, c.Result, d.Result, e.Result, f.Result));

    /// <inheritdoc cref="All{T1, T2}(Step{T1}, Step{T2}, Site)"/>
    protected Step<(T1, T2, T3, T4, T5, T6, T7)> All<T1, T2, T3, T4, T5, T6, T7>(Step<T1> a, Step<T2> b, Step<T3> c, Step<T4> d, Step<T5> e, Step<T6> f, Step<T7> g, Site at = default) =>
        new AllOf<(T1, T2, T3, T4, T5, T6, T7)>(this, at, [a, b, c, d, e, f, g], () => (a.Result, b.Result, c.Result, d.Result, e.Result, f.Result, g.Result));

    /// <inheritdoc cref="All{T1, T2}(Step{T1}, Step{T2}, Site)"/>
    protected Step<(T1, T2, T3, T4, T5, T6, T7, T8)> All<T1, T2, T3, T4, T5, T6, T7, T8>(Step<T1> a, Step<T2> b, Step<T3> c, Step<T4> d, Step<T5> e, Step<T6> f, Step<T7> g, Step<T8> h, Site at = default) =>
        new AllOf<(T1, T2, T3, T4, T5, T6, T7, T8)>(this, at, [a, b, c, d, e, f, g, h], () => (a.Result, b.Result, c.Result, d.Result, e.Result, f.Result, g.Result, h.Result));

    /// <summary>Runs steps of which at least one has no result at the same time. If one fails, the others are awaited, then its failure is raised.</summary>
    protected Step All(Step a, Step b, Site at = default) => new AllOf<Nothing>(this, at, [a, b], static () => default);

    /// <inheritdoc cref="All(Step, Step, Site)"/>
    protected Step All(Step a, Step b, Step c, Site at = default) => new AllOf<Nothing>(this, at, [a, b, c], static () => default);

    /// <inheritdoc cref="All(Step, Step, Site)"/>
    protected Step All(Step a, Step b, Step c, Step d, Site at = default) => new AllOf<Nothing>(this, at, [a, b, c, d], static () => default);

    /// <inheritdoc cref="All(Step, Step, Site)"/>
    protected Step All(Step a, Step b, Step c, Step d, Step e, Site at = default) => new AllOf<Nothing>(this, at, [a, b, c, d, e], static () => default);

    /// <inheritdoc cref="All(Step, Step, Site)"/>
    protected Step All(Step a, Step b, Step c, Step d, Step e, Step f, Site at = default) => new AllOf<Nothing>(this, at, [a, b, c, d, e, f], static () => default);

    /// <inheritdoc cref="All(Step, Step, Site)"/>
    protected Step All(Step a, Step b, Step c, Step d, Step e, Step f, Step g, Site at = default) => new AllOf<Nothing>(this, at, [a, b, c, d, e, f, g], static () => default);

    /// <inheritdoc cref="All(Step, Step, Site)"/>
    protected Step All(Step a, Step b, Step c, Step d, Step e, Step f, Step g, Step h, Site at = default) => new AllOf<Nothing>(this, at, [a, b, c, d, e, f, g, h], static () => default);

    /// <summary>
    /// Runs prepared steps, at most <paramref name="parallel"/> at a time; results in their order. If one fails no further one starts, those that run
    /// are awaited, then the first failure is raised.
    /// </summary>
    /// <param name="parallel">How many at once; 8 unless said otherwise.</param>
    protected Step<IReadOnlyList<T>> All<T>(IEnumerable<Step<T>> steps, int parallel = DefaultParallel, Site at = default) =>
        new Each<T>(this, "all", at, steps, AtLeastOne(parallel));

    /// <inheritdoc cref="All{T}(IEnumerable{Step{T}}, int, Site)"/>
    protected Step All(IEnumerable<Step> steps, int parallel = DefaultParallel, Site at = default) =>
        new EachDone(this, "all", at, steps, AtLeastOne(parallel));

    /// <summary>
    /// Does the same with every item, at most <paramref name="parallel"/> at a time; results in item order. If one fails no further item starts, those
    /// that run are awaited, then the first failure is raised. Time and journal grow linearly; memory holds the running items and the results.
    /// </summary>
    /// <param name="items">Read lazily, once.</param>
    /// <param name="body">A step for the item, or an async lambda with several.</param>
    /// <param name="parallel">How many at once; 8 unless said otherwise, 1 for one after the other.</param>
    protected Step<IReadOnlyList<TResult>> ForEach<TItem, TResult>(IEnumerable<TItem> items, Func<TItem, Step<TResult>> body, int parallel = DefaultParallel, Site at = default) =>
        new Each<TResult>(this, "for-each", at, items.Select(body), AtLeastOne(parallel));

    /// <inheritdoc cref="ForEach{TItem, TResult}"/>
    protected Step ForEach<TItem>(IEnumerable<TItem> items, Func<TItem, Step> body, int parallel = DefaultParallel, Site at = default) =>
        new EachDone(this, "for-each", at, items.Select(body), AtLeastOne(parallel));

    /// <summary>
    /// As <c>ForEach</c>, but a step's failure is the item's result and the others go on. Any other exception of the body is a bug of the playbook and ends it.
    /// </summary>
    /// <param name="tolerate">With more failures than this, no further item starts and <see cref="ItemsFailed"/> is raised; any number unless said.</param>
    protected Step<IReadOnlyList<ItemResult<TResult>>> TryForEach<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, Step<TResult>> body, int parallel = DefaultParallel, int? tolerate = null, Site at = default) =>
        new TryEach<ItemResult<TResult>>(this, at, items.Select(body), AtLeastOne(parallel), tolerate,
            static (item, step, error) => new ItemResult<TResult>(item, error is null ? ((Step<TResult>)step).Result : default, error));

    /// <inheritdoc cref="TryForEach{TItem, TResult}"/>
    protected Step<IReadOnlyList<ItemResult>> TryForEach<TItem>(
        IEnumerable<TItem> items, Func<TItem, Step> body, int parallel = DefaultParallel, int? tolerate = null, Site at = default) =>
        new TryEach<ItemResult>(this, at, items.Select(body), AtLeastOne(parallel), tolerate, static (item, _, error) => new ItemResult(item, error));

    private static int AtLeastOne(int parallel) => parallel >= 1
        ? parallel
        : throw new ArgumentOutOfRangeException(nameof(parallel), $"parallel: {parallel}: at least one must run at a time.");
}
