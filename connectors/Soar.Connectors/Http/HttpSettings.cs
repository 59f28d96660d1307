namespace Soar.Connectors.Http;

/// <summary>A web service that playbooks may call, with the credential that goes with it.</summary>
public sealed record HttpSettings : IValidatedSettings
{
    [Setting("Base address; every path of a playbook is below it.")]
    public Uri? Address { get; init; }

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

    [Setting("The name may resolve to an internal address. Default: false; an address in place of a name is always allowed.")]
    public bool AllowPrivate { get; init; }

    [Setting("PEM file of the CA that signed the server's certificate; replaces the system's CAs. Default: the system's.")]
    public string? CaFile { get; init; }

    [Setting("PEM file of our client certificate. Default: none.")]
    public string? ClientCertificate { get; init; }

    [Setting("PEM file of its key, where the certificate's file does not hold it.")]
    public string? ClientKey { get; init; }

    [Setting("Proxy, for example http://proxy:3128. Default: none.")]
    public Uri? Proxy { get; init; }

    [Setting("Time for a whole call. Default: 20s.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    public IEnumerable<string> Problems()
    {
        if (Address is null || Address.Scheme is not ("https" or "http") || Address.UserInfo.Length > 0 || Address.Query.Length > 0)
            yield return "address: is missing or not http(s)://host/path without user and query";
        else if (Address.Scheme == "http" && (Token ?? Password ?? Key) is not null && !Address.IsLoopback)
            yield return "address: a credential is not sent without TLS; write https";
        if (string.IsNullOrEmpty(User) != (Password is null))
            yield return "password: user and password belong together; set both or neither";
        if (string.IsNullOrEmpty(KeyHeader) != (Key is null))
            yield return "key: keyHeader and key belong together; set both or neither";
        if (KeyHeader is not null && !KeyHeader.All(character => char.IsAsciiLetterOrDigit(character) || character == '-'))
            yield return "keyHeader: is not a header's name";
        if (new object?[] { Token, Password, Key }.Count(secret => secret is not null) > 1)
            yield return "token: one credential is enough; set token, or user and password, or keyHeader and key";
        foreach (var (field, file) in new[] { ("caFile", CaFile), ("clientCertificate", ClientCertificate), ("clientKey", ClientKey) })
            if (file is not null && !File.Exists(file))
                yield return $"{field}: {file} does not exist";
        if (Timeout <= TimeSpan.Zero)
            yield return "timeout: must be longer than nothing";
    }
}
