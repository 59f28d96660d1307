using System.Text;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Server.Notices;

namespace Soar.Server.Http;

/// <summary>
/// <c>/answer/…</c>: the page behind a mail's link. Looking at it (GET, HEAD: mail scanners do both) changes nothing and decides nothing; a decision is a POST with the code that stands in the mail beside the link.
/// </summary>
internal static class AnswersApi
{
    /// <summary>A form with a reason of some length, and nothing more.</summary>
    private const int MostBytes = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/answer/{link}", ["GET", "HEAD"], ShowAsync).ByOwnSecret().WithTags("answers").WithSummary("The page behind a mail's link: shows the question and changes nothing.");
        routes.MapPost("/answer/{link}", AnswerAsync).ByOwnSecret().RequireRateLimiting(HttpServer.LoginLimit).WithTags("answers").WithSummary("Answers the question behind a mail's link with the code that stands in the mail: a form with answer, code and reason.");
    }

    private static async Task<IResult> ShowAsync(string link, string? say, SoarNode node)
    {
        try
        {
            return Page(AnswerPage.Ask(await node.MailLinks.OpenAsync(link), say == "refuse", problem: null), 200);
        }
        catch (SoarException closed)
        {
            return Page(AnswerPage.Told("Nothing to answer here", closed.Message), Problem.StatusOf(closed));
        }
    }

    private static async Task<IResult> AnswerAsync(string link, HttpContext context, SoarNode node)
    {
        ShownLink? shown = null;
        var refuses = false;
        try
        {
            shown = await node.MailLinks.OpenAsync(link);
            var form = await FormAsync(context);
            refuses = form["answer"] == "refuse";
            await node.MailLinks.CheckAsync(shown, form["code"].ToString());
            var call = new AnswerCall(shown.Question.Id.Value, Word(shown.Question, form["answer"].ToString()), form["reason"].ToString().Trim(), shown.Notice.Person, null);
            // By the code and nothing else: the record says so.
            var actor = new Actor(shown.Notice.Person, $"{Doorkeeper.Origin(context)} mail code");
            var answered = await node.RecordedAsync(Calls.Answer, Calls.With(call), actor, node.Engine.Deciders.AnswerAsync(shown.Question.Id, Answers.Of(call, node.Clock.GetUtcNow())));
            return Page(AnswerPage.Told(refuses ? "Refused" : shown.Question.Kind == QuestionKind.Todo ? "Done" : "Approved", answered.Status == QuestionStatus.Open
                ? $"Your answer is on record. {answered.Answers.Count} of {answered.Quorum} people have approved; the run goes on when enough have." : "Your answer is on record, and the run goes on with it."), 200);
        }
        catch (SoarException refused)
        {
            return Page(shown is null || refused.Code is not ("SOAR6071" or "SOAR5001" or "SOAR6007") ? AnswerPage.Told("Not decided", refused.Message) : AnswerPage.Ask(shown, refuses, refused.Message), Problem.StatusOf(refused));
        }
    }

    private static async Task<IFormCollection> FormAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType || context.Request.ContentLength > MostBytes) throw new SoarException("SOAR6007", "The answer comes as the page's own form.");
        return await context.Request.ReadFormAsync(new Microsoft.AspNetCore.Http.Features.FormOptions { ValueCountLimit = 10, ValueLengthLimit = MostBytes, MultipartBodyLengthLimit = MostBytes }, context.RequestAborted);
    }

    private static string Word(Question question, string answer) => answer switch
    {
        "refuse" => "refuse",
        "approve" => question.Kind == QuestionKind.Todo ? "done" : "approve",
        _ => throw new SoarException("SOAR5001", "Say whether you approve or refuse."),
    };

    private static IResult Page(string html, int status) => new NoStore(Results.Content(html, "text/html; charset=utf-8", Encoding.UTF8, status));

    /// <summary>The page shows what is secret to all but one: no cache keeps it.</summary>
    private sealed class NoStore(IResult result) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            context.Response.Headers.CacheControl = "no-store";
            return result.ExecuteAsync(context);
        }
    }
}
