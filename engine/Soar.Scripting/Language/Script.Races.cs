namespace Soar.Language;

/// <summary>Several at once, and not all of them are needed.</summary>
public abstract partial class Script
{
    /// <summary>
    /// Runs steps at the same time; the first that succeeds wins, the others are cancelled and their <c>finally</c> blocks awaited. A step that fails does not win;
    /// when all fail, <see cref="ItemsFailed"/> is raised.
    /// </summary>
    protected Step<T> Any<T>(Step<T> a, Step<T> b, Site at = default) => FirstOf([a, b], at);

    /// <inheritdoc cref="Any{T}(Step{T}, Step{T}, Site)"/>
    protected Step<T> Any<T>(Step<T> a, Step<T> b, Step<T> c, Site at = default) => FirstOf([a, b, c], at);

    /// <inheritdoc cref="Any{T}(Step{T}, Step{T}, Site)"/>
    protected Step<T> Any<T>(Step<T> a, Step<T> b, Step<T> c, Step<T> d, Site at = default) => FirstOf([a, b, c, d], at);

    /// <inheritdoc cref="Any{T}(Step{T}, Step{T}, Site)"/>
    protected Step<T> Any<T>(Step<T> a, Step<T> b, Step<T> c, Step<T> d, Step<T> e, Site at = default) => FirstOf([a, b, c, d, e], at);

    /// <inheritdoc cref="Any{T}(Step{T}, Step{T}, Site)"/>
    protected Step<T> Any<T>(Step<T> a, Step<T> b, Step<T> c, Step<T> d, Step<T> e, Step<T> f, Site at = default) => FirstOf([a, b, c, d, e, f], at);

    /// <inheritdoc cref="Any{T}(Step{T}, Step{T}, Site)"/>
    protected Step<T> Any<T>(Step<T> a, Step<T> b, Step<T> c, Step<T> d, Step<T> e, Step<T> f, Step<T> g, Site at = default) => FirstOf([a, b, c, d, e, f, g], at);

    /// <inheritdoc cref="Any{T}(Step{T}, Step{T}, Site)"/>
    protected Step<T> Any<T>(Step<T> a, Step<T> b, Step<T> c, Step<T> d, Step<T> e, Step<T> f, Step<T> g, Step<T> h, Site at = default) => FirstOf([a, b, c, d, e, f, g, h], at);

    /// <inheritdoc cref="Any{T}(Step{T}, Step{T}, Site)"/>
    protected Step<T> Any<T>(IEnumerable<Step<T>> steps, Site at = default) => FirstOf([.. steps], at);

    /// <summary>
    /// As <c>Any</c>, for steps of different kinds: tells which one won (0 for the first). Awaiting the winner again gives its result.
    /// </summary>
    protected Step<int> Any(Step a, Step b, Site at = default) => IndexOfFirst([a, b], at);

    /// <inheritdoc cref="Any(Step, Step, Site)"/>
    protected Step<int> Any(Step a, Step b, Step c, Site at = default) => IndexOfFirst([a, b, c], at);

    /// <inheritdoc cref="Any(Step, Step, Site)"/>
    protected Step<int> Any(Step a, Step b, Step c, Step d, Site at = default) => IndexOfFirst([a, b, c, d], at);

    /// <inheritdoc cref="Any(Step, Step, Site)"/>
    protected Step<int> Any(Step a, Step b, Step c, Step d, Step e, Site at = default) => IndexOfFirst([a, b, c, d, e], at);

    /// <inheritdoc cref="Any(Step, Step, Site)"/>
    protected Step<int> Any(Step a, Step b, Step c, Step d, Step e, Step f, Site at = default) => IndexOfFirst([a, b, c, d, e, f], at);

    /// <inheritdoc cref="Any(Step, Step, Site)"/>
    protected Step<int> Any(Step a, Step b, Step c, Step d, Step e, Step f, Step g, Site at = default) => IndexOfFirst([a, b, c, d, e, f, g], at);

    /// <inheritdoc cref="Any(Step, Step, Site)"/>
    protected Step<int> Any(Step a, Step b, Step c, Step d, Step e, Step f, Step g, Step h, Site at = default) => IndexOfFirst([a, b, c, d, e, f, g, h], at);

    /// <inheritdoc cref="Any(Step, Step, Site)"/>
    protected Step<int> Any(IEnumerable<Step> steps, Site at = default) => IndexOfFirst([.. steps], at);

    /// <summary>
    /// Runs steps at the same time until <paramref name="n"/> have succeeded, then cancels the others: the results of those that succeeded, in their order.
    /// <see cref="ItemsFailed"/> when too many fail.
    /// </summary>
    protected Step<IReadOnlyList<T>> AtLeast<T>(int n, Step<T> a, Step<T> b, Site at = default) => SomeOf(n, [a, b], at);

    /// <inheritdoc cref="AtLeast{T}(int, Step{T}, Step{T}, Site)"/>
    protected Step<IReadOnlyList<T>> AtLeast<T>(int n, Step<T> a, Step<T> b, Step<T> c, Site at = default) => SomeOf(n, [a, b, c], at);

