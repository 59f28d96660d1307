using System.Globalization;
using Soar.Engine;
using Soar.Scripting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Soar.Server.Display;

/// <summary>
/// A run while it goes: one line for each step that ended; on a terminal also what is going on now, loops as bars. Piped, only the lines.
/// </summary>
internal sealed class LiveView(Terminal terminal)
{
    private readonly Dictionary<int, RunEvent> going = [];
    private readonly LoopBars loops = new();
    private int drawn;

    public void Show(RunEvent e)
    {
        Erase();
        Count(e);
        if (Line(e) is { } line) terminal.Line(line);
        Draw();
    }

    /// <summary>Leaves the screen to a prompt.</summary>
    public void Pause() => Erase();

    private void Count(RunEvent e)
    {
        if (e.Ordinal < 0) return;
        loops.Take(e);
        // What waits for a person, a signal or the clock is told by itself.
        if (e.Kind == RunEventKind.StepStarted && !e.Action.StartsWith("soar.", StringComparison.Ordinal)) going.TryAdd(e.Ordinal, e);
        else if (e.Kind == RunEventKind.StepEnded) going.Remove(e.Ordinal);
    }

    private string? Line(RunEvent e)
    {
        // A long loop is a bar, not a thousand lines; what went wrong in it is always said.
        if (e.Kind == RunEventKind.StepEnded && EventText.IsDone(e) && terminal.Interactive && loops.IsInLong(e.Path)) return null;
        return EventText.Of(e) is { } text ? $"[grey]{e.At.ToUniversalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}[/] {text}" : null;
    }

    private void Draw()
    {
        if (!terminal.Interactive) return;
        var lines = new List<string>(loops.Lines());
        foreach (var e in going.Values.OrderBy(g => g.Ordinal).Take(8))
            lines.Add($"  [grey]… {Terminal.Short(e.Path, 100)}[/]");
        if (going.Count > 8) lines.Add($"  [grey]… and {going.Count - 8} more[/]");
        foreach (var line in lines) terminal.Line(line);
        drawn = lines.Count;
    }

    private void Erase()
    {
        for (; drawn > 0; drawn--) terminal.Ansi.Write(new ControlCode("\u001b[1A\u001b[2K"));
    }
}
