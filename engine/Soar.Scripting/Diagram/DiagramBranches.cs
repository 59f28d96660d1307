using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Soar.Scripting;

/// <summary>What kind of way a branch is.</summary>
public enum DiagramBranchKind { True, False, Case, NoCase, Entered, Skipped, Catch, Approved, Refused, Expired, Error, Timeout }

/// <summary>Who notices that a branch was taken.</summary>
public enum DiagramBranchSource
{
    /// <summary>Text inserted into the source: <see cref="DiagramBranch.Probes"/>.</summary>
    Probe,

    /// <summary>The run's own record of the step <see cref="DiagramBranch.StepId"/>; nothing is inserted.</summary>
    Journal,
}

/// <summary>Text to insert before the character at <paramref name="Position"/> of the bare file; <c>{hit}</c> stands for the probe's name.</summary>
/// <param name="Order">Probes are inserted in this order (by position, and where several share one, as the constructs nest).</param>
public readonly record struct DiagramProbe(int Position, string Text, int Order);

/// <summary>One way that a run can take.</summary>
/// <param name="Id">Stable: <c>owner/way</c>, for example <c>if-not-decision-approved/true</c>, <c>foreach-host/skipped</c>, <c>ask/expired</c>.</param>
/// <param name="Owner">The node or group that the branch belongs to.</param>
/// <param name="Label">For people: the condition and its way.</param>
/// <param name="Span">Where the branch begins in the file.</param>
/// <param name="StepId">For <see cref="DiagramBranchSource.Journal"/>: the step whose record tells.</param>
public sealed record DiagramBranch(
    string Id, DiagramBranchKind Kind, string Owner, string Label, DiagramSpan Span, DiagramBranchSource Source, string? StepId, ImmutableArray<DiagramProbe> Probes);

/// <summary>
/// The branches of a playbook, for path coverage: <c>soar test</c> compares them with those that its runs took and draws the difference into the diagram.
/// </summary>
/// <remarks>
/// <para>A tracing build inserts the probes below into the bare text (<see cref="Instrument"/> does it, or the rewriter merges
/// <see cref="DiagramBranch.Probes"/> with its own insertions). <c>{hit}</c> is a method <c>bool Hit(string branch)</c> that notes the
/// branch and returns <c>true</c>. No probe contains a line break and none changes definite assignment, so lines and diagnostics stay; <see cref="Titles"/>
/// gives the steps of the instrumented text the same ids.</para>
/// <list type="table">
/// <item><term><c>if</c>, <c>c ? a : b</c>, <c>l &amp;&amp; await r</c>, <c>l || await r</c></term><description>
/// The condition <c>c</c> (for the operators: the left operand) becomes <c>(((c) &amp;&amp; ({hit}("…/true") || true)) || ({hit}("…/false") &amp;&amp; false))</c>: inserted
/// directly before the first and after the last character of <c>c</c>. The constants keep <c>x is T t</c> definitely assigned on the way where it was. A literal
/// <c>true</c> or <c>false</c> has no branches.</description></item>
/// <item><term><c>case</c> sections</term><description><c>{hit}("…");</c> after the colon of the section's last label. A statement switch without
/// <c>default</c> gets <c>default: {hit}("…/no-case"); break;</c> before its closing brace.</description></item>
/// <item><term>switch expression arms</term><description><c> when {hit}("…")</c> after the pattern; an existing guard <c>when g</c> becomes
/// <c>when (g) &amp;&amp; {hit}("…")</c>. So arms that throw are noted too.</description></item>
/// <item><term><c>foreach</c>, <c>for</c>, <c>while</c></term><description><c>{ bool __soarLoopN = false; </c> before the statement,
/// <c> { __soarLoopN = {hit}("…/entered");</c> after the closing parenthesis of its head and <c> }</c> after the body, <c> if (!__soarLoopN) {hit}("…/skipped"); }</c> after the statement. N is the loop's position.
/// <c>while (true)</c>, <c>for (;;)</c> and <c>do</c> have no branches: their body always runs.</description></item>
/// <item><term><c>catch</c></term><description><c> {hit}("…");</c> after the opening brace of its block.</description></item>
/// <item><term><c>ForEach</c>, <c>TryForEach</c></term><description>Journal: the combinator knows its site and the number of items; zero is <c>skipped</c>, else <c>entered</c>.</description></item>
/// <item><term><c>Ask</c>, <c>Todo</c></term><description>Journal: <c>approved</c>, <c>refused</c>, <c>expired</c> is the kind of the decision that step returned. Without
/// <c>within:</c> there is no <c>expired</c>; an answer that nobody looks at (<c>await Todo(…);</c>) has no branches.</description></item>
/// <item><term>steps inside a <c>try</c> with a <c>catch</c>, or inside <c>TryForEach</c></term><description>Journal: <c>error</c> when the step was delivered as failed or refused.</description></item>
/// <item><term>steps with <c>.Timeout(…)</c>, <c>Receive</c> with <c>within:</c></term><description>Journal: <c>timeout</c> when it was delivered as timed out.</description></item>
/// </list>
/// Several insertions at one position are made in the order of <see cref="DiagramProbe.Order"/>: first the closing texts, of inner constructs before outer ones; then the
/// opening texts, of outer constructs before inner ones.
/// </remarks>
public static class DiagramBranches
{
    /// <summary>All branches, in the order of the text.</summary>
    public static ImmutableArray<DiagramBranch> Of(SyntaxTree tree, CancellationToken cancellation = default) => Diagram.Of(tree, cancellation).Branches;

    /// <summary>All insertions of a set of branches in the order in which they are to be made, each once.</summary>
    public static ImmutableArray<DiagramProbe> Insertions(IEnumerable<DiagramBranch> branches) =>
        [.. branches.SelectMany(branch => branch.Probes).Distinct().OrderBy(probe => probe.Order)];

    /// <summary>The source with all probes in it. Positions shift within lines only.</summary>
    /// <param name="hit">The probe's name, for example <c>global::Soar.Trace.Hit</c>.</param>
    public static string Instrument(string source, IEnumerable<DiagramBranch> branches, string hit)
    {
        var text = new StringBuilder(source.Length + 256);
        var from = 0;
        foreach (var probe in Insertions(branches))
        {
            text.Append(source, from, probe.Position - from).Append(probe.Text.Replace("{hit}", hit, StringComparison.Ordinal));
            from = probe.Position;
        }
        return text.Append(source, from, source.Length - from).ToString();
    }
}