    /// <inheritdoc cref="AtLeast{T}(int, Step{T}, Step{T}, Site)"/>
    protected Step<IReadOnlyList<T>> AtLeast<T>(int n, Step<T> a, Step<T> b, Step<T> c, Step<T> d, Site at = default) => SomeOf(n, [a, b, c, d], at);

    /// <inheritdoc cref="AtLeast{T}(int, Step{T}, Step{T}, Site)"/>
    protected Step<IReadOnlyList<T>> AtLeast<T>(int n, Step<T> a, Step<T> b, Step<T> c, Step<T> d, Step<T> e, Site at = default) => SomeOf(n, [a, b, c, d, e], at);

    /// <inheritdoc cref="AtLeast{T}(int, Step{T}, Step{T}, Site)"/>
    protected Step<IReadOnlyList<T>> AtLeast<T>(int n, Step<T> a, Step<T> b, Step<T> c, Step<T> d, Step<T> e, Step<T> f, Site at = default) => SomeOf(n, [a, b, c, d, e, f], at);

    /// <inheritdoc cref="AtLeast{T}(int, Step{T}, Step{T}, Site)"/>
    protected Step<IReadOnlyList<T>> AtLeast<T>(int n, Step<T> a, Step<T> b, Step<T> c, Step<T> d, Step<T> e, Step<T> f, Step<T> g, Site at = default) => SomeOf(n, [a, b, c, d, e, f, g], at);

    /// <inheritdoc cref="AtLeast{T}(int, Step{T}, Step{T}, Site)"/>
    protected Step<IReadOnlyList<T>> AtLeast<T>(int n, Step<T> a, Step<T> b, Step<T> c, Step<T> d, Step<T> e, Step<T> f, Step<T> g, Step<T> h, Site at = default) => SomeOf(n, [a, b, c, d, e, f, g, h], at);

    /// <inheritdoc cref="AtLeast{T}(int, Step{T}, Step{T}, Site)"/>
    protected Step<IReadOnlyList<T>> AtLeast<T>(int n, IEnumerable<Step<T>> steps, Site at = default) => SomeOf(n, [.. steps], at);

    /// <summary>As <c>AtLeast</c>, for steps of different kinds: which ones succeeded, in their order (0 for the first).</summary>
    protected Step<IReadOnlyList<int>> AtLeast(int n, Step a, Step b, Site at = default) => IndexesOf(n, [a, b], at);

    /// <inheritdoc cref="AtLeast(int, Step, Step, Site)"/>
    protected Step<IReadOnlyList<int>> AtLeast(int n, Step a, Step b, Step c, Site at = default) => IndexesOf(n, [a, b, c], at);

    /// <inheritdoc cref="AtLeast(int, Step, Step, Site)"/>
    protected Step<IReadOnlyList<int>> AtLeast(int n, Step a, Step b, Step c, Step d, Site at = default) => IndexesOf(n, [a, b, c, d], at);

    /// <inheritdoc cref="AtLeast(int, Step, Step, Site)"/>
    protected Step<IReadOnlyList<int>> AtLeast(int n, Step a, Step b, Step c, Step d, Step e, Site at = default) => IndexesOf(n, [a, b, c, d, e], at);

    /// <inheritdoc cref="AtLeast(int, Step, Step, Site)"/>
    protected Step<IReadOnlyList<int>> AtLeast(int n, Step a, Step b, Step c, Step d, Step e, Step f, Site at = default) => IndexesOf(n, [a, b, c, d, e, f], at);

    /// <inheritdoc cref="AtLeast(int, Step, Step, Site)"/>
    protected Step<IReadOnlyList<int>> AtLeast(int n, Step a, Step b, Step c, Step d, Step e, Step f, Step g, Site at = default) => IndexesOf(n, [a, b, c, d, e, f, g], at);

    /// <inheritdoc cref="AtLeast(int, Step, Step, Site)"/>
    protected Step<IReadOnlyList<int>> AtLeast(int n, Step a, Step b, Step c, Step d, Step e, Step f, Step g, Step h, Site at = default) => IndexesOf(n, [a, b, c, d, e, f, g, h], at);

    /// <inheritdoc cref="AtLeast(int, Step, Step, Site)"/>
    protected Step<IReadOnlyList<int>> AtLeast(int n, IEnumerable<Step> steps, Site at = default) => IndexesOf(n, [.. steps], at);

    private Race<T> FirstOf<T>(Step<T>[] steps, Site at) => new(this, "any", at, steps, 1, winners => steps[winners[0]].Result);

    private Race<int> IndexOfFirst(Step[] steps, Site at) => new(this, "any", at, steps, 1, winners => winners[0]);

    private Race<IReadOnlyList<T>> SomeOf<T>(int n, Step<T>[] steps, Site at) => new(this, "at-least", at, steps, n, winners => [.. winners.Order().Select(i => steps[i].Result)]);

    private Race<IReadOnlyList<int>> IndexesOf(int n, Step[] steps, Site at) => new(this, "at-least", at, steps, n, winners => [.. winners.Order()]);
}
