using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Server.Commands;

namespace Soar.Server.Node;

/// <summary>
/// A command's way to whoever owns the store: the process that does already, over its socket, or this one, which then becomes the owner for as long as the
/// command takes.
/// </summary>
internal abstract class NodeConnection : IAsyncDisposable
{
    public static async Task<NodeConnection> OpenAsync(CommandContext context, CancellationToken cancellation)
    {
        if (await OwnerClient.ConnectAsync(context.Workspace.Socket, cancellation) is { } stream)
        {
            await stream.DisposeAsync();
            return new Remote(context.Workspace.Socket);
        }

        return new Local(await SoarNode.OpenAsync(context.Workspace, context.Clock, cancellation));
    }

    /// <summary>True when this very process owns the store: runs go on only while it lives.</summary>
    public abstract bool IsOwner { get; }

    public abstract Task<JsonElement> CallAsync(string call, object arguments, Func<RunEvent, Task> happened, CancellationToken cancellation);

    public Task<JsonElement> CallAsync(string call, object arguments, CancellationToken cancellation) => CallAsync(call, arguments, _ => Task.CompletedTask, cancellation);

    public abstract ValueTask DisposeAsync();

    private sealed class Remote(string socket) : NodeConnection
    {
        public override bool IsOwner => false;

        public override async Task<JsonElement> CallAsync(string call, object arguments, Func<RunEvent, Task> happened, CancellationToken cancellation)
        {
            await using var stream = await OwnerClient.ConnectAsync(socket, cancellation)
                ?? throw new SoarException("SOAR5003", "The process that owned the store is gone. Try again: this command will then open the store itself.");
            return await OwnerClient.CallAsync(stream, call, arguments, item => happened(item.Deserialize<RunEvent>(SoarJson.Options)!), cancellation);
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Local(SoarNode node) : NodeConnection
    {
        public override bool IsOwner => true;

        public override async Task<JsonElement> CallAsync(string call, object arguments, Func<RunEvent, Task> happened, CancellationToken cancellation)
        {
            var result = await node.HandleAsync(call, JsonSerializer.SerializeToElement(arguments, SoarJson.Options), Actor.CommandLine, item => happened((RunEvent)item), cancellation);
            return JsonSerializer.SerializeToElement(result, SoarJson.Options);
        }

        public override ValueTask DisposeAsync() => node.DisposeAsync();
    }
}
