using System.Diagnostics;

namespace Soar.Lab.Tests.Range;

/// <summary>
/// A real server with a folder of its own. When its start fails half way, what was started by then is ended like everything else: nobody disposes what was never made.
/// </summary>
public abstract class LabServer : IDisposable
{
    private protected LabServer(string name) => Folder = Directory.CreateTempSubdirectory($"soar-{name}-").FullName;

    public string Folder { get; }

    /// <summary>The server, where it is a child of this process.</summary>
    private protected Process? Server { get; set; }

    public virtual void Signal(string signal) => Tools.Must("kill", signal, Server!.Id.ToString());

    public void Dispose()
    {
        End();
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // a child of a server that is just ending may still write
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts it; called by the constructor when the machine has the programs.</summary>
    private protected void Stand(Action start)
    {
        try
        {
            start();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Ends everything that was started, however far that came.</summary>
    private protected virtual void End()
    {
        Tools.End(Server);
        Server = null;
    }

    private protected string In(string name) => Path.Combine(Folder, name);
}
