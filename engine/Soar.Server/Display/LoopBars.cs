using Soar.Engine;

namespace Soar.Server.Display;

/// <summary>The loops of a run while it goes. Where the playbook loops over a collection its size is known and there is a bar; else what is done is counted.</summary>
internal sealed class LoopBars
{
    private const int Long = 20, Width = 24;
    private readonly SortedDictionary<string, Loop> loops = new(StringComparer.Ordinal);

    public void Take(RunEvent e)
    {
        if (e.Kind is not (RunEventKind.StepStarted or RunEventKind.StepEnded) || e.Ordinal < 0) return;
        if (Split(e.Path) is not var (name, item))
        {
            // Something after the loops has begun: what is left of one that ended early is over.
            if (e.Kind == RunEventKind.StepStarted) foreach (var over in loops.Where(l => l.Value.Going.Count == 0).Select(l => l.Key).ToList()) loops.Remove(over);
            return;
        }

        if (!loops.TryGetValue(name, out var loop)) loops[name] = loop = new Loop();
        if (e.Of > 0) loop.Of = e.Of;
        loop.Begun = Math.Max(loop.Begun, item + 1);
        var going = loop.Going.GetValueOrDefault(item) + (e.Kind == RunEventKind.StepStarted ? 1 : -1);
        if (going > 0)
        {
            loop.Going[item] = going;
            loop.Done.Remove(item);
        }
        else
        {
            loop.Going.Remove(item);
            loop.Done.Add(item);
        }
    }

    /// <summary>Whether this step is one of so many that a line for each would say nothing.</summary>
    public bool IsInLong(string path) => Split(path) is var (name, _) && loops.TryGetValue(name, out var loop) && Math.Max(loop.Begun, loop.Of) > Long;

    /// <summary>One line of markup for each long loop that goes on.</summary>
    public IEnumerable<string> Lines(StepTitles titles)
    {
        foreach (var (name, loop) in loops)
        {
            var done = loop.Done.Count;
            if (loop.Of > Long && done < loop.Of)
            {
                var filled = (int)((double)Width * done / loop.Of);
                yield return $"  [blue]{new string('█', filled)}[/][grey]{new string('░', Width - filled)}[/] {Terminal.Short(titles.OfLoop(name), 50)} {done}/{loop.Of}";
            }
            else if (loop.Of == 0 && loop.Begun > Long && loop.Going.Count > 0)
            {
                yield return $"  [blue]…[/] {Terminal.Short(titles.OfLoop(name), 50)} {done} done";
            }
        }
    }

    // "await-every-acknowledgement[17]/receive" is item 17 of the loop "await-every-acknowledgement".
    private static (string Name, int Item)? Split(string path)
    {
        var open = path.IndexOf('[');
        var close = path.IndexOf(']');
        return open > 0 && close > open && int.TryParse(path[(open + 1)..close], out var item) ? (path[..open], item) : null;
    }

    private sealed class Loop
    {
        public int Of { get; set; }
        public int Begun { get; set; }

        /// <summary>Steps under way, by item.</summary>
        public Dictionary<int, int> Going { get; } = [];

        /// <summary>Items of which steps have ended and none is under way.</summary>
        public HashSet<int> Done { get; } = [];
    }
}
