using System.Net.Sockets;
using Soar.Alerts;
using Soar.Connectors.Alerts;
using Soar.Connectors.Serving;

namespace Soar.Connectors.Suricata;

/// <summary>
/// Hears of Suricata's alerts: from the EVE file that it writes (followed over rotations and restarts), or from a Unix socket that it connects to.
/// </summary>
[Connector("suricata-eve", "Takes the alerts that Suricata writes as EVE JSON, from its file or by a Unix socket.", Proven = "Suricata 7.0.10 on Linux 6.18")]
public sealed class SuricataConnector : IConnector, IAlertSource
{
    private readonly SuricataSettings settings;
    private readonly ConnectorServices services;
    private readonly CancellationTokenSource end = new();
    private Task following = Task.CompletedTask;
    private LogFollower? follower;
    private StreamListener? listener;
    private Opening? opening;

    public SuricataConnector(SuricataSettings settings, ConnectorServices services)
    {
        this.settings = settings;
        this.services = services;
    }

    /// <summary>It has no actions to simulate.</summary>
    public object Simulator => this;

    private string PlaceFile => Path.Combine(services.OwnFolder, "eve-place.json");

    public async Task StartAsync(IAlertIntake intake, CancellationToken cancellation)
    {
        var handOver = new HandOver(intake, services);
        if (!string.IsNullOrEmpty(settings.File))
        {
            follower = new LogFollower(settings.File, PlaceFile, settings.ReadExisting, EveLine.Read, EveLine.Longest, handOver, services);
            following = await follower.StartAsync(end.Token);
            return;
        }
        listener = new StreamListener(Bind, mostConnections: 20, secure: null, (stream, token) => new LineStream(stream, EveLine.Longest, EveLine.Read, handOver).ReadAsync(token),
            (peer, problem) => Log.ConnectionBroke(services.Log, services.Instance, peer, problem), problem => Log.HoldingBack(services.Log, services.Instance, problem), services.Clock);
        opening = new Opening(settings.Socket!, _ =>
        {
            listener.Listen();
            return Task.CompletedTask;
        }, services.Clock);
        await opening.StartAsync(problem => Log.SourceNotServed(services.Log, services.Instance, problem), cancellation);
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation)
    {
        if (settings.Problems().FirstOrDefault() is { } problem)
            return Task.FromResult(new ConnectorTest(false, problem));
        return Task.FromResult(settings.File is { Length: > 0 } file ? OfFile(file) : OfSocket(settings.Socket!));
    }

    public async ValueTask DisposeAsync()
    {
        if (!end.IsCancellationRequested)
            await end.CancelAsync();
        await following.ContinueWith(_ => follower?.Dispose(), TaskScheduler.Default); // it ends by being cancelled
        if (opening is not null)
            await opening.DisposeAsync();
        if (listener is not null)
        {
            await listener.DisposeAsync();
            File.Delete(settings.Socket!);
        }
    }

    private Socket Bind()
    {
        var path = settings.Socket!;
        // One that nobody listens on is left over from a process that was killed.
        if (File.Exists(path) && !Listens(path))
            File.Delete(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, settings.Mode);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool Listens(string path)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static ConnectorTest OfFile(string path)
    {
        try
        {
            using var file = LogFile.Open(path);
            return new ConnectorTest(true, $"{path} can be read; it has {file.Length} bytes. 'soar serve' follows it.");
        }
        catch (FileNotFoundException)
        {
            return Directory.Exists(Path.GetDirectoryName(path))
                ? new ConnectorTest(false, $"{path} is not there yet. Does Suricata run, and write eve-log with filetype regular there? It is followed as soon as it appears.")
                : new ConnectorTest(false, $"The folder of {path} does not exist. Write the path as Suricata's default-log-dir and filename say.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ConnectorTest(false, $"{path} cannot be read: {e.Message.TrimEnd('.')}. Give Soar's user the right to read it (group adm, or an ACL).");
        }
    }

    private static ConnectorTest OfSocket(string path) => Listens(path)
        ? new ConnectorTest(true, $"Soar listens at {path}; Suricata connects by itself within seconds.")
        : new ConnectorTest(false, $"Nobody listens at {path} now. 'soar serve' does.");
}
