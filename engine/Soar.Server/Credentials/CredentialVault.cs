using System.Text.RegularExpressions;
using Soar.Connectors;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Credentials;

/// <summary>Sets, removes and re-encrypts what the store keeps sealed. Nothing that it answers holds a value.</summary>
/// <param name="read">The settings' keys, as they are now.</param>
/// <param name="values">What this process has given out.</param>
internal sealed partial class CredentialVault(CredentialStore store, Func<KeyRing> read, CredentialValues values, Workspace workspace, TimeProvider clock)
{
    private const int Longest = 64 * 1024;

    public KeyRing Keys { get; private set; } = read();

    public static string PurposeOf(string credential) => $"credential {credential}";

    /// <summary>What is sealed for a user's authenticator app.</summary>
    public static string AuthenticatorOf(Guid user) => $"authenticator of user {user}";

    /// <summary>The secret of an authenticator app; as it is where it was set before there was a key.</summary>
    public string OpenAuthenticator(Guid user, string kept) => KeyRing.IsSealed(kept) ? Keys.Open(AuthenticatorOf(user), kept) : kept;

    /// <summary>Sets it, or gives it a new value; whoever asks for it from then on gets that.</summary>
    public async Task<CredentialView> SetAsync(SetCredentialCall call)
    {
        if (!Name().IsMatch(call.Name)) throw Unusable($"'{call.Name}' is no name of a credential: a to z, digits and . _ -, at most 64 characters, the first a letter or digit");
        if (call.Value.Length < SecretMask.Shortest) throw Unusable($"the value has fewer than {SecretMask.Shortest} characters, which could not be kept out of logs and journals; have a longer one made");
        if (call.Value.Length > Longest) throw Unusable($"the value has more than {Longest} characters");
        var kept = await store.PutAsync(call.Name, Keys.Seal(PurposeOf(call.Name), call.Value), call.By, clock.GetUtcNow());
        values.Replace(call.Name, call.Value, kept.Version);
        return CredentialView.Of(kept, [], values.ReferencesTo(call.Name));
    }

    /// <summary>Refused while settings that are in use refer to it: nothing could start with them again.</summary>
    public async Task<bool> RemoveAsync(RemoveCredentialCall call)
    {
        if (values.ReferencesTo(call.Name) is { Count: > 0 } places)
            throw new SoarException("SOAR6081", $"The credential {call.Name} is used by {string.Join(", ", places)}. Take it out of soar.yaml first and start soar again.");
        return await store.RemoveAsync(call.Name) ? true : throw new NotFoundException("credential", call.Name, "'soar credentials' lists them.");
    }

    /// <summary>
    /// Encrypts everything anew, each value under a data key of its own and under the key that the settings name now (they are read again for it). One value at a time, each in a commit of its own:
    /// whenever it is cut off, every value opens with the keys that are there, and the next rotation does the rest.
    /// </summary>
    public async Task<Rotation> RotateAsync(CancellationToken cancellation)
    {
        var keys = read();
        _ = keys.Current;
        Keys = keys;
        var (credentials, authenticators, left) = (0, 0, new List<string>());
        foreach (var row in await store.ListAsync())
        {
            cancellation.ThrowIfCancellationRequested();
            if (Again(keys, PurposeOf(row.Name), row.Sealed, left) is { } anew && await store.ResealAsync(row.Name, row.Sealed, anew, clock.GetUtcNow())) credentials++;
        }

        foreach (var (user, secret) in await store.AuthenticatorsAsync())
        {
            cancellation.ThrowIfCancellationRequested();
            if (Again(keys, AuthenticatorOf(user), secret, left) is { } anew && await store.ResealAuthenticatorAsync(user, secret, anew)) authenticators++;
        }

        var linkKey = SealedFile.Reseal(workspace.LinkKey, keys);
        // What was set meanwhile by whoever still had the keys of before is looked at once more.
        foreach (var row in (await store.ListAsync()).Where(row => !keys.IsCurrent(row.Sealed)))
            if (Again(keys, PurposeOf(row.Name), row.Sealed, []) is { } anew) await store.ResealAsync(row.Name, row.Sealed, anew, clock.GetUtcNow());
        return new Rotation(keys.Current, credentials, authenticators, linkKey, left);
    }

    /// <summary>Seals what lies open from before there was a key. How many do still, for want of one.</summary>
    public async Task<int> SealAuthenticatorsAsync()
    {
        var open = (await store.AuthenticatorsAsync()).Where(row => !KeyRing.IsSealed(row.Secret)).ToList();
        if (!Keys.Seals) return open.Count;
        foreach (var (user, secret) in open) await store.ResealAuthenticatorAsync(user, secret, Keys.Seal(AuthenticatorOf(user), secret));
        return 0;
    }

    public Task<bool> UsedAsync(UseCredentialCall call) => store.UsedAsync(call.Name, call.By, call.At);

    public async Task<IReadOnlyList<CredentialView>> ListAsync()
    {
        var uses = (await store.UsesAsync()).ToLookup(use => use.Credential, StringComparer.Ordinal);
        return [.. (await store.ListAsync()).Select(row => CredentialView.Of(row, [.. uses[row.Name]], values.ReferencesTo(row.Name)))];
    }

    // One that cannot be opened any more must not keep the others from being encrypted anew.
    private static string? Again(KeyRing keys, string purpose, string kept, List<string> left)
    {
        try
        {
            return keys.Seal(purpose, KeyRing.IsSealed(kept) ? keys.Open(purpose, kept) : kept);
        }
        catch (SoarException unreadable) when (unreadable.Code is "SOAR3051" or "SOAR3052")
        {
            left.Add(unreadable.Message);
            return null;
        }
    }

    private static SoarException Unusable(string why) => new("SOAR6080", $"This credential cannot be set: {why}.");

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,63}$", RegexOptions.None, 1000)]
    private static partial Regex Name();
}
