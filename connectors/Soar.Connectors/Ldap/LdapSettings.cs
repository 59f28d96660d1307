namespace Soar.Connectors.Ldap;

/// <summary>An OpenLDAP directory with the ppolicy overlay.</summary>
public sealed record LdapSettings : DirectorySettings
{
    [Setting("Attribute that holds the login name. Default: uid.")]
    public string LoginAttribute { get; init; } = "uid";

    [Setting("Object class of accounts. Default: person.")]
    public string AccountClass { get; init; } = "person";

    [Setting("DN of the password policy of accounts that name none themselves (ppolicy_default). It must say pwdLockout TRUE, and pwdMustChange TRUE for forced changes. Default: none.")]
    public string? DefaultPolicy { get; init; }

    [Setting("Attribute that takes our note beside its other values. Default: description.")]
    public string MarkAttribute { get; init; } = "description";

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        foreach (var (name, value) in new[] { ("loginAttribute", LoginAttribute), ("accountClass", AccountClass), ("markAttribute", MarkAttribute) })
            if (value.Length == 0 || !value.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.'))
                yield return $"{name}: '{value}' is no name of the schema";
        if (DefaultPolicy is not null && !DefaultPolicy.Contains('='))
            yield return $"defaultPolicy: '{DefaultPolicy}' is no DN";
    }
}
