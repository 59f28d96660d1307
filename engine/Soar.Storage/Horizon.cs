namespace Soar.Storage;

/// <summary>How far somebody sees, as queries ask it, so that counts and pages are right: a TLP, and playbooks by name. The only place where that is written in SQL; who sees how far is not decided here.</summary>
/// <param name="Playbooks">Null: all of them.</param>
public sealed record Horizon(Tlp Clearance, IReadOnlySet<string>? Playbooks)
{
    /// <summary>For whoever owns the store: its own process, and commands on its machine.</summary>
    public static Horizon Everything { get; } = new(Tlp.Red, null);

    public bool Sees(string playbook) => Playbooks?.Contains(playbook) != false;

    /// <summary>A run has the TLP that it was started with, raised by its case's.</summary>
    internal string Runs(string runs) => $"{Labelled($"{runs}.tlp")}{InCase($"{runs}.case_id")}{OfPlaybook($"{runs}.playbook")}";

    internal string Cases(string cases) => Labelled($"{cases}.tlp");

    /// <summary>An alert has its detector's TLP, raised by its case's.</summary>
    internal string Alerts(string alerts) => $"{Labelled($"{alerts}.tlp")}{InCase($"{alerts}.case_id")}";

    // Names of playbooks come from files: quoted, whatever they hold. The plus keeps an index on them out: a page is read in its order, along the index that was chosen for it.
    internal string OfPlaybook(string column) => Playbooks is null ? "" : $" AND +{column} IN ({string.Join(", ", Playbooks.Order(StringComparer.Ordinal).Select(name => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'"))})";

    private string Labelled(string column) => Clearance == Tlp.Red ? "" : $" AND +{column} <= {(int)Clearance}";

    private string InCase(string column) => Clearance == Tlp.Red ? "" : $" AND NOT EXISTS (SELECT 1 FROM cases AS beyond WHERE beyond.id = {column} AND beyond.tlp > {(int)Clearance})";
}
