using System.CommandLine;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary>Commands that change a run from outside: answer, signal, cancel, pause, resume. With no process that owns the store, this one drives the run on.</summary>
internal static class ChangeCommands
{
    public static Command Signal()
    {
        var run = RunArgument();
        var name = new Argument<string>("name") { Description = "The signal's name, as the playbook's Receive gives it." };
        var value = new Option<string>("--value") { Description = "What it carries: JSON, or text.", DefaultValueFactory = _ => "null" };
        var id = new Option<string?>("--id") { Description = "The sender's id; the same id twice counts once. Default: a new one." };
        var command = new Command("signal", "Sends a run a signal.") { run, name, value, id };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var found = await RunAsync(context, run);
            var text = context.Parsed.GetValue(value)!;
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            if (found.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled)
                throw new SoarException("SOAR5007", $"Run {found.Id} has ended ({RunText.Word(found.Status)}); nobody is there to receive a signal.");
            var signal = new SignalCall(found.Id, context.Parsed.GetRequiredValue(name), context.Parsed.GetValue(id) ?? new Ids(context.Clock).Next().ToString(), AsJson(text), context.User);
            return await ChangeAsync(context, node, found.Id, Calls.Signal, signal, $"Run {ShortId.Of(found.Id)} has the signal [bold]{Terminal.Safe(signal.Name)}[/].{Terminal.Safe(Unawaited(found, signal.Name))}", cancellation);
        });
        return command;
    }

    /// <summary>Of a signal that the run does not wait for now: that it is kept, and what the run waits for instead. Empty for one that it does, or may.</summary>
    private static string Unawaited(Run run, string name)
    {
        if (run.Status == RunStatus.Running || run.WaitsFor is { Signals: var awaited } && (awaited.Contains(name, StringComparer.Ordinal) || awaited.Count == Awaited.MostNames)) return "";
        var now = run.Status == RunStatus.Waiting ? $"The run {RunText.Waits(run, [])}" : $"The run is {RunText.Word(run.Status)}";
        return $" Nothing receives it now: it is kept until the playbook comes to a Receive of that name. {now}.{YamlBinder.Suggest(name, run.WaitsFor?.Signals ?? [], orAll: false)}";
    }

    public static Command Cancel() => Control("cancel", "Cancels a run: no new step begins, what is under way is recorded, containments stay in the ledger.", Calls.Cancel, "cancelled");

    public static Command Pause() => Control("pause", "Pauses a run: steps in flight end, none begins.", Calls.Pause, "paused");

    public static Command Resume() => Control("resume", "Resumes a paused, quarantined or parked run; tries the failed step of a failed run again; runs one that failed in its own code again from its journal.", Calls.Resume, "resumed");

    private static Command Control(string verb, string description, string call, string past)
    {
        var run = RunArgument();
        var reason = new Option<string>("--reason", "-r") { Description = "Why, for the record.", DefaultValueFactory = _ => "" };
        var command = new Command(verb, description) { run, reason };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var found = await RunAsync(context, run);
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            var control = new ControlCall(found.Id, context.User, context.Parsed.GetValue(reason)!);
            if (call != Calls.Resume && found.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled)
                throw new SoarException("SOAR5007", $"Run {found.Id} has ended ({RunText.Word(found.Status)}); there is nothing left to {verb}.");
            var more = call == Calls.Resume && found.Status == RunStatus.Failed ? RunText.Resumed(found.Result) : "";
            return await ChangeAsync(context, node, found.Id, call, control, $"Run {ShortId.Of(found.Id)} is {past}.{Terminal.Safe(more)}", cancellation);
        });
        return command;
    }

    // With an owner elsewhere the run goes on there. Without one it would stand still until the next command: this process drives it on and shows it.
    public static async Task<int> ChangeAsync(CommandContext context, NodeConnection node, RunId run, string call, object arguments, string done, CancellationToken cancellation)
    {
        if (!node.IsOwner)
        {
            await node.CallAsync(call, arguments, cancellation);
            context.Terminal.Line(done);
            return CommandContext.Done;
        }

        var follower = new Follower(context, node, reply: null) { Begun = done };
        var code = await follower.RunAsync(Calls.Follow, Follower.Change(run, call, arguments), cancellation);
        // That the run itself waits on, or ended as it was told to, is said; this command did what it was asked.
        var asAsked = code == CommandContext.Waits || (call == Calls.Cancel && follower.EndedAs == RunStatus.Cancelled);
        return asAsked ? CommandContext.Done : code;
    }

    private static Argument<string> RunArgument() => new("run") { Description = $"The run: {Meant.ByPart}." };

    /// <summary>The run that is meant: one that went on as another means that one.</summary>
    private static async Task<Run> RunAsync(CommandContext context, Argument<string> run)
    {
        using var reader = SoarNode.OpenReader(context.Workspace);
        var found = await Meant.RunAsync(reader.Runs, context.Parsed.GetRequiredValue(run));
        var meant = found;
        while (meant.Successor is { } successor) meant = (await reader.Runs.FindAsync(successor))!;
        if (meant.Id != found.Id) context.Terminal.Line($"Run {found.Id} went on as run {meant.Id}; that one is meant.");
        return meant;
    }

    private static string AsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return text;
        }
        catch (JsonException)
        {
            // Not JSON, so it is text: what a person types at a prompt.
            return JsonSerializer.Serialize(text, SoarJson.Options);
        }
    }
}
