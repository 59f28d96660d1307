using Soar.Connectors;
using Soar.Storage;

namespace Soar.Server.Settings;

/// <summary>What the holders of a role see (<c>sight:</c> of the settings): nothing that does not stand here.</summary>
internal sealed record SightSettings
{
    [Setting("The highest TLP that they see: clear, green, amber, amber+strict or red. Default: clear.")]
    public Tlp Clearance { get; init; } = Tlp.Clear;

    [Setting("Folders of playbooks that they see, with those below; '*' for all, '.' for playbooks that lie in none. Default: none.")]
    public IReadOnlyList<string> See { get; init; } = [];

    [Setting("Folders whose playbooks they may start and steer; they see them too. Default: none.")]
    public IReadOnlyList<string> Run { get; init; } = [];

    [Setting("Folders whose playbooks they may draft, review and publish; they see them too. Default: none.")]
    public IReadOnlyList<string> Edit { get; init; } = [];

    public Grant ToGrant() => new(Clearance, See, Run, Edit);

    public IEnumerable<string> Problems() => See.Concat(Run).Concat(Edit).Where(folder => !IsFolder(folder)).Select(folder => $"'{folder}' is no folder of playbooks: name it as it lies in the playbooks' folder (containment, containment/network), or '*', or '.'");

    public static bool IsFolder(string folder) =>
        folder is "*" or "." || (folder.Length is > 0 and <= 200 && !folder.Contains('\\') && folder.Split('/').All(part => part.Trim().Length > 0 && part is not ("." or "..")));
}
