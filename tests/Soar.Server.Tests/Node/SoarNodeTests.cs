using Soar.Scripting.Jail;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Node;

public sealed class SoarNodeTests : IDisposable
{
    // A detour in the path tells our hosts from those of other tests that run now.
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, ".", "soar.dll");

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_node_that_fails_after_its_hosts_have_started_leaves_no_process_no_socket_and_no_lock()
    {
        var settings = folder.File("soar.yaml", "jail: accept-weaker\nhosts: 2\n");
        var workspace = Workspace.Find(settings, folder.Path, Path.Combine(folder.Path, "store"));
        // A folder where the socket has to be: it is made when the hosts have started.
        var inTheWay = Directory.CreateDirectory(workspace.Socket);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(OpenAsync);
        Assert.Empty(Hosts());

        // What was in the way is gone: the store is nobody's, so that it can be opened, and then there is what was missed above.
        inTheWay.Delete();
        await using (await OpenAsync())
        {
            Assert.Equal(2, Hosts().Count);
            Assert.True(File.Exists(workspace.Socket));
        }

        Assert.Empty(Hosts());
        Assert.False(File.Exists(workspace.Socket), "others would knock at this socket");

        Task<SoarNode> OpenAsync() => SoarNode.OpenAsync(workspace, TimeProvider.System, ChildEntry.ForAssembly(Program), TestContext.Current.CancellationToken);
    }

    /// <summary>Processes that live and were started as a playbook host of this test.</summary>
    private static List<int> Hosts()
    {
        var hosts = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                var words = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
                if (words.Contains(Program) && words.Contains("playbook-host")) hosts.Add(int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
            }
        }

        return hosts;
    }
}
