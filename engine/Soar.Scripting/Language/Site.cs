namespace Soar.Language;

/// <summary>
/// Where a step stands in the playbook's source. Every action and combinator takes it as its last, hidden parameter; the compiler fills it in
/// and nobody writes it. The default value (hand-written scripts in tests) falls back to <c>&lt;capability&gt;-&lt;action&gt;</c>.
/// </summary>
public readonly struct Site(int index)
{
    private readonly int number = index + 1;

    internal bool IsKnown => number > 0;

    internal int Index => number - 1;
}

/// <summary>What the compiler knows of a <see cref="Site"/>.</summary>
/// <param name="Id">The step id, unique in the playbook: the slug of its title, or <c>&lt;capability&gt;-&lt;action&gt;[-n]</c>.</param>
/// <param name="Title">What people see; null where the source has no title.</param>
/// <param name="Line">Line in the playbook's file, 1-based.</param>
public sealed record KnownSite(string Id, string? Title, int Line);
