using System.CommandLine;
using Soar.Storage;

namespace Soar.Server.Commands;

/// <summary>What somebody sees, as options of a command.</summary>
internal sealed class SightOptions
{
    private readonly Option<string?> clearance = new("--clearance") { Description = "The highest TLP that they see: clear, green, amber, amber+strict or red. Default where one of these options is given: clear." };
    private readonly Option<string[]> see = new("--see") { Description = "A folder of playbooks that they see, with those below; '*' for all, '.' for playbooks that lie in none. May be given several times." };
    private readonly Option<string[]> run = new("--run") { Description = "A folder whose playbooks they may start and steer; they see them too. May be given several times." };
    private readonly Option<string[]> edit = new("--edit") { Description = "A folder whose playbooks they may draft, review and publish; they see them too. May be given several times." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { clearance, see, run, edit }) command.Add(option);
    }

    /// <summary>Null when none of them is given.</summary>
    public Grant? Given(CommandContext context)
    {
        var (label, seen, runs, edits) = (context.Parsed.GetValue(clearance), context.Parsed.GetValue(see) ?? [], context.Parsed.GetValue(run) ?? [], context.Parsed.GetValue(edit) ?? []);
        if (label is null && seen.Length + runs.Length + edits.Length == 0) return null;
        var tlp = Tlp.Clear;
        if (label is not null && !TlpLabel.TryParse(label, out tlp)) throw new SoarException("SOAR5001", $"--clearance cannot be '{label}': it is clear, green, amber, amber+strict or red.");
        return new Grant(tlp, seen, runs, edits);
    }
}
