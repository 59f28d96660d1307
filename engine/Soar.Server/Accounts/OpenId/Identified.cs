using System.Text.Json;

namespace Soar.Server.Accounts.OpenId;

/// <summary>Who logged in at a provider, by its own word.</summary>
/// <param name="Issuer">As the token names it, without a last slash.</param>
/// <param name="Name">The login name; null where it says none.</param>
/// <param name="Mail">Only an address that the provider says it has verified.</param>
internal sealed record Identified(string Provider, string Issuer, string Subject, string? Name, string? DisplayName, string? Mail, IReadOnlyList<string> Groups)
{
    private const int MostGroups = 2_000;

    /// <param name="claims">Of the identity token, whose word comes first.</param>
    /// <param name="more">Of the provider's userinfo endpoint; null where it has none.</param>
    public static Identified Of(Provider provider, JsonElement claims, JsonElement? more)
    {
        string? Text(string claim) => Find(claims, claim)?.ToString() is { Length: > 0 } first ? first : more is { } rest && Find(rest, claim)?.ToString() is { Length: > 0 } second ? second : null;
        var groups = Find(claims, provider.Settings.RolesClaim) ?? (more is { } others ? Find(others, provider.Settings.RolesClaim) : null);
        return new Identified(
            provider.Name, provider.Settings.Issuer, IdentityToken.Text(claims, "sub")!, Text(provider.Settings.NameClaim), Text("name"),
            Text("email_verified") is { } verified && verified.Equals("true", StringComparison.OrdinalIgnoreCase) ? Text("email") : null, Several(groups));
    }

    /// <summary>A claim by its name, which may hold dots itself (https://soar.example/groups), or by a path.</summary>
    private static JsonElement? Find(JsonElement claims, string path)
    {
        if (claims.TryGetProperty(path, out var named)) return named;
        var found = claims;
        foreach (var part in path.Split('.'))
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(part, out found)) return null;
        return found;
    }

    private static string[] Several(JsonElement? groups) => groups switch
    {
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Where(g => g.ValueKind == JsonValueKind.String).Select(g => g.GetString()!).Take(MostGroups)],
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        _ => [],
    };
}
