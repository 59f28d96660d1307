using Soar.Connectors.Sockets;

namespace Soar.Connectors.Clamd;

/// <summary>A ClamAV daemon.</summary>
public sealed record ClamdSettings : IValidatedSettings
{
    [Setting("Unix socket of clamd on this machine, for example /run/clamav/clamd.ctl. Default: none, then host is needed.")]
    public string? Socket { get; init; }

    [Setting("Name or address of the machine with clamd (TCPSocket). The bytes travel unencrypted: this machine or a network of its own only.")]
    public string? Host { get; init; }

    [Setting("TCP port of clamd. Default: 3310.")]
    public int Port { get; init; } = 3310;

    [Setting("Largest artifact in bytes; set clamd's StreamMaxLength, MaxFileSize and MaxScanSize at least as high. Default: 104857600 (100 MiB).")]
    public long MaxBytes { get; init; } = 100 * 1024 * 1024;

    [Setting("Time for the connection. Default: 5s.")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    [Setting("Time for one scan, sending included. Default: 2m.")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    public IEnumerable<string> Problems()
    {
        if (string.IsNullOrEmpty(Socket) == string.IsNullOrEmpty(Host))
            yield return "socket: set either socket or host";
        if (!string.IsNullOrEmpty(Socket) && !Path.IsPathFullyQualified(Socket))
            yield return $"socket: '{Socket}' is no absolute path";
        if (!string.IsNullOrEmpty(Host) && Host.Any(char.IsWhiteSpace))
            yield return $"host: '{Host}' is not a host name or address";
        if (Port is < 1 or > 65535)
            yield return $"port: {Port} is no TCP port";
        if (MaxBytes is < 1 or > uint.MaxValue)
            yield return "maxBytes: write a number of bytes from 1 to 4294967295";
        if (ConnectTimeout <= TimeSpan.Zero)
            yield return "connectTimeout: must be longer than nothing";
        if (Timeout <= TimeSpan.Zero)
            yield return "timeout: must be longer than nothing";
    }

    internal LinkTarget Target => string.IsNullOrEmpty(Socket) ? new LinkTarget { Host = Host ?? "", Port = Port } : new LinkTarget { UnixSocket = Socket };
}
