namespace Soar.Connectors.Ssh;

/// <summary>What ssh itself says when there is no session.</summary>
internal static class SshWords
{
    private static readonly string[] NoConnection =
    [
        "Connection refused", "Connection timed out", "Could not resolve hostname", "No route to host", "Network is unreachable", "Connection reset by peer", "kex_exchange_identification",
        "Operation timed out",
    ];

    private static readonly string[] NoAccess =
        ["Permission denied", "Host key verification failed", "No ED25519 host key is known", "REMOTE HOST IDENTIFICATION HAS CHANGED", "Too many authentication failures", "Load key", "bad permissions"];

    // Of a log at DEBUG1, lines that tell no trouble.
    private static readonly string[] Chatter = ["^", "debug", "Warning: Permanently", "OpenSSH_", "Authenticated to", "Transferred:", "Bytes per second"];

    /// <summary>It never got there.</summary>
    public static bool NeverConnected(string words) => NoConnection.Any(words.Contains);

    /// <summary>It got there, and one of the two did not want the other.</summary>
    public static bool NeverAllowed(string words) => NoAccess.Any(words.Contains);

    /// <summary>Its words as one bounded line.</summary>
    public static string Line(string errors)
    {
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !Chatter.Any(chatter => line.StartsWith(chatter, StringComparison.Ordinal)));
        var text = string.Concat(string.Join(" / ", lines).Where(character => !char.IsControl(character)));
        return text.Length > 400 ? text[..400] + "…" : text;
    }
}
