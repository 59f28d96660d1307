using Soar.Storage;

namespace Soar.Server.Credentials;

// Arguments of the calls that change credentials (Node/Calls.cs), and what they answer. A value goes in and never out; none is put on record.

internal sealed record SetCredentialCall(string Name, string Value, string By)
{
    public override string ToString() => $"credential {Name}";
}

internal sealed record RemoveCredentialCall(string Name, string By);

internal sealed record RotateCredentialsCall(string By);

/// <param name="By">The place in the settings.</param>
/// <param name="First">The first time since the process began, or since it has this value.</param>
internal sealed record UseCredentialCall(string Name, string By, DateTimeOffset At, bool First);

/// <param name="Key">Which key it is encrypted under; of the key it tells nothing.</param>
/// <param name="Version">One more with each new value.</param>
/// <param name="SealedAt">When it was encrypted last: by a new value, or by a rotation.</param>
/// <param name="References">Places of the settings in use that refer to it.</param>
internal sealed record CredentialView(string Name, long Version, string SetBy, DateTimeOffset SetAt, DateTimeOffset SealedAt, string Key, IReadOnlyList<CredentialView.Use> Uses, IReadOnlyList<string> References)
{
    public static CredentialView Of(Credential row, IReadOnlyList<CredentialUse> uses, IReadOnlyList<string> references) =>
        new(row.Name, row.Version, row.SetBy, row.SetAt, row.SealedAt, KeyRing.KeyOf(row.Sealed), [.. uses.Select(use => new Use(use.UsedBy, use.UsedAt))], references);

    /// <param name="By">The place in the settings: <c>connectors.edge.token</c>.</param>
    /// <param name="At">Last, to the minute.</param>
    internal sealed record Use(string By, DateTimeOffset At);
}

/// <param name="Key">The key under which everything is now.</param>
/// <param name="LinkKey">The key of mails' links was encrypted anew too.</param>
/// <param name="Left">What could not be opened, and is as it was.</param>
internal sealed record Rotation(string Key, int Credentials, int Authenticators, bool LinkKey, IReadOnlyList<string> Left);
