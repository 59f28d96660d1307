using System.Text.Json;
using Soar.Engine;
using Soar.Hosting;

namespace Soar.Server.Display;

/// <summary>One thing that happened in a run, as a line of markup without its time.</summary>
internal static class EventText
{
    /// <summary>Null when it is not worth a line.</summary>
    public static string? Of(RunEvent e)
    {
        var step = $"{Terminal.Short(e.Path, 70)}{(e.Instance is "" or Settings.ConnectorRegistry.BuiltInName ? "" : $" [grey]on {Terminal.Safe(e.Instance)}[/]")}";
        var detail = Terminal.Short(e.Detail, 200);
        return e.Kind switch
        {
            RunEventKind.Started => $"[blue]▶[/] run {e.Run} {detail}",
            RunEventKind.StepStarted or RunEventKind.Waiting or RunEventKind.Ended => null,
            RunEventKind.StepRetried => $"[yellow]↻[/] {step}  attempt {e.Attempt} failed: {detail}",
            RunEventKind.StepUnknown => $"[yellow]?[/] {step}  outcome unknown: {detail}",
            RunEventKind.StepEnded => IsDone(e) ? $"[green]✔[/] {step}" : $"[red]✘[/] {step}  {detail}",
            RunEventKind.Simulated => $"[blue]{EffectText.Of(e.Action, e.Instance, JsonDocument.Parse(e.Detail!).RootElement)}[/]",
            RunEventKind.Asked => $"[blue]?[/] {step}  {detail}",
            RunEventKind.Escalated => $"[yellow]?[/] {step}  half of the time is over: {detail} may answer too",
            RunEventKind.Warned => $"[yellow]![/] {Terminal.Safe(e.Detail)}",
            RunEventKind.Paused => "[yellow]⏸[/] paused",
            _ => $"· {Terminal.Safe(e.Kind.ToString())} {step} {detail}",
        };
    }

    public static bool IsDone(RunEvent e) => string.Equals(e.Detail, nameof(DeliveryKind.Done), StringComparison.OrdinalIgnoreCase);
}
