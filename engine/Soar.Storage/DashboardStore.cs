using System.Globalization;
using Dapper;
using Soar.Alerts;
using Soar.Runs;

namespace Soar.Storage;

/// <summary>What came in on a day, and what was done.</summary>
/// <param name="From">The day's beginning.</param>
/// <param name="Runs">Runs that were started, sub-runs and dry runs not counted.</param>
/// <param name="Failed">Those of them that failed, or stand because nobody could drive them.</param>
public sealed record DayFigures(DateTimeOffset From, int Alerts, int Runs, int Failed);

/// <param name="Answered">A playbook was started.</param>
/// <param name="Unwanted">No playbook wanted it.</param>
public sealed record AlertFigures(int Came, int Waiting, int Answered, int Unwanted, int Failed, int Repeats, int Suppressed);

/// <param name="Completed">Ended as their playbook wanted.</param>
/// <param name="Alone">Those of them in which nobody was asked: their share of the completed ones is how much is automated.</param>
/// <param name="UnderWay">Started in that time and not over.</param>
public sealed record RunFigures(int Started, int Completed, int Alone, int Failed, int Cancelled, int UnderWay);

/// <summary>A playbook whose runs failed, and how often.</summary>
public sealed record FailingPlaybook(string Playbook, int Failed, int Started);

/// <param name="Overdue">More than half of their time is over; without a time, asked more than a day ago.</param>
public sealed record QuestionFigures(int Open, int Overdue, DateTimeOffset? Oldest);

/// <summary>How it goes.</summary>
/// <param name="Whole">False: there was more than is counted, and the figures are of the newest.</param>
/// <param name="OpenCases">Not closed, whenever they were opened.</param>
/// <param name="NewCases">Those of them that nobody has taken up.</param>
/// <param name="Containments">That stand.</param>
public sealed record Dashboard(
    DateTimeOffset From, DateTimeOffset Until, bool Whole, IReadOnlyList<DayFigures> Days, AlertFigures Alerts, RunFigures Runs, IReadOnlyList<FailingPlaybook> Failing, QuestionFigures Questions, int OpenCases, int NewCases, int Containments);

/// <summary>
/// The figures of the dashboard. Each query reads so many rows and no more, by an index or from the newest on, so that a year of alerts is no slower than a week of them: ids are made of the time (UUIDv7), so
/// what came since a moment is a range of them.
/// </summary>
public sealed class DashboardStore(SoarDatabase database)
{
    /// <summary>What is counted of each sort on a day, and of runs altogether.</summary>
    internal const int MostOfOneDay = 10_000, MostRuns = 10_000, MostStanding = 10_000;

    private const int MostFailing = 5;
    private static readonly TimeSpan LongWait = TimeSpan.FromDays(1);

    internal static string CountAlerts(Horizon sight) => $"SELECT COUNT(*) FROM (SELECT 1 FROM alerts WHERE id >= @from AND id < @until{sight.Alerts("alerts")} LIMIT @max)";
    internal const string FirstAlert = "SELECT alert_no FROM alerts WHERE id >= @from ORDER BY id LIMIT 1";
    internal static string CountState(Horizon sight) => $"SELECT COUNT(*) FROM (SELECT 1 FROM alerts WHERE state = @state AND alert_no >= @first{sight.Alerts("alerts")} LIMIT @max)";
    internal const string FirstRun = "SELECT run_no FROM runs WHERE id >= @from ORDER BY id LIMIT 1";
    internal static string SelectRuns(Horizon sight) => $"""
        SELECT playbook, status, created_at, mode, parent_id IS NOT NULL, EXISTS (SELECT 1 FROM questions AS q WHERE q.run_no = r.run_no)
        FROM runs AS r WHERE run_no >= @first{sight.Runs("r")} ORDER BY run_no DESC LIMIT @max
        """;
    internal static string SelectQuestions(Horizon sight) => $"SELECT q.asked_at, q.until FROM questions AS q JOIN runs AS r ON r.run_no = q.run_no WHERE q.status = 0 AND r.mode = 0{sight.Runs("r")} ORDER BY q.asked_at LIMIT @max";
    internal static string CountCases(Horizon sight) => $"SELECT COUNT(*) FROM (SELECT 1 FROM cases WHERE status <= @status{sight.Cases("cases")} LIMIT @max)";
    internal static string CountContainments(Horizon sight) =>
        $"SELECT COUNT(*) FROM (SELECT 1 FROM containments AS c WHERE c.status <> 4{(sight.Runs("r") is { Length: > 0 } seen ? $" AND EXISTS (SELECT 1 FROM holders AS h JOIN runs AS r ON r.id = h.run_id WHERE h.containment_id = c.id{seen})" : "")} LIMIT @max)";

