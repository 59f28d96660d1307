using Soar.Runs;

namespace Soar.Tests.Engine;

internal sealed partial class MemoryStore
{
    private readonly Dictionary<string, RunLimit> limits = [];

    public Task LimitAsync(IReadOnlyCollection<RunLimit> limits) => DoAsync(told =>
    {
        this.limits.Clear();
        foreach (var limit in limits) this.limits.Add(limit.Playbook, limit);
        foreach (var row in rows.Values.Where(r => !Ended(r.Run) && r.Run is { Parent: null, Mode: RunMode.Live }).ToList())
        {
            if (this.limits.ContainsKey(row.Run.Playbook))
            {
                Put(row, row.Place ?? 1);
            }
            else if (row.Place is not null)
            {
                if (row.Place == 0) told.Add(row.Run.Id);
                Put(row, null);
            }
        }

        Fill(told);
        return true;
    });

    public Task<InLine?> InLineAsync(RunId run) => DoAsync(_ => rows.GetValueOrDefault(run) is { Place: 0 } row
        ? new InLine(limits[row.Run.Playbook], rows.Values.Count(r => r.Place == 0 && r.Run.Playbook == row.Run.Playbook && r.Order < row.Order), UnderWay(row.Run.Playbook), OfSource(row.Run))
        : null);

    private int? PlaceFor(Run run) => run.Parent is null && run.Mode == RunMode.Live && limits.TryGetValue(run.Playbook, out var limit) ? HasRoom(limit, run) ? 1 : 0 : null;

    private bool HasRoom(RunLimit limit, Run run) => !(UnderWay(run.Playbook) >= limit.AtOnce) && !(run.Source is not null && OfSource(run) >= limit.PerSource);

    private int UnderWay(string playbook) => rows.Values.Count(r => r.Place == 1 && r.Run.Playbook == playbook);

    private int OfSource(Run run) => run.Source is null ? 0 : rows.Values.Count(r => r.Place == 1 && r.Run.Playbook == run.Playbook && r.Run.Source == run.Source);

    private void Fill(HashSet<RunId> told)
    {
        foreach (var row in rows.Values.Where(r => r.Place == 0).OrderBy(r => r.Order).ToList())
        {
            if (!HasRoom(limits[row.Run.Playbook], row.Run)) continue;
            Put(row, 1);
            told.Add(row.Run.Id);
        }
    }

    private static void Put(Row row, int? place)
    {
        row.Place = place;
        row.Run = row.Run with { InLine = place == 0 };
    }
}
