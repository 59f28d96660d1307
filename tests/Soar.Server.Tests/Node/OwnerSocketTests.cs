using System.Net.Sockets;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Node;

public sealed class OwnerSocketTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_store_whose_path_is_too_long_for_a_socket_is_refused_by_name_and_not_begun()
    {
        var store = Path.Combine(folder.Path, new string('s', 120));
        var refused = await Assert.ThrowsAsync<SoarException>(() => SoarNode.OpenAsync(new Workspace(null, folder.Path, store, folder.Path), TimeProvider.System, CancellationToken.None));
        Assert.Equal("SOAR5005", refused.Code);
        Assert.Contains("Keep the store in a folder with a shorter path", refused.Message);
        Assert.False(Directory.Exists(store));
    }

    /// <summary>A connection that nobody has taken yet stands in the kernel's queue; a full queue refuses, which a command takes for "nobody owns the store".</summary>
    [Fact]
    public async Task Two_hundred_commands_in_the_same_instant_all_find_the_owner()
    {
        var path = Path.Combine(folder.Path, "soar.sock");
        using var gate = new ManualResetEventSlim();
        var owner = new OwnerSocket(path, (_, _, _, _) => { gate.Wait(); return Task.FromResult<object?>(true); }, TimeProvider.System);
        var clients = new List<Socket>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
                clients.Add(client);
                client.Connect(new UnixDomainSocketEndPoint(path)); // throws where the queue is full
            }

            Assert.All(clients, client => Assert.True(client.Connected));
        }
        finally
        {
            gate.Set();
            clients.ForEach(client => client.Dispose());
            await owner.DisposeAsync();
        }
    }
}
