using System.Globalization;
using Soar.Engine;

namespace Soar.Server.Display;

/// <summary>What happens in all runs, one line each: which playbook, which run (the end of its id, which commands take), what.</summary>
internal sealed class ServeView(Terminal terminal)
{
    public void Show(RunEvent e)
    {
        var what = e.Kind switch
        {
            RunEventKind.Waiting => "[yellow]…[/] waits",
            RunEventKind.Ended => $"[blue]■[/] {Terminal.Short(e.Detail, 200)}",
            _ => EventText.Of(e, StepTitles.None),
        };
        if (what is not null) terminal.Line($"[grey]{e.At.ToUniversalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}[/] {Terminal.Safe(e.Playbook)} [grey]{ShortId.Of(e.Run)}[/] {what}");
    }
}
