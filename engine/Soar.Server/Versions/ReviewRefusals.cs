using Soar.Storage;

namespace Soar.Server.Versions;

/// <summary>Why something was not done to a review, in words.</summary>
internal static class ReviewRefusals
{
    public static SoarException Of(ReviewEnd end, Review review) => end switch
    {
        ReviewEnd.OwnText => new SoarException("SOAR2074", $"You had a hand in this text of {review.Playbook} ({string.Join(", ", review.Writers.Append(review.Author).Distinct(StringComparer.OrdinalIgnoreCase))} did), and nobody reviews their own. Somebody else has to."),
        ReviewEnd.Stale => new SoarException("SOAR2073", $"{review.Playbook} {review.Version} was not published: another version has become current since its draft was begun, and what that one changed would be lost. Compare them, bring the draft up to date, save it with 'from' = the current version's content, and submit it again."),
        _ => new SoarException("SOAR2075", $"This review of {review.Playbook} {review.Version} {Stands(review)}. Nothing was changed."),
    };

    private static string Stands(Review review) => review.State switch
    {
        ReviewState.Open => "is open: it needs somebody's approval first",
        ReviewState.Approved => $"was approved by {review.Reviewer}",
        ReviewState.Refused => $"was refused by {review.Reviewer}{(review.Reason.Length > 0 ? $" ({review.Reason})" : "")}; submit the draft again once it is better",
        ReviewState.Withdrawn => "was withdrawn; submit the draft again",
        ReviewState.Replaced => "was replaced by one that was submitted later",
        _ => "is published",
    };
}
