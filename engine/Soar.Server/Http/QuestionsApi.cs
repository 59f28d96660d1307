using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Soar.Runs;
using Soar.Server.Accounts;
using Soar.Server.Node;
using Soar.Server.Notices;
using Soar.Storage;

namespace Soar.Server.Http;

/// <summary><c>/api/questions</c>: what people are asked, and what they say.</summary>
internal static class QuestionsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var questions = routes.MapGroup("/api/questions").WithTags("questions");
        questions.MapGet("", ListAsync).Needs(Permission.ReadQuestions).WithSummary("Open questions, oldest first; with all=true those that are over too. 'mine' leaves those that the caller may answer now.");
        routes.MapGet("/api/rota", Rota).Needs(Permission.ReadQuestions).WithTags("questions").WithSummary("Who holds which role now, or at a time ('at'), why, and until when.");
        routes.MapGet("/api/rota/shifts", Shifts).Needs(Permission.ReadQuestions).WithTags("questions").WithSummary("Who is on duty for which role from one time until another, 31 days at most.");
        questions.MapGet("/{id:guid}", ShowAsync).Needs(Permission.ReadQuestions).WithSummary("One question, with its prepared steps or form and the answers so far.");
        questions.MapGet("/{id:guid}/people", PeopleAsync).Needs(Permission.ReadQuestions).WithSummary("Who is asked by name, whom four eyes keep from answering, and who was told of it when and how.");
        questions.MapPost("/{id:guid}/answer", AnswerAsync).Needs(Permission.AnswerQuestions).WithSummary("Answers a question, as whoever is logged in.");
        questions.MapPost("/{id:guid}/claim", ClaimAsync).Needs(Permission.AnswerQuestions).WithSummary("Says that the caller sees to it, or with release=true does no more. Others may answer all the same.");
        questions.MapPost("/{id:guid}/delegate", DelegateAsync).Needs(Permission.AnswerQuestions).WithSummary("Hands the caller's own say to another person, who is told; the caller has none any more.");
    }

    /// <param name="Details">The prepared steps with their exact arguments, the form's fields, or the effect whose outcome is unknown.</param>
    /// <param name="MayAnswer">Roles and people who may answer now.</param>
    /// <param name="FourEyes">Neither who started the run nor an author of the playbook's version may answer.</param>
    /// <param name="Delegations">Who handed their say to whom, in order.</param>
    internal sealed record QuestionView(
        QuestionId Id, RunId Run, QuestionKind Kind, QuestionStatus Status, string Who, IReadOnlyList<string> MayAnswer, string Text, JsonElement Details, DateTimeOffset AskedAt, DateTimeOffset? Until, int Quorum,
        string? EscalateTo, DateTimeOffset? EscalateAt, bool FourEyes, string? ClaimedBy, DateTimeOffset? ClaimedAt, IReadOnlyList<Delegation> Delegations, IReadOnlyList<AnswerView> Answers)
    {
        public static QuestionView Of(Question q) => new(
            q.Id, q.Run, q.Kind, q.Status, q.Who, q.MayAnswer, q.Text, JsonDocument.Parse(q.Details).RootElement, q.AskedAt, q.Until, q.Quorum, q.EscalateTo, q.EscalateAt, q.FourEyes, q.ClaimedBy, q.ClaimedAt, q.Delegations,
            [.. q.Answers.Select(a => new AnswerView(a.By, a.As, a.Approve, a.Reason, a.At, a.Value))]);
    }

    internal sealed record AnswerView(string By, string? As, bool Approve, string Reason, DateTimeOffset At, string? Value);

    internal sealed record QuestionList(IReadOnlyList<QuestionView> Questions);

    internal enum Word
    {
        [JsonStringEnumMemberName("approve")]
        Approve,
        [JsonStringEnumMemberName("refuse")]
        Refuse,
        [JsonStringEnumMemberName("done")]
        Done,
        [JsonStringEnumMemberName("not-done")]
        NotDone,
    }

    /// <param name="Reason">Why; a refusal needs one.</param>
    /// <param name="Value">A form's values.</param>
    /// <param name="As">The role in which they answer; null = the one they hold of those that may.</param>
    internal sealed record GivenAnswer(Word Answer, string Reason = "", JsonElement? Value = null, string? As = null);

    /// <param name="As">The role in which it is theirs.</param>
    /// <param name="Barred">Why four eyes keep them from answering; null = they do not.</param>
    internal sealed record AskedPerson(string Name, string As, string? Barred);

    /// <param name="Person">By chat the connector instance.</param>
    /// <param name="Round">0 for the first time, then one more with each reminder.</param>
    /// <param name="Problem">Why it could not be handed over, or not yet.</param>
    internal sealed record ToldView(string Person, NoticeChannel Channel, int Round, NoticeState State, DateTimeOffset At, DateTimeOffset? EndedAt, string? Problem);

    /// <param name="Asked">Those who may answer now and have not; nobody once it is over.</param>
    internal sealed record QuestionPeople(IReadOnlyList<AskedPerson> Asked, IReadOnlyList<ToldView> Told);

    internal sealed record DutyList(IReadOnlyList<Rotas.Duty> Roles);

    private static Ok<DutyList> Rota(SoarNode node, DateTimeOffset? at) => TypedResults.Ok(new DutyList(node.Rota.At(AskedTime.Of("at", at ?? node.Clock.GetUtcNow()))));

    internal sealed record ShiftList(IReadOnlyList<Rotas.Shift> Shifts);

    private static Ok<ShiftList> Shifts(SoarNode node, DateTimeOffset from, DateTimeOffset until) => until <= from || until - from > TimeSpan.FromDays(31)
        ? throw new SoarException("SOAR6007", $"'until' cannot be {until:O}: it is later than 'from', by 31 days at most.")
        : TypedResults.Ok(new ShiftList(node.Rota.Between(from, until)));

    internal sealed record Claimed(bool Release = false, bool TakeOver = false);

    /// <param name="To">The other person's login name.</param>
    internal sealed record HandedOn(string To, string Reason);

    private static async Task<Ok<QuestionView>> ClaimAsync(Guid id, Claimed body, Caller caller, Sight sight, SoarNode node)
    {
        await sight.QuestionAsync(id);
        var call = new ClaimCall(id, caller.Name, body.Release, body.TakeOver);
        return TypedResults.Ok(QuestionView.Of(await node.RecordedAsync(Calls.Claim, Calls.With(call), caller.Actor, node.Questions.ClaimAsync(call))));
    }

    private static async Task<Ok<QuestionView>> DelegateAsync(Guid id, HandedOn body, Caller caller, Sight sight, SoarNode node)
    {
        var asked = await sight.QuestionAsync(id);
        if (!await Sight.PersonSeesAsync(node, body.To, asked.Run)) throw new SoarException("SOAR6002", $"{body.To} does not see what is asked about, and could not answer it. Hand it to somebody who does.");
        var call = new DelegateCall(id, body.To, body.Reason, caller.Name);
        return TypedResults.Ok(QuestionView.Of(await node.RecordedAsync(Calls.Delegate, Calls.With(call), caller.Actor, node.Questions.DelegateAsync(call))));
    }

    private static async Task<Ok<QuestionList>> ListAsync(NodeReader reader, SoarNode node, Caller caller, Sight sight, Guid? run, bool? all, bool? mine)
    {
        var found = await sight.OfRunsAsync(await reader.Runs.QuestionsAsync(run is { } asking ? new RunId(asking) : null, all == true ? null : QuestionStatus.Open), question => question.Run);
        var shown = new List<QuestionView>();
        foreach (var question in found)
            if (mine != true || await node.Engine.Deciders.MayAnswerAsync(question, caller.Name)) shown.Add(QuestionView.Of(question));
        return TypedResults.Ok(new QuestionList(shown));
    }

    private static async Task<Ok<QuestionView>> ShowAsync(Guid id, Sight sight) => TypedResults.Ok(QuestionView.Of(await sight.QuestionAsync(id)));

    private static async Task<Ok<QuestionPeople>> PeopleAsync(Guid id, Sight sight, SoarNode node, NodeReader reader)
    {
        var question = await sight.QuestionAsync(id);
        var asked = new List<AskedPerson>();
        if (question.Status == QuestionStatus.Open)
            foreach (var person in new Audience(node.Tools.Settings, node.Rota, node.Clock).Of(question)) asked.Add(new AskedPerson(person.Name, person.As, await node.Engine.Deciders.WhyBarredAsync(question, person.Name)));
        var told = await reader.Notices.ListAsync(question.Id);
        return TypedResults.Ok(new QuestionPeople(asked, [.. told.Select(n => new ToldView(n.Person, n.Channel, n.Round, n.State, n.MadeAt, n.EndedAt, n.Problem))]));
    }

    public static async Task<Ok<QuestionView>> AnswerAsync(Guid id, GivenAnswer body, Caller caller, Sight sight, SoarNode node)
    {
        await sight.QuestionAsync(id);
        var word = body.Answer switch { Word.Approve => "approve", Word.Refuse => "refuse", Word.Done => "done", _ => "not-done" };
        var call = new AnswerCall(id, word, body.Reason, caller.Name, body.Value?.GetRawText(), body.As);
        var answering = node.Engine.Deciders.AnswerAsync(new QuestionId(id), Answers.Of(call, node.Clock.GetUtcNow()));
        return TypedResults.Ok(QuestionView.Of(await node.RecordedAsync(Calls.Answer, Calls.With(call), caller.Actor, answering)));
    }
}
