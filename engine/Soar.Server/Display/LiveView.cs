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
    private readonly Dictionary<int, (RunEvent Event, DateTimeOffset Since)> going = [];
    private readonly SortedDictionary<string, (int Begun, int Ended)> loops = new(StringComparer.Ordinal);
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
        var loop = LoopOf(e.Path);
        if (e.Kind == RunEventKind.StepStarted)
        {
            if (going.TryAdd(e.Ordinal, (e, e.At)) && loop is not null) loops[loop] = (loops.GetValueOrDefault(loop).Begun + 1, loops.GetValueOrDefault(loop).Ended);
        }
        else if (e.Kind == RunEventKind.StepEnded && going.Remove(e.Ordinal) && loop is not null)
        {
            loops[loop] = (loops[loop].Begun, loops[loop].Ended + 1);
        }
    }

    private string? Line(RunEvent e)
    {
        // A long loop is a bar, not a thousand lines; what went wrong in it is always said.
        if (e.Kind == RunEventKind.StepEnded && EventText.IsDone(e) && LoopOf(e.Path) is { } loop && loops.GetValueOrDefault(loop).Begun > 20 && terminal.Interactive) return null;
        return EventText.Of(e) is { } text ? $"[grey]{e.At.ToUniversalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}[/] {text}" : null;
    }

    private void Draw()
    {
        if (!terminal.Interactive) return;
        var lines = new List<string>();
        foreach (var (loop, (begun, ended)) in loops)
        {
            if (begun <= 20 || ended == begun) continue;
            var filled = (int)(24.0 * ended / begun);
            lines.Add($"  [blue]{new string('█', filled)}[/][grey]{new string('░', 24 - filled)}[/] {Terminal.Short(loop, 50)} {ended}/{begun}");
        }

        foreach (var (e, _) in going.Values.OrderBy(g => g.Event.Ordinal).Take(8))
            lines.Add($"  [grey]… {Terminal.Short(e.Path, 100)}[/]");
        if (going.Count > 8) lines.Add($"  [grey]… and {going.Count - 8} more[/]");
        foreach (var line in lines) terminal.Line(line);
        drawn = lines.Count;
    }

    private void Erase()
    {
        for (; drawn > 0; drawn--) terminal.Ansi.Write(new ControlCode("\u001b[1A\u001b[2K"));
    }

    // A title in the source made the step's id and says nothing new; one that was given to it when it ran does.
    private static string TitleOf(RunEvent e)
    {
        var id = e.Path[(e.Path.LastIndexOf('/') + 1)..];
        return e.Title is { } title && !id.StartsWith(Titles.Slug(title), StringComparison.Ordinal) ? $" “{Terminal.Short(title, 70)}”" : "";
    }

    // "await-every-acknowledgement[17]/receive" belongs to the loop "await-every-acknowledgement".
    private static string? LoopOf(string path)
    {
        var bracket = path.IndexOf('[');
        return bracket < 0 ? null : path[..bracket];
    }
}