    /// <param name="from">A day's beginning; each 24 hours from it are a day.</param>
    public Task<Dashboard> ReadAsync(DateTimeOffset from, DateTimeOffset now, Horizon sight) => database.Readers.ReadAsync(reader =>
    {
        var db = reader.Connection;
        var runs = ReadRuns(db, from, sight);
        var days = Days(db, from, now, runs.Kept, sight);
        var whole = runs.Whole && days.All(day => day.Alerts < MostOfOneDay);
        return new Dashboard(
            from, now, whole, days, Alerts(db, from, days.Sum(day => day.Alerts), sight), Figures(runs.Kept), Failing(runs.Kept), Questions(db, now, sight), Count(db, CountCases(sight), new { status = 2, max = MostStanding }),
            Count(db, CountCases(sight), new { status = 0, max = MostStanding }), Count(db, CountContainments(sight), new { max = MostStanding }));
    });

    private static (List<RunRow> Kept, bool Whole) ReadRuns(System.Data.IDbConnection db, DateTimeOffset from, Horizon sight)
    {
        var first = db.ExecuteScalar<long?>(FirstRun, new { from = Lowest(from) });
        if (first is null) return ([], true);
        var rows = db.Query<(string Playbook, long Status, long CreatedAt, long Mode, long Sub, long Asked)>(SelectRuns(sight), new { first, max = MostRuns }).ToList();
        return ([.. rows.Where(row => row.Mode == (long)RunMode.Live && row.Sub == 0).Select(row => new RunRow(row.Playbook, (RunStatus)row.Status, row.CreatedAt, row.Asked != 0))], rows.Count < MostRuns);
    }

    private static List<DayFigures> Days(System.Data.IDbConnection db, DateTimeOffset from, DateTimeOffset now, List<RunRow> runs, Horizon sight)
    {
        var byDay = runs.ToLookup(run => (run.CreatedAt - Ms(from)) / (long)TimeSpan.FromDays(1).TotalMilliseconds);
        var days = new List<DayFigures>();
        for (var day = from; day < now; day = day.AddDays(1))
        {
            var started = byDay[days.Count].ToList();
            days.Add(new DayFigures(day, Count(db, CountAlerts(sight), new { from = Lowest(day), until = Lowest(day.AddDays(1)), max = MostOfOneDay }), started.Count, started.Count(Failed)));
        }

        return days;
    }

    private static AlertFigures Alerts(System.Data.IDbConnection db, DateTimeOffset from, int came, Horizon sight)
    {
        var first = db.ExecuteScalar<long?>(FirstAlert, new { from = Lowest(from) });
        int Of(AlertState state) => first is null ? 0 : Count(db, CountState(sight), new { state = (int)state, first, max = MostOfOneDay * 10 });
        return new AlertFigures(came, Of(AlertState.Waiting), Of(AlertState.Started), Of(AlertState.NoTrigger), Of(AlertState.Failed), Of(AlertState.Duplicate), Of(AlertState.Suppressed));
    }

    private static RunFigures Figures(List<RunRow> runs) => new(
        runs.Count, runs.Count(run => run.Status == RunStatus.Completed), runs.Count(run => run is { Status: RunStatus.Completed, Asked: false }), runs.Count(Failed), runs.Count(run => run.Status == RunStatus.Cancelled),
        runs.Count(run => run.Status is RunStatus.Running or RunStatus.Waiting or RunStatus.Paused));

    private static List<FailingPlaybook> Failing(List<RunRow> runs) =>
    [
        .. runs.GroupBy(run => run.Playbook, StringComparer.Ordinal).Select(group => new FailingPlaybook(group.Key, group.Count(Failed), group.Count())).Where(playbook => playbook.Failed > 0)
            .OrderByDescending(playbook => playbook.Failed).ThenBy(playbook => playbook.Playbook, StringComparer.Ordinal).Take(MostFailing),
    ];

    private static QuestionFigures Questions(System.Data.IDbConnection db, DateTimeOffset now, Horizon sight)
    {
        var open = db.Query<(long AskedAt, long? Until)>(SelectQuestions(sight), new { max = MostStanding }).ToList();
        var overdue = open.Count(question => Ms(now) - question.AskedAt > (question.Until is { } until ? (until - question.AskedAt) / 2 : (long)LongWait.TotalMilliseconds));
        return new QuestionFigures(open.Count, overdue, open is [var oldest, ..] ? DateTimeOffset.FromUnixTimeMilliseconds(oldest.AskedAt) : null);
    }

    private static bool Failed(RunRow run) => run.Status is RunStatus.Failed or RunStatus.Quarantined or RunStatus.Parked;

    private static int Count(System.Data.IDbConnection db, string sql, object given) => (int)db.ExecuteScalar<long>(sql, given);

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    /// <summary>No id that was made at this time or later is less.</summary>
    internal static string Lowest(DateTimeOffset time)
    {
        var digits = Ms(time).ToString("x12", CultureInfo.InvariantCulture);
        return $"{digits[..8]}-{digits[8..]}";
    }

    private sealed record RunRow(string Playbook, RunStatus Status, long CreatedAt, bool Asked);
}
