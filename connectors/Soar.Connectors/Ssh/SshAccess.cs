namespace Soar.Connectors.Ssh;

/// <summary>How the system's ssh reaches a host: by key, and only a host whose key is known.</summary>
public record SshAccess : IValidatedSettings
{
    [Setting("Name or address of the host.")]
    public string Host { get; init; } = "";

    [Setting("TCP port. Default: 22.")]
    public int Port { get; init; } = 22;

    [Setting("User on the host. Default: soar.")]
    public string User { get; init; } = "soar";

    [Setting("File of the private key, readable by Soar only.")]
    public string Key { get; init; } = "";

    [Setting("File with the host's key, as ssh-keyscan prints it. A changed or unknown host key is always refused.")]
    public string KnownHosts { get; init; } = "";

    [Setting("Time for the connection. Default: 10s.")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The place, for messages.</summary>
    internal string Where => $"{User}@{Host}:{Port}";

    public virtual IEnumerable<string> Problems()
    {
        // A word that begins with a hyphen would be an option to ssh.
        if (Host.Length == 0 || !Host.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or ':' or '_') || Host[0] == '-')
            yield return $"host: '{Host}' is not a host name or address";
        if (User.Length == 0 || !User.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_') || User[0] == '-')
            yield return $"user: '{User}' is not a user name";
        if (Port is < 1 or > 65535)
            yield return $"port: {Port} is no TCP port";
        if (!File.Exists(Key))
            yield return $"key: {(Key.Length == 0 ? "is missing" : Key + " does not exist")}; make one with ssh-keygen -t ed25519";
        if (!File.Exists(KnownHosts))
            yield return $"knownHosts: {(KnownHosts.Length == 0 ? "is missing" : KnownHosts + " does not exist")}; make it with ssh-keyscan and compare the fingerprint";
        if (ConnectTimeout < TimeSpan.FromSeconds(1))
            yield return "connectTimeout: must be at least 1s";
    }

    /// <summary>The words for ssh up to the host; what follows is the command. Nobody's own configuration counts, nothing is asked, nothing is forwarded.</summary>
    internal IEnumerable<string> Arguments(params IEnumerable<string> options) =>
    [
        "-F", "none", "-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", $"UserKnownHostsFile={KnownHosts}", "-o", "GlobalKnownHostsFile=none", "-o", "UpdateHostKeys=no",
        "-o", "IdentitiesOnly=yes", "-o", "ForwardAgent=no", "-o", "ClearAllForwardings=yes", "-i", Key, "-p", Port.ToString(), "-l", User, "-o", $"ConnectTimeout={(int)ConnectTimeout.TotalSeconds}",
        // a host that died would otherwise keep the connection hanging
        "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=2", .. options, "--", Host,
    ];
}
