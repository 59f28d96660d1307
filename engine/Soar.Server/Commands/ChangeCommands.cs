using System.CommandLine;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary>Commands that change a run from outside: answer, signal, cancel, pause, resume. With no process that owns the store, this one drives the run on.</summary>
internal static class ChangeCommands
{
    public static Command Answer()
    {
        var question = new Argument<string>("question") { Description = "The question's id, as 'soar run', 'soar show' and 'soar questions' print it." };
        var answer = new Argument<string>("answer") { Description = "approve or refuse; for a to-do done or refuse; for an unknown outcome done or not-done." };
        var reason = new Option<string>("--reason", "-r") { Description = "Why; required on refusal.", DefaultValueFactory = _ => "" };
        var value = new Option<string?>("--value") { Description = "A form's values as JSON." };
        var command = new Command("answer", "Answers a question that a run put to people.") { question, answer, reason, value };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var word = context.Parsed.GetRequiredValue(answer);
            if (word is not ("approve" or "refuse" or "done" or "not-done"))
                throw new SoarException("SOAR5001", $"'{word}' is no answer: say approve or refuse, done or not-done.");
            var why = context.Parsed.GetValue(reason)!;
            if (word == "refuse" && why.Trim().Length == 0) throw new SoarException("SOAR5001", "A refusal needs its reason: --reason \"…\".");
            var asked = await FindQuestionAsync(context, context.Parsed.GetRequiredValue(question));
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            var call = new AnswerCall(asked.Id.Value, word, why, context.User, context.Parsed.GetValue(value));
            return await ChangeAsync(context, node, asked.Run, Calls.Answer, call, $"Recorded: [bold]{Terminal.Safe(word)}[/] by {Terminal.Safe(context.User)} to \"{Terminal.Safe(asked.Text)}\".", cancellation);
        });
        return command;
    }

    public static Command Questions()
    {
        var command = new Command("questions", "Lists what waits for a person.");
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var open = await reader.Runs.QuestionsAsync(null, QuestionStatus.Open);
            if (open.Count == 0) { context.Terminal.Line("Nothing waits for a person."); return CommandContext.Done; }
            var table = Terminal.Table("question", "who", "kind", "until (UTC)", "text");
            foreach (var q in open)
                table.AddRow(q.Id.ToString(), Terminal.Safe(q.Who), q.Kind.ToString(), q.Until is { } until ? RunsCommands.Time(until) : "", Terminal.Short(q.Text, 100));
            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

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
            return await ChangeAsync(context, node, found.Id, Calls.Signal, signal, $"Run {found.Id} has the signal [bold]{Terminal.Safe(signal.Name)}[/].", cancellation);
        });
        return command;
    }

    public static Command Cancel() => Control("cancel", "Cancels a run: no new step begins, what is under way is recorded, containments stay in the ledger.", Calls.Cancel, "cancelled");

    public static Command Pause() => Control("pause", "Pauses a run: steps in flight end, none begins.", Calls.Pause, "paused");

    public static Command Resume() => Control("resume", "Resumes a paused or quarantined run, or tries the failed step of a failed run again.", Calls.Resume, "resumed");

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
            return await ChangeAsync(context, node, found.Id, call, control, $"Run {found.Id} is {past}.", cancellation);
        });
        return command;
    }

    // With an owner elsewhere the run goes on there. Without one it would stand still until the next command: this process drives it on and shows it.
    private static async Task<int> ChangeAsync(CommandContext context, NodeConnection node, RunId run, string call, object arguments, string done, CancellationToken cancellation)
    {
        if (!node.IsOwner)
        {
            await node.CallAsync(call, arguments, cancellation);
            context.Terminal.Line(done);
            return CommandContext.Done;
        }

        var code = await new Follower(context, node, reply: null) { Begun = done }.RunAsync(Calls.Follow, Follower.Change(run, call, arguments), cancellation);
        // That the run itself waits on is told; this command did what it was asked.
        return code == CommandContext.Waits ? CommandContext.Done : code;
    }

    private static Argument<string> RunArgument() => new("run") { Description = "The run's id; its first or last characters are enough." };

    private static async Task<Run> RunAsync(CommandContext context, Argument<string> run)
    {
        using var reader = SoarNode.OpenReader(context.Workspace);
        return await RunsCommands.FindAsync(reader.Runs, context.Parsed.GetRequiredValue(run));
    }

    private static async Task<Question> FindQuestionAsync(CommandContext context, string text)
    {
        using var reader = SoarNode.OpenReader(context.Workspace);
        var all = await reader.Runs.QuestionsAsync(null, null);
        var found = all.Where(q => q.Id.ToString().StartsWith(text, StringComparison.OrdinalIgnoreCase) || q.Id.ToString().EndsWith(text, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new NotFoundException("question", text, "'soar questions' lists what is open."),
            _ => throw new SoarException("SOAR5001", $"'{text}' fits {found.Count} questions. Give more of the id."),
        };
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
