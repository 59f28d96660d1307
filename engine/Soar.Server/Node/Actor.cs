namespace Soar.Server.Node;

/// <summary>Who makes a call, and from where; the audit says so.</summary>
/// <param name="Name">The one who is logged in. Null: the call itself says who (<c>By</c>), because whoever reaches the owner's socket owns the store, or because nobody is logged in yet.</param>
/// <param name="Origin"><c>command line</c>, or the other side's address, with the token's name where a token was shown.</param>
internal sealed record Actor(string? Name, string Origin)
{
    public static Actor CommandLine { get; } = new(null, "command line");
}
