using Soar.Connectors.Sockets;

namespace Soar.Connectors.Imap;

/// <summary>How the connection to an IMAP server is secured. Without TLS none is made: every one begins with a password.</summary>
public enum ImapTls
{
    /// <summary>TLS from the first byte (port 993).</summary>
    Implicit,

    /// <summary>Begins in plain text and must switch to TLS (port 143). A server that does not offer it is refused.</summary>
    StartTls,
}

/// <summary>Where an account's mail lies.</summary>
internal sealed record ImapServer
{
    public required string Host { get; init; }
    public required int Port { get; init; }
    public ImapTls Tls { get; init; } = ImapTls.Implicit;
    public string? CaFile { get; init; }
    public required string User { get; init; }
    public required Secret Password { get; init; }

    /// <summary>For the connection with its TLS handshake.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For the answer to each command.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For one whole mail.</summary>
    public TimeSpan MailTimeout { get; init; } = TimeSpan.FromMinutes(4);

    public LinkTarget Target => new() { Host = Host, Port = Port, Tls = Tls == ImapTls.Implicit, CaFile = CaFile };

    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>A folder that was opened.</summary>
/// <param name="Validity">UIDs count only together with it: another one means that all of them were given anew.</param>
/// <param name="Next">Mails that come later have this UID or a higher one.</param>
internal sealed record ImapFolder(string Name, uint Validity, uint Next, uint Count);

/// <summary>A folder as the server lists it.</summary>
internal sealed record ImapListed(string Name, IReadOnlySet<string> Attributes)
{
    public bool Openable => !Attributes.Contains("\\noselect") && !Attributes.Contains("\\nonexistent");

    /// <summary>Shows what lies in other folders.</summary>
    public bool Virtual => Attributes.Contains("\\all") || Attributes.Contains("\\flagged") || Attributes.Contains("\\important");
}

/// <summary>Where a mail lies after it was moved, as the server told (UIDPLUS); null where it did not.</summary>
internal sealed record ImapMoved(uint Validity, uint Uid);
