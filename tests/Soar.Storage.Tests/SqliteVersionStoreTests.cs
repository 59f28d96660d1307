using Dapper;

namespace Soar.Storage.Tests;

public sealed class SqliteVersionStoreTests : VersionStoreConformance
{
    private readonly SoarDatabase database = SoarDatabase.OpenForTests(new StandingClock());

    protected override Task<SoarDatabase> OpenAsync() => Task.FromResult(database);

    protected override Task CloseAsync() => database.DisposeAsync().AsTask();

    [Fact]
    public async Task A_text_that_was_tampered_with_is_not_given_out()
    {
        var store = new VersionStore(database);
        await store.PublishAsync([new NewVersion("block", "1.0.0", "block.csx", "one", "ana", null, null, "", 0)], "ana", Some.Noon);
        await database.WriteAsync(session => session.Connection.Execute("UPDATE published_versions SET source = 'other'"));
        Assert.Equal("SOAR3040", (await Assert.ThrowsAsync<SoarException>(() => store.FindAsync("block", "1.0.0"))).Code);
        Assert.Equal("SOAR3040", (await Assert.ThrowsAsync<SoarException>(() => store.CurrentAsync())).Code);
    }
}
