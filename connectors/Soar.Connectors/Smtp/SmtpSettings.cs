namespace Soar.Connectors.Smtp;

/// <summary>A mail server that takes our mail.</summary>
public sealed record SmtpSettings : IValidatedSettings
{
    [Setting("Mail server's name, as its certificate says it.")]
    public string Host { get; init; } = "";

    [Setting("TCP port. Default: 587 for start-tls, 465 for implicit, 25 for none.")]
    public int Port { get; init; }

    [Setting("none, start-tls or implicit. Default: start-tls, and a server without it is refused.")]
    public SmtpTls Tls { get; init; } = SmtpTls.StartTls;

    [Setting("PEM file of the CA that signed the server's certificate; replaces the system's CAs. Default: the system's.")]
    public string? CaFile { get; init; }

    [Setting("User for AUTH PLAIN or LOGIN; needs TLS. Default: no login.")]
    public string? User { get; init; }

    [Setting("Password of the user.")]
    public Secret? Password { get; init; }

    [Setting("Sender address of every mail; its domain makes the Message-IDs.")]
    public EmailAddress? From { get; init; }

    [Setting("Sender's name as people see it. Default: none.")]
    public string FromName { get; init; } = "";

    [Setting("Where answers go. Default: the sender.")]
    public EmailAddress? ReplyTo { get; init; }

    [Setting("PEM file of the certificate that mails are signed with (S/MIME), with its chain if it has one. Default: none, mails are not signed.")]
    public string? SignCertificate { get; init; }

    [Setting("PEM file of its key, where the certificate's file does not hold it.")]
    public string? SignKey { get; init; }

    [Setting("Name that we give in EHLO. Default: the sender's domain.")]
    public string? Helo { get; init; }

    [Setting("Largest mail in bytes, attachments encoded. Default: 26214400 (25 MiB).")]
    public int MaxBytes { get; init; } = 25 * 1024 * 1024;

    [Setting("Time for the connection with its TLS handshake. Default: 15s.")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    [Setting("Time for the answer to each command. Default: 30s.")]
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    [Setting("Time for the answer after the whole mail was sent; giving up early makes the outcome unknown. Default: 10m (RFC 5321).")]
    public TimeSpan FinalTimeout { get; init; } = TimeSpan.FromMinutes(10);

    public IEnumerable<string> Problems()
    {
        if (Uri.CheckHostName(Host) == UriHostNameType.Unknown)
            yield return "host: is missing or no name; write the mail server's name alone, its port is a setting of its own";
        if (Port is < 0 or > 65535)
            yield return $"port: {Port} is no TCP port; write 1 to 65535, or leave it out";
        if (From is null)
            yield return "from: is missing; write the address that mails come from";
        if (FromName.Any(char.IsControl))
            yield return "fromName: has a line break or control character";
        if (!string.IsNullOrEmpty(User) && Tls == SmtpTls.None)
            yield return "user: a password is not sent without TLS; set tls: start-tls or implicit, or remove user and password";
        if (string.IsNullOrEmpty(User) != (Password is null))
            yield return "password: user and password belong together; set both or neither";
        if (CaFile is not null && !File.Exists(CaFile))
            yield return $"caFile: {CaFile} does not exist";
        foreach (var (name, file) in new[] { ("signCertificate", SignCertificate), ("signKey", SignKey) })
            if (file is not null && !File.Exists(file))
                yield return $"{name}: {file} does not exist";
        if (SignKey is not null && SignCertificate is null)
            yield return "signCertificate: is missing; a key alone signs nothing";
        if (MaxBytes < 10_000)
            yield return "maxBytes: must be at least 10000";
    }

    internal SmtpServer Server() => new()
    {
        Host = Host,
        Port = Port > 0 ? Port : Tls switch { SmtpTls.Implicit => 465, SmtpTls.None => 25, _ => 587 },
        Tls = Tls, CaFile = CaFile, User = User, Password = Password,
        Helo = Helo ?? From?.Domain ?? "localhost",
        ConnectTimeout = ConnectTimeout, CommandTimeout = CommandTimeout, FinalTimeout = FinalTimeout,
    };
}
