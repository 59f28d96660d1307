using Soar.Runs;

namespace Soar.Storage;

/// <summary>
/// Limits on how many runs of a playbook are under way at once. Who has a place, and who stands in line, is decided in the commits that create and end runs, on the one writer: whatever dies, no
/// place is given twice and none is lost. Whenever one becomes free it is given at once, so that nobody who comes later finds one that an earlier run could have had.
/// </summary>
public sealed partial class RunStore
{
    /// <inheritdoc/>
    public Task LimitAsync(IReadOnlyCollection<RunLimit> limits) => database.WriteAsync(session =>
    {
        // Rows that are known from before do not know their places.
        session.Forget();
        var before = Limits(session);
        if (before.Count == limits.Count && limits.All(l => before.GetValueOrDefault(l.Playbook) == l)) return 0;
        session["DELETE FROM run_limits"].Run();
        foreach (var limit in limits)
            session["INSERT INTO run_limits (playbook, at_once, per_source) VALUES (@playbook, @most, @each)"].Add(limit.Playbook).Add((long?)limit.AtOnce).Add((long?)limit.PerSource).Run();
        session.Limits = null;
        foreach (var gone in before.Keys.Where(name => limits.All(l => l.Playbook != name)))
        {
            session["UPDATE runs SET place = NULL WHERE playbook = @playbook AND place = 1"].Add(gone).Run();
            foreach (var run in Line(session, gone)) Seat(session, session.Get(run), place: null);
        }

        foreach (var limit in limits)
        {
            // By status, not by playbook: those that have ended are a thousand times as many.
            session["""
                UPDATE runs SET place = 1 WHERE run_no IN
                    (SELECT run_no FROM runs WHERE status IN (0, 1, 2, 6, 7) AND playbook = @playbook AND place IS NULL AND parent_id IS NULL AND mode = 0)
                """].Add(limit.Playbook).Run();
            Fill(session, limit);
        }

        return limits.Count;
    });

    /// <summary>The limits that hold, by playbook.</summary>
    public Task<IReadOnlyList<RunLimit>> LimitsAsync() => database.Readers.ReadAsync<IReadOnlyList<RunLimit>>(reader => ReadLimits(reader[SelectLimits]));

    /// <inheritdoc/>
    public Task<InLine?> InLineAsync(RunId run) => database.Readers.ReadAsync(reader =>
    {
        var s = reader["SELECT run_no, playbook, source FROM runs WHERE id = @id AND place = 0"].Add(run.Value);
        if (!s.Step()) return null;
        var (no, playbook, source) = (s.Int64(0), s.Text(1), s.TextOrNull(2));
        s.Reset();
        if (ReadLimits(reader[SelectLimits]).Find(l => l.Playbook == playbook) is not { } limit) return null;
        var ahead = One(reader["SELECT COUNT(*) FROM runs WHERE playbook = @playbook AND place = 0 AND run_no < @no"].Add(playbook).Add(no));
        return new InLine(limit, ahead, One(reader[CountUnderWay].Add(playbook)), source is null ? 0 : One(reader[CountOfSource].Add(playbook).Add(source)));
    });

    /// <summary>How many runs of the playbook stand in line.</summary>
    public Task<int> LineAsync(string playbook) => database.Readers.ReadAsync(reader => One(reader["SELECT COUNT(*) FROM runs WHERE playbook = @playbook AND place = 0"].Add(playbook)));

    private const string SelectLimits = "SELECT playbook, at_once, per_source FROM run_limits ORDER BY playbook";
    private const string CountUnderWay = "SELECT COUNT(*) FROM runs WHERE playbook = @playbook AND place = 1";
    private const string CountOfSource = "SELECT COUNT(*) FROM runs WHERE playbook = @playbook AND place = 1 AND source = @source";

