using Soar.Runs;

namespace Soar.Storage.Tests;

/// <summary>The conformance suite on SQLite.</summary>
public sealed class SqliteRunStoreTests : RunStoreConformance
{
    private readonly TestFolder folder = new();
    private SoarDatabase database = null!;

    protected override Task<IRunStore> OpenAsync()
    {
        database = SoarDatabase.Open(folder.Database, new StorageOptions(), new StandingClock());
        return Task.FromResult<IRunStore>(new RunStore(database));
    }

    protected override IRunStore Another() => new RunStore(database);

    protected override async Task CloseAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }
}
