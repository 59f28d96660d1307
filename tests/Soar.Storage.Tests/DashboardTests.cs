using System.Diagnostics;
using Dapper;

namespace Soar.Storage.Tests;

/// <summary>The dashboard's figures are bounded: what lies in the database from before makes them no slower. Counts processor time, so nothing runs beside it.</summary>
[Collection(Alone.Name)]
public sealed class DashboardTests : IAsyncLifetime
{
    private readonly SoarDatabase database = SoarDatabase.OpenForTests(new StandingClock());
    private readonly DashboardStore dashboard;

    public DashboardTests() => dashboard = new DashboardStore(database);

    private static DateTimeOffset Midnight => new(Some.Noon.UtcDateTime.Date, TimeSpan.Zero);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;
    public ValueTask DisposeAsync() => database.DisposeAsync();

    /// <summary>Alerts, one a minute back from noon, every fifth of which no playbook wanted.</summary>
    private Task AlertsAsync(int count) => database.WriteAsync(session => session.Connection.Execute(
        """
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @count)
        INSERT INTO alerts (id, source, external_id, alert, received_at, last_at, times, state, triggers, decided_at)
        SELECT SUBSTR(PRINTF('%012x', at), 1, 8) || '-' || SUBSTR(PRINTF('%012x', at), 9) || '-7000-8000-' || PRINTF('%012x', i), 'sensor', 'e' || i, '{}', at, at, 1, CASE WHEN i % 5 = 0 THEN 2 ELSE 1 END, '[]', at
        FROM (SELECT i, @noon - (@count - 1 - i) * 60000 AS at FROM n)
        """, new { count, noon = Some.Noon.ToUnixTimeMilliseconds() }));

    [Fact]
    public async Task Nothing_is_counted_where_nothing_is()
    {
        var figures = await dashboard.ReadAsync(Midnight.AddDays(-2), Some.Noon, Horizon.Everything);
        Assert.True(figures.Whole);
        Assert.Equal([0, 0, 0], figures.Days.Select(day => day.Alerts + day.Runs + day.Failed));
        Assert.Equal((0, 0, 0, null), (figures.Alerts.Came, figures.Runs.Started, figures.Questions.Open, figures.Questions.Oldest));
    }

    [Fact]
    public async Task Alerts_are_counted_by_the_day_on_which_they_came_and_by_what_became_of_them()
    {
        await AlertsAsync(3_000);
        var figures = await dashboard.ReadAsync(Midnight.AddDays(-1), Some.Noon.AddMinutes(1), Horizon.Everything);
        Assert.Equal([1_440, 721], figures.Days.Select(day => day.Alerts));
        Assert.Equal((2_161, 2_161), (figures.Alerts.Came, figures.Alerts.Answered + figures.Alerts.Unwanted));
        Assert.InRange(figures.Alerts.Unwanted, 431, 433);
    }

    [Fact]
    public async Task A_year_of_alerts_is_read_in_less_than_a_tenth_of_a_second()
    {
        await AlertsAsync(525_600);
        await dashboard.ReadAsync(Midnight.AddDays(-13), Some.Noon, Horizon.Everything);
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        for (var i = 0; i < 5; i++) await dashboard.ReadAsync(Midnight.AddDays(-13), Some.Noon, Horizon.Everything);
        process.Refresh();
        Assert.True((process.TotalProcessorTime - before).TotalMilliseconds / 5 < 100, $"{(process.TotalProcessorTime - before).TotalMilliseconds / 5} ms");
    }

    [Theory]
    [InlineData("alerts")]
    [InlineData("first alert")]
    [InlineData("state")]
    [InlineData("first run")]
    [InlineData("questions")]
    [InlineData("cases")]
    public void Each_figure_is_found_by_an_index_for_who_sees_everything_and_for_who_does_not(string figure)
    {
        foreach (var sight in new[] { Horizon.Everything, new Horizon(Tlp.Amber, null) })
        {
            IsFound(figure switch
            {
                "alerts" => DashboardStore.CountAlerts(sight),
                "first alert" => DashboardStore.FirstAlert,
                "state" => DashboardStore.CountState(sight),
                "first run" => DashboardStore.FirstRun,
                "questions" => DashboardStore.SelectQuestions(sight),
                _ => DashboardStore.CountCases(sight),
            });
        }
    }

    private void IsFound(string sql)
    {
        var asked = sql.Replace("@from", "'a'").Replace("@until", "'b'").Replace("@max", "10").Replace("@first", "5").Replace("@state", "1").Replace("@status", "2");
        var plan = database.Readers.Read(reader => reader.Connection.Query<(long, long, long, string Detail)>("EXPLAIN QUERY PLAN " + asked).Select(p => p.Detail).ToList());
        Assert.Contains(plan, step => step.StartsWith("SEARCH", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.Contains("B-TREE", StringComparison.Ordinal) || (step.StartsWith("SCAN", StringComparison.Ordinal) && !step.StartsWith("SCAN (", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_id_of_a_time_or_later_is_less_than_its_bound()
    {
        var ids = new Ids(new StandingClock());
        Assert.All(Enumerable.Range(0, 100).Select(_ => $"{ids.Next()}"), id => Assert.True(string.CompareOrdinal(DashboardStore.Lowest(Some.Noon), id) <= 0 && string.CompareOrdinal(id, DashboardStore.Lowest(Some.Noon.AddMilliseconds(1))) < 0, id));
    }
}
