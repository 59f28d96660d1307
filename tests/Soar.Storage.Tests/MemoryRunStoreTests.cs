using Soar.Runs;
using Soar.Tests.Engine;

namespace Soar.Storage.Tests;

/// <summary>The store in memory that the engine's simulations run on: what it lets pass there must be what a real one does.</summary>
public sealed class MemoryRunStoreTests : RunStoreConformance
{
    private readonly MemoryStore store = new();

    protected override Task<IRunStore> OpenAsync() => Task.FromResult<IRunStore>(store);

    protected override IRunStore Another() => store;

    protected override Task CloseAsync() => Task.CompletedTask;
}
