using Soar.Connectors.Ldap;

namespace Soar.Connectors.ActiveDirectory;

/// <summary>A domain of Active Directory.</summary>
public sealed record ActiveDirectorySettings : DirectorySettings
{
    [Setting("Attribute that takes our note as a line of its own. Default: info (shown as Notes).")]
    public string MarkAttribute { get; init; } = "info";

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (MarkAttribute.Length == 0 || !MarkAttribute.All(character => char.IsAsciiLetterOrDigit(character) || character == '-'))
            yield return $"markAttribute: '{MarkAttribute}' is no name of the schema";
    }
}
