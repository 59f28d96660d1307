namespace Soar.Storage.Tests;

/// <summary>What every store of versions and reviews must do. One sealed class per database derives from it.</summary>
public abstract class VersionStoreConformance : IAsyncLifetime
{
    private readonly Ids ids = new(new StandingClock());
    private VersionStore versions = null!;
    private ReviewStore reviews = null!;
    private DraftStore drafts = null!;

    protected abstract Task<SoarDatabase> OpenAsync();

    protected abstract Task CloseAsync();

    public async ValueTask InitializeAsync()
    {
        var database = await OpenAsync();
        versions = new VersionStore(database);
        reviews = new ReviewStore(database, versions);
        drafts = new DraftStore(database);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private static NewVersion Text(string version, string source, string playbook = "block", string author = "ana", string? reviewer = "bojan") =>
        new(playbook, version, $"containment/{playbook}.csx", source, author, reviewer, "0123abc", "why", Tests: 3);

    private async Task<PublishEnd> PublishAsync(string version, string source, string playbook = "block") => Assert.Single(await versions.PublishAsync([Text(version, source, playbook)], "ci", Some.Noon)).End;

    private async Task<string?> CurrentAsync(string playbook = "block") => (await versions.CurrentAsync()).FirstOrDefault(p => p.Playbook == playbook)?.Source;

    [Fact]
    public async Task A_published_version_is_read_back_with_all_that_is_on_record_of_it_and_is_current()
    {
        Assert.Empty(await versions.CurrentAsync());
        Assert.Equal(PublishEnd.Published, await PublishAsync("1.0.0", "Ѓорѓи"));

        var kept = Assert.Single(await versions.ListAsync("block"));
        Assert.Equal(("block", "1.0.0", "containment/block.csx", "ana", "bojan", "0123abc"), (kept.Playbook, kept.Version, kept.File, kept.Author, kept.Reviewer, kept.Commit));
        Assert.Equal(("why", 3, "ci", Some.Noon, true), (kept.Note, kept.Tests, kept.PublishedBy, kept.PublishedAt, kept.Current));
        Assert.Equal(NewVersion.ContentOf("Ѓорѓи"), kept.Content);
        Assert.Equal("Ѓорѓи", (await versions.FindAsync("block", "1.0.0"))!.Source);
        Assert.Equal("Ѓорѓи", await CurrentAsync());
        Assert.Null(await versions.FindAsync("block", "1.0.1"));
        Assert.Empty(await versions.ListAsync("other"));
    }

    [Fact]
    public async Task Another_text_under_a_published_version_is_refused_and_the_same_text_changes_nothing()
    {
        await PublishAsync("1.0.0", "one");
        var refused = Assert.Single(await versions.PublishAsync([Text("1.0.0", "other")], "ci", Some.Noon));
        Assert.Equal((PublishEnd.OtherContent, "ana"), (refused.End, refused.Stands!.Author));
        Assert.Equal(PublishEnd.Unchanged, await PublishAsync("1.0.0", "one"));
        Assert.Equal("one", await CurrentAsync());
        Assert.Single(await versions.TurnsAsync("block"));
    }

    [Fact]
    public async Task Of_a_set_all_are_published_or_none()
    {
        await PublishAsync("1.0.0", "one");
        var ends = await versions.PublishAsync([Text("1.0.0", "first", "notify"), Text("1.0.0", "two")], "ci", Some.Noon);
        Assert.Equal([PublishEnd.Published, PublishEnd.OtherContent], ends.Select(e => e.End));
        Assert.Empty(await versions.ListAsync("notify"));
        Assert.Null(await CurrentAsync("notify"));

        // And where the database itself refuses the second one: its author may not be its reviewer.
        await Assert.ThrowsAsync<SoarException>(() => versions.PublishAsync([Text("1.0.0", "first", "notify"), Text("1.1.0", "two", reviewer: "ana")], "ci", Some.Noon));
        Assert.Empty(await versions.ListAsync("notify"));
        Assert.Equal("one", await CurrentAsync());

        await versions.PublishAsync([Text("1.0.0", "first", "notify"), Text("1.1.0", "two")], "ci", Some.Noon);
        Assert.Equal(("first", "two"), (await CurrentAsync("notify"), await CurrentAsync()));
    }

    [Fact]
    public async Task Going_back_makes_an_old_version_current_and_forgets_nothing()
    {
        await PublishAsync("1.0.0", "one");
        await PublishAsync("1.1.0", "two");
        Assert.True(await versions.TurnToAsync("block", "1.0.0", "goran", Some.Noon.AddHours(1), "it blocks too much"));
        Assert.False(await versions.TurnToAsync("block", "1.0.0", "goran", Some.Noon.AddHours(2), "again"));
        Assert.Equal("one", await CurrentAsync());
        Assert.Equal([("1.1.0", false), ("1.0.0", true)], (await versions.ListAsync("block")).Select(v => (v.Version, v.Current)));

        // The text of a version that was published before is current again: that is what going back by git looks like.
        Assert.Equal(PublishEnd.CurrentAgain, await PublishAsync("1.1.0", "two"));
        Assert.Equal("two", await CurrentAsync());
        Assert.Equal(["published again", "it blocks too much", "published", "published"], (await versions.TurnsAsync("block")).Select(t => t.Reason));
        await Assert.ThrowsAsync<NotFoundException>(() => versions.TurnToAsync("block", "9.0.0", "goran", Some.Noon, ""));
    }

    [Fact]
    public async Task A_withdrawn_playbook_has_no_current_version_until_it_is_published_again()
    {
        await Assert.ThrowsAsync<NotFoundException>(() => versions.TurnToAsync("block", null, "goran", Some.Noon, ""));
        await PublishAsync("1.0.0", "one");
        Assert.True(await versions.TurnToAsync("block", null, "goran", Some.Noon, "not used any more"));
        Assert.Empty(await versions.CurrentAsync());
        Assert.False(Assert.Single(await versions.ListAsync(null)).Current);
        Assert.Equal(PublishEnd.CurrentAgain, await PublishAsync("1.0.0", "one"));
        Assert.Equal("one", await CurrentAsync());
    }

    [Fact]
    public async Task Of_two_who_publish_other_texts_under_one_version_at_once_one_is_told()
    {
        var ends = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => PublishAsync("1.0.0", $"text {i}")));
        Assert.Single(ends, end => end == PublishEnd.Published);
        Assert.Equal(7, ends.Count(end => end == PublishEnd.OtherContent));
        Assert.Single(await versions.ListAsync("block"));
    }

    private async Task<Review> SubmitAsync(string text = "two", string version = "1.1.0", string writer = "ana", string? author = null)
    {
        var stands = await drafts.FindAsync("block");
        var saved = await drafts.SaveAsync("block", stands?.Version ?? 0, text, writer, Some.Noon);
        Assert.True(saved.Saved);
        var change = await reviews.SubmitAsync(ids.Next(), "block", saved.Draft!.Version, version, author ?? writer, "please", tests: 2, Some.Noon);
        Assert.Equal(ReviewEnd.Done, change.End);
        return change.Review!;
    }

    private Task<ReviewChange> PublishAsync(Review review, bool unreviewed = false) => reviews.PublishAsync(review.Id, "containment/block.csx", tests: 4, unreviewed, "ana", Some.Noon.AddHours(1));

    [Fact]
    public async Task A_draft_is_submitted_approved_by_another_and_published_and_is_gone_then()
    {
        await PublishAsync("1.0.0", "one");
        var review = await SubmitAsync();
        Assert.Equal(("block", "1.1.0", "two", "ana", "please", 2, ReviewState.Open), (review.Playbook, review.Version, review.Source, review.Author, review.Note, review.Tests, review.State));
        Assert.Equal(ReviewEnd.NotInHand, (await PublishAsync(review)).End);
        Assert.True(await reviews.CommentAsync(review.Id, "bojan", "why two?", 2, Some.Noon));
        Assert.False(await reviews.CommentAsync(ids.Next(), "bojan", "why?", null, Some.Noon));
        Assert.Equal(new ReviewComment("bojan", Some.Noon, "why two?", 2), Assert.Single(await reviews.CommentsAsync(review.Id)));

        var approved = await reviews.DecideAsync(review.Id, approve: true, "bojan", "fine", Some.Noon);
        Assert.Equal((ReviewEnd.Done, ReviewState.Approved, "bojan", "fine"), (approved.End, approved.Review!.State, approved.Review.Reviewer, approved.Review.Reason));
        var published = await PublishAsync(review);
        Assert.Equal((ReviewEnd.Done, PublishEnd.Published, ReviewState.Published), (published.End, published.Published!.End, published.Review!.State));
        var version = (await versions.ListAsync("block"))[0];
        Assert.Equal(("1.1.0", "ana", "bojan", 4, true), (version.Version, version.Author, version.Reviewer, version.Tests, version.Current));
        Assert.Equal("two", await CurrentAsync());
        Assert.Null(await drafts.FindAsync("block"));
        Assert.Equal(ReviewEnd.NotInHand, (await PublishAsync(review)).End);
        Assert.Empty(await reviews.ListAsync("block", inHand: true, 10));
        Assert.Single(await reviews.ListAsync("block", inHand: false, 10));
    }

    [Fact]
    public async Task Nobody_who_had_a_hand_in_a_text_reviews_it()
    {
        await drafts.SaveAsync("block", 0, "one", "ana", Some.Noon);
        var review = await SubmitAsync(writer: "Bojan", author: "goran");
        foreach (var hand in new[] { "ana", "bojan", "goran" }) Assert.Equal(ReviewEnd.OwnText, (await reviews.DecideAsync(review.Id, approve: true, hand, "", Some.Noon)).End);
        Assert.Equal(ReviewEnd.OwnText, (await reviews.DecideAsync(review.Id, approve: false, "ana", "no", Some.Noon)).End);
        Assert.Equal(ReviewEnd.Done, (await reviews.DecideAsync(review.Id, approve: true, "dina", "", Some.Noon)).End);
    }

    [Fact]
    public async Task A_draft_that_is_begun_anew_has_none_of_the_old_one_s_writers()
    {
        await drafts.SaveAsync("block", 0, "one", "ana", Some.Noon);
        await drafts.DiscardAsync("block", 1, "ana", Some.Noon);
        Assert.Equal(["bojan"], (await SubmitAsync(writer: "bojan")).Writers);
    }

    [Fact]
    public async Task What_was_submitted_stays_as_it_was_and_submitting_again_takes_its_place()
    {
        var first = await SubmitAsync("two");
        Assert.Equal(ReviewEnd.OtherDraft, (await reviews.SubmitAsync(ids.Next(), "block", 7, "1.1.0", "ana", "", 0, Some.Noon)).End);
        var second = await SubmitAsync("three");
        Assert.Equal((ReviewState.Replaced, "two"), ((await reviews.FindAsync(first.Id))!.State, (await reviews.FindAsync(first.Id))!.Source));
        Assert.Equal(ReviewEnd.NotInHand, (await reviews.DecideAsync(first.Id, approve: true, "bojan", "", Some.Noon)).End);
        Assert.Equal(second.Id, Assert.Single(await reviews.ListAsync(null, inHand: true, 10)).Id);
        Assert.Equal(ReviewEnd.Done, (await reviews.WithdrawAsync(second.Id, "not yet", Some.Noon)).End);
        Assert.Equal(ReviewEnd.NotInHand, (await reviews.WithdrawAsync(second.Id, "not yet", Some.Noon)).End);
    }

    [Fact]
    public async Task A_draft_that_was_saved_after_it_was_submitted_stays_when_the_review_is_published()
    {
        await PublishAsync("1.0.0", "one");
        var review = await SubmitAsync("two");
        await drafts.SaveAsync("block", review.Draft, "three", "ana", Some.Noon);
        await reviews.DecideAsync(review.Id, approve: true, "bojan", "", Some.Noon);
        Assert.Equal(ReviewEnd.Done, (await PublishAsync(review)).End);
        var draft = (await drafts.FindAsync("block"))!;
        Assert.Equal(("three", NewVersion.ContentOf("two")), (draft.Source, draft.BegunFrom));
        var next = await SubmitAsync("three more", "1.2.0");
        await reviews.DecideAsync(next.Id, approve: true, "bojan", "", Some.Noon);
        Assert.Equal(ReviewEnd.Done, (await PublishAsync(next)).End);
    }

    [Fact]
    public async Task A_draft_begun_from_a_version_that_is_not_current_any_more_is_not_published_over_the_one_that_is()
    {
        await PublishAsync("1.0.0", "one");
        var review = await SubmitAsync("two", "1.2.0");
        await reviews.DecideAsync(review.Id, approve: true, "bojan", "", Some.Noon);
        await PublishAsync("1.1.0", "by ci");
        Assert.Equal(ReviewEnd.Stale, (await PublishAsync(review)).End);
        Assert.Equal("by ci", await CurrentAsync());
        Assert.NotNull(await drafts.FindAsync("block"));

        // Whoever says that the text takes the other one into account by now may go on.
        await drafts.SaveAsync("block", review.Draft, "two with ci's", "ana", Some.Noon, NewVersion.ContentOf("by ci"));
        var again = await SubmitAsync("two with ci's", "1.2.0");
        await reviews.DecideAsync(again.Id, approve: true, "bojan", "", Some.Noon);
        Assert.Equal(ReviewEnd.Done, (await PublishAsync(again)).End);
    }

    [Fact]
    public async Task A_review_whose_version_is_taken_by_another_text_is_not_published()
    {
        await PublishAsync("1.0.0", "one");
        var review = await SubmitAsync("two", "1.0.0");
        await reviews.DecideAsync(review.Id, approve: true, "bojan", "", Some.Noon);
        var refused = await PublishAsync(review);
        Assert.Equal((ReviewEnd.OtherContent, "ana"), (refused.End, refused.Published!.Stands!.Author));
        Assert.Equal(ReviewState.Approved, (await reviews.FindAsync(review.Id))!.State);
    }

    [Fact]
    public async Task Where_nobody_has_to_review_an_open_one_is_published_without_a_reviewer()
    {
        var review = await SubmitAsync("two");
        Assert.Equal(ReviewEnd.Done, (await PublishAsync(review, unreviewed: true)).End);
        Assert.Null(Assert.Single(await versions.ListAsync("block")).Reviewer);
    }

    [Fact]
    public async Task Of_two_who_decide_at_once_one_is_told()
    {
        var review = await SubmitAsync();
        var ends = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => reviews.DecideAsync(review.Id, approve: i % 2 == 0, $"person.{i}", "", Some.Noon)));
        Assert.Single(ends, end => end.End == ReviewEnd.Done);
        Assert.Equal(7, ends.Count(end => end.End == ReviewEnd.NotInHand));
    }
}
