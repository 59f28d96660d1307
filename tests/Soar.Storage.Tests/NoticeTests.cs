using Soar.Runs;

namespace Soar.Storage.Tests;

/// <summary>Notices: written before anybody is told, so that nobody is forgotten and nobody told twice for one reason.</summary>
public sealed class NoticeTests : IAsyncLifetime
{
    private readonly StandingClock clock = new();
    private readonly SoarDatabase database;
    private readonly RunStore runs;
    private readonly NoticeStore notices;
    private readonly Ids ids = new(TimeProvider.System);

    public NoticeTests()
    {
        database = SoarDatabase.OpenForTests(clock);
        runs = new RunStore(database);
        notices = new NoticeStore(database);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        runs.Dispose();
        await database.DisposeAsync();
    }

    private async Task<(Run Run, Question Question)> AskedAsync()
    {
        var id = await runs.CreateAsync(Some.Run());
        var run = (await runs.ClaimAsync(id, "a", Some.Noon, Some.Lease))!;
        var question = Some.Question(id) with { Tlp = Tlp.Green };
        await runs.WriteAsync(new RunWrite { Run = id, Epoch = run.Epoch, Ask = [question] });
        return (run, question);
    }

    private Notice Of(Question question, string person, int round = 0) =>
        new(ids.Next(), question.Id, person, NoticeChannel.Mail, round, Some.Noon, NoticeState.Waiting, 0, null, null, 0);

    [Fact]
    public async Task A_question_is_told_about_once_when_it_is_asked_and_once_more_when_it_escalates()
    {
        var (run, question) = await AskedAsync();
        Assert.Equal(Tlp.Green, (await runs.FindQuestionAsync(question.Id))!.Tlp);
        var due = Assert.Single(await notices.ToTellAsync(Some.Noon, 10));
        Assert.Equal((question.Id, 0), (due.Question, due.Told));
        Assert.True(await notices.MakeAsync(due, [Of(question, "ana"), Of(question, "boris")], next: null));
        // Whoever comes to the same from an older look changes nothing.
        Assert.False(await notices.MakeAsync(due, [Of(question, "vera")], next: null));
        Assert.Empty(await notices.ToTellAsync(Some.Noon.AddDays(1), 10));
        Assert.Equal(["ana", "boris"], (await notices.ListAsync(question.Id)).Select(n => n.Person));

        await runs.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Escalate = [(question.Id, Some.Noon.AddMinutes(30))] });
        Assert.Empty(await notices.ToTellAsync(Some.Noon.AddMinutes(29), 10));
        Assert.Equal(1, Assert.Single(await notices.ToTellAsync(Some.Noon.AddMinutes(30), 10)).Told);
    }

    [Fact]
    public async Task An_escalation_between_look_and_write_is_not_lost()
    {
        var (run, question) = await AskedAsync();
        var due = Assert.Single(await notices.ToTellAsync(Some.Noon, 10));
        await runs.WriteAsync(new RunWrite { Run = run.Id, Epoch = run.Epoch, Escalate = [(question.Id, Some.Noon.AddMinutes(30))] });
        Assert.False(await notices.MakeAsync(due, [Of(question, "ana")], next: null));
        Assert.Empty(await notices.ListAsync(question.Id));
        Assert.Single(await notices.ToTellAsync(Some.Noon.AddMinutes(30), 10));
    }

    [Fact]
    public async Task Nobody_is_told_of_what_is_over()
    {
        var (_, question) = await AskedAsync();
        var due = Assert.Single(await notices.ToTellAsync(Some.Noon, 10));
        await runs.AnswerAsync(question.Id, Some.Answer("ana"));
        Assert.False(await notices.MakeAsync(due, [Of(question, "boris")], next: null));
        Assert.Empty(await notices.ToTellAsync(Some.Noon, 10));
    }

    [Fact]
    public async Task A_notice_waits_until_it_was_taken_and_a_link_counts_from_the_attempt_on()
    {
        var (_, question) = await AskedAsync();
        await notices.MakeAsync(Assert.Single(await notices.ToTellAsync(Some.Noon, 10)), [Of(question, "ana")], next: null);
        var notice = Assert.Single(await notices.WaitingAsync(Some.Noon, 10));
        var link = new string('a', 64);
        Assert.Null(await notices.FindAsync(link));
        Assert.True(await notices.BeginAsync(notice.Id, link));
        // As after a crash: it is still to be handed over.
        Assert.Equal(1, Assert.Single(await notices.WaitingAsync(Some.Noon, 10)).Attempts);
        Assert.Equal("ana", (await notices.FindAsync(link))!.Person);

        await notices.FailedAsync(notice.Id, "away", Some.Noon, Some.Noon.AddSeconds(10));
        Assert.Empty(await notices.WaitingAsync(Some.Noon.AddSeconds(9), 10));
        Assert.Equal("away", Assert.Single(await notices.WaitingAsync(Some.Noon.AddSeconds(10), 10)).Problem);
        await notices.SentAsync(notice.Id, Some.Noon.AddSeconds(11));
        Assert.Empty(await notices.WaitingAsync(Some.Noon.AddDays(1), 10));
        Assert.False(await notices.BeginAsync(notice.Id, link));
        await notices.WrongCodeAsync(notice.Id);
        var told = Assert.Single(await notices.ListAsync(question.Id));
        Assert.Equal((NoticeState.Sent, null, 1, Some.Noon.AddSeconds(11)), (told.State, told.Problem, told.WrongCodes, told.EndedAt));
    }
}
