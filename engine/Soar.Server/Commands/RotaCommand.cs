using System.CommandLine;
using System.Globalization;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Rotas;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar rota</c>: who holds which role now.</summary>
internal static class RotaCommand
{
    public static Command Rota()
    {
        var at = new Option<string?>("--at") { Description = "At this time instead of now: 2026-12-24T22:00+02:00." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("rota", "Shows who holds which role now, why, and until when.") { at, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            var time = context.Clock.GetUtcNow();
            if (context.Parsed.GetValue(at) is { } given && !DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time))
                throw new SoarException("SOAR5001", $"--at: '{given}' is no time; write 2026-12-24T22:00+02:00.");
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            var duties = new Rota(tools.Settings, context.Workspace.SettingsFolder).At(time);
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(duties); return CommandContext.Done; }
            if (duties.Count == 0) { context.Terminal.Line("soar.yaml names no role: whoever may use the store may answer."); return CommandContext.Done; }
            var table = Terminal.Table("role", "on duty", "by", "until (UTC)");
            foreach (var duty in duties) table.AddRow(Terminal.Safe(duty.Role), Terminal.Safe(string.Join(", ", duty.Who)), duty.By, duty.Until is { } until ? RunsCommands.Time(until) : "");
            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }
}
