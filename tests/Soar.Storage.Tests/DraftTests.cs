namespace Soar.Storage.Tests;

/// <summary>Drafts of playbooks: two people, one text.</summary>
public sealed class DraftTests : IAsyncLifetime
{
    private readonly StandingClock clock = new();
    private readonly SoarDatabase database;
    private readonly DraftStore drafts;

    public DraftTests()
    {
        database = SoarDatabase.OpenForTests(clock);
        drafts = new DraftStore(database);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;
    public ValueTask DisposeAsync() => database.DisposeAsync();

    private Task<DraftSaved> SaveAsync(int basedOn, string text, string by) => drafts.SaveAsync("block", basedOn, text, by, clock.GetUtcNow());

    [Fact]
    public async Task Nobody_saves_over_what_they_have_not_seen()
    {
        Assert.Null(await drafts.FindAsync("block"));
        Assert.Equal((true, 1), Of(await SaveAsync(0, "one", "ana")));
        Assert.Equal((true, 2), Of(await SaveAsync(1, "two", "ana")));
        var late = await SaveAsync(1, "mine", "bojan");
        Assert.Equal((false, 2), Of(late));
        Assert.Equal(("ana", "two"), (late.Draft!.SavedBy, late.Draft.Source));
        Assert.Equal((false, 2), Of(await SaveAsync(0, "mine", "bojan")));
        Assert.Equal("two", (await drafts.FindAsync("block"))!.Source);
        Assert.Equal((true, 3), Of(await SaveAsync(2, "mine", "bojan")));
        Assert.Null(await drafts.FindAsync("other"));
    }

    [Fact]
    public async Task A_discarded_draft_gives_no_version_twice_so_that_an_old_page_cannot_save_over_a_new_one()
    {
        await SaveAsync(0, "one", "ana");
        Assert.False((await drafts.DiscardAsync("block", 7, "bojan", clock.GetUtcNow())).Saved);
        Assert.True((await drafts.DiscardAsync("block", 1, "bojan", clock.GetUtcNow())).Saved);
        Assert.Null(await drafts.FindAsync("block"));
        Assert.False((await drafts.DiscardAsync("block", 2, "bojan", clock.GetUtcNow())).Saved);
        Assert.False((await SaveAsync(1, "two", "ana")).Saved);
        Assert.Equal((true, 3), Of(await SaveAsync(0, "new", "bojan")));
    }

    [Fact]
    public async Task Of_two_who_save_at_once_one_is_told()
    {
        var saved = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => SaveAsync(0, $"{i}", $"person.{i}")));
        Assert.Single(saved, one => one.Saved);
        Assert.Equal((await drafts.FindAsync("block"))!.SavedBy, saved.Single(one => one.Saved).Draft!.SavedBy);
    }

    private static (bool Saved, int Version) Of(DraftSaved saved) => (saved.Saved, saved.Draft!.Version);
}
