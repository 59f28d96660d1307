using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Runs;

namespace Soar.Storage.Tests;

/// <summary>Opening, owning, reading beside the owner.</summary>
public sealed class OpeningTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly StandingClock clock = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_was_written_is_there_after_closing_and_opening_again()
    {
        var run = Some.Run();
        await using (var database = Open())
        {
            using var store = new RunStore(database);
            await store.CreateAsync(run);
        }

        await using var again = Open();
        using var reopened = new RunStore(again);
        Assert.Equal(run.Run, await reopened.FindAsync(run.Run.Id));
    }

    [Fact]
    public async Task The_file_is_in_WAL_mode_and_commits_reach_the_disk()
    {
        await using var database = Open();
        var (mode, synchronous) = await database.WriteAsync(session => (Pragma(session.Connection, "journal_mode"), Pragma(session.Connection, "synchronous")));
        Assert.Equal(("wal", "2"), (mode, synchronous));
        Assert.Equal("1", await database.WriteAsync(session => Pragma(session.Connection, "foreign_keys")));
    }

    [Fact]
    public async Task A_second_owner_is_refused_by_process_and_file_and_the_first_goes_on()
    {
        await using var database = Open();
        var error = Assert.Throws<SoarException>(Open);
        Assert.Equal("SOAR3002", error.Code);
        Assert.Contains(folder.Database + ".lock", error.Message);
        Assert.Contains($"process {Environment.ProcessId}", error.Message);
        using var store = new RunStore(database);
        await store.CreateAsync(Some.Run());
    }

    [Fact]
    public async Task A_lock_file_left_behind_hinders_nobody()
    {
        File.WriteAllText(folder.Database + ".lock", "4711\n");
        await using var database = Open();
        Assert.Equal($"{Environment.ProcessId}\n", ReadShared(folder.Database + ".lock"));
    }

    [Fact]
    public async Task A_reader_beside_the_owner_sees_every_commit_and_writes_nothing()
    {
        await using var database = Open();
        using var store = new RunStore(database);
        await using var reading = SoarDatabase.OpenReader(folder.Database, new StorageOptions(), clock);
        using var reader = new RunStore(reading);
        var id = await store.CreateAsync(Some.Run());
        Assert.NotNull(await reader.FindAsync(id));
        Assert.Equal("SOAR3011", (await Assert.ThrowsAsync<SoarException>(() => reader.CreateAsync(Some.Run()))).Code);
        Assert.Single(await store.ListAsync(null, null, 10));
    }

    [Fact]
    public void Reading_a_database_that_is_not_there_creates_none()
    {
        Assert.Throws<NotFoundException>(() => SoarDatabase.OpenReader(folder.Database, new StorageOptions(), clock));
        Assert.False(File.Exists(folder.Database));
    }

    [Fact]
    public async Task Every_table_of_an_opened_file_is_checked_and_keyed()
    {
        await using var database = Open();
        Assert.Equal("ok", await database.WriteAsync(session => Pragma(session.Connection, "integrity_check")));
        Assert.Equal(Migrations.Newest, database.Readers.Read(reader => Migrations.Check(reader.Connection, Dialect.Sqlite, folder.Database)));
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_the_file_is_left_as_it_was()
    {
        await using (Open())
        {
        }

        using (var connection = Dialect.Sqlite.Connect(folder.Database, SqliteOpenMode.ReadWrite))
        {
            Dialect.Execute(connection, "UPDATE meta SET value = '999' WHERE name = 'schema'");
            Dialect.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }

        var before = File.ReadAllBytes(folder.Database);
        foreach (var open in new Func<SoarDatabase>[] { Open, () => SoarDatabase.OpenReader(folder.Database, new StorageOptions(), clock) })
        {
            var error = Assert.Throws<SoarException>(open);
            Assert.Equal("SOAR3003", error.Code);
            Assert.Contains("schema 999", error.Message);
            Assert.Contains(folder.Database, error.Message);
        }

        Assert.Equal(before, File.ReadAllBytes(folder.Database));
    }

    private void MakeOld(string and, int upTo = 1)
    {
        using var connection = Dialect.Sqlite.Connect(folder.Database, SqliteOpenMode.ReadWriteCreate);
        Migrations.Apply(connection, Dialect.Sqlite, folder.Database, upTo);
        Dialect.Execute(connection, and);
    }

    [Fact]
    public async Task An_older_schema_is_brought_up_to_date_and_keeps_what_it_holds()
    {
        MakeOld(and: """
            INSERT INTO runs (id, playbook, playbook_version, version_hash, mode, status, depth, started_by, created_at, deaths, epoch, woken, ready, due_at)
            VALUES ('00000000-0000-7000-8000-000000000001', 'block', '1', 'h', 0, 0, 0, 'amira', 5, 0, 0, 0, 1, 5)
            """);
        Assert.Equal("SOAR3003", Assert.Throws<SoarException>(() => SoarDatabase.OpenReader(folder.Database, new StorageOptions(), clock)).Code);
        await using var database = Open();
        using var store = new RunStore(database);
        Assert.Equal("amira", Assert.Single(await store.ListAsync(null, null, 10)).StartedBy);
        Assert.Equal(Migrations.Newest, database.Readers.Read(reader => Migrations.Check(reader.Connection, Dialect.Sqlite, folder.Database)));
        Assert.Empty(await new CaseStore(database, new Ids(clock)).ListAsync(10));
    }

    [Fact]
    public async Task Alerts_of_before_there_were_rules_keep_number_state_and_place()
    {
        const string alert = """{"id":"a","detector":"d","title":"t","category":"c","time":"2026-11-20T08:14:03Z"}""";
        MakeOld(upTo: 13, and: $"""
            INSERT INTO alerts (alert_no, id, source, external_id, alert, received_at, last_at, times, state, reason, decided_at) VALUES
                (3, '00000000-0000-7000-8000-000000000003', 'sensor', 'a', '{alert}', 5, 6, 2, 0, NULL, NULL), (7, '00000000-0000-7000-8000-000000000007', 'sensor', 'b', '{alert}', 5, 6, 1, 3, 'broken', 8);
            INSERT INTO alert_sources (name, alerts, repeated, ignored, unreadable, last_at) VALUES ('sensor', 2, 1, 0, 0, 6)
            """);
        await using var database = Open();
        var alerts = new AlertStore(database, new Ids(clock));
        Assert.Equal([(7L, Soar.Alerts.AlertState.Failed, 1), (3L, Soar.Alerts.AlertState.Waiting, 2)], (await alerts.ListAsync(null, null, 10)).Select(a => (a.Number, a.State, a.Times)));
        Assert.Equal((2L, 0L), (await alerts.SourcesAsync())[0] is var counts ? (counts.Alerts, counts.Duplicates) : default);
        var heard = new Soar.Alerts.Heard { Alerts = [new((await alerts.FindAsync("3"))!.Alert), new((await alerts.FindAsync("3"))!.Alert with { Id = "c" })] };
        Assert.Equal([(3L, false), (8L, true)], (await alerts.AcceptAsync("sensor", heard, clock.GetUtcNow())).Select(a => (a.Number, a.New)));
    }

    [Fact]
    public async Task Cases_of_before_alerts_opened_them_keep_their_run_and_what_changed_in_them()
    {
        MakeOld(upTo: 14, and: """
            INSERT INTO runs (id, playbook, playbook_version, version_hash, mode, status, depth, started_by, created_at, deaths, epoch, woken, ready, due_at)
            VALUES ('00000000-0000-7000-8000-000000000001', 'block', '1', 'h', 0, 0, 0, 'amira', 5, 0, 0, 0, 1, 5);
            INSERT INTO cases (id, number, key, run_no, title, severity, tlp, opened_at, opened_by) VALUES ('00000000-0000-7000-8000-00000000000c', 4, 'k', 1, 'Attack', 70, 2, 5, 'amira');
            INSERT INTO case_changes (case_id, run_no, what, at) VALUES ('00000000-0000-7000-8000-00000000000c', 1, 1, 5)
            """);
        await using var database = Open();
        var cases = new CaseStore(database, new Ids(clock));
        var run = RunId.Parse("00000000-0000-7000-8000-000000000001");
        Assert.Equal((4, "Attack", run, 0), Assert.Single(await cases.ListAsync(10)) is var file ? (file.Number, file.Title, file.Run, file.Alerts) : default);
        Assert.Equal((run, run, "Attack", null), Assert.Single(await cases.ChangesAsync(10)) is var change ? (change.By, change.OpenedBy, change.State.Title, change.Alert) : default);
        Assert.Empty(database.Readers.Read(reader => reader.Connection.Query<string>("SELECT \"table\" FROM pragma_foreign_key_check").ToList()));
        Assert.Contains("REFERENCES \"cases\"", database.Readers.Read(reader => reader.Connection.QuerySingle<string>("SELECT sql FROM sqlite_master WHERE name = 'case_changes'")));
    }

    [Fact]
    public async Task Who_was_a_user_before_there_was_sight_sees_what_they_saw_and_old_runs_and_alerts_have_the_TLP_that_is_known_of_them()
    {
        const string Run = "INSERT INTO runs (id, playbook, playbook_version, version_hash, mode, status, depth, started_by, created_at, deaths, epoch, woken, ready, due_at) VALUES";
        MakeOld(upTo: 27, and: $$"""
            INSERT INTO users (id, name, display_name, roles, created_at, created_by) VALUES ('00000000-0000-7000-8000-00000000000a', 'ana', 'Ana', '["viewer"]', 5, 'root');
            INSERT INTO versions (hash, playbook, version, file, source, header, put_no, put_at) VALUES ('h', 'block', '1', 'block.csx', 's', '{"name":"block","tlp":"AmberStrict","summary":"not \"tlp\":\"Clear\""}', 1, 5);
            {{Run}} ('00000000-0000-7000-8000-000000000001', 'block', '1', 'h', 0, 0, 0, 'ana', 5, 0, 0, 0, 1, 5);
            {{Run}} ('00000000-0000-7000-8000-000000000002', 'block', '1', 'gone', 0, 0, 0, 'ana', 5, 0, 0, 0, 1, 5);
            INSERT INTO alerts (id, source, external_id, alert, received_at, last_at, times, state) VALUES
                ('00000000-0000-7000-8000-000000000003', 's', 'a', '{"id":"a","detector":"d","title":"t","category":"c","time":"2026-11-20T08:14:03Z","tlp":"Red"}', 5, 5, 1, 0), ('00000000-0000-7000-8000-000000000004', 's', 'b', '{"id":"b","detector":"d","title":"t","category":"c","time":"2026-11-20T08:14:03Z"}', 5, 5, 1, 0)
            """);
        await using var database = Open();
        Assert.True((await new AccountStore(database).FindAsync("ana"))!.Sight!.SeesEverything);
        using var runs = new RunStore(database);
        Assert.Equal([Tlp.Red, Tlp.AmberStrict], (await runs.ListAsync(null, null, 10)).Select(run => run.Tlp));
        Assert.Equal(["b"], (await new AlertStore(database, new Ids(clock)).ListAsync(null, null, 10, new Horizon(Tlp.Amber, null))).Select(alert => alert.Alert.Id));
    }

    /// <summary>Of two files with one number a store that has had the first never gets the second.</summary>
    [Fact]
    public void Every_migration_has_a_number_of_its_own_and_none_is_left_out()
    {
        var numbers = typeof(SoarDatabase).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Select(name => int.Parse(name.Split('.')[^2].Split('-')[0], System.Globalization.CultureInfo.InvariantCulture)).Order().ToList();
        Assert.Equal(Enumerable.Range(1, numbers.Count), numbers);
    }

    [Fact]
    public void An_upgrade_that_fails_halfway_leaves_the_schema_it_found()
    {
        // The second migration creates "cases" and a good deal more; its last table is in the way.
        MakeOld(and: "CREATE TABLE lists (x TEXT)");
        Assert.Throws<SoarException>(Open);
        using var connection = Dialect.Sqlite.Connect(folder.Database, SqliteOpenMode.ReadOnly);
        Assert.Equal(1, Migrations.Check(connection, Dialect.Sqlite, folder.Database));
        Assert.Equal(0, Dialect.Scalar(connection, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'cases'"));
    }

    [Fact]
    public void Somebody_else_s_database_is_refused_and_left_as_it_was()
    {
        using (var connection = Dialect.Sqlite.Connect(folder.Database, SqliteOpenMode.ReadWriteCreate))
            Dialect.Execute(connection, "CREATE TABLE contacts (name TEXT)");
        var before = File.ReadAllBytes(folder.Database);
        var error = Assert.Throws<SoarException>(Open);
        Assert.Equal("SOAR3003", error.Code);
        Assert.Equal(before, File.ReadAllBytes(folder.Database));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_as_it_was()
    {
        File.WriteAllText(folder.Database, new string('x', 10_000));
        var error = Assert.Throws<SoarException>(Open);
        Assert.Equal("SOAR3007", error.Code);
        Assert.Contains(folder.Database, error.Message);
        Assert.Equal(new string('x', 10_000), File.ReadAllText(folder.Database));
    }

    [Fact]
    public async Task A_closed_database_says_so()
    {
        var database = Open();
        using var store = new RunStore(database);
        await database.DisposeAsync();
        await database.DisposeAsync();
        Assert.Equal("SOAR3010", (await Assert.ThrowsAsync<SoarException>(() => store.CreateAsync(Some.Run()))).Code);
        Assert.Equal("SOAR3010", (await Assert.ThrowsAsync<SoarException>(() => store.ListAsync(null, null, 1))).Code);
    }

    private SoarDatabase Open() => SoarDatabase.Open(folder.Database, new StorageOptions(), clock);

    private static string Pragma(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA " + name;
        return Convert.ToString(command.ExecuteScalar())!;
    }

    private static string ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return new StreamReader(stream).ReadToEnd();
    }
}

/// <summary>Counts the processor time of the whole process (the clock would count the machine's other work too), so nothing runs beside it.</summary>
[Collection(Alone.Name)]
public sealed class OpeningForTestsTests
{
    [Fact]
    public async Task A_database_for_tests_takes_a_few_milliseconds_and_is_gone_afterwards()
    {
        var clock = new StandingClock();
        for (var i = 0; i < 20; i++)
        {
            // The first makes the template, the next ones let the compiler settle.
            await using var warm = SoarDatabase.OpenForTests(clock);
        }

        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < 50; i++)
        {
            var database = SoarDatabase.OpenForTests(clock);
            using var store = new RunStore(database);
            await store.CreateAsync(Some.Run());
            await database.DisposeAsync();
            Assert.False(Directory.Exists(Path.GetDirectoryName(database.File)));
        }

        var each = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / 50;
        Assert.True(each <= 5, $"{each:0.00} ms to open, write and close");
    }
}
