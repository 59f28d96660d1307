using System.Text.Json;
using Soar.Capabilities;
using Soar.Server.Commands;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Credentials;

/// <summary>
/// A command's way to the credentials: the process that owns the store, or the store itself. It needs no settings that can be used, because settings that refer to a credential which is not set yet cannot be.
/// </summary>
internal static class CredentialLine
{
    public static async Task<JsonElement> CallAsync(CommandContext context, string call, object arguments, CancellationToken cancellation)
    {
        if (await OwnerClient.ConnectAsync(context.Workspace.Socket, cancellation) is { } owner)
        {
            await using (owner) return await OwnerClient.CallAsync(owner, call, arguments, _ => Task.CompletedTask, cancellation);
        }

        context.Workspace.MakeStore();
        await using var opened = SoarDatabase.Open(SoarNode.DatabaseOf(context.Workspace), new StorageOptions(), context.Clock);
        var vault = new CredentialVault(new CredentialStore(opened), () => SettingsFile.Keys(context.Workspace.SettingsPath), CredentialValues.None, context.Workspace, context.Clock);
        await using var trail = new AuditTrail(new AuditStore(opened), context.Workspace.Store, context.Clock);
        object? done = null;
        string? refusal = null;
        try
        {
            done = await DoAsync(vault, call, arguments, cancellation);
            return JsonSerializer.SerializeToElement(done, SoarJson.Options);
        }
        catch (SoarException refused)
        {
            refusal = AuditTrail.Refusal(refused);
            throw;
        }
        finally
        {
            await trail.RecordAsync(call, JsonSerializer.SerializeToElement(arguments, SoarJson.Options), Actor.CommandLine, done, refusal);
        }
    }

    private static async Task<object> DoAsync(CredentialVault vault, string call, object arguments, CancellationToken cancellation) => (call, arguments) switch
    {
        (Calls.SetCredential, SetCredentialCall set) => await vault.SetAsync(set),
        (Calls.RemoveCredential, RemoveCredentialCall remove) => await vault.RemoveAsync(remove),
        (Calls.RotateCredentials, _) => await vault.RotateAsync(cancellation),
        (Calls.UseCredential, UseCredentialCall use) => await vault.UsedAsync(use),
        _ => throw new InvalidOperationException($"{call} is no call about credentials"),
    };
}
