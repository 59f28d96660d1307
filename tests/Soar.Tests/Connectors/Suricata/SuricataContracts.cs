using System.Net.Sockets;
using System.Text;
using Soar.Connectors.Suricata;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Suricata;

/// <summary>The file that Suricata writes.</summary>
public sealed class SuricataFileContract : SourceSuite<SuricataConnector, SuricataSettings>
{
    private string Path => System.IO.Path.Combine(Folder.Path, "eve.json");

    protected override SuricataSettings Settings()
    {
        if (!File.Exists(Path)) File.WriteAllText(Path, "");
        return new SuricataSettings { File = Path };
    }

    protected override Task<bool> SendAsync(SuricataSettings settings, int number)
    {
        Eve.Append(Path, Eve.Alert(number));
        return Task.FromResult(true);
    }

    protected override Task SendGarbageAsync(SuricataSettings settings)
    {
        Eve.Append(Path, "{\"timestamp\":\"2026-11-20T08:1\n" + Eve.Flow);
        return Task.CompletedTask;
    }

    protected override IEnumerable<(SuricataSettings Settings, string Field)> Wrong(SuricataSettings good) =>
    [
        (good with { File = null }, "file"), (good with { Socket = "/run/eve.sock" }, "file"), (good with { File = "eve.json" }, "file"), (good with { File = null, Socket = "eve.sock" }, "socket"),
        (good with { SocketMode = "rw" }, "socketMode"),
    ];
}

/// <summary>The socket that it connects to.</summary>
public sealed class SuricataSocketContract : SourceSuite<SuricataConnector, SuricataSettings>
{
    protected override SuricataSettings Settings() => new() { Socket = System.IO.Path.Combine(Folder.Path, "eve.sock") };

    protected override Task<bool> SendAsync(SuricataSettings settings, int number) => SendAsync(settings, Eve.Flow + Eve.Alert(number));

    protected override Task SendGarbageAsync(SuricataSettings settings) => SendAsync(settings, "nonsense\n");

    protected override IEnumerable<(SuricataSettings Settings, string Field)> Wrong(SuricataSettings good) => [(good with { Socket = null }, "file"), (good with { Socket = "/" + new string('x', 120) }, "socket"), (good with { SocketMode = "9" }, "socketMode")];

    private static async Task<bool> SendAsync(SuricataSettings settings, string text)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(settings.Socket!));
        await socket.SendAsync(Encoding.UTF8.GetBytes(text));
        return true;
    }
}
