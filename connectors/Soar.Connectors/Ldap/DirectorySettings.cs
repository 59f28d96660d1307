namespace Soar.Connectors.Ldap;

/// <summary>What every directory needs.</summary>
public abstract record DirectorySettings : IValidatedSettings
{
    [Setting("Server's name, as its certificate says it. Only LDAPS is spoken.")]
    public string Host { get; init; } = "";

    [Setting("TCP port of LDAPS. Default: 636.")]
    public int Port { get; init; } = 636;

    [Setting("PEM file of the CA that signed the server's certificate; replaces the system's CAs. Default: the system's.")]
    public string? CaFile { get; init; }

    [Setting("Service account that Soar logs in with, as DN or user@domain. Give it no more rights than the manual names.")]
    public string User { get; init; } = "";

    [Setting("Password of the service account.")]
    public Secret? Password { get; init; }

    [Setting("DN below which accounts and groups are looked for, for example dc=cert,dc=example.")]
    public string Base { get; init; } = "";

    [Setting("Login names that are never disabled, nor made to change their password: emergency accounts, service accounts. Default: none but our own.")]
    public IReadOnlyList<string> Never { get; init; } = [];

    [Setting("Most accounts or groups that a question may find; more fail it. Default: 1000.")]
    public int MostResults { get; init; } = 1_000;

    [Setting("Entries of one page of an answer. Some servers refuse a larger page than they allow. Default: 200.")]
    public int PageSize { get; init; } = 200;

    [Setting("Time for the connection and for each answer. Default: 10s.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    public virtual IEnumerable<string> Problems()
    {
        if (Host.Length == 0 || Host.Any(char.IsWhiteSpace))
            yield return $"host: '{Host}' is not a host name or address";
        if (Port is < 1 or > 65535)
            yield return $"port: {Port} is no TCP port";
        if (CaFile is not null && !File.Exists(CaFile))
            yield return $"caFile: {CaFile} does not exist";
        if (string.IsNullOrWhiteSpace(User))
            yield return "user: is missing; nothing is asked anonymously";
        if (Password is null)
            yield return "password: is missing; write env:NAME or file:/path";
        if (!Base.Contains('='))
            yield return $"base: '{Base}' is no DN; write for example dc=cert,dc=example";
        if (MostResults is < 1 or > 100_000)
            yield return "mostResults: write 1 to 100000";
        if (PageSize is < 1 or > 10_000)
            yield return "pageSize: write 1 to 10000";
        if (Timeout <= TimeSpan.Zero)
            yield return "timeout: must be longer than nothing";
    }
}
