namespace Soar.Connectors.Suricata;

/// <summary>Where Suricata writes its EVE events: a file that is followed, or a Unix socket that it connects to.</summary>
public sealed record SuricataSettings : IValidatedSettings
{
    [Setting("The file that Suricata writes (eve-log, filetype: regular). It is followed over rotations; nothing is lost while Soar is down. Give this or socket.")]
    public string? File { get; init; }

    [Setting("The Unix socket that Suricata connects to (filetype: unix_stream). Soar makes it. What Suricata says while Soar is down is lost: use file where that matters.")]
    public string? Socket { get; init; }

    [Setting("Who may connect to the socket, as octal mode. Default: 660, owner and group.")]
    public string SocketMode { get; init; } = "660";

    [Setting("Take what already stands in the file when it is followed for the first time. Default: false, only what comes then.")]
    public bool ReadExisting { get; init; }

    internal UnixFileMode Mode => (UnixFileMode)Convert.ToInt32(SocketMode, 8);

    public IEnumerable<string> Problems()
    {
        if (string.IsNullOrEmpty(File) == string.IsNullOrEmpty(Socket))
            yield return "file: give the file that Suricata writes, or the socket that it connects to, not both";
        foreach (var (field, path) in new[] { ("file", File), ("socket", Socket) })
            if (!string.IsNullOrEmpty(path) && !Path.IsPathFullyQualified(path))
                yield return $"{field}: {path} is not absolute; write the whole path, for example /var/log/suricata/eve.json";
        if (Socket?.Length > 100)
            yield return "socket: is longer than 100 characters, more than a socket's path may be; choose a shorter one";
        if (SocketMode.Length is < 3 or > 4 || !SocketMode.All(digit => digit is >= '0' and <= '7'))
            yield return $"socketMode: {SocketMode} is no mode; write three octal digits, for example 660";
    }
}
