using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Scripting;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Server.Versions;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/reviews</c>: drafts on their way to being published. Whoever had a hand in a text does not review it.</summary>
internal static class ReviewsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var reviews = routes.MapGroup("/api/reviews").WithTags("reviews");
        reviews.MapGet("", ListAsync).Needs(Permission.ReadPlaybooks).WithSummary("Reviews that are open or approved, newest first; with all=true those that are over too.");
        reviews.MapPost("", SubmitAsync).Needs(Permission.EditPlaybooks).WithSummary("Submits a draft to be reviewed. Refused while it does not compile, its tests fail, or its version is published with another text.");
        reviews.MapGet("/{id:guid}", ShowAsync).Needs(Permission.ReviewPlaybooks).WithSummary("One review: the text as it was submitted, its diagram, and what was said about it.");
        reviews.MapPost("/{id:guid}/comments", CommentAsync).Needs(Permission.ReviewPlaybooks).WithSummary("Says something about a review, or about one line of its text.");
        reviews.MapPost("/{id:guid}/decision", DecideAsync).Needs(Permission.ReviewPlaybooks).WithSummary("Approves or refuses an open review, of a text in which the caller had no hand.");
        reviews.MapPost("/{id:guid}/withdraw", WithdrawAsync).Needs(Permission.EditPlaybooks).WithSummary("Takes back a review that is open or approved.");
        reviews.MapPost("/{id:guid}/publish", PublishAsync).Needs(Permission.PublishPlaybooks).WithSummary("Publishes an approved review: new runs take its text from now on.");
    }

    /// <param name="Draft">The draft's version that was submitted.</param>
    /// <param name="Writers">Everybody who saved the draft.</param>
    /// <param name="MayDecide">Whether it waits for a decision that the caller may make.</param>
    internal sealed record ReviewRow(
        Guid Id, string Playbook, string Version, string Content, int Draft, string Author, IReadOnlyList<string> Writers, string Note, int Tests, DateTimeOffset SubmittedAt, ReviewState State, string? Reviewer,
        DateTimeOffset? DecidedAt, string Reason, bool MayDecide)
    {
        public static ReviewRow Of(Review review, Caller caller) => new(
            review.Id, review.Playbook, review.Version, review.Content, review.Draft, review.Author, review.Writers, review.Note, review.Tests, review.SubmittedAt, review.State, review.Reviewer, review.DecidedAt, review.Reason,
            review.State == ReviewState.Open && caller.May.Contains(Permission.ReviewPlaybooks) && !review.IsBy(caller.Name));
    }

    internal sealed record ReviewList(IReadOnlyList<ReviewRow> Reviews);

    internal sealed record ReviewView(ReviewRow Review, string Source, JsonElement Graph, IReadOnlyList<ReviewComment> Comments);

    /// <param name="Draft">The draft's version, so that what is submitted is what was seen.</param>
    internal sealed record SubmitBody(string Playbook, int Draft, string Note = "");

    /// <param name="Line">Of the submitted text, from 1; null = on all of it.</param>
    internal sealed record CommentBody(string Text, int? Line = null);

    /// <param name="Reason">Needed to refuse.</param>
    internal sealed record DecisionBody(bool Approve, string Reason = "");

    internal sealed record WithdrawBody(string Reason = "");

    private static async Task<Ok<ReviewList>> ListAsync(Caller caller, Sight sight, NodeReader reader, string? playbook, bool? all, int? max) =>
        TypedResults.Ok(new ReviewList([.. (await reader.Reviews.ListAsync(playbook, inHand: all != true, Paging.Of(max), await OfSeenAsync(sight))).Select(review => ReviewRow.Of(review, caller))]));

    // By the TLP of the playbook too, which the store does not know.
    private static async Task<Horizon> OfSeenAsync(Sight sight) => sight.Given.SeesEverything ? Horizon.Everything : new Horizon(sight.Given.Clearance, await sight.PlaybooksAsync());

    private static async Task<Ok<ReviewView>> ShowAsync(Guid id, Caller caller, Sight sight, NodeReader reader, CancellationToken cancellation)
    {
        var review = await FindAsync(sight, reader, id);
        var graph = JsonDocument.Parse(DiagramJson.Write(Diagram.Of(review.Source, $"{review.Playbook}.csx", cancellation))).RootElement;
        return TypedResults.Ok(new ReviewView(ReviewRow.Of(review, caller), review.Source, graph, await reader.Reviews.CommentsAsync(id)));
    }

    private static async Task<Created<ReviewRow>> SubmitAsync(SubmitBody body, Caller caller, Sight sight, SoarNode node, NodeReader reader, CancellationToken cancellation)
    {
        await sight.MayEditAsync(body.Playbook);
        var file = await PlaybooksApi.KnownAsync(node, body.Playbook);
        var draft = await reader.Drafts.FindAsync(body.Playbook) ?? throw new NotFoundException("draft of the playbook", body.Playbook, "PUT /api/drafts/{name} saves one.");
        await sight.MayWriteAsync(draft.Source ?? "", body.Playbook);
        var call = new SubmitDraftCall(body.Playbook, body.Draft, body.Note, caller.Name);
        var review = await node.RecordedAsync(Calls.SubmitDraft, Calls.With(call), caller.Actor, node.Publishing.SubmitAsync(call, draft, file, cancellation));
        return TypedResults.Created($"/api/reviews/{review.Id}", ReviewRow.Of(review, caller));
    }

    private static async Task<NoContent> CommentAsync(Guid id, CommentBody body, Caller caller, Sight sight, SoarNode node, NodeReader reader)
    {
        await FindAsync(sight, reader, id);
        if (string.IsNullOrWhiteSpace(body.Text)) throw new SoarException("SOAR6007", "text: is empty.");
        if (body.Line < 1) throw new SoarException("SOAR6007", $"line: is {body.Line}; lines count from 1.");
        var call = new CommentReviewCall(id, body.Text, body.Line, caller.Name);
        await node.RecordedAsync(Calls.CommentReview, Calls.With(call), caller.Actor, reader.Reviews.CommentAsync(id, call.By, call.Text, call.Line, node.Clock.GetUtcNow()));
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ReviewRow>> DecideAsync(Guid id, DecisionBody body, Caller caller, Sight sight, SoarNode node, NodeReader reader)
    {
        var review = await FindAsync(sight, reader, id);
        if (!body.Approve && string.IsNullOrWhiteSpace(body.Reason)) throw new SoarException("SOAR6007", "reason: is empty. Whoever refuses says why.");
        var call = new DecideReviewCall(id, body.Approve, body.Reason, caller.Name);
        return TypedResults.Ok(ReviewRow.Of(await node.RecordedAsync(Calls.DecideReview, Calls.With(call), caller.Actor, DoneAsync()), caller));

        async Task<Review> DoneAsync()
        {
            var change = await reader.Reviews.DecideAsync(id, call.Approve, call.By, call.Reason, node.Clock.GetUtcNow());
            return change.End == ReviewEnd.Done ? change.Review! : throw ReviewRefusals.Of(change.End, change.Review ?? review);
        }
    }

    private static async Task<Ok<ReviewRow>> WithdrawAsync(Guid id, WithdrawBody? body, Caller caller, Sight sight, SoarNode node, NodeReader reader)
    {
        var review = await FindAsync(sight, reader, id);
        var call = new WithdrawReviewCall(id, body?.Reason ?? "", caller.Name);
        return TypedResults.Ok(ReviewRow.Of(await node.RecordedAsync(Calls.WithdrawReview, Calls.With(call), caller.Actor, DoneAsync()), caller));

        async Task<Review> DoneAsync()
        {
            var change = await reader.Reviews.WithdrawAsync(id, call.Reason, node.Clock.GetUtcNow());
            return change.End == ReviewEnd.Done ? change.Review! : throw ReviewRefusals.Of(change.End, change.Review ?? review);
        }
    }

    private static async Task<Ok<PublishedView>> PublishAsync(Guid id, Caller caller, Sight sight, SoarNode node, NodeReader reader, CancellationToken cancellation)
    {
        var review = await FindAsync(sight, reader, id);
        await sight.MayWriteAsync(review.Source, review.Playbook);
        var file = await PlaybooksApi.KnownAsync(node, review.Playbook);
        var call = new PublishReviewCall(id, caller.Name);
        return TypedResults.Ok(await node.RecordedAsync(Calls.PublishReview, Calls.With(call), caller.Actor, node.Publishing.PublishReviewAsync(call, review, file, cancellation)));
    }

    /// <summary>Of a playbook that they see and may edit, and a text that is no stricter.</summary>
    private static async Task<Review> FindAsync(Sight sight, NodeReader reader, Guid id)
    {
        if (await reader.Reviews.FindAsync(id) is not { } review || Shelf.TlpOf(review.Source, review.Playbook) > sight.Given.Clearance || !(sight.Given.SeesEverything || (await sight.PlaybooksAsync()).Contains(review.Playbook)))
            throw new NotFoundException("review", id.ToString(), "GET /api/reviews lists them.");
        await sight.MayEditAsync(review.Playbook);
        return review;
    }
}
