using Dapper;
using Soar.Runs;

namespace Soar.Storage;

/// <summary>By which way somebody is told.</summary>
public enum NoticeChannel { Mail, Chat }

/// <summary>What became of a notice.</summary>
public enum NoticeState
{
    /// <summary>It is to be handed over, perhaps again.</summary>
    Waiting = 0,

    /// <summary>The other side took it.</summary>
    Sent = 1,

    /// <summary>It will not be handed over; the problem says why.</summary>
    GivenUp = 2,
}

/// <summary>One message that tells somebody of a question. The same question, channel, person and round never make two.</summary>
/// <param name="Person">By mail a login name, by chat the connector instance.</param>
/// <param name="Round">0 for the first time, then one more with each reminder.</param>
/// <param name="Attempts">How often it was begun to be handed over.</param>
/// <param name="WrongCodes">How often its link was shown with a wrong code.</param>
public sealed record Notice(
    Guid Id, QuestionId Question, string Person, NoticeChannel Channel, int Round, DateTimeOffset MadeAt, NoticeState State, int Attempts, DateTimeOffset? EndedAt, string? Problem, int WrongCodes);

/// <summary>A question whose people are to be told now.</summary>
/// <param name="Told">How often they were told before.</param>
/// <param name="At">Since when; another value means that something has happened meanwhile.</param>
public sealed record ToTell(QuestionId Question, int Told, DateTimeOffset At);

/// <summary>Notices: what is to be told, was told, and could not be. What is made here survives every crash, so that nobody is forgotten; what was handed over just before a crash may be handed over again.</summary>
public sealed class NoticeStore(SoarDatabase database)
{
    private const string Select = "SELECT id, question_id AS Question, person, channel, round, made_at AS MadeAt, state, attempts, ended_at AS EndedAt, problem, wrong_codes AS WrongCodes FROM notices";
    internal const string SelectToTell = "SELECT id, told, tell_at FROM questions WHERE status = 0 AND tell_at <= @now ORDER BY tell_at LIMIT @max";
    internal const string SelectWaiting = $"{Select} WHERE state = 0 AND next_at <= @now ORDER BY next_at LIMIT @max";

    /// <summary>Open questions whose people are to be told, the longest due first.</summary>
    public Task<IReadOnlyList<ToTell>> ToTellAsync(DateTimeOffset now, int max) => database.Readers.ReadAsync<IReadOnlyList<ToTell>>(reader =>
        [.. reader.Connection.Query<(string Id, long Told, long At)>(SelectToTell, new { now = Ms(now), max }).Select(row => new ToTell(new QuestionId(Guid.Parse(row.Id)), (int)row.Told, Time(row.At)))]);

    /// <summary>Writes whom to tell, and when next. False when the question is over, or was told about or escalated meanwhile: then nothing is written.</summary>
    /// <param name="next">Null = not again.</param>
    public Task<bool> MakeAsync(ToTell due, IReadOnlyList<Notice> notices, DateTimeOffset? next) => database.WriteAsync(session =>
    {
        if (session.Connection.Execute(
            "UPDATE questions SET told = told + 1, tell_at = @next WHERE id = @id AND status = 0 AND told = @Told AND tell_at = @at",
            new { id = due.Question.ToString(), due.Told, at = Ms(due.At), next = next is { } time ? Ms(time) : (long?)null }) == 0) return false;
        foreach (var notice in notices)
        {
            session.Connection.Execute(
                """
                INSERT INTO notices (id, question_id, person, channel, round, made_at, state, attempts, next_at, ended_at, problem, wrong_codes)
                VALUES (@id, @question, @Person, @channel, @Round, @made, @state, 0, @made, @ended, @Problem, 0)
                ON CONFLICT DO NOTHING
                """,
                new
                {
                    id = notice.Id.ToString(), question = notice.Question.ToString(), notice.Person, channel = (int)notice.Channel, notice.Round, made = Ms(notice.MadeAt), state = (int)notice.State,
                    ended = notice.EndedAt is { } ended ? Ms(ended) : (long?)null, notice.Problem,
                });
        }

        return true;
    });

    /// <summary>What is to be handed over now, the longest due first.</summary>
    public Task<IReadOnlyList<Notice>> WaitingAsync(DateTimeOffset now, int max) => ListAsync(SelectWaiting, new { now = Ms(now), max });

    /// <summary>Everything that was told, or was not, about a question, in order.</summary>
    public Task<IReadOnlyList<Notice>> ListAsync(QuestionId question) => ListAsync($"{Select} WHERE question_id = @question ORDER BY notice_no", new { question = question.ToString() });

    /// <summary>The notice whose link this is; null when there is none.</summary>
    /// <param name="link">SHA-256 of what the link holds.</param>
    public async Task<Notice?> FindAsync(string link) => (await ListAsync($"{Select} WHERE link = @link", new { link })).FirstOrDefault();

    /// <summary>An attempt begins. What the link holds counts from now on, because it may arrive however the attempt ends.</summary>
    /// <param name="link">SHA-256 of it; null = none.</param>
    public Task<bool> BeginAsync(Guid notice, string? link) => database.WriteAsync(session => session.Connection.Execute(
        "UPDATE notices SET attempts = attempts + 1, link = @link WHERE id = @id AND state = 0", new { id = notice.ToString(), link }) > 0);

    public Task<bool> SentAsync(Guid notice, DateTimeOffset at) => database.WriteAsync(session => session.Connection.Execute(
        "UPDATE notices SET state = 1, ended_at = @at, problem = NULL WHERE id = @id", new { id = notice.ToString(), at = Ms(at) }) > 0);

    /// <param name="again">When it is tried again; null = never.</param>
    public Task<bool> FailedAsync(Guid notice, string problem, DateTimeOffset at, DateTimeOffset? again) => database.WriteAsync(session => session.Connection.Execute(
        "UPDATE notices SET state = @state, next_at = @next, ended_at = @ended, problem = @problem WHERE id = @id AND state = 0",
        new { id = notice.ToString(), state = again is null ? 2 : 0, next = Ms(again ?? at), ended = again is null ? Ms(at) : (long?)null, problem }) > 0);

    public Task<bool> WrongCodeAsync(Guid notice) => database.WriteAsync(session => session.Connection.Execute(
        "UPDATE notices SET wrong_codes = wrong_codes + 1 WHERE id = @id", new { id = notice.ToString() }) > 0);

    private Task<IReadOnlyList<Notice>> ListAsync(string sql, object parameters) => database.Readers.ReadAsync<IReadOnlyList<Notice>>(reader =>
        [.. reader.Connection.Query<Row>(sql, parameters).Select(row => row.ToNotice())]);

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private sealed record Row(string Id, string Question, string Person, long Channel, long Round, long MadeAt, long State, long Attempts, long? EndedAt, string? Problem, long WrongCodes)
    {
        public Notice ToNotice() => new(
            Guid.Parse(Id), new QuestionId(Guid.Parse(Question)), Person, (NoticeChannel)Channel, (int)Round, Time(MadeAt), (NoticeState)State, (int)Attempts, EndedAt is { } at ? Time(at) : null, Problem, (int)WrongCodes);
    }
}
