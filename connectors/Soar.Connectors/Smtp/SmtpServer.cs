namespace Soar.Connectors.Smtp;

/// <summary>How the connection to a mail server is secured.</summary>
public enum SmtpTls
{
    /// <summary>None at all: for a relay on this machine or in a network of its own.</summary>
    None,

    /// <summary>Begins in plain text and must switch to TLS (port 587 or 25). A server that does not offer it is refused.</summary>
    StartTls,

    /// <summary>TLS from the first byte (port 465).</summary>
    Implicit,
}

/// <summary>Where and how mail is handed over.</summary>
internal sealed record SmtpServer
{
    public required string Host { get; init; }
    public required int Port { get; init; }
    public SmtpTls Tls { get; init; } = SmtpTls.StartTls;
    public string? CaFile { get; init; }
    public string? User { get; init; }
    public Secret? Password { get; init; }

    /// <summary>What we call ourselves in EHLO.</summary>
    public string Helo { get; init; } = "localhost";

    /// <summary>For the connection with its TLS handshake.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For the answer to each command.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For sending the mail's bytes, per 64 KiB.</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For the answer to the final dot. RFC 5321 §4.5.3.2 asks for 10 minutes: giving up early means an unknown outcome.</summary>
    public TimeSpan FinalTimeout { get; init; } = TimeSpan.FromMinutes(10);

    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>What the server took over: its last answer and the recipients that it refused, with its words.</summary>
internal sealed record SmtpAccepted(string Response, IReadOnlyDictionary<string, string> Refused);

/// <summary>A server's answer, possibly of several lines.</summary>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    public bool Ok => Code is >= 200 and < 300;
    public bool Transient => Code is >= 400 and < 500;

    /// <summary>The answer in one line, as it is shown and kept; bounded, without control characters.</summary>
    public override string ToString()
    {
        var text = string.Join(" / ", Lines);
        text = string.Concat(text.Where(character => !char.IsControl(character)));
        return $"{Code} {(text.Length > 400 ? text[..400] + "…" : text)}";
    }
}
