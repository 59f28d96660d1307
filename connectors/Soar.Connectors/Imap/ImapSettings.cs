namespace Soar.Connectors.Imap;

/// <summary>An account whose mail is read.</summary>
public sealed record ImapSettings : IValidatedSettings
{
    [Setting("Mail server's name, as its certificate says it.")]
    public string Host { get; init; } = "";

    [Setting("TCP port. Default: 993 for implicit, 143 for start-tls.")]
    public int Port { get; init; }

    [Setting("implicit or start-tls; never without. Default: implicit.")]
    public ImapTls Tls { get; init; } = ImapTls.Implicit;

    [Setting("PEM file of the CA that signed the server's certificate; replaces the system's CAs. Default: the system's.")]
    public string? CaFile { get; init; }

    [Setting("User of the account, for AUTHENTICATE PLAIN or LOGIN.")]
    public string User { get; init; } = "";

    [Setting("Password of the user.")]
    public Secret? Password { get; init; }

    [Setting("Folder where new mail comes in: searched by default, and watched for answers. Default: INBOX.")]
    public string Folder { get; init; } = "INBOX";

    [Setting("Folder that quarantined mails are moved to, as the server writes it (INBOX.Quarantine with some); made when it is not there. Default: Quarantine.")]
    public string Quarantine { get; init; } = "Quarantine";

    [Setting("Largest mail that is read, in bytes. Default: 67108864 (64 MiB), which is also the most.")]
    public int MaxBytes { get; init; } = LargestMail;

    [Setting("How often a run that awaits an answer looks for it. The server is asked only when something came since, where it offers IDLE. Default: 1m.")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMinutes(1);

    [Setting("Connections at the same time, one more for watching. Default: 4.")]
    public int Connections { get; init; } = 4;

    [Setting("Time for the connection with its TLS handshake. Default: 15s.")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    [Setting("Time for the answer to each command; a whole mail may take eight times as long. Default: 30s.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    private const int LargestMail = 64 * 1024 * 1024; // what Mime.Read takes apart

    public IEnumerable<string> Problems()
    {
        if (Uri.CheckHostName(Host) == UriHostNameType.Unknown)
            yield return "host: is missing or no name; write the mail server's name alone, its port is a setting of its own";
        if (Port is < 0 or > 65535)
            yield return $"port: {Port} is no TCP port; write 1 to 65535, or leave it out";
        if (User.Length == 0)
            yield return "user: is missing; write whose mail is read";
        if (Password is null)
            yield return "password: is missing; write env:NAME or file:/path";
        if (CaFile is not null && !File.Exists(CaFile))
            yield return $"caFile: {CaFile} does not exist";
        foreach (var (name, folder) in new[] { ("folder", Folder), ("quarantine", Quarantine) })
            if (folder.Length == 0 || folder.Any(char.IsControl))
                yield return $"{name}: is empty or has a control character; write the folder's name";
        if (MailFinder.SameFolder(Folder, Quarantine))
            yield return "quarantine: is the folder where new mail comes in; name another one";
        if (MaxBytes is < 10_000 or > LargestMail)
            yield return $"maxBytes: must be 10000 to {LargestMail}";
        if (LookEvery < TimeSpan.FromSeconds(1))
            yield return "lookEvery: must be at least 1s";
        if (Connections is < 1 or > 100)
            yield return "connections: must be 1 to 100";
    }

    internal ImapServer Server() => new()
    {
        Host = Host, Port = Port > 0 ? Port : Tls == ImapTls.StartTls ? 143 : 993, Tls = Tls, CaFile = CaFile, User = User, Password = Password ?? new Secret(""),
        ConnectTimeout = ConnectTimeout, Timeout = Timeout, MailTimeout = 8 * Timeout,
    };
}
