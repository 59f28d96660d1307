using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Soar.Benchmarks.Served;

/// <summary>
/// A store with years behind it, written by SQL straight into the schema that the server has made: runs of a few playbooks in every status with their journals, alerts of a few sources in every state, cases with what they are
/// about, and the audit's rows. Nothing of it is due.
/// </summary>
internal static class Past
{
    public static void Write(Deployment deployment, int runs, int alerts, int cases)
    {
        var began = Stopwatch.GetTimestamp();
        using (var connection = new SqliteConnection($"Data Source={deployment.Database};Pooling=False"))
        {
            connection.Open();
            Do(connection, "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -400000; PRAGMA wal_autocheckpoint = 100000; BEGIN");
            Do(connection, Alerts.Replace("@n", Number(alerts)));
            Do(connection, Cases.Replace("@n", Number(cases)).Replace("@alerts", Number(alerts)));
            Do(connection, Runs.Replace("@n", Number(runs)).Replace("@cases", Number(cases)));
            Do(connection, Journal.Replace("@n", Number(runs)));
            Do(connection, Audit.Replace("@n", Number(runs / 10)));
            Do(connection, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
        }

        Console.WriteLine($"  written: {runs:N0} runs with {3 * runs:N0} records, {alerts:N0} alerts, {cases:N0} cases; {new FileInfo(deployment.Database).Length / 1048576.0:N0} MB, in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
    }

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);

    private static void Do(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private const string Count = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @n)";

    /// <summary>A version 7 id of the past, in the order of its number.</summary>
    private static string Id(string kind) => $"printf('0190{kind}-%04x-7000-8000-%012x', n.i / 65536, n.i)";

    // Of a hundred: five waiting, one paused, 88 completed, four failed, one cancelled, one parked. One in five hundred of a person, one in twenty of a case.
    private static readonly string Runs = $$"""
        {{Count}}
        INSERT INTO runs (id, playbook, playbook_version, version_hash, mode, status, depth, trigger_key, case_id, started_by, created_at, ended_at, result, deaths, epoch, wake_at, woken, ready, due_at, lane, source, waits_for)
        SELECT {{Id("0001")}}, CASE WHEN n.i % 1000 = 7 THEN 'throw-out-intruder' ELSE 'playbook-' || (n.i % 7) END, '1.0.0', 'hash-' || (n.i % 7), 0,
            CASE WHEN n.i % 100 < 5 THEN 1 WHEN n.i % 100 = 5 THEN 2 WHEN n.i % 100 < 94 THEN 3 WHEN n.i % 100 < 98 THEN 4 WHEN n.i % 100 = 98 THEN 5 ELSE 7 END, 0,
            CASE WHEN n.i % 500 = 0 THEN NULL ELSE printf('alert/01900002-0000-7000-8000-%012x/playbook-%d', n.i, n.i % 7) END,
            CASE WHEN n.i % 20 = 0 THEN printf('01900003-0000-7000-8000-%012x', 1 + (n.i / 20) % @cases) END,
            CASE WHEN n.i % 5000 = 0 THEN 'boris' WHEN n.i % 500 = 0 THEN 'ana' ELSE 'alert ' || n.i END,
            1700000000000 + n.i * 60000, CASE WHEN n.i % 100 BETWEEN 6 AND 98 THEN 1700000001000 + n.i * 60000 END,
            CASE WHEN n.i % 100 BETWEEN 6 AND 98 THEN '{"kind":"Contained","text":"203.0.113.' || (n.i % 256) || ' is blocked at every edge for 24 hours"}' END,
            0, 1, CASE WHEN n.i % 100 < 5 THEN 4000000000000 + n.i END, 0, 0, CASE WHEN n.i % 100 < 5 THEN 4000000000000 + n.i END, n.i % 3, 'sensor-' || (n.i % 4),
            CASE WHEN n.i % 100 < 5 THEN '{"signals":["go"],"questions":0,"runs":0}' END
        FROM n
        """;

    private static readonly string Journal = $$"""
        {{Count}}
        INSERT INTO journal (run_no, seq, at, kind, ordinal, delivery, path, action, hash, payload)
        SELECT n.i, s.seq, 1700000000000 + n.i * 60000 + s.seq, CASE s.seq WHEN 1 THEN 1 WHEN 2 THEN 2 ELSE 10 END, s.seq - 2, 0, 'who-owns-it/isp-owner', CASE s.seq WHEN 2 THEN 'isp.owner' ELSE '' END, 7,
            CAST('{"playbook":"playbook-1","playbookVersion":"1.0.0","inputs":{"address":"203.0.113.7"},"instances":{"Isp":["registry"]},"startedBy":"alert ' || n.i || '"}' AS BLOB)
        FROM n JOIN (SELECT 1 AS seq UNION ALL SELECT 2 UNION ALL SELECT 3) AS s
        """;

    private static readonly string Alerts = $$"""
        {{Count}}
        INSERT INTO alerts (id, source, external_id, alert, received_at, last_at, times, state, reason, triggers, decided_at, fingerprint, duplicate_of, suppressed_by, case_id)
        SELECT {{Id("0002")}}, CASE WHEN n.i % 1000 = 7 THEN 'gate' ELSE 'sensor-' || (n.i % 4) END, 'flow-' || n.i,
            '{"id":"flow-' || n.i || '","detector":"suricata","title":"ET SCAN Potential SSH Scan OUTBOUND","category":"intrusion","severity":' || (n.i % 100) || ',"time":"2026-11-30T20:00:00+01:00","source":{"ip":"203.0.113.' || (n.i % 256)
                || '","port":4711},"destination":{"ip":"198.51.100.10","port":22},"observables":[],"payload":{"flow_id":' || n.i || ',"in_iface":"ens3","event_type":"alert","proto":"TCP"} }',
            1700000000000 + n.i * 600000, 1700000000000 + n.i * 600000, 1, CASE WHEN n.i % 100 < 60 THEN 1 WHEN n.i % 100 < 80 THEN 2 WHEN n.i % 1000 = 999 THEN 3 WHEN n.i % 100 < 98 THEN 4 ELSE 5 END,
            CASE WHEN n.i % 100 >= 60 THEN 'It says so.' END, CASE WHEN n.i % 100 < 80 THEN '[{"playbook":"playbook-1","version":"1.0.0","verdict":"NotWanted","when":"alert => alert.Severity >= 70"}]' END,
            1700000001000 + n.i * 600000, NULL, CASE WHEN n.i % 100 BETWEEN 80 AND 97 THEN n.i - 1 END, CASE WHEN n.i % 100 >= 98 AND n.i % 1000 <> 999 THEN 'scanner' END,
            CASE WHEN n.i % 5 = 0 THEN printf('01900003-0000-7000-8000-%012x', 1 + n.i / 5) END
        FROM n
        """;

    private static readonly string Cases = $$"""
        {{Count}}
        INSERT INTO cases (id, number, key, alert_no, title, severity, tlp, opened_at, opened_by, alerts, status, resolution, owner, closed_at, declared_at, declared_by)
        SELECT printf('01900003-0000-7000-8000-%012x', n.i), n.i, 'alert/' || n.i, n.i, 'Scan of gate ' || n.i || ' from 203.0.113.' || (n.i % 256), n.i % 100, 2, 1700000000000 + n.i * 3000000, 'alert ' || n.i, 5,
            CASE WHEN n.i % 20 < 18 THEN 3 ELSE n.i % 20 - 18 END, CASE WHEN n.i % 20 < 18 THEN 1 END, CASE WHEN n.i % 50 = 0 THEN 'ana' END, CASE WHEN n.i % 20 < 18 THEN 1700000001000 + n.i * 3000000 END,
            CASE WHEN n.i % 200 = 0 THEN 1700000000500 + n.i * 3000000 END, CASE WHEN n.i % 200 = 0 THEN 'ana' END
        FROM n;
        INSERT INTO case_facts (case_id, type, value) SELECT id, 'ip', '203.0.113.' || (number % 256) FROM cases UNION ALL SELECT id, 'domain', 'host-' || number || '.example' FROM cases;
        """;

    private static readonly string Audit = $$"""
        {{Count}}
        INSERT INTO audit (number, at, who, origin, what, target, details, outcome, previous, hash)
        SELECT n.i, 1700000000000 + n.i * 600000, CASE WHEN n.i % 1000 = 0 THEN 'boris' ELSE 'ana' END, '192.0.2.7', 'answer', {{Id("0001")}}, '{"answer":"approve"}', 'done', printf('%064x', n.i), printf('%064x', n.i + 1)
        FROM n WHERE n.i > (SELECT COALESCE(MAX(number), 0) FROM audit)
        """;
}
