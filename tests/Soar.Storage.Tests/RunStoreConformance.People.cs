using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;

namespace Soar.Storage.Tests;

public abstract partial class RunStoreConformance
{
    private async Task<(Run Run, Question Question)> AskedAsync(QuestionKind kind = QuestionKind.Approval, int quorum = 1)
    {
        var run = await DrivenAsync();
        var question = Some.Question(run.Id, kind: kind, quorum: quorum);
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Ask = [question], Status = RunStatus.Waiting });
        return (run, question);
    }

    private async Task<IReadOnlyList<Answer>> ToldAsync(RunId run)
    {
        var item = Assert.Single(await Store.ReadInboxAsync(run));
        Assert.Equal((InboxKind.Answer, item.Id), (item.Kind, item.Key));
        return JsonSerializer.Deserialize<List<Answer>>(item.Payload, SoarJson.Options)!;
    }

    [Fact]
    public async Task An_answer_closes_the_question_and_wakes_the_run()
    {
        var (run, question) = await AskedAsync();
        var after = await Store.AnswerAsync(question.Id, Some.Answer("amira"));
        Assert.Equal(QuestionStatus.Answered, after.Status);
        Assert.Equal([Some.Answer("amira")], after.Answers);
        Assert.Equal([Some.Answer("amira")], await ToldAsync(run.Id));
        Assert.Equal([run.Id], await DueAsync());
        Assert.Equivalent(after, Assert.Single(await Store.QuestionsAsync(run.Id, QuestionStatus.Answered)));
        Assert.Empty(await Store.QuestionsAsync(null, QuestionStatus.Open));
    }

    [Fact]
    public async Task A_quorum_needs_that_many_different_people()
    {
        var (run, question) = await AskedAsync(quorum: 2);
        Assert.Equal(QuestionStatus.Open, (await Store.AnswerAsync(question.Id, Some.Answer("amira"))).Status);
        Assert.Empty(await DueAsync());
        var again = await Assert.ThrowsAsync<SoarException>(() => Store.AnswerAsync(question.Id, Some.Answer("amira")));
        Assert.Equal("SOAR2030", again.Code);
        Assert.Equal(QuestionStatus.Answered, (await Store.AnswerAsync(question.Id, Some.Answer("bert"))).Status);
        Assert.Equal(["amira", "bert"], (await ToldAsync(run.Id)).Select(a => a.By));
    }

    [Fact]
    public async Task The_same_person_in_other_letters_is_the_same_person()
    {
        var (_, question) = await AskedAsync(quorum: 2);
        await Store.AnswerAsync(question.Id, Some.Answer("amira"));
        Assert.Equal("SOAR2030", (await Assert.ThrowsAsync<SoarException>(() => Store.AnswerAsync(question.Id, Some.Answer("Amira")))).Code);
    }

    [Fact]
    public async Task An_escalation_is_kept_with_its_time_and_each_answer_with_its_role()
    {
        var run = await DrivenAsync();
        var question = Some.Question(run.Id);
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Ask = [question], Status = RunStatus.Waiting });
        Assert.Equal(["shift-lead"], Assert.Single(await Store.QuestionsAsync(run.Id, null)).MayAnswer);
        var driven = (await Store.ClaimAsync(run.Id, "b", Now, Some.Lease))!;
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = driven.Epoch, Escalate = [(question.Id, Some.Noon.AddMinutes(30))] });
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = driven.Epoch, Escalate = [(question.Id, Some.Noon.AddMinutes(40))] });
        var escalated = Assert.Single(await Store.QuestionsAsync(run.Id, null));
        Assert.Equal((Some.Noon.AddMinutes(30), Some.Noon.AddMinutes(30)), (escalated.EscalatedAt!.Value, escalated.EscalateAt!.Value));
        Assert.Equal(["shift-lead", "head"], escalated.MayAnswer);
        await Store.AnswerAsync(question.Id, Some.Answer("vera") with { As = "head" });
        Assert.Equal("head", Assert.Single(Assert.Single(await Store.QuestionsAsync(run.Id, null)).Answers).As);
        Assert.Equal("head", Assert.Single(await ToldAsync(run.Id)).As);
    }

    [Fact]
    public async Task One_refusal_decides_whatever_the_quorum()
    {
        var (run, question) = await AskedAsync(quorum: 3);
        await Store.AnswerAsync(question.Id, Some.Answer("amira"));
        Assert.Equal(QuestionStatus.Answered, (await Store.AnswerAsync(question.Id, Some.Answer("bert", approve: false))).Status);
        Assert.False((await ToldAsync(run.Id))[^1].Approve);
    }

    [Theory]
    [InlineData(QuestionKind.Form)]
    [InlineData(QuestionKind.Todo)]
    [InlineData(QuestionKind.UnknownOutcome)]
    public async Task What_is_no_approval_is_answered_once(QuestionKind kind)
    {
        var (run, question) = await AskedAsync(kind, quorum: 2);
        Assert.Equal(QuestionStatus.Answered, (await Store.AnswerAsync(question.Id, Some.Answer("amira", value: "\"done\""))).Status);
        Assert.Equal("\"done\"", Assert.Single(await ToldAsync(run.Id)).Value);
    }

    [Fact]
    public async Task A_closed_question_takes_no_answer_and_an_unknown_one_is_named()
    {
        var (_, question) = await AskedAsync();
        await Store.AnswerAsync(question.Id, Some.Answer("amira"));
        Assert.Equal("SOAR2030", (await Assert.ThrowsAsync<SoarException>(() => Store.AnswerAsync(question.Id, Some.Answer("bert")))).Code);
        await Assert.ThrowsAsync<NotFoundException>(() => Store.AnswerAsync(new QuestionId(Some.RunId().Value), Some.Answer("bert")));
        Assert.Equal("SOAR2031", (await Assert.ThrowsAsync<SoarException>(async () => await Store.AnswerAsync((await AskedAsync()).Question.Id, Some.Answer(" ")))).Code);
    }

    [Fact]
    public async Task Answers_that_arrive_together_count_as_if_one_after_the_other()
    {
        var (run, question) = await AskedAsync(quorum: 5);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            try
            {
                await Store.AnswerAsync(question.Id, Some.Answer($"person-{i}"));
                return 1;
            }
            catch (SoarException error) when (error.Code == "SOAR2030")
            {
                return 0;
            }
        })));
        Assert.Equal(5, answers.Sum());
        Assert.Equal(5, (await ToldAsync(run.Id)).Count);
    }

    [Fact]
    public async Task Asking_again_while_it_is_open_changes_nothing_and_asking_anew_after_it_was_closed_does()
    {
        var run = await DrivenAsync();
        var first = Some.Question(run.Id, kind: QuestionKind.UnknownOutcome);
        var second = Some.Question(run.Id, kind: QuestionKind.UnknownOutcome);
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Ask = [first] });
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Ask = [second] });
        Assert.Equal(first.Id, Assert.Single(await Store.QuestionsAsync(run.Id, null)).Id);
        await Store.AnswerAsync(first.Id, Some.Answer("amira"));
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Ask = [second] });
        Assert.Equal(second.Id, Assert.Single(await Store.QuestionsAsync(run.Id, QuestionStatus.Open)).Id);
    }

    [Fact]
    public async Task A_question_that_expires_stays_answered_when_the_answer_was_faster()
    {
        var (run, question) = await AskedAsync();
        await Store.AnswerAsync(question.Id, Some.Answer("amira"));
        var driven = Assert.Single(await Store.ClaimDueAsync("b", Now, Some.Lease, 10));
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = driven.Epoch, CloseQuestions = [(question.Id, QuestionStatus.Expired)] });
        Assert.Single(await Store.QuestionsAsync(run.Id, QuestionStatus.Answered));
    }

    [Fact]
    public async Task The_end_of_a_run_withdraws_its_open_questions()
    {
        var run = await DrivenAsync();
        var expired = Some.Question(run.Id, 1);
        var open = Some.Question(run.Id, 2);
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Ask = [expired, open] });
        await Store.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, CloseQuestions = [(expired.Id, QuestionStatus.Expired)], Status = RunStatus.Cancelled });
        Assert.Equal(expired.Id, Assert.Single(await Store.QuestionsAsync(run.Id, QuestionStatus.Expired)).Id);
        Assert.Equal(open.Id, Assert.Single(await Store.QuestionsAsync(run.Id, QuestionStatus.Withdrawn)).Id);
        await Assert.ThrowsAsync<SoarException>(() => Store.AnswerAsync(open.Id, Some.Answer("amira")));
    }
}
