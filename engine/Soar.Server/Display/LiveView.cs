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
    private readonly Dictionary<int, DateTimeOffset> began = [];
    private int drawn;

    /// <summary>What the steps of the run that is shown are called.</summary>
    public StepTitles Titles { get; set; } = StepTitles.None;

    public void Show(RunEvent e)
    {
        Erase();
        TimeSpan? took = e.Kind == RunEventKind.StepEnded && began.Remove(e.Ordinal, out var at) ? e.At - at : null;
        Count(e);
        if (Line(e, took) is { } line) terminal.Line(line);
        Draw();
    }

    /// <summary>Leaves the screen to a prompt.</summary>
    public void Pause() => Erase();

    private void Count(RunEvent e)
    {
        if (e.Ordinal < 0) return;
        loops.Take(e);
        if (e.Kind == RunEventKind.StepStarted) began.TryAdd(e.Ordinal, e.At);
        // What waits for a person, a signal or the clock is told by itself.
        if (e.Kind == RunEventKind.StepStarted && !e.Action.StartsWith("soar.", StringComparison.Ordinal)) going.TryAdd(e.Ordinal, e);
        else if (e.Kind == RunEventKind.StepEnded) going.Remove(e.Ordinal);
    }

    private string? Line(RunEvent e, TimeSpan? took)
    {
        // A long loop is a bar, not a thousand lines; what went wrong in it is always said.
        if (e.Kind == RunEventKind.StepEnded && EventText.IsDone(e) && terminal.Interactive && loops.IsInLong(e.Path)) return null;
        return EventText.Of(e, Titles, took, Math.Clamp(terminal.Ansi.Profile.Width - 60, 25, 90)) is { } text ? $"[grey]{e.At.ToUniversalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}[/] {text}" : null;
    }

    private void Draw()
    {
        if (!terminal.Interactive) return;
        var lines = new List<string>(loops.Lines(Titles));
        foreach (var e in going.Values.OrderBy(g => g.Ordinal).Take(8))
            lines.Add($"  [grey]… {Terminal.Short(Titles.Name(e), Math.Clamp(terminal.Ansi.Profile.Width - 20, 20, 100))}{(e.Attempt > 0 ? $", attempt {e.Attempt + 1}" : "")}[/]");
        if (going.Count > 8) lines.Add($"  [grey]… and {going.Count - 8} more[/]");
        foreach (var line in lines) terminal.Line(line);
        drawn = lines.Count;
    }

    private void Erase()
    {
        for (; drawn > 0; drawn--) terminal.Ansi.Write(new ControlCode("\u001b[1A\u001b[2K"));
    }
}
