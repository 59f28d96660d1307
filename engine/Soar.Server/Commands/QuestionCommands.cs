using System.CommandLine;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Spectre.Console;

namespace Soar.Server.Commands;

/// <summary><c>soar questions</c> and <c>soar answer</c>: what people are asked, and what they say.</summary>
internal static class QuestionCommands
{
    public static Command Questions()
    {
        var which = new Argument<string?>("question") { Description = $"Show this one whole: its prepared steps, who answered, how to answer. It is named by {Meant.ByPart}.", Arity = ArgumentArity.ZeroOrOne };
        var role = new Option<string?>("--for") { Description = "Only what this role or person may answer now." };
        var run = new Option<string?>("--run") { Description = "Only what this run asks." };
        var all = new Option<bool>("--all") { Description = "Closed ones too." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("questions", "Lists what waits for a person.") { which, role, run, all, json };
        CommandContext.Handle(command, async (context, _) =>
        {
            using var reader = SoarNode.OpenReader(context.Workspace);
            var parsed = context.Parsed;
            if (parsed.GetValue(which) is { } text)
            {
                var one = await Meant.QuestionAsync(reader.Runs, text);
                if (parsed.GetValue(json)) context.Terminal.Json(one);
                else Show(context.Terminal, one, (await reader.Runs.FindAsync(one.Run))!);
                return CommandContext.Done;
            }

            var asking = parsed.GetValue(run) is { } id ? await Meant.RunAsync(reader.Runs, id) : null;
            var found = await reader.Runs.QuestionsAsync(asking?.Id, parsed.GetValue(all) ? null : QuestionStatus.Open);
            if (parsed.GetValue(role) is { } mine) found = [.. found.Where(q => q.MayAnswer.Contains(mine, StringComparer.OrdinalIgnoreCase))];
            if (parsed.GetValue(json)) { context.Terminal.Json(found); return CommandContext.Done; }
            if (found.Count == 0) { context.Terminal.Line(parsed.GetValue(role) is { } nobody ? $"Nothing waits for {Terminal.Safe(nobody)}." : "Nothing waits for a person."); return CommandContext.Done; }
            var table = Terminal.Table("question", "for", "kind", "until (UTC)", "status", "playbook", "text");
            foreach (var q in found)
            {
                var of = (await reader.Runs.FindAsync(q.Run))!;
                table.AddRow(ShortId.Of(q.Id), Terminal.Safe(QuestionText.For(q)), QuestionText.Word(q.Kind), q.Until is { } until ? RunsCommands.Time(until) : "", Status(q),
                    $"{Terminal.Safe(of.Playbook)}{RunsCommands.Mode(of)}", Terminal.Short(q.Text, 100));
            }

            context.Terminal.Ansi.Write(table);
            return CommandContext.Done;
        });
        return command;
    }

    public static Command Answer()
    {
        var question = new Argument<string>("question") { Description = $"The question: {Meant.ByPart}." };
        var answer = new Argument<string>("answer") { Description = "approve or refuse; for a to-do done or refuse; for an unknown outcome done or not-done." };
        var reason = new Option<string>("--reason", "-r") { Description = "Why; required on refusal.", DefaultValueFactory = _ => "" };
        var value = new Option<string?>("--value") { Description = "A form's values as JSON; at a terminal they are asked for. With done to an unknown outcome: what the action gave, as JSON." };
        var role = new Option<string?>("--as") { Description = "The role in which you answer. Default: the one you hold of those that may answer now." };
        var command = new Command("answer", "Answers a question that a run put to people.") { question, answer, reason, value, role };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var word = context.Parsed.GetRequiredValue(answer);
            if (word is not ("approve" or "refuse" or "done" or "not-done"))
                throw new SoarException("SOAR5001", $"'{word}' is no answer: say approve or refuse, done or not-done.");
            var why = context.Parsed.GetValue(reason)!;
            if (word == "refuse" && why.Trim().Length == 0) throw new SoarException("SOAR5001", "A refusal needs its reason: --reason \"…\".");
            Question asked;
            using (var reader = SoarNode.OpenReader(context.Workspace)) asked = await Meant.QuestionAsync(reader.Runs, context.Parsed.GetRequiredValue(question));
            var given = context.Parsed.GetValue(value) ?? await ValueAsync(context.Terminal, asked, word, cancellation);
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            var call = new AnswerCall(asked.Id.Value, word, why, context.User, given, context.Parsed.GetValue(role));
            return await ChangeCommands.ChangeAsync(context, node, asked.Run, Calls.Answer, call, $"Recorded: [bold]{Terminal.Safe(word)}[/] by {Terminal.Safe(context.User)} to \"{Terminal.Safe(asked.Text)}\".", cancellation);
        });
        return command;
    }

    public static Command Claim()
    {
        var question = new Argument<string>("question") { Description = $"The question: {Meant.ByPart}." };
        var release = new Option<bool>("--release") { Description = "You see to it no more." };
        var takeOver = new Option<bool>("--take-over") { Description = "Also when somebody else has taken it up." };
        var command = new Command("claim", "Says that you see to a question; others see that, and may answer all the same.") { question, release, takeOver };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var asked = await AskedAsync(context, question);
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            await node.CallAsync(Calls.Claim, new ClaimCall(asked.Id.Value, context.User, context.Parsed.GetValue(release), context.Parsed.GetValue(takeOver)), cancellation);
            context.Terminal.Line($"[green]✔[/] {Terminal.Safe(context.User)} sees to \"{Terminal.Safe(asked.Text)}\"{(context.Parsed.GetValue(release) ? " no more" : "")}.");
            return CommandContext.Done;
        });
        return command;
    }

    public static Command Delegate()
    {
        var question = new Argument<string>("question") { Description = $"The question: {Meant.ByPart}." };
        var to = new Option<string>("--to") { Description = "The other person's login name.", Required = true };
        var reason = new Option<string>("--reason", "-r") { Description = "Why.", Required = true };
        var command = new Command("delegate", "Hands your say in a question to another person, who is told; you have none any more.") { question, to, reason };
        CommandContext.Handle(command, async (context, cancellation) =>
        {
            var asked = await AskedAsync(context, question);
            await using var node = await NodeConnection.OpenAsync(context, cancellation);
            await node.CallAsync(Calls.Delegate, new DelegateCall(asked.Id.Value, context.Parsed.GetRequiredValue(to), context.Parsed.GetRequiredValue(reason), context.User), cancellation);
            context.Terminal.Line($"[green]✔[/] Handed to {Terminal.Safe(context.Parsed.GetRequiredValue(to))}: \"{Terminal.Safe(asked.Text)}\".");
            return CommandContext.Done;
        });
        return command;
    }

    private static async Task<Question> AskedAsync(CommandContext context, Argument<string> question)
    {
        using var reader = SoarNode.OpenReader(context.Workspace);
        return await Meant.QuestionAsync(reader.Runs, context.Parsed.GetRequiredValue(question));
    }

    /// <summary>What an answer needs besides its word: at a terminal it is asked for, elsewhere the error says how to give it.</summary>
    private static async Task<string?> ValueAsync(Terminal terminal, Question asked, string word, CancellationToken cancellation)
    {
        if (asked.Kind == QuestionKind.UnknownOutcome && word == "done" && terminal.Interactive && asked.Status == QuestionStatus.Open) return await FormPrompt.ResultAsync(terminal.Ansi, asked, cancellation);
        if (asked.Kind != QuestionKind.Form || word != "approve" || asked.Status != QuestionStatus.Open) return null;
        return terminal.Interactive
            ? await FormPrompt.FillAsync(terminal.Ansi, asked, cancellation)
            : throw new SoarException("SOAR5001", $"\"{asked.Text}\" is a form; its values are missing. It takes:\n{QuestionText.HowToFill(asked)}");
    }

    private static void Show(Terminal terminal, Question question, Run run)
    {
        terminal.Line($"[bold]{Terminal.Safe(question.Text, lines: true)}[/]");
        terminal.Line($"  {QuestionText.Word(question.Kind)} for {Terminal.Safe(QuestionText.For(question))}, {Status(question)}, asked {RunsCommands.Time(question.AskedAt)} UTC{(question.Until is { } until ? $", until {RunsCommands.Time(until)} UTC" : "")}");
        terminal.Line($"  by run {run.Id} of {Terminal.Safe(run.Playbook)} {Terminal.Safe(run.PlaybookVersion)}{RunsCommands.Mode(run)}");
        foreach (var line in QuestionText.Details(question)) terminal.Line($"  {line}");
        if (question.FourEyes) terminal.Line("  four eyes: neither who started the run nor an author of the playbook's version may answer");
        if (question.ClaimedBy is { } claimer) terminal.Line($"  {Terminal.Safe(claimer)} sees to it since {RunsCommands.Time(question.ClaimedAt!.Value)} UTC");
        foreach (var handed in question.Delegations) terminal.Line($"  {Terminal.Safe(handed.From)} handed it to {Terminal.Safe(handed.To)} as {Terminal.Safe(handed.As)}: {Terminal.Safe(handed.Reason)}");
        if (question.Kind == QuestionKind.Form)
        {
            foreach (var field in QuestionText.Fields(question))
                terminal.Line($"  {Terminal.Safe(field.Name)}: {Terminal.Safe(QuestionText.Shape(field))}{(field.Required ? "" : ", may be left out")}");
        }

        if (question.Answers.Count > 0 && question.Quorum <= 1) terminal.Line($"  {Terminal.Safe(QuestionText.Votes(question))}");
        if (question.Status == QuestionStatus.Open) terminal.Line($"  {Terminal.Safe(QuestionText.Command(question))}");
    }

    private static string Status(Question question) => question.Status == QuestionStatus.Open && question.Quorum > 1
        ? $"open, {question.Answers.Count} of {question.Quorum}"
        : question.Status.ToString().ToLowerInvariant();
}
