using Soar.Capabilities;

namespace Soar.Connectors.Ldap;

/// <summary>
/// Our note at an account that we disabled: whose it is and what was before, for the inverse and for the people who look at the account. Written and
/// removed in the same change as the disabling itself. Somebody who removes it takes the account over: then it is not ours to enable.
/// </summary>
internal sealed record DirectoryNote(string Key, string Before, string Text)
{
    public const string Enabled = "enabled";
    private const string Mark = "soar:";
    private const string Rest = ", before: ";

    public static DirectoryNote Write(IdempotencyKey key, string before, DateTimeOffset now) =>
        new(key.Value, before, $"{Mark}{key} disabled this account on {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z{Rest}{before}");

    public static DirectoryNote? Find(IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            var (blank, rest) = (value.IndexOf(' '), value.LastIndexOf(Rest, StringComparison.Ordinal));
            if (value.StartsWith(Mark, StringComparison.Ordinal) && blank > Mark.Length && rest > blank)
                return new DirectoryNote(value[Mark.Length..blank], value[(rest + Rest.Length)..], value);
        }
        return null;
    }
}
