using Dapper;
using Soar.Runs;
using SQLitePCL;

namespace Soar.Storage.Tests;

/// <summary>What is asked all the time must not get slower with what lies in the database. Counts processor time, so nothing runs beside it.</summary>
[Collection(Alone.Name)]
public sealed class PlanTests : IAsyncLifetime
{
    private readonly SoarDatabase database = SoarDatabase.OpenForTests(new StandingClock());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;
    public ValueTask DisposeAsync() => database.DisposeAsync();

    private List<string> Plan(string sql) => database.Readers.Read(reader => reader.Connection.Query<(long, long, long, string Detail)>("EXPLAIN QUERY PLAN " + sql).Select(p => p.Detail).ToList());

    [Fact]
    public void Due_runs_are_found_in_order_by_index()
    {
        var plan = Plan(RunStore.SelectDue.Replace("@max", "10").Replace("@now", "5"));
        Assert.Contains("SCAN runs USING INDEX runs_ready", plan);
        Assert.Contains(plan, p => p.StartsWith("SEARCH runs USING INDEX runs_timed", StringComparison.Ordinal));

        // One sort, of the two short lists; none of everything that is due.
        Assert.Single(plan, "USE TEMP B-TREE FOR ORDER BY");
        Assert.DoesNotContain("SCAN runs", plan);
    }

    [Fact]
    public void The_next_wake_and_a_run_s_questions_are_found_by_index()
    {
        Assert.Contains("runs_timed", Assert.Single(Plan(RunStore.SelectNextWake)));
        Assert.Contains("questions_by_run", Assert.Single(Plan(RunStore.WithdrawQuestions.Replace("@run", "1"))));
    }

