using Soar.Server.Credentials;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Storage;
using Soar.Testing;

namespace Soar.Server.Tests.Crash;

/// <summary><c>kill -9</c> of the real server while it encrypts two hundred credentials anew.</summary>
public sealed class CredentialKillTests : IDisposable
{
    private const int Many = 200;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Killed_at_any_instant_of_a_rotation_every_credential_opens_and_the_next_rotation_completes_it()
    {
        folder.File("first.key", KeyRing.NewKey());
        folder.File("second.key", KeyRing.NewKey());
        var settings = folder.File("soar.yaml", "credentials: { key: \"file:first.key\" }\n");
        await using var soar = new SoarProcess(folder.Path, settings);
        await soar.StartAsync();
        for (var i = 0; i < Many; i++) Assert.NotNull(await soar.TryCallAsync(Calls.SetCredential, new SetCredentialCall($"c{i}", $"c4nary-{i}", "ana")));

        // The server takes the new key up by itself: the settings' keys are read again for a rotation.
        folder.File("soar.yaml", "credentials: { key: \"file:second.key\", oldKeys: [\"file:first.key\"] }\n");
        foreach (var share in new[] { 1, 60, 150 })
        {
            var rotating = soar.TryCallAsync(Calls.RotateCredentials, new RotateCredentialsCall("ana"));
            while (await AnewAsync(soar) < share && !rotating.IsCompleted) await Task.Yield();
            await soar.KillAsync();
            await rotating;
            await OpensAsync(soar);
            await soar.StartAsync();
        }

        Assert.NotNull(await soar.TryCallAsync(Calls.RotateCredentials, new RotateCredentialsCall("ana")));
        Assert.Equal(Many, await AnewAsync(soar));
        folder.File("soar.yaml", "credentials: { key: \"file:second.key\" }\n");
        await OpensAsync(soar);
    }

    private KeyRing Keys() => SettingsFile.Keys(Path.Combine(folder.Path, "soar.yaml"));

    private async Task<int> AnewAsync(SoarProcess soar)
    {
        await using var reader = SoarDatabase.OpenReader(Path.Combine(soar.Store, "soar.db"), new StorageOptions(), TimeProvider.System);
        return (await new CredentialStore(reader).ListAsync()).Count(row => Keys().IsCurrent(row.Sealed));
    }

    private async Task OpensAsync(SoarProcess soar)
    {
        await using var reader = SoarDatabase.OpenReader(Path.Combine(soar.Store, "soar.db"), new StorageOptions(), TimeProvider.System);
        var rows = await new CredentialStore(reader).ListAsync();
        Assert.Equal(Many, rows.Count);
        Assert.All(rows, row => Assert.Equal($"c4nary-{row.Name[1..]}", Keys().Open(CredentialVault.PurposeOf(row.Name), row.Sealed)));
    }
}
