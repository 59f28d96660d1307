using System.Security.Cryptography;
using Soar.Connectors.Http;

namespace Soar.Connectors.GitHub;

/// <summary>The issues of one repository, with a token or as a GitHub App.</summary>
public sealed record GitHubSettings : HttpServiceSettings
{
    public GitHubSettings() => Address = new Uri("https://api.github.com/");

    [Setting("Owner and name of the repository, for example cert/incidents.")]
    public string Repository { get; init; } = "";

    [Setting("Fine-grained personal access token with the repository permission Issues: read and write. Or app.")]
    public Secret? Token { get; init; }

    [Setting("Client id (or app id) of a GitHub App with the repository permission Issues: read and write. Or token.")]
    public string? App { get; init; }

    [Setting("The app's private key in PEM, as GitHub gives it.")]
    public Secret? PrivateKey { get; init; }

    [Setting("Labels of new issues. GitHub leaves them out where the token's user has no triage rights. Default: none.")]
    public IReadOnlyList<string> Labels { get; init; } = [];

    [Setting("Texts are Markdown: links, images and mentions in them work, also those that an attacker wrote. Default: false, they are shown as they are.")]
    public bool Markdown { get; init; }

    [Setting("How often an issue is looked at while a run waits for a change. Default: 2m.")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMinutes(2);

    internal (string Owner, string Name) Parts => Repository.Split('/') is [var owner, var name] ? (owner, name) : ("", "");

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Parts is not ({ Length: > 0 } owner, { Length: > 0 } name) || !(owner + name).All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.') || name is "." or "..")
            yield return "repository: is missing or not owner/name; write for example cert/incidents";
        if (Token is null == string.IsNullOrEmpty(App))
            yield return "token: one credential is needed and enough; set token, or app and privateKey";
        if (string.IsNullOrEmpty(App) != (PrivateKey is null))
            yield return "privateKey: app and privateKey belong together; set both or neither";
        if (PrivateKey is not null && !IsKey(PrivateKey))
            yield return "privateKey: is no RSA key in PEM; write file:/path of the .pem that GitHub made";
        if (LookEvery < TimeSpan.FromSeconds(15))
            yield return "lookEvery: is too often; write 15s or more";
    }

    private static bool IsKey(Secret pem)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(pem.Reveal());
            return rsa.ExportParameters(includePrivateParameters: true).D is not null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}
