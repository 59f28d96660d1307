using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Server.Accounts;
using Soar.Server.Credentials;
using Soar.Server.Node;

namespace Soar.Server.Http;

/// <summary><c>/api/credentials</c>: what connectors and hooks are given. Values go in and never come out.</summary>
internal static class CredentialsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var credentials = routes.MapGroup("/api/credentials").WithTags("credentials");
        credentials.MapGet("", ListAsync).Needs(Permission.ReadConnectors).WithSummary("Every credential: who set it and when, which place of the settings took it last and when, and which refer to it now. Never a value.");
        credentials.MapPut("/{name}", SetAsync).Needs(Permission.ManageCredentials).WithSummary("Sets a credential, or gives it a new value; connectors take that with their next request. It can never be read again.")
            .Example("""{"value": "a password that only the product and Soar know"}""");
        credentials.MapDelete("/{name}", RemoveAsync).Needs(Permission.ManageCredentials).WithSummary("Removes a credential that no setting in use refers to.");
        credentials.MapPost("/rotate", RotateAsync).Needs(Permission.ManageCredentials).WithSummary("Encrypts everything anew under the key that the settings name now; they are read again for it.");
    }

    /// <param name="Value">6 to 65,536 characters.</param>
    internal sealed record NewValue(string Value)
    {
        public override string ToString() => "•••";
    }

    internal sealed record CredentialList(IReadOnlyList<CredentialView> Credentials);

    private static async Task<Ok<CredentialList>> ListAsync(SoarNode node) => TypedResults.Ok(new CredentialList(await node.Vault.ListAsync()));

    private static async Task<Ok<CredentialView>> SetAsync(string name, NewValue body, Caller caller, SoarNode node, CancellationToken cancellation) =>
        TypedResults.Ok((CredentialView)(await node.HandleAsync(Calls.SetCredential, Calls.With(new SetCredentialCall(name, body.Value, caller.Name)), caller.Actor, Unheard, cancellation))!);

    private static async Task<NoContent> RemoveAsync(string name, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        await node.HandleAsync(Calls.RemoveCredential, Calls.With(new RemoveCredentialCall(name, caller.Name)), caller.Actor, Unheard, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<Rotation>> RotateAsync(Caller caller, SoarNode node, CancellationToken cancellation) =>
        TypedResults.Ok((Rotation)(await node.HandleAsync(Calls.RotateCredentials, Calls.With(new RotateCredentialsCall(caller.Name)), caller.Actor, Unheard, cancellation))!);

    private static Task Unheard(object _) => Task.CompletedTask;
}
