namespace Soar.Connectors.Http;

/// <summary>A web service that playbooks may call, with the credential that goes with it.</summary>
public sealed record HttpSettings : HttpServiceSettings
{
    [Setting("Bearer token.")]
    public Secret? Token { get; init; }

    [Setting("User for HTTP Basic.")]
    public string? User { get; init; }

    [Setting("Password for HTTP Basic.")]
    public Secret? Password { get; init; }

    [Setting("Name of the header that carries the key, for example X-Api-Key.")]
    public string? KeyHeader { get; init; }

    [Setting("Value of that header.")]
    public Secret? Key { get; init; }

    [Setting("Path that soar's connection test GETs. Default: the base address.")]
    public string TestPath { get; init; } = "";

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (string.IsNullOrEmpty(User) != (Password is null))
            yield return "password: user and password belong together; set both or neither";
        if (string.IsNullOrEmpty(KeyHeader) != (Key is null))
            yield return "key: keyHeader and key belong together; set both or neither";
        if (KeyHeader is not null && !KeyHeader.All(character => char.IsAsciiLetterOrDigit(character) || character == '-'))
            yield return "keyHeader: is not a header's name";
        if (new object?[] { Token, Password, Key }.Count(secret => secret is not null) > 1)
            yield return "token: one credential is enough; set token, or user and password, or keyHeader and key";
    }
}
