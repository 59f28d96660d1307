using Soar.Connectors;
using Soar.Server.Credentials;

namespace Soar.Server.Settings;

/// <summary><c>credentials:</c> of the settings: the key under which secrets lie in the store.</summary>
internal sealed record CredentialSettings
{
    [Setting("The key under which credentials and authenticators' secrets are encrypted in the store: 32 bytes in Base64 or hexadecimal, as file:/path or env:NAME ('soar credentials key <file>' makes one). Keep a copy apart from the backups: without it what is encrypted is lost. Default: none, then nothing secret is kept.")]
    public Secret? Key { get; init; }

    [Setting("Keys that were used before: they open what 'soar credentials rotate' has not encrypted anew yet. Default: none.")]
    public IReadOnlyList<Secret> OldKeys { get; init; } = [];

    public IEnumerable<string> Problems()
    {
        if (Key is not null && KeyRing.Read(Key.Reveal()) is null) yield return "key: is no key of 32 bytes in Base64 or hexadecimal; 'soar credentials key <file>' makes one";
        if (OldKeys.Any(key => KeyRing.Read(key.Reveal()) is null)) yield return "oldKeys: holds one that is no key of 32 bytes in Base64 or hexadecimal";
    }
}
