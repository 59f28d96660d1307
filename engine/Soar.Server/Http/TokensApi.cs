using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/tokens</c>: one's own tokens, for programs.</summary>
internal static class TokensApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("/api/tokens").WithTags("tokens");
        tokens.MapGet("", ListAsync).Needs(Permission.ManageTokens).WithSummary("One's own tokens, without their values, and the scopes there are.");
        tokens.MapPost("", AddAsync).Needs(Permission.ManageTokens).WithSummary("Makes a token. The answer holds its value; it is shown this once.");
        tokens.MapDelete("/{id:guid}", RevokeAsync).Needs(Permission.ManageTokens).WithSummary("Takes a token back.");
    }

    /// <param name="Scopes">Names of permissions; the token may do no more than its owner may.</param>
    /// <param name="Days">It expires after so many days. Default 90, at most 366.</param>
    /// <param name="Sight">What it is narrowed to: of what its owner sees it sees no more than this. Null = all of it.</param>
    /// <param name="Source">The one source that it sends alerts for (POST /api/alerts); null = any.</param>
    internal sealed record NewToken(string Name, IReadOnlyList<string> Scopes, int Days = 90, string? Source = null, Grant? Sight = null);

    internal sealed record TokenView(Guid Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt, string? Source, Grant? Sight);

    internal sealed record TokenList(IReadOnlyList<TokenView> Tokens, IReadOnlyList<string> Scopes);

    private static async Task<Ok<TokenList>> ListAsync(Caller caller, NodeReader reader) =>
        TypedResults.Ok(new TokenList([.. (await reader.Accounts.TokensAsync(caller.User.Id)).Select(View)], Logins.Scopes));

    private static async Task<Created<MadeToken>> AddAsync(NewToken body, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        var expires = node.Clock.GetUtcNow() + TimeSpan.FromDays(Math.Clamp(body.Days, 0, 10_000));
        var made = (MadeToken)(await node.HandleAsync(Calls.AddToken, Calls.With(new AddTokenCall(caller.Name, body.Name, body.Scopes, expires, caller.Name, body.Source, body.Sight)), caller.Actor, Unheard, cancellation))!;
        return TypedResults.Created($"/api/tokens/{made.Id}", made);
    }

    private static async Task<NoContent> RevokeAsync(Guid id, Caller caller, SoarNode node, CancellationToken cancellation)
    {
        await node.HandleAsync(Calls.RevokeToken, Calls.With(new RevokeTokenCall(caller.Name, id, caller.Name)), caller.Actor, Unheard, cancellation);
        return TypedResults.NoContent();
    }

    private static TokenView View(ApiToken token) => new(token.Id, token.Name, token.Scopes, token.CreatedAt, token.ExpiresAt, token.UsedAt, token.Source, token.Sight);

    private static Task Unheard(object _) => Task.CompletedTask;
}