    [Theory]
    [InlineData(null, null, null, null, "SCAN runs")]
    [InlineData(RunStatus.Failed, null, null, null, "runs_by_status (status=?)")]
    [InlineData(RunStatus.Completed, null, null, null, "runs_by_status (status=?)")]
    [InlineData(null, "block", null, null, "runs_by_playbook (playbook=?)")]
    [InlineData(RunStatus.Running, "block", null, null, "runs_by_status (status=?)")]
    [InlineData(RunStatus.Completed, "block", null, null, "runs_by_playbook (playbook=?)")]
    [InlineData(RunStatus.Failed, "block", null, null, "runs_of_playbook_by_status (playbook=? AND status=?)")]
    [InlineData(RunStatus.Waiting, "block", null, null, "runs_of_playbook_by_status (playbook=? AND status=?)")]
    [InlineData(RunStatus.Completed, "block", "ana", null, "runs_by_starter (started_by=?)")]
    [InlineData(RunStatus.Completed, "block", "ana", "a-case", "runs_by_case (case_id=?)")]
    public void A_page_of_runs_is_read_along_one_index_in_its_order(RunStatus? status, string? playbook, string? by, string? caseId, string index)
    {
        var sql = RunStore.SelectPage(new RunFilter(status, playbook, by, caseId), more: false);
        foreach (var parameter in new[] { "@playbook", "@by", "@case", "@max" }) sql = sql.Replace(parameter, "7");
        Assert.Contains(index, Assert.Single(Plan(sql)));

        // What somebody does not see is left out on the way, and nothing is sorted for it.
        var theirs = RunStore.SelectPage(new RunFilter(status, playbook, by, caseId), more: false, new Horizon(Tlp.Amber, new HashSet<string> { "block", "it's" }));
        foreach (var parameter in new[] { "@playbook", "@by", "@case", "@max" }) theirs = theirs.Replace(parameter, "7");
        var plan = Plan(theirs);
        Assert.Contains(index, plan[0]);
        Assert.DoesNotContain(plan, step => step.Contains("B-TREE", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.StartsWith("SEARCH beyond", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_becomes_the_owner_of_the_store_looks_at_none_of_the_runs_that_have_ended() =>
        Assert.Contains("runs_by_status (status=?)", Plan(RunStore.EndLeases.Replace("@at", "5"))[0]);

    [Theory]
    [InlineData("source = 's'", "alerts_by_source (source=?)")]
    [InlineData("state = 3", "alerts_by_state (state=?)")]
    [InlineData("state = 3 AND source = 's'", "alerts_of_source_by_state (source=? AND state=?)")]
    public void A_page_of_alerts_is_read_along_one_index_in_its_order(string where, string index) =>
        Assert.Contains(index, Assert.Single(Plan($"SELECT id FROM alerts WHERE {where} ORDER BY alert_no DESC LIMIT 50")));

    [Fact]
    public void Alerts_that_wait_are_found_in_order_by_index()
    {
        var plan = Plan(AlertStore.SelectWaiting.Replace("@max", "10"));
        Assert.Contains("SEARCH alerts USING INDEX alerts_by_state", plan[0]);
        Assert.DoesNotContain(plan, p => p.Contains("B-TREE", StringComparison.Ordinal) || p.StartsWith("SCAN", StringComparison.Ordinal));
    }

    [Fact]
    public void The_first_of_what_repeats_is_found_by_index_however_often_it_came_before()
    {
        var plan = Assert.Single(Plan(AlertStore.SelectFirst.Replace("@fingerprint", "'f'").Replace("@since", "5")));
        Assert.Contains("alerts_by_fingerprint (fingerprint=? AND received_at>?)", plan);
    }

    [Fact]
    public void Who_is_to_be_told_is_found_in_order_by_index()
    {
        Assert.Contains("questions_to_tell", Assert.Single(Plan(NoticeStore.SelectToTell.Replace("@now", "5").Replace("@max", "10"))));
        Assert.Contains("notices_waiting", Assert.Single(Plan(NoticeStore.SelectWaiting.Replace("@now", "5").Replace("@max", "10"))));
    }

    [Fact]
    public void Due_times_of_schedules_are_found_by_index()
    {
        Assert.Contains("schedule_firings_open", Assert.Single(Plan(ScheduleStore.SelectWaiting)));
        Assert.Contains("schedule_firings_open", Assert.Single(Plan(ScheduleStore.SelectOpen.Replace("@max", "10").Replace("@schedule", "'s'"))));
        Assert.Contains("schedule_firings_started", Assert.Single(Plan(ScheduleStore.SelectStarted.Replace("@schedule", "'s'"))));
    }

    [Fact]
    public void A_statement_whose_limit_is_a_parameter_is_planned_once()
    {
        const int planAgain = 5; // SQLITE_STMTSTATUS_REPREPARE
        using var reader = Dialect.Sqlite.Connect(database.File, Microsoft.Data.Sqlite.SqliteOpenMode.ReadOnly);
        Assert.Equal(0, raw.sqlite3_prepare_v2(reader.Handle!, RunStore.SelectDue, out var statement));
        using (statement)
        {
            for (var i = 1; i < 10; i++)
            {
                raw.sqlite3_bind_int64(statement, 1, i);
                raw.sqlite3_bind_int64(statement, 2, i);
                Assert.Equal(raw.SQLITE_DONE, raw.sqlite3_step(statement));
                raw.sqlite3_reset(statement);
            }

            Assert.Equal(0, raw.sqlite3_stmt_status(statement, planAgain, 0));
        }
    }

    [Fact]
    public void A_run_changes_without_a_table_made_for_its_checks()
    {
        var program = database.Readers.Read(reader => reader.Connection.Query("EXPLAIN UPDATE runs SET status = 1, due_at = 2 WHERE run_no = 3").Select(row => (string)row.opcode).ToList());
        Assert.Contains("Halt", program);
        Assert.DoesNotContain("OpenEphemeral", program);
    }

    [Fact]
    public async Task A_hundred_thousand_waiting_runs_do_not_slow_down_the_look_for_due_ones()
    {
        using var store = new RunStore(database);
        await store.CreateAsync(Some.Run());
        await database.WriteAsync(session => session.Connection.Execute("""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO runs (id, playbook, playbook_version, version_hash, mode, status, depth, started_by, created_at, deaths, epoch, wake_at, woken, ready, due_at)
            SELECT printf('00000000-0000-7000-8000-%012d', i), 'block', '1', 'h', 0, 1, 0, 'x', 0, 0, 1, 9000000000000 + i, 0, 0, 9000000000000 + i FROM n
            """));
        Assert.Single(await store.ClaimDueAsync("a", Some.Noon, Some.Lease, 10));
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < 200; i++)
        {
            Assert.Empty(await store.ClaimDueAsync("a", Some.Noon, Some.Lease, 10));
            Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(9000000000001), await store.NextWakeAsync());
        }

        // A scan of 100,000 rows takes some ten milliseconds each time.
        var each = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / 200;
        Assert.True(each < 2, $"{each:0.00} ms of processor time for each look");
    }
}
