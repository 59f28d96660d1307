using Microsoft.AspNetCore.Identity;

namespace Soar.Server.Accounts;

/// <summary>The framework's slow hash of passwords (PBKDF2, its current parameters).</summary>
internal static class Passwords
{
    public const int Shortest = 12, Longest = 256;

    private static readonly PasswordHasher<string> Hasher = new();

    // For names that do not exist: what is answered then must take as long as for those that do.
    private static readonly string Nobody = Hasher.HashPassword("", OneTime.Make());

    public static string Hash(string password) => Hasher.HashPassword("", password);

    /// <param name="hash">Null where there is no such user, or no password yet: never right.</param>
    public static bool IsRight(string? hash, string password) => Hasher.VerifyHashedPassword("", hash ?? Nobody, password) != PasswordVerificationResult.Failed && hash is not null;

    /// <summary>What is wrong with a new password; null = nothing. Length is what counts (NIST SP 800-63B): no rules about signs.</summary>
    public static string? Problem(string password, string name) => password switch
    {
        { Length: < Shortest } => $"the password has {password.Length} characters; at least {Shortest} are needed",
        { Length: > Longest } => $"the password has {password.Length} characters; at most {Longest} are possible",
        _ when password.Contains(name, StringComparison.OrdinalIgnoreCase) && name.Length >= 3 => "the password holds the login name",
        _ when password.Distinct().Count() < 5 => "the password repeats the same few characters",
        _ => null,
    };
}
