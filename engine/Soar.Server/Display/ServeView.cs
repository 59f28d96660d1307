using System.Globalization;
using Soar.Engine;

namespace Soar.Server.Display;

/// <summary>
/// What happens in all runs, one line each: which playbook, which run (the end of its id, which commands take), what. When more happens than anybody can read, what needs somebody is still told, and the rest is counted:
/// to write all of it would cost more than to do it.
/// </summary>
/// <param name="write">Takes a line of markup.</param>
internal sealed class ServeView(Action<string> write, TimeProvider clock)
{
    /// <summary>Lines a second of what needs nobody.</summary>
    private const int Most = 200;

    private long second;
    private int told;
    private int untold;

    public void Show(RunEvent e)
    {
        if (e.Kind == RunEventKind.StepStarted || (IsOrdinary(e.Kind) && !HasRoom())) return;
        var what = e.Kind switch
        {
            RunEventKind.Waiting => "[yellow]…[/] waits",
            RunEventKind.Ended => $"[blue]■[/] {Terminal.Short(e.Detail, 200)}",
            _ => EventText.Of(e, StepTitles.None),
        };
        if (what is not null) write($"[grey]{e.At.ToUniversalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}[/] {Terminal.Safe(e.Playbook)} [grey]{ShortId.Of(e.Run)}[/] {what}");
    }

    private static bool IsOrdinary(RunEventKind kind) => kind is RunEventKind.Started or RunEventKind.StepEnded or RunEventKind.Simulated or RunEventKind.Waiting or RunEventKind.Ended;

    private bool HasRoom()
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (now != second)
        {
            if (untold > 0) write(string.Create(CultureInfo.InvariantCulture, $"[grey]… and {untold:N0} more that needed nobody: 'soar runs' lists the runs[/]"));
            (second, told, untold) = (now, 0, 0);
        }

        if (told++ < Most) return true;
        untold++;
        return false;
    }
}
