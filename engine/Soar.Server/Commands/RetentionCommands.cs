using System.CommandLine;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Commands;

/// <summary><c>soar retention</c>: what is kept how long, what would go now, and removing it.</summary>
internal static class RetentionCommands
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("retention", "Tells how long what is over is kept, what would go now, and which cases are on hold. It removes nothing; 'soar serve' does once an hour, and 'soar retention apply' at once.") { Apply(), json };
        CommandContext.Handle(command, async (context, _) =>
        {
            await using var tools = Toolchain.Open(context.Workspace, context.Clock);
            using var reader = SoarNode.OpenReader(context.Workspace);
            var settings = tools.Settings.Retention;
            var due = await new Retention(reader.Retention, settings, context.Clock).LookAsync();
            var held = await reader.Cases.HeldAsync();
            if (context.Parsed.GetValue(json)) { context.Terminal.Json(new { keep = settings, due, held = held.Select(c => new { c.Number, c.Title, c.HeldAt, c.HeldBy, c.HoldReason }) }); return CommandContext.Done; }
            Line("run", settings.Runs, due.Runs);
            Line("alert", settings.Alerts, due.Alerts);
            foreach (var one in held)
                context.Terminal.Line($"[yellow]■[/] Case {one.Number} ({Terminal.Safe(one.Title)}) is on hold since {RunsCommands.Time(one.HeldAt!.Value)} UTC by {Terminal.Safe(one.HeldBy)}: {Terminal.Safe(one.HoldReason)}. Everything that belongs to it is kept.");
            return CommandContext.Done;

            void Line(string what, TimeSpan? keep, int count) => context.Terminal.Line(keep is null
                ? $"{char.ToUpperInvariant(what[0])}{what[1..]}s are kept for good (retention.{what}s in soar.yaml)."
                : $"{char.ToUpperInvariant(what[0])}{what[1..]}s are kept for {Durations.Say(keep.Value)}: {(count >= Retention.MostCounted ? $"{count} or more" : $"{count}")} would go now.");
        });
        return command;
    }

    private static Command Apply()
    {
        var dry = new Option<bool>("--dry-run") { Description = "Only tell what would go." };
        var command = new Command("apply", "Removes what the settings keep no longer, in small parts; nothing that belongs to a case on hold.") { dry };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            var done = (await node.CallAsync(Calls.ApplyRetention, new RetentionCall(context.Parsed.GetValue(dry), context.User), cancellation)).Deserialize<Removed>(SoarJson.Options)!;
            context.Terminal.Line($"{Plural.Of(done.Runs, "run")} and {Plural.Of(done.Alerts, "alert")} {(context.Parsed.GetValue(dry) ? "would go" : "went")}.");
            return CommandContext.Done;
        });
        return command;
    }
}
