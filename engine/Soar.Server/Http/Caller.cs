using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary>Who makes a request: a parameter of every handler that acts for somebody. <see cref="Doorkeeper"/> has found it; a handler that takes it is never called without.</summary>
/// <param name="May">Everything the caller may do: the user's permissions, for a token only those it was made for.</param>
/// <param name="Sight">What the caller was given to see, for a token no more than its owner was.</param>
/// <param name="Session">The session's hash; null for a token.</param>
/// <param name="Actor">For <see cref="SoarNode.HandleAsync"/>: the audit's who and from where.</param>
internal sealed record Caller(User User, IReadOnlySet<Permission> May, Grant Sight, string? Session, Actor Actor)
{
    /// <summary>The one source that its token sends alerts for; null = any.</summary>
    public string? Source { get; init; }

    public string Name => User.Name;

    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Caller>());
}