    /// <summary>1 when there is room for a new run, 0 when it has to stand in line; null when no limit is about it.</summary>
    private static int? PlaceFor(WriteSession session, Run run) => run.Parent is null && run.Mode == RunMode.Live && Limits(session).GetValueOrDefault(run.Playbook) is { } limit
        ? HasRoom(session, limit, run.Source) ? 1 : 0
        : null;

    private static bool HasRoom(WriteSession session, RunLimit limit, string? source) =>
        (limit.AtOnce is null || One(session[CountUnderWay].Add(limit.Playbook)) < limit.AtOnce)
        && (limit.PerSource is null || source is null || One(session[CountOfSource].Add(limit.Playbook).Add(source)) < limit.PerSource);

    /// <summary>It has ended: whoever may go on in its place does.</summary>
    private static void Leave(WriteSession session, RunRow row)
    {
        row.Place = null;
        var s = session["SELECT playbook FROM runs WHERE run_no = @run"].Add(row.No);
        s.Step();
        var playbook = s.Text(0);
        s.Reset();
        if (Limits(session).GetValueOrDefault(playbook) is { } limit) Fill(session, limit);
    }

    /// <summary>A run that had ended is resumed: it needs a place again.</summary>
    private static void Reseat(WriteSession session, RunRow row)
    {
        var run = Select(session[SelectByNo].Add(row.No))!;
        row.Place = PlaceFor(session, run);
        if (row.Place is not null) session["UPDATE runs SET place = @place WHERE run_no = @run"].Add((long?)row.Place).Add(row.No).Run();
    }

    /// <summary>Gives every place that is free to the first in line who may have it.</summary>
    private static void Fill(WriteSession session, RunLimit limit)
    {
        while (limit.AtOnce is null || One(session[CountUnderWay].Add(limit.Playbook)) < limit.AtOnce)
        {
            if (Next(session, limit) is not { } next) return;
            Seat(session, session.Get(next));
        }
    }

    private static RunId? Next(WriteSession session, RunLimit limit)
    {
        // The first of each source: whoever stands behind a run of the same source can have no place that it cannot.
        var heads = new List<(string Run, string? Source)>();
        var s = session[limit.PerSource is null
            ? "SELECT id, NULL FROM runs WHERE playbook = @playbook AND place = 0 ORDER BY run_no LIMIT 1"
            : "SELECT id, source, MIN(run_no) FROM runs WHERE playbook = @playbook AND place = 0 GROUP BY source ORDER BY 3"].Add(limit.Playbook);
        while (s.Step()) heads.Add((s.Text(0), s.TextOrNull(1)));
        foreach (var (run, source) in heads)
        {
            if (HasRoom(session, limit, source)) return RunId.Parse(run);
        }

        return null;
    }

    private static void Seat(WriteSession session, RunRow row, int? place = 1)
    {
        row.Place = place;
        session["UPDATE runs SET place = @place WHERE run_no = @run"].Add((long?)place).Add(row.No).Run();
        session.Save(row);
    }

    private static List<RunId> Line(WriteSession session, string playbook)
    {
        var line = new List<RunId>();
        var s = session["SELECT id FROM runs WHERE playbook = @playbook AND place = 0 ORDER BY run_no"].Add(playbook);
        while (s.Step()) line.Add(RunId.Parse(s.Text(0)));
        return line;
    }

    /// <summary>Kept by the writer, which alone changes them: every new run asks.</summary>
    private static IReadOnlyDictionary<string, RunLimit> Limits(WriteSession session) =>
        session.Limits ??= ReadLimits(session[SelectLimits]).ToDictionary(l => l.Playbook, StringComparer.Ordinal);

    private static List<RunLimit> ReadLimits(Statement s)
    {
        var limits = new List<RunLimit>();
        while (s.Step()) limits.Add(new RunLimit(s.Text(0), (int?)s.Int64OrNull(1), (int?)s.Int64OrNull(2)));
        return limits;
    }

    private static int One(Statement s)
    {
        s.Step();
        var one = s.Int32(0);
        s.Reset();
        return one;
    }
}
