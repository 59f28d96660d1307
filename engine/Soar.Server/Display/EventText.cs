using System.Text.Json;
using Soar.Engine;
using Soar.Hosting;

namespace Soar.Server.Display;

/// <summary>One thing that happened in a run, as a line of markup without its time.</summary>
internal static class EventText
{
    /// <summary>Null when it is not worth a line.</summary>
    /// <param name="took">How long the step took, where that is known.</param>
    /// <param name="room">Characters for a step's result.</param>
    public static string? Of(RunEvent e, StepTitles titles, TimeSpan? took = null, int room = 90)
    {
        var step = $"{Terminal.Short(titles.Name(e), 90)}{(e.Instance is "" or Settings.ConnectorRegistry.BuiltInName ? "" : $" [grey]on {Terminal.Safe(e.Instance)}[/]")}";
        var detail = Terminal.Short(e.Detail, 200);
        return e.Kind switch
        {
            RunEventKind.Started => $"[blue]▶[/] run {e.Run} {detail}",
            RunEventKind.StepStarted or RunEventKind.Waiting or RunEventKind.Ended => null,
            RunEventKind.StepRetried => $"[yellow]↻[/] {step}  attempt {e.Attempt} failed: {detail}",
            RunEventKind.StepUnknown => $"[yellow]?[/] {step}  outcome unknown: {detail}",
            RunEventKind.StepEnded => IsDone(e) ? Done(e, step, took, room) : $"[red]✘[/] {step}  {detail}",
            RunEventKind.Simulated => $"[blue]{EffectText.Of(e.Action, e.Instance, JsonDocument.Parse(e.Detail!).RootElement)}[/]",
            RunEventKind.Asked => $"[blue]?[/] {step}  {detail}",
            RunEventKind.Escalated => $"[yellow]?[/] {step}  half of the time is over: {detail} may answer too",
            RunEventKind.Warned => $"[yellow]![/] {Terminal.Safe(e.Detail)}",
            RunEventKind.Held => $"[red]■[/] {step}  {detail}",
            RunEventKind.InLine => $"[blue]…[/] {step}  {detail}",
            RunEventKind.Policy => $"[yellow]![/] {step}  {detail}",
            RunEventKind.Paused => "[yellow]⏸[/] paused",
            _ => $"· {Terminal.Safe(e.Kind.ToString())} {step} {detail}",
        };
    }

    private static string Done(RunEvent e, string step, TimeSpan? took, int room)
    {
        var result = ResultText.Of(e.Action, e.Result, room);
        var refused = e.Action is BuiltIns.Ask or BuiltIns.Todo && !result.StartsWith("approved", StringComparison.Ordinal);
        var time = e.Action.StartsWith("soar.", StringComparison.Ordinal) || took is null ? "" : ResultText.Took(took.Value);
        string[] more = [e.Attempt > 1 ? $"attempt {e.Attempt}" : "", time];
        var small = string.Join(", ", more.Where(part => part.Length > 0));
        return $"{(refused ? "[yellow]✘[/]" : "[green]✔[/]")} {step}{(result.Length > 0 ? $"  {Terminal.Safe(result)}" : "")}{(small.Length > 0 ? $"  [grey]({small})[/]" : "")}";
    }

    public static bool IsDone(RunEvent e) => string.Equals(e.Detail, nameof(DeliveryKind.Done), StringComparison.OrdinalIgnoreCase);
}
