namespace Soar.Storage;

/// <summary>What somebody was given to see and to do, besides their roles: nothing that is not named here.</summary>
/// <param name="Clearance">The highest TLP that they may see.</param>
/// <param name="See">Folders of playbooks that they see, with those below: <c>containment</c>, <c>*</c> for all, <c>.</c> for what lies in none.</param>
/// <param name="Run">Those whose playbooks they may start and steer; they see them too.</param>
/// <param name="Edit">Those whose playbooks they may draft, review and publish; they see them too.</param>
public sealed record Grant(Tlp Clearance, IReadOnlyList<string> See, IReadOnlyList<string> Run, IReadOnlyList<string> Edit)
{
    public static Grant Nothing { get; } = new(Tlp.Clear, [], [], []);
    public static Grant Everything { get; } = new(Tlp.Red, ["*"], ["*"], ["*"]);

    public bool Sees(string folder) => Covers(See, folder) || MayRun(folder) || MayEdit(folder);
    public bool MayRun(string folder) => Covers(Run, folder);
    public bool MayEdit(string folder) => Covers(Edit, folder);

    /// <summary>Nothing is hidden from them.</summary>
    public bool SeesEverything => Clearance == Tlp.Red && See.Concat(Run).Concat(Edit).Contains("*", StringComparer.Ordinal);

    /// <summary>Both together: roles add up.</summary>
    public Grant With(Grant other) => new(
        Clearance > other.Clearance ? Clearance : other.Clearance, [.. See.Union(other.See, StringComparer.Ordinal)], [.. Run.Union(other.Run, StringComparer.Ordinal)], [.. Edit.Union(other.Edit, StringComparer.Ordinal)]);

    /// <summary>What both allow: a token is never more than its owner.</summary>
    public Grant Within(Grant other) => new(Clearance < other.Clearance ? Clearance : other.Clearance, Both(See, other.See), Both(Run, other.Run), Both(Edit, other.Edit));

    /// <summary>Whoever has this may give that to others, and hold the keys of somebody who has it.</summary>
    public bool Reaches(Grant other) => other.Clearance <= Clearance && other.See.All(Sees) && other.Run.All(MayRun) && other.Edit.All(MayEdit);

    private static bool Covers(IReadOnlyList<string> folders, string folder) =>
        folders.Any(f => f == "*" || f == folder || folder.StartsWith(f + "/", StringComparison.Ordinal));

    private static IReadOnlyList<string> Both(IReadOnlyList<string> some, IReadOnlyList<string> others) =>
        [.. some.Where(f => Covers(others, f)).Union(others.Where(f => Covers(some, f)), StringComparer.Ordinal)];
}
